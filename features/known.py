"""Tables as they were known on a day: the one place where time is cut.

A row counts on a day when the warehouse had it by the end of that day (``load_time``) and no newer
version of the same key had come by then. Periods count when they have ended and their promised
delivery has passed, so that a window never ends in a half-delivered month.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TypeAlias

import narwhals as nw
import pyarrow as pa

from data_contracts.contract import Table
from features.expressions import day_number
from features.tables import Frame, Tables
from features.view import View

ON_NET = ("active", "single_stop")
Reach: TypeAlias = tuple[str, str]
"""First and last period."""
_EVERYTHING: Reach = ("", "~")
NEWEST_SNAPSHOT_WITHIN = 3
"""Closed months within which a group's snapshot must have come for the group to be known."""


class Known:
    """The tables as known on each of some days.

    Every frame has one copy of a row for each day on which it counts, told apart by ``as_of``, and
    for each of its dates a column ``days_to_<date>``: whole days from ``as_of`` to it, negative for
    the past.
    """

    def __init__(self, tables: Tables, days: Sequence[date]) -> None:
        self.tables = tables
        self.days = sorted(set(days))
        self._day_frame = tables.bring(_day_table(self.days))
        self._views: dict[View, Frame] = {}
        self._superseded: dict[str, tuple[Reach, Frame | None]] = {}

    @cached_property
    def _roster(self) -> Frame:
        return self.tables.hold(self._members_with_group())

    @cached_property
    def _groups(self) -> Frame:
        return self.tables.hold(self._snapshots(NEWEST_SNAPSHOT_WITHIN))

    def view(self, wanted: View) -> Frame:
        """The rows of a view, worked out once."""
        if wanted not in self._views:
            self._views[wanted] = wanted.rows(self)
        return self._views[wanted]

    def hold(self, frame: Frame) -> Frame:
        """``frame`` computed once, for a view that reads it several times."""
        return self.tables.hold(frame)

    def rows(self, name: str, lookback: int | None = None, of: Frame | None = None) -> Frame:
        """Rows of table ``name`` as known, with ``age`` where the table has periods or events.

        Rows of a period also have ``period_days``, its length, and ``days_to_period_end``.

        Args:
            name: A source table that is present.
            lookback: Closed periods (monthly and dekad tables) or days (tables of events) to look
                back; None for all. Tables of states and intervals give every known row.
            of: The members (``user_id``, each once) whose rows are wanted; None for all rows.
        """
        contract = self.tables.contract(name)
        if contract.period is not None:
            plan = _schedule(self.days, contract, lookback)
            schedule, reach = self.tables.bring(plan), _reach(plan, contract.period)
            return _with_distances(self._cut(contract, schedule, reach, of), contract)
        rows = _with_distances(self._cut(contract, self._day_frame, None, of), contract)
        if contract.day is None:
            return rows
        return _past(rows.with_columns(age=-nw.col(f"days_to_{contract.day}")), lookback)

    def roster(self) -> Frame:
        """Members on net on each day who belong to a group that day, with the group.

        Machine SIMs are left out. Without a table of memberships it is everybody on net, each with
        an unknown group.
        """
        return self._roster

    def groups(self) -> Frame:
        """Each group's newest closed monthly snapshot, at most three months old."""
        return self._groups

    def _members_with_group(self) -> Frame:
        members = self.rows("member").filter(
            nw.col("status").is_in(ON_NET),
            a_person(),
        )
        if "membership_hist" not in self.tables:
            return members.with_columns(group_id=nw.lit(None, nw.String))
        memberships = self.rows("membership_hist").filter(
            nw.col("days_to_valid_from") <= 0, nw.col("days_to_valid_to") > 0
        )
        return _keep_left(_one_a_day(memberships), members, on=["as_of", "user_id"])

    def _snapshots(self, lookback: int) -> Frame:
        rows = self.rows("group_snapshot", lookback)
        newest = nw.col("age").min().over("as_of", "group_id")
        return rows.filter(nw.col("age") == newest)

    def newest_period(self, name: str, lookback: int = 24) -> str | None:
        """The newest closed period of which table ``name`` has known rows, by the last day."""
        period = self.tables.contract(name).period or ""
        newest = self.rows(name, lookback).select(nw.col(period).max()).collect("pyarrow").item()
        return str(newest) if newest else None

    def first_period(self, name: str) -> str | None:
        """The oldest period of which table ``name`` has rows loaded by the last day."""
        period = self.tables.contract(name).period or ""
        first = self._loaded(name).select(nw.col(period).min()).collect("pyarrow").item()
        return str(first) if first else None

    def newest_load(self, name: str) -> date | None:
        """The day on which the newest known row of table ``name`` was loaded, by the last day."""
        newest = self._loaded(name).select(nw.col("load_time").max()).collect("pyarrow").item()
        return newest.date() if newest else None

    def _cut(self, contract: Table, days: Frame, reach: Reach | None, of: Frame | None) -> Frame:
        """One copy of each row for each day on which it was the newest known version."""
        rows, period = self._within(contract, reach), contract.period
        if of is not None:
            rows = rows.join(of, how="semi", on="user_id")
        on_its_days = rows.join(days, how="inner" if period else "cross", on=period)
        known = on_its_days.filter(
            nw.col("load_time") < nw.col("known_before"), nw.col("op") != "D"
        )
        superseded = self._replaced(contract, reach)
        if superseded is None:
            return known.drop("known_before")
        moment = list(contract.physical_key)
        until = known.join(superseded, how="left", on=moment)
        newest = (nw.col("known_until") >= nw.col("known_before")) | nw.col("known_until").is_null()
        return until.filter(newest).drop("known_before", "known_until")

    def _replaced(self, contract: Table, reach: Reach | None) -> Frame | None:
        """The rows that a newer version replaced, and when it came; None where there are none."""
        wanted = reach or _EVERYTHING
        (first, last), held = self._superseded.get(contract.name, (("~", ""), None))
        if wanted[0] < first or wanted[1] > last:
            held = self.hold(_superseded(self._within(contract, reach), contract))
            some = held.select(nw.len()).collect("pyarrow").item()
            held = held if some else None
            self._superseded[contract.name] = (wanted, held)
        return held

    def _within(self, contract: Table, reach: Reach | None) -> Frame:
        rows = self.tables[contract.name]
        if reach is None:
            return rows
        period = nw.col(contract.period or "")
        return rows.filter(period >= reach[0], period <= reach[1])

    def _loaded(self, name: str) -> Frame:
        return self.tables[name].filter(nw.col("load_time") < _known_before(self.days)[-1].as_py())


def a_person() -> nw.Expr:
    """A row of table ``member`` that is no machine SIM's."""
    return nw.col("is_m2m").fill_null(False) == False  # noqa: E712


def closed_periods(contract: Table, day: date) -> Iterator[str]:
    """Periods of a monthly or dekad table whose delivery was due by ``day``, newest first."""
    dekads = contract.grain == "dekad"
    return (_period_name(end, dekads=dekads) for end in closed_ends(contract, day))


def closed_ends(contract: Table, day: date) -> Iterator[date]:
    """The last days of ``closed_periods``."""
    dekads = contract.grain == "dekad"
    end = _period_end(day, dekads=dekads)
    while True:
        if end + timedelta(days=contract.deadline_days) <= day:
            yield end
        end = _period_end(
            end.replace(day=_first_day(end, dekads=dekads)) - timedelta(1), dekads=dekads
        )


def _first_day(day: date, *, dekads: bool) -> int:
    return 1 + 10 * min((day.day - 1) // 10, 2) if dekads else 1


def _period_end(day: date, *, dekads: bool) -> date:
    """Last day of the period that ``day`` lies in."""
    month_end = calendar.monthrange(day.year, day.month)[1]
    first = _first_day(day, dekads=dekads)
    return day.replace(day=first + 9 if dekads and first < 21 else month_end)


def _period_name(end: date, *, dekads: bool) -> str:
    number = min((end.day - 1) // 10, 2) + 1
    return f"{end:%Y%m}{number}" if dekads else f"{end:%Y%m}"


def _day_table(days: Sequence[date]) -> pa.Table:
    return pa.table(
        {
            "as_of": pa.array(days, pa.date32()),
            "known_before": _known_before(days),
            "as_of_number": _day_numbers(days),
        },
    )


def _known_before(days: Sequence[date]) -> pa.Array:
    """The first moment that is no longer part of the day."""
    ends = [datetime.combine(day + timedelta(1), time()) for day in days]
    return pa.array(ends, pa.timestamp("us"))


def _day_numbers(days: Sequence[date]) -> pa.Array:
    return pa.array([day.toordinal() for day in days], pa.int64())


def _schedule(days: Sequence[date], contract: Table, lookback: int | None) -> pa.Table:
    """One row a day and closed period: which period has which age on that day."""
    if lookback is None:
        raise ValueError(f"a window on {contract.name} needs a lookback in closed periods")
    plan = [
        (day, end, age)
        for day in days
        for age, end in zip(range(lookback), closed_ends(contract, day), strict=False)
    ]
    scheduled = [day for day, _, _ in plan]
    dekads = contract.grain == "dekad"
    names = [_period_name(end, dekads=dekads) for _, end, _ in plan]
    lengths = [end.day - _first_day(end, dekads=dekads) + 1 for _, end, _ in plan]
    return pa.table(
        {
            "as_of": pa.array(scheduled, pa.date32()),
            "known_before": _known_before(scheduled),
            "as_of_number": _day_numbers(scheduled),
            contract.period or "": pa.array(names, pa.string()),
            "age": pa.array([age for _, _, age in plan], pa.int64()),
            "period_days": pa.array(lengths, pa.int64()),
            "days_to_period_end": pa.array([(end - day).days for day, end, _ in plan], pa.int64()),
        }
    )


def _reach(plan: pa.Table, period: str) -> Reach:
    names = plan.column(period).to_pylist() or [""]
    return min(names), max(names)


def _superseded(rows: Frame, contract: Table) -> Frame:
    """The rows that a newer version replaced, and when it came: few, so they are found first."""
    key = list(contract.key)
    several = rows.group_by(key).agg(versions=nw.len()).filter(nw.col("versions") > 1)
    newer = nw.col("load_time").shift(-1).over(*key, order_by="load_time")
    repeated = rows.join(several.select(key), how="semi", on=key)
    marked = repeated.select(contract.physical_key).with_columns(known_until=newer)
    return marked.filter(~nw.col("known_until").is_null())


def _with_distances(rows: Frame, contract: Table) -> Frame:
    distances = {f"days_to_{name}": _days_to(name) for name in contract.dates}
    return (rows.with_columns(**distances) if distances else rows).drop("as_of_number")


def _days_to(name: str) -> nw.Expr:
    return day_number(nw.col(name).cast(nw.Date)) - nw.col("as_of_number")


def _past(rows: Frame, lookback: int | None) -> Frame:
    past = rows.filter(nw.col("age") >= 0)
    return past if lookback is None else past.filter(nw.col("age") < lookback)


def _one_a_day(memberships: Frame) -> Frame:
    """Where a member stands in two groups, because the end of the older membership is not known
    yet, the one that began last."""
    begun = nw.col("valid_from").max().over("as_of", "user_id")
    newest = memberships.filter(nw.col("valid_from") == begun)
    return newest.filter(nw.col("group_id") == nw.col("group_id").min().over("as_of", "user_id"))


def _keep_left(left: Frame, right: Frame, on: list[str]) -> Frame:
    """Inner join in which a column that both have is the left one's."""
    known = set(left.collect_schema().names()) - set(on)
    new = [name for name in right.collect_schema().names() if name not in known]
    return left.join(right.select(new), how="inner", on=on)
