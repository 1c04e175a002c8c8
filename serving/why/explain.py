"""One group's risk in words, for the terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from features.definition import Text
from features.reasons import Reason
from serving import words
from serving.errors import UnknownGroup
from serving.why.reasons import MOST_SHOWN, SpokenReason, from_json, protective, raising
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


@dataclass(frozen=True)
class Beside:
    """What is known of a group beside its published row; what is None or empty is left out.

    Attributes:
        peers_probability: Average risk of comparable groups.
        peers: Who they are; None for all groups of the tier.
        changed: What changed since the last list.
        what_if: Lines on what would lower the risk, see ``serving.why.what_if``.
        listed: What the list says beside, see ``serving.why.listed``.
        notes: What could not be told, and why.
    """

    peers_probability: float | None = None
    peers: Text | None = None
    changed: Text | None = None
    what_if: tuple[Text, ...] = ()
    listed: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()


NOTHING_BESIDE = Beside()
OF_THE_TIER = Text("同级集团", "groups of its tier")


def explain_group(
    group_id: str,
    scores: pd.DataFrame,
    *,
    language: Language = "zh",
    beside: Beside = NOTHING_BESIDE,
) -> str:
    """Why a group stands where it stands.

    Args:
        group_id: The group.
        scores: Rows of the published table group_score of one day.
        language: Language of the answer.
        beside: What else is known of the group.

    Returns:
        Lines of text without a newline at the end.

    Raises:
        UnknownGroup: The group has no score; the message names the closest ids.
    """
    row = row_of(group_id, scores)
    reasons = from_json(row["reasons"])
    lines = [
        *_head(row, len(scores), beside),
        *_why(reasons, row),
        *_what_helps(reasons),
        *_what_if(beside),
        *beside.listed,
        *beside.notes,
    ]
    return "\n".join(say(line, language) for line in lines)


def peers_average(group_id: str, scores: pd.DataFrame) -> float | None:
    """Average risk of the other groups of the same tier; None without any, or without risks."""
    row = row_of(group_id, scores)
    peers = scores[scores["tier"].eq(row["tier"]) & scores["group_id"].ne(group_id)]
    average = peers["probability"].mean()
    return None if pd.isna(average) else float(average)


def row_of(group_id: str, scores: pd.DataFrame) -> pd.Series[Any]:
    """The group's row.

    Raises:
        UnknownGroup: It has none; the message names the closest ids.
    """
    found = scores[scores["group_id"] == group_id]
    if len(found):
        return found.iloc[0]
    close = difflib.get_close_matches(group_id, scores["group_id"].tolist(), n=3, cutoff=0.5)
    hint = f"; the closest ids are {', '.join(close)}" if close else ""
    raise UnknownGroup(
        f"group {group_id!r} has no score among {len(scores)} groups of that day{hint}"
    )


def _head(row: pd.Series[Any], groups: int, beside: Beside) -> Iterator[Text]:
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
    else:
        between = _interval(row)
        yield Text(
            f"转网概率：{row['probability']:.1%}{between.zh}",
            f"Risk of transfer: {row['probability']:.1%}{between.en}",
        )
        if beside.peers_probability is not None:
            average, who = beside.peers_probability, beside.peers or OF_THE_TIER
            yield Text(
                f"同类集团平均：{average:.1%}（{who.zh}）",
                f"Average of its peers: {average:.1%} ({who.en})",
            )
    if beside.changed is not None:
        yield Text(f"与上期相比：{beside.changed.zh}", f"Since the last list: {beside.changed.en}")


def _interval(row: pd.Series[Any]) -> Text:
    low, high = row.get("probability_low"), row.get("probability_high")
    if pd.isna(low) or pd.isna(high):
        return Text("", "")
    span = f"{low:.1%}–{high:.1%}"
    return Text(f"（80%区间 {span}）", f" (80% interval {span})")


def _why(reasons: tuple[SpokenReason, ...], row: pd.Series[Any]) -> Iterator[Text]:
    up, kept = raising(reasons), protective(reasons)
    yield Text("主要原因（方括号内为贡献）：", "Why (what each adds to the score in brackets):")
    for number, reason in enumerate(up, start=1):
        yield _numbered(number, reason)
    if not up:
        yield Text("  没有抬高风险的原因。", "  Nothing raises the risk.")
    if kept:
        said = kept.said
        yield Text(
            f"保护因素：{kept.name_zh}：{said.zh}[{kept.contribution:+.2f}]",
            f"What holds it: {kept.name_en}: {said.en} [{kept.contribution:+.2f}]",
        )
    if row["method"] == "model" and all(reason.stability is None for reason in reasons):
        yield Text(
            "原因的稳定性未知：模型只有一组树。",
            "Whether the reasons are stable is unknown: the model is a single forest.",
        )


def _what_if(beside: Beside) -> Iterator[Text]:
    if beside.what_if:
        yield Text("如果今天采取措施：", "If it were done today:")
        yield from (Text(f"  {line.zh}", f"  {line.en}") for line in beside.what_if)


def _what_helps(reasons: tuple[SpokenReason, ...]) -> Iterator[Text]:
    """Of all the published reasons, those that the operator controls; a sentence once is enough."""
    ours = [r for r in reasons if r.contribution > 0 and r.code in CONTROLLABLE][:MOST_SHOWN]
    above = raising(reasons)
    yield Text("可以改变的原因：", "What can be changed:")
    for reason in ours:
        if reason in above:
            number = above.index(reason) + 1
            yield Text(
                f"  {reason.name_zh}（第{number}条）", f"  {reason.name_en} (number {number})"
            )
        else:
            yield _numbered(None, reason)
    if not ours:
        yield Text(
            "  主要原因都不在我方控制之内。", "  None of the main reasons is in our own hands."
        )


def _numbered(number: int | None, reason: SpokenReason) -> Text:
    said, place = reason.said, "" if number is None else f"{number}. "
    return Text(
        f"  {place}{reason.name_zh}：{said.zh}[{reason.contribution:+.2f}]",
        f"  {place}{reason.name_en}: {said.en} [{reason.contribution:+.2f}]",
    )
