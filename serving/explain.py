"""One group's risk in words, for the terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import pandas as pd

from features.definition import Text
from features.reasons import Reason
from serving import words
from serving.errors import UnknownGroup
from serving.reasons import MOST_SHOWN, SpokenReason, from_json, protective, raising
from serving.words import Language, say

CONTROLLABLE = {
    reason.code
    for reason in (
        Reason.LOCK_IN,
        Reason.OWNER,
        Reason.AUTHORISATION,
        Reason.KEY_PEOPLE,
        Reason.VPMN,
        Reason.PRODUCTS,
        Reason.IDLE_PRODUCT,
        Reason.SERVICE,
    )
}
"""Reasons that the operator itself can do something about."""


def explain_group(
    group_id: str,
    scores: pd.DataFrame,
    *,
    language: Language = "zh",
    peers_probability: float | None = None,
) -> str:
    """Why a group stands where it stands.

    Args:
        group_id: The group.
        scores: Rows of the published table group_score of one day.
        language: Language of the answer.
        peers_probability: Average risk of comparable groups, to be set beside.

    Returns:
        Lines of text without a newline at the end.

    Raises:
        UnknownGroup: The group has no score; the message names the closest ids.
    """
    row = _row(group_id, scores)
    reasons = from_json(row["reasons"])
    lines = [
        *_head(row, len(scores), peers_probability),
        *_why(reasons),
        *_what_helps(reasons),
    ]
    return "\n".join(say(line, language) for line in lines)


def peers_average(group_id: str, scores: pd.DataFrame) -> float | None:
    """Average risk of the other groups of the same tier; None without any, or without risks."""
    row = _row(group_id, scores)
    peers = scores[scores["tier"].eq(row["tier"]) & scores["group_id"].ne(group_id)]
    average = peers["probability"].mean()
    return None if pd.isna(average) else float(average)


def _row(group_id: str, scores: pd.DataFrame) -> pd.Series[Any]:
    found = scores[scores["group_id"] == group_id]
    if len(found):
        return found.iloc[0]
    close = difflib.get_close_matches(group_id, scores["group_id"].tolist(), n=3, cutoff=0.5)
    hint = f"; the closest ids are {', '.join(close)}" if close else ""
    raise UnknownGroup(
        f"group {group_id!r} has no score among {len(scores)} groups of that day{hint}"
    )


def _head(row: pd.Series[Any], groups: int, peers: float | None) -> Iterator[Text]:
    day, group_id, level = row["as_of"], row["group_id"], words.LEVEL[str(row["level"])]
    yield Text(f"集团 {group_id}（{day}）", f"Group {group_id} on {day}")
    yield Text(
        f"预警等级：{level.zh}，排名 {row['rank']}/{groups}",
        f"Level: {level.en}, rank {row['rank']} of {groups}",
    )
    if row["method"] == "rules":
        yield Text(
            "规则清单：按规则得分，没有概率。",
            "Rule-based: ranked by points, there is no probability.",
        )
        return
    yield Text(f"转网概率：{row['probability']:.1%}", f"Risk of transfer: {row['probability']:.1%}")
    if peers is not None:
        yield Text(f"同级集团平均：{peers:.1%}", f"Average of its peers: {peers:.1%}")


def _why(reasons: tuple[SpokenReason, ...]) -> Iterator[Text]:
    up, kept = raising(reasons), protective(reasons)
    yield Text("主要原因（括号内为贡献）：", "Why (with what each adds to the score):")
    for number, reason in enumerate(up, start=1):
        yield _numbered(number, reason)
    if not up:
        yield Text("  没有抬高风险的原因。", "  Nothing raises the risk.")
    if kept:
        yield Text(
            f"保护因素：{kept.name_zh}：{kept.text_zh}（{kept.contribution:+.2f}）",
            f"What holds it: {kept.name_en}: {kept.text_en} ({kept.contribution:+.2f})",
        )


def _what_helps(reasons: tuple[SpokenReason, ...]) -> Iterator[Text]:
    """Of all the published reasons, those that the operator controls."""
    ours = [r for r in reasons if r.contribution > 0 and r.code in CONTROLLABLE][:MOST_SHOWN]
    yield Text("可以改变的原因：", "What can be changed:")
    for number, reason in enumerate(ours, start=1):
        yield _numbered(number, reason)
    if not ours:
        yield Text(
            "  主要原因都不在我方控制之内。", "  None of the main reasons is in our own hands."
        )


def _numbered(number: int, reason: SpokenReason) -> Text:
    return Text(
        f"  {number}. {reason.name_zh}：{reason.text_zh}（{reason.contribution:+.2f}）",
        f"  {number}. {reason.name_en}: {reason.text_en} ({reason.contribution:+.2f})",
    )
