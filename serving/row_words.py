"""What a row of the list says in words: its reasons, its change, what was reported last."""

from __future__ import annotations

import pandas as pd

from serving.alerting.level_rules import SEVERITY
from serving.why.reasons import SpokenReason, from_json, protective, raising


def last_feedback(cases: pd.DataFrame | None) -> dict[str, str]:
    """What was reported of each group last."""
    if cases is None:
        return {}
    told = cases.dropna(subset=["group_id", "feedback", "feedback_time"])
    newest_last = told.sort_values(["feedback_time", "case_id"])
    return dict(zip(newest_last["group_id"], newest_last["feedback"], strict=True))


def change(level: str, before: str) -> str:
    """Against the last list: new, raised, lowered or continued."""
    if before == "none":
        return "new"
    by = SEVERITY[level] - SEVERITY[before]
    return "raised" if by > 0 else "lowered" if by < 0 else "continued"


def said(reasons: object) -> dict[str, str | None]:
    """The three reasons and the protective one, each in its column."""
    spoken = from_json(reasons) if isinstance(reasons, str) else ()
    up = [*raising(spoken), None, None, None]
    said: dict[str, str | None] = {}
    for number, reason in enumerate(up[:3], start=1):
        said[f"reason_{number}_code"] = reason.code if reason else None
        said.update(_sentence(f"reason_{number}", reason))
    return {**said, **_sentence("protective", protective(spoken))}


def _sentence(column: str, reason: SpokenReason | None) -> dict[str, str | None]:
    if reason is None:
        return {f"{column}_zh": None, f"{column}_en": None}
    return {
        f"{column}_zh": f"{reason.name_zh}：{reason.said.zh}",
        f"{column}_en": f"{reason.name_en}: {reason.said.en}",
    }
