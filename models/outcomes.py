"""What became of each member after a day: stayed, lost, or silently diverted, and since when.

Evidence is read only from rows loaded after ``as_of`` and by the day on which the label matures, so
an outcome is what the operator itself could have established by then, late rows and all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import Tables, member_features
from features.catalog import FEATURES
from features.expressions import total
from features.known import Known, closed_periods
from features.tables import Frame, as_pandas
from models.labels import LabelRule

Progress = Callable[[int, int], None]
Floats = NDArray[np.float64]

OFF = ("retention", "off")
BASE_MONTHS = 3
"""Closed months before the day whose average is a member's former level."""
DAYS_AT_ONCE = 6


def member_outcomes(
    tables: Tables,
    days: Sequence[date],
    rule: LabelRule,
    *,
    tiers: Collection[str] | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What became of every member that was on net on each of ``days``.

    Args:
        tables: The operator's tables.
        days: Knowledge days whose labels have matured.
        rule: When a member counts as lost or diverted.
        tiers: Only members of groups of these tiers; None for everybody.
        progress: Called with the number of days done and of all days.

    Returns:
        One row a day and member, sorted: ``as_of``, ``user_id``, ``group_id``, ``undiverted``
        (as known on the day, and not found diverted before it), ``state`` (``stay``, ``lost``,
        ``diverted``) and ``onset`` (days from ``as_of``; NaN for ``stay``).
    """
    ordered = sorted(set(days))
    frames = []
    for start in range(0, len(ordered), DAYS_AT_ONCE):
        chunk = ordered[start : start + DAYS_AT_ONCE]
        frames.append(_outcomes(tables, chunk, rule, tiers))
        if progress:
            progress(start + len(chunk), len(ordered))
    return pd.concat(frames, ignore_index=True)


def _outcomes(
    tables: Tables, days: list[date], rule: LabelRule, tiers: Collection[str] | None
) -> pd.DataFrame:
    roster = member_features(tables, days, [FEATURES["outgoing_low"]], tiers=tiers)
    evidence = _Evidence(tables, days, rule)
    rosters = {day: rows for day, rows in roster.groupby("as_of")}
    return pd.concat(
        [_of_day(rosters[day], evidence, day, rule) for day in days if day in rosters],
        ignore_index=True,
    )


def _of_day(roster: pd.DataFrame, evidence: _Evidence, day: date, rule: LabelRule) -> pd.DataFrame:
    seen = roster.merge(evidence.of(day), how="left", on="user_id", validate="1:1")
    diverted = _diversion_onset(seen, evidence.months(day), day, rule)
    lost = _loss_onset(seen, evidence.months(day), day)
    onset = np.fmin(diverted, lost)
    state = np.where(np.isnan(onset), "stay", np.where(lost <= onset, "lost", "diverted"))
    undiverted = (seen["outgoing_low"] != 1) & ~(onset <= 0)
    return seen[["as_of", "user_id", "group_id"]].assign(
        undiverted=undiverted, state=state, onset=onset
    )


def _diversion_onset(seen: pd.DataFrame, months: list[date], day: date, rule: LabelRule) -> Floats:
    """Days from ``day`` to the estimated onset of each member's diversion; NaN without one.

    The first of two months in a row with low outgoing minutes tells the month; how far it is on its
    way down to the second one tells the day within it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        out_kept = _by_month(seen, "out", months) / seen[["base_out"]].to_numpy(np.float64)
        in_kept = _by_month(seen, "in", months) / seen[["base_in"]].to_numpy(np.float64)
    low = out_kept <= rule.outgoing_kept
    second_sim = seen["second_sim"].to_numpy(np.float64) == 1
    evidence = (in_kept >= rule.incoming_kept) | second_sim[:, None]
    onset = np.full(len(seen), np.nan)
    for i, (month, next_month) in enumerate(zip(months, months[1:], strict=False)):
        with np.errstate(divide="ignore", invalid="ignore"):
            on_its_way = np.clip((1 - out_kept[:, i]) / (1 - out_kept[:, i + 1]), 0, 1)
        start, length = (month - day).days, (next_month - month).days
        found = low[:, i] & low[:, i + 1] & evidence[:, i + 1] & np.isnan(onset)
        onset[found] = (start + (1 - on_its_way) * length)[found]
    return onset


def _loss_onset(seen: pd.DataFrame, months: list[date], day: date) -> Floats:
    """Days from ``day`` to the day after the last use of members that are off, or silent.

    Silent is who has no use in the last two closed months. Deactivation is recorded late where it
    is for arrears, so the last use counts; without any use seen, the recorded day.
    """
    recorded = (pd.to_datetime(seen["off_since"]).dt.normalize() - pd.Timestamp(day)).dt.days
    after_last_use = seen["last_use"].to_numpy(np.float64) + 1
    off = np.where(recorded.notna(), np.fmin(after_last_use, recorded.to_numpy(np.float64)), np.nan)
    silent = (_by_month(seen, "used", months)[:, -2:] == 0).all(axis=1)
    never_used = np.where(np.isnan(after_last_use), (months[0] - day).days, after_last_use)
    return np.fmin(off, np.where(silent, never_used, np.nan))


def _by_month(seen: pd.DataFrame, kind: str, months: list[date]) -> Floats:
    return seen[[f"{kind}_{month:%Y%m}" for month in months]].to_numpy(np.float64)


class _Evidence:
    """Usage, second-SIM indications and states of all members, loaded after each of some days."""

    def __init__(self, tables: Tables, days: list[date], rule: LabelRule) -> None:
        self._contract = tables.contract("usage_month")
        self._until_mature = timedelta(rule.matures_after)
        later = Known(tables, [day + self._until_mature for day in days])
        self._parts = [
            _usage_before(Known(tables, days)),
            self._back(self._usage_after(later, days)),
            self._back(self._off_after(later)),
        ]
        if "second_sim_ind" in tables:
            self._parts.append(self._back(self._second_sims_after(later)))

    def months(self, day: date) -> list[date]:
        """First days of the months from that of ``day`` to the last one closed at maturity."""
        first = f"{day:%Y%m}"
        closed = closed_periods(self._contract, day + self._until_mature)
        names = takewhile(lambda name: name >= first, closed)
        return sorted(datetime.strptime(name, "%Y%m").date() for name in names)  # noqa: DTZ007

    def of(self, day: date) -> pd.DataFrame:
        """One row a member: former level, use by month, last use, state and second SIM."""
        found = pd.DataFrame({"user_id": []}, dtype=object)
        for part in self._parts:
            rows = part[part["as_of"] == day].drop(columns="as_of")
            found = found.merge(rows, how="outer", on="user_id", validate="1:1")
        return found if "second_sim" in found else found.assign(second_sim=np.nan)

    def _usage_after(self, later: Known, days: list[date]) -> Frame:
        months = sorted({month for day in days for month in self.months(day)})
        rows = self._loaded_after(later.rows("usage_month", len(months) + 1))
        used = nw.col("mou_out_m") + nw.col("mou_in_m") + nw.col("data_kb").fill_null(0)
        amounts = {"out": nw.col("mou_out_m"), "in": nw.col("mou_in_m"), "used": used}
        return rows.group_by("as_of", "user_id").agg(
            *(
                total(amount, nw.col("month") == f"{month:%Y%m}").alias(f"{kind}_{month:%Y%m}")
                for kind, amount in amounts.items()
                for month in months
            ),
            last_use=nw.when(used > 0).then(nw.col("days_to_last_active_date")).max(),
        )

    def _off_after(self, later: Known) -> Frame:
        off = self._loaded_after(later.rows("member")).filter(nw.col("status").is_in(OFF))
        return off.select("as_of", "user_id", off_since=nw.col("status_time"))

    def _second_sims_after(self, later: Known) -> Frame:
        rows = self._loaded_after(later.rows("second_sim_ind", lookback=8))
        return rows.group_by("as_of", "user_id").agg(
            second_sim=nw.when(~nw.col("score").is_null()).then(1).otherwise(0).max()
        )

    def _loaded_after(self, rows: Frame) -> Frame:
        """Rows that came after the day itself: nothing that was known then is evidence."""
        day_after = nw.col("as_of").cast(nw.Datetime("us")) - self._until_mature + timedelta(1)
        return rows.filter(nw.col("load_time") >= day_after)

    def _back(self, rows: Frame) -> pd.DataFrame:
        """From the day on which a label matures back to the day that it is about."""
        frame = as_pandas(rows, "as_of", "user_id")
        dates = {day: day - self._until_mature for day in frame["as_of"].unique()}
        frame["as_of"] = frame["as_of"].map(dates)
        if "last_use" in frame:
            frame["last_use"] += self._until_mature.days
        return frame


def _usage_before(known: Known) -> pd.DataFrame:
    """Each member's former level: a closed month's average, as known on the day."""
    rows = known.rows("usage_month", BASE_MONTHS)
    totals = rows.group_by("as_of", "user_id").agg(
        months=nw.len(), out=nw.col("mou_out_m").sum(), incoming=nw.col("mou_in_m").sum()
    )
    frame = as_pandas(totals, "as_of", "user_id")
    return frame[["as_of", "user_id"]].assign(
        base_out=frame["out"] / frame["months"], base_in=frame["incoming"] / frame["months"]
    )
