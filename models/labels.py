"""The targets that models learn, as rules over what became of members and groups after a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import narwhals as nw
import numpy as np
import pandas as pd

from features.known import Known
from features.tables import Tables, as_pandas
from models.states import TO_A_RIVAL, StateRule

GROUP_DAY = ["as_of", "group_id"]


@dataclass(frozen=True)
class LabelRule:
    """When a member counts as lost and a group as transferred; every value comes from config.

    Days count from ``as_of``: onsets in (gap, gap + horizon] are positive, and the label is known
    ``maturity`` days later. ``states`` tells what became of a member.
    """

    name: str
    version: str
    loss_share: float
    loss_members: int
    min_members: int
    gap_days: int
    horizon_days: int
    maturity_days: int
    states: StateRule

    @property
    def matures_after(self) -> int:
        """Days from ``as_of`` until the label is known: also the embargo between splits."""
        return self.gap_days + self.horizon_days + self.maturity_days

    @property
    def window_days(self) -> int:
        """Days from ``as_of`` to the end of the label window."""
        return self.gap_days + self.horizon_days


@dataclass(frozen=True)
class BesideRule:
    """The labels that stand beside a group's transfer; every value comes from config.

    Attributes:
        soon_days: Horizon of the early transfer and of member churn.
        divert_days: Horizon of member diversion.
        silent_share, hard_share: Shares of value: at least so much diverted, and less than so much
            lost, is a silent loss.
    """

    soon_days: int
    divert_days: int
    silent_share: float
    hard_share: float

    def soon(self, rule: LabelRule) -> LabelRule:
        """``rule`` with the horizon of an early transfer."""
        return replace(rule, horizon_days=self.soon_days)

    def diverting(self, rule: LabelRule) -> LabelRule:
        """``rule`` with the horizon of member diversion."""
        return replace(rule, horizon_days=self.divert_days)


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

    A member is lost to a rival who is off net or silent, or diverted; who is back under a new
    number, or left against his will, is not.

    Args:
        outcomes: From ``models.outcomes.member_outcomes``.

    Returns:
        One row a day and eligible group (at least ``min_members`` undiverted members, and not yet
        over the loss share): ``as_of``, ``group_id``, ``at_risk``, ``lost``, ``label`` (0 or 1;
        NaN where what became of members is not established to the window's end) and ``onset``:
        days to the loss with which it had transferred, NaN where it did not.
    """
    members = _members_at_risk(outcomes, rule)
    inside = members["to_a_rival"] & in_window(members["onset"], rule)
    counted = members.assign(lost=inside).groupby(GROUP_DAY, as_index=False)
    found = counted.agg(
        at_risk=("user_id", "size"), lost=("lost", "sum"), observed=("observed", "min")
    )
    label = _transferred(found["lost"], found["at_risk"], rule)
    losses = members.loc[inside, [*GROUP_DAY, "onset"]].sort_values([*GROUP_DAY, "onset"])
    number = losses.groupby(GROUP_DAY).cumcount() + 1
    needed = np.ceil(_enough(found["at_risk"], rule)).rename("number").astype(np.int64)
    key = [*GROUP_DAY, "number"]
    wanted = found[GROUP_DAY].assign(number=needed)
    last = wanted.merge(losses.assign(number=number), how="left", on=key, validate="1:1")
    return found.drop(columns="observed").assign(
        label=_known(label, found["observed"], rule), onset=last["onset"]
    )


def group_labels(outcomes: pd.DataFrame, rule: LabelRule, beside: BesideRule) -> pd.DataFrame:
    """Everything that is to be known of a group's later losses, beside ``L_transfer``.

    Args:
        outcomes: From ``models.outcomes.member_outcomes``.

    Returns:
        The rows and columns of ``group_transfer``, and

        * ``label_30``: transferred within the shorter horizon already (0 or 1),
        * ``share_lost``: value lost to a rival, 0 to 1, of the value of the members at risk; a
          member's value is his mean bill before the day, or his colleagues' where it is unknown,
        * ``label_silent``: a loss that no count of leavers shows: of the value at least
          ``silent_share`` is diverted and less than ``hard_share`` lost (0 or 1),
        * ``churned_30``, ``diverted_60``: members at risk who churn, or divert deeply, within the
          horizons of ``L_member_churn`` and ``L_member_divert``.

        Each is NaN where it has not matured, by its own horizon.
    """
    members = _members_at_risk(outcomes, rule)
    soon, deep = beside.soon(rule), beside.diverting(rule)
    value, inside = _values(members), in_window(members["onset"], rule)
    summed = (
        members[[*GROUP_DAY]]
        .assign(
            value=value,
            hard=value * (inside & (members["state"] == "lost")),
            diverted=value * (inside & (members["state"] == "diverted")),
            lost_soon=members["to_a_rival"] & in_window(members["onset"], soon),
            churned_30=churns(members, soon),
            diverted_60=in_window(members["deep_onset"], deep),
        )
        .groupby(GROUP_DAY, as_index=False)
        .sum()
    )
    found = group_transfer(outcomes, rule)
    hard, diverted = summed["hard"] / summed["value"], summed["diverted"] / summed["value"]
    silent = (diverted >= beside.silent_share) & (hard < beside.hard_share)
    seen = members.groupby(GROUP_DAY, as_index=False)["observed"].min()["observed"]
    return found.assign(
        label_30=_known(_transferred(summed["lost_soon"], found["at_risk"], rule), seen, soon),
        label_silent=_known(silent, seen, rule),
        share_lost=_known((hard + diverted).clip(upper=1), seen, rule),
        churned_30=_known(summed["churned_30"], seen, soon),
        diverted_60=_known(summed["diverted_60"], seen, deep),
    )


def member_churn(outcomes: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """``L_member_churn``: whether a member on net is deactivated or silent within the window.

    Who is back under a new number, or left against his will, has not churned. Members whose window
    has not matured are left out.
    """
    label = churns(outcomes, rule).astype(np.int64)
    kept = outcomes[["as_of", "user_id", "group_id"]].assign(label=label)
    matured = outcomes["observed"] >= rule.window_days
    return kept[~(outcomes["lost_onset"] <= rule.gap_days) & matured].reset_index(drop=True)


def member_divert(outcomes: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """``L_member_divert``: whether a member's outgoing minutes fall deeply, incoming ones not.

    Only of members who had neither gone nor diverted by the end of the gap, and whose window has
    matured. The levels are ``deep_outgoing_kept`` and ``deep_incoming_kept`` of the states' rule.
    """
    label = in_window(outcomes["deep_onset"], rule).astype(np.int64)
    kept = outcomes[["as_of", "user_id", "group_id"]].assign(label=label)
    gone = (outcomes["lost_onset"] <= rule.gap_days) | (outcomes["deep_onset"] <= rule.gap_days)
    matured = outcomes["observed"] >= rule.window_days
    return kept[outcomes["undiverted"] & ~gone & matured].reset_index(drop=True)


def churns(outcomes: pd.DataFrame, rule: LabelRule) -> pd.Series:
    """Which members are lost within the window, whether or not they had diverted before."""
    otherwise = outcomes["state"].isin(["rotated", "involuntary"])
    return in_window(outcomes["lost_onset"], rule) & ~otherwise


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


def in_window(onset: pd.Series, rule: LabelRule) -> pd.Series:
    """Whether what began ``onset`` days after the day began within the label's window."""
    return (onset > rule.gap_days) & (onset <= rule.window_days)


def _members_at_risk(outcomes: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """Undiverted members of the groups in the risk set, with ``to_a_rival``."""
    known = outcomes.dropna(subset="group_id")
    undiverted = known["undiverted"].groupby([known["as_of"], known["group_id"]])
    at_risk, members = undiverted.transform("sum"), undiverted.transform("size")
    kept = known[known["undiverted"] & still_to_lose(at_risk, members, rule)]
    return kept.assign(to_a_rival=kept["state"].isin(TO_A_RIVAL))


def _values(members: pd.DataFrame) -> pd.Series:
    """What each member is worth: his bill, else his colleagues', else as much as each of them."""
    group = [members[name] for name in GROUP_DAY]
    bill = members["value"].clip(lower=0)
    value = bill.fillna(bill.groupby(group).transform("mean")).fillna(0)
    return value.mask(value.groupby(group).transform("sum") == 0, 1.0)


def _transferred(lost: pd.Series, at_risk: pd.Series, rule: LabelRule) -> pd.Series:
    return lost >= _enough(at_risk, rule)


def _enough(at_risk: pd.Series, rule: LabelRule) -> pd.Series:
    """Members whose loss makes a transfer."""
    return (rule.loss_share * at_risk).clip(lower=rule.loss_members)


def _known(value: pd.Series, observed: pd.Series, rule: LabelRule) -> pd.Series:
    """A label as a number, unknown where its window is not yet observed to the end."""
    if (observed >= rule.window_days).all():
        return value.astype(np.float64 if value.dtype.kind == "f" else np.int64)
    return value.astype(np.float64).where(observed >= rule.window_days)
