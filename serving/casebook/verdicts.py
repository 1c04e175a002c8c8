"""What the data say of a case after the wait, whatever was reported of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from serving.casebook.entries import Result

_SAW_RIVAL = "competitor_confirmed"


def verdicts(cases: pd.DataFrame, outcomes: pd.DataFrame, danger_share: float) -> dict[str, Result]:
    """A verdict a case.

    Lost is a group that the data show to have moved. One that is still there was in danger, and
    kept, if it lost a part of its members to a rival or a rival was met there; else it was a false
    alarm. That it was kept is not yet that the visit kept it: that is told by the holdout.

    Args:
        cases: Of ``Casebook.to_verify``.
        outcomes: ``as_of``, ``group_id``, ``at_risk`` (members not yet diverted on the day of the
            list), ``lost`` (those of them that went to a rival since) and ``label`` (1 moved,
            0 not, NaN not established), as ``models.labels.group_transfer`` gives them. Of a group
            without a row, too small or gone before, nothing can be said.
        danger_share: Share of the members at risk whose loss shows that the danger was real.

    Returns:
        The result of each case, by its id.
    """
    told = outcomes.set_index(["as_of", "group_id"]).to_dict("index")
    return {
        str(case["case_id"]): _verdict(
            told.get((case["as_of"], case["group_id"])), case["feedback"], danger_share
        )
        for case in cases.to_dict("records")
    }


def _verdict(outcome: dict[Any, Any] | None, feedback: object, danger_share: float) -> Result:
    if outcome is None or pd.isna(outcome["label"]):
        return "unverifiable"
    if outcome["label"] == 1:
        return "lost"
    in_danger = outcome["lost"] >= max(danger_share * outcome["at_risk"], 1)
    return "kept" if in_danger or feedback == _SAW_RIVAL else "false_alarm"
