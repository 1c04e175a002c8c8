"""What became of each member after a day: stayed, lost, or silently diverted, and since when.

Evidence is read only from rows loaded after ``as_of`` and by the day on which the label matures, so
an outcome is what the operator itself could have established by then, late rows and all. What is
known on the day tells only the former level and who is diverted already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise, takewhile

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features import Tables, member_features
from features.catalog import FEATURES
from features.compute import DAYS_AT_ONCE
from features.expressions import total
from features.known import Known, closed_periods
from features.tables import Frame, as_pandas
from models.labels import LabelRule

Progress = Callable[[int, int], None]
Floats = NDArray[np.float64]

OFF = ("retention", "off")
BASE_MONTHS = 3
"""Closed months before the day whose average is a member's former level."""


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
        (as known on the day), ``state`` (``stay``, ``lost``, ``diverted``, whichever came first),
        ``onset`` of that state and ``lost_onset`` (days from ``as_of``; NaN where it did not come).
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
    evidence = _Evidence(tables, roster, rule)
    seen = evidence.beside_roster()
    parts = [
        _of_day(seen[seen["as_of"] == day].reset_index(), evidence.months(day), day, rule)
        for day in sorted(set(roster["as_of"]))
    ]
    return pd.concat(parts, ignore_index=True)


def _of_day(seen: pd.DataFrame, months: list[date], day: date, rule: LabelRule) -> pd.DataFrame:
    diverted = _diversion_onset(seen, months, day, rule)
    lost = _loss_onset(seen, months, day)
    onset = np.fmin(diverted, lost)
    state = np.where(np.isnan(onset), "stay", np.where(lost <= onset, "lost", "diverted"))
    return seen[["as_of", "user_id", "group_id"]].assign(
        undiverted=seen["outgoing_low"] != 1, state=state, onset=onset, lost_onset=lost
    )


def _diversion_onset(seen: pd.DataFrame, months: list[date], day: date, rule: LabelRule) -> Floats:
    """Days from ``day`` to the estimated onset of each member's diversion; NaN without one.

    The first two months in a row that are low together (neither of them more than half-way back to
    the former level) tell the months; how far the first is on its way down to the second tells the
    day within it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        out_kept = _by_month(seen, "out", months) / seen[["base_out"]].to_numpy(np.float64)
        in_kept = _by_month(seen, "in", months) / seen[["base_in"]].to_numpy(np.float64)
    second_sim = seen["second_sim"].to_numpy(np.float64) == 1
    half_way_back = (1 + rule.outgoing_kept) / 2
    onset = np.full(len(seen), np.nan)
    for i, (month, next_month) in enumerate(pairwise(months)):
        now, then = out_kept[:, i], out_kept[:, i + 1]
        low = ((now + then) / 2 <= rule.outgoing_kept) & (np.fmax(now, then) <= half_way_back)
        incoming_holds = (in_kept[:, i] + in_kept[:, i + 1]) / 2 >= rule.incoming_kept
        with np.errstate(divide="ignore", invalid="ignore"):
            on_its_way = np.clip((1 - now) / (1 - then), 0, 1)
        start, length = (month - day).days, (next_month - month).days
        found = low & (incoming_holds | second_sim) & np.isnan(onset)
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
    """Columns of the months, oldest first; they are named by age at maturity, 0 the newest."""
    ages = reversed(range(len(months)))
    return seen[[f"{kind}_{age}" for age in ages]].to_numpy(np.float64)


class _Evidence:
    """Usage, second-SIM indications and states of a roster's members, loaded after its days."""

    def __init__(self, tables: Tables, roster: pd.DataFrame, rule: LabelRule) -> None:
        self._tables = tables
        self._until_mature = timedelta(rule.matures_after)
        self._contract = tables.contract("usage_month")
        self._days = sorted(set(roster["as_of"]))
        self._longest = max(len(self.months(day)) for day in self._days)
        matures = (pd.to_datetime(roster["as_of"]) + self._until_mature).dt.date
        with_maturity = pa.Table.from_pandas(roster.assign(matures=matures), preserve_index=False)
        self._roster = tables.bring(with_maturity)
        self._users = tables.hold(self._roster.select("user_id").unique())

    def months(self, day: date) -> list[date]:
        """First days of the months from that of ``day`` to the last one closed at maturity."""
        first = f"{day:%Y%m}"
        closed = closed_periods(self._contract, day + self._until_mature)
        names = takewhile(lambda name: name >= first, closed)
        return sorted(datetime.strptime(name, "%Y%m").date() for name in names)  # noqa: DTZ007

    def beside_roster(self) -> pd.DataFrame:
        """The roster with each member's former level, use by month, last use, state, second SIM.

        ``last_use`` counts days from ``as_of``.
        """
        before = self._usage_before(Known(self._tables, self._days))
        rows = self._roster.join(before, how="left", on=["as_of", "user_id"])
        later = Known(self._tables, [day + self._until_mature for day in self._days])
        for part in self._parts(later):
            matured = part.rename({"as_of": "matures"})
            rows = rows.join(matured, how="left", on=["matures", "user_id"])
        days = nw.col("last_use") + self._until_mature.days
        return as_pandas(rows.with_columns(last_use=days), "as_of", "user_id")

    def _parts(self, later: Known) -> Iterator[Frame]:
        yield self._usage_after(later)
        off = self._loaded_after(later.rows("member")).filter(nw.col("status").is_in(OFF))
        yield off.select("as_of", "user_id", off_since=nw.col("status_time"))
        yield self._second_sims_after(later)

    def _usage_before(self, known: Known) -> Frame:
        """Each member's former level: a closed month's average, as known on the day."""
        rows = known.rows("usage_month", BASE_MONTHS, of=self._users)
        return rows.group_by("as_of", "user_id").agg(
            base_out=nw.col("mou_out_m").sum() / nw.len(),
            base_in=nw.col("mou_in_m").sum() / nw.len(),
        )

    def _usage_after(self, later: Known) -> Frame:
        rows = self._loaded_after(later.rows("usage_month", self._longest, of=self._users))
        used = nw.col("mou_out_m") + nw.col("mou_in_m") + nw.col("data_kb").fill_null(0)
        amounts = {"out": nw.col("mou_out_m"), "in": nw.col("mou_in_m"), "used": used}
        return rows.group_by("as_of", "user_id").agg(
            *(
                total(amount, nw.col("age") == age).alias(f"{kind}_{age}")
                for kind, amount in amounts.items()
                for age in range(self._longest)
            ),
            last_use=nw.when(used > 0).then(nw.col("days_to_last_active_date")).max(),
        )

    def _second_sims_after(self, later: Known) -> Frame:
        name = "second_sim_ind"
        if name not in self._tables:
            nobody = later.rows("member").filter(nw.col("user_id").is_null())
            return nobody.select("as_of", "user_id", second_sim=nw.lit(1))
        rows = self._loaded_after(later.rows(name, self._longest))
        return rows.group_by("as_of", "user_id").agg(
            second_sim=nw.when(~nw.col("score").is_null()).then(1).otherwise(0).max()
        )

    def _loaded_after(self, rows: Frame) -> Frame:
        """Rows that came after the day itself: nothing that was known then is evidence."""
        day_after = nw.col("as_of").cast(nw.Datetime("us")) - self._until_mature + timedelta(1)
        return rows.filter(nw.col("load_time") >= day_after)
