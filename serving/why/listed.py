"""What the list says of a group beside its score: why its level, what to do, and who does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from features.definition import Text
from serving import words
from serving.words import Language, say


def listed_lines(row: pd.Series[Any]) -> tuple[Text, ...]:
    """Lines on a row of the table risk_list; what it does not say is left out.

    Args:
        row: Of the list as it was published.
    """
    return tuple(_lines(row))


def explain_listed(row: pd.Series[Any], language: Language) -> str:
    """Why a group that no model scored stands on the list: a large one, or one of a trigger.

    Args:
        row: Of the table risk_list.
        language: Language of the answer.

    Returns:
        Lines of text without a newline at the end.
    """
    day, group, level = row["as_of"], row["group_id"], words.LEVEL[str(row["level"])]
    head = (
        Text(f"集团 {group}（{day}）", f"Group {group} on {day}"),
        Text(
            f"预警等级：{level.zh}，清单第{row['rank']}位（{row['tier']}类集团不由C类模型评分）",
            f"Level: {level.en}, row {row['rank']} of the list (no model scores a group of tier "
            f"{row['tier']})",
        ),
    )
    return "\n".join(say(line, language) for line in (*head, *listed_lines(row)))


def _lines(row: pd.Series[Any]) -> Iterator[Text]:
    for name, zh, en in (
        ("level_why", "定级理由", "Why this level"),
        ("reason_1", "原因一", "Reason 1"),
        ("reason_2", "原因二", "Reason 2"),
        ("action", "建议动作", "What to do"),
        ("offer", "可给优惠", "What may be offered"),
        ("first_step", "第一步", "First"),
        ("action_why", "动作理由", "Why that"),
        ("ruled_out", "未选动作", "Ruled out"),
        ("routing_why", "派发", "Who"),
    ):
        if name.startswith("reason") and row["method"] == "model":
            continue  # told with the score
        said_zh, said_en = row.get(f"{name}_zh"), row.get(f"{name}_en")
        if _known(said_zh) and _known(said_en):
            yield Text(f"{zh}：{said_zh}", f"{en}: {said_en}")
    yield Text(f"最迟联系：{row['due_date']}", f"Contact by {row['due_date']}")


def _known(value: object) -> bool:
    return isinstance(value, str) and bool(value)
