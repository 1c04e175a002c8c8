"""The targets that models learn, as rules over what became of members and groups after a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw
import numpy as np
import pandas as pd

from features.known import Known
from features.tables import Tables, as_pandas


@dataclass(frozen=True)
class LabelRule:
    """When a member counts as lost and a group as transferred; every value comes from config.

    Days count from ``as_of``: onsets in (gap, gap + horizon] are positive, and the label is known
    ``maturity`` days later. A member is diverted when outgoing minutes stay at or below
    ``outgoing_kept`` of their former level for two months while incoming ones hold at or above
    ``incoming_kept``, or a second SIM is indicated.
    """

    name: str
    version: str
    loss_share: float
    loss_members: int
    min_members: int
    gap_days: int
    horizon_days: int
    maturity_days: int
    outgoing_kept: float
    incoming_kept: float

    @property
    def matures_after(self) -> int:
        """Days from ``as_of`` until the label is known: also the embargo between splits."""
        return self.gap_days + self.horizon_days + self.maturity_days

    @property
    def window_days(self) -> int:
        """Days from ``as_of`` to the end of the label window."""
        return self.gap_days + self.horizon_days


def matured(days: Sequence[date], rule: LabelRule, known: date) -> list[date]:
    """Those of ``days`` whose labels can be established from what is known on ``known``."""
    return [day for day in days if day + timedelta(rule.matures_after) <= known]


def still_to_lose(at_risk: pd.Series, members: pd.Series, rule: LabelRule) -> pd.Series:
    """Which groups are in the risk set: enough undiverted members, and not already transferred.

    Args:
        at_risk: Undiverted members on net.
        members: All members on net.
    """
    return (at_risk >= rule.min_members) & (1 - at_risk / members < rule.loss_share)


def group_transfer(outcomes: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """``L_transfer``: whether a group lost its ``loss_share`` and ``loss_members`` in the window.

    Args:
        outcomes: From ``models.outcomes.member_outcomes``.

    Returns:
        One row a day and eligible group (at least ``min_members`` undiverted members, and not yet
        over the loss share): ``as_of``, ``group_id``, ``at_risk``, ``lost``, ``label`` (0 or 1).
    """
    grouped = outcomes.dropna(subset="group_id").assign(
        lost=outcomes["undiverted"] & _in_window(outcomes["onset"], rule)
    )
    counted = grouped.groupby(["as_of", "group_id"], as_index=False).agg(
        members=("user_id", "size"), at_risk=("undiverted", "sum"), lost=("lost", "sum")
    )
    eligible = counted[still_to_lose(counted["at_risk"], counted["members"], rule)]
    lost_enough = np.maximum(rule.loss_members, rule.loss_share * eligible["at_risk"])
    label = (eligible["lost"] >= lost_enough).astype(np.int64)
    return eligible.drop(columns="members").assign(label=label).reset_index(drop=True)


def member_churn(outcomes: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """``L_member_churn``: whether a member on net is deactivated or silent within the window."""
    lost = _in_window(outcomes["lost_onset"], rule)
    kept = outcomes[["as_of", "user_id", "group_id"]].assign(label=lost.astype(np.int64))
    return kept[~(outcomes["lost_onset"] <= rule.gap_days)].reset_index(drop=True)


def member_silent(tables: Tables, day: date, month: str, known: date) -> pd.DataFrame:
    """``L_member_silent``: no minutes and no data in ``month``, for members on net on ``day``.

    For panels without dates of leaving: the month's usage is read as known on ``known``.
    """
    roster = Known(tables, [day]).roster().select("as_of", "user_id", "group_id")
    rows = Known(tables, [known]).rows("usage_month", lookback=12).filter(nw.col("month") == month)
    used = nw.col("mou_out_m") + nw.col("mou_in_m") + nw.col("data_kb").fill_null(0)
    usage = rows.select("user_id", used=used)
    found = as_pandas(roster.join(usage, how="inner", on="user_id"), "user_id")
    label = (found["used"] == 0).astype(np.int64)
    return found[["as_of", "user_id", "group_id"]].assign(label=label)


def group_lost(tables: Tables, day: date, known: date) -> pd.DataFrame:
    """``L_group_lost``: lifecycle ``lost`` in the newest snapshot known on ``known``."""
    groups = Known(tables, [day]).groups().select("as_of", "group_id")
    later = Known(tables, [known]).groups().select("group_id", "lifecycle")
    found = as_pandas(groups.join(later, how="inner", on="group_id"), "group_id")
    label = (found["lifecycle"] == "lost").astype(np.int64)
    return found[["as_of", "group_id"]].assign(label=label)


def _in_window(onset: pd.Series, rule: LabelRule) -> pd.Series:
    return (onset > rule.gap_days) & (onset <= rule.window_days)
