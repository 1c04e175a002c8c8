"""The KPIs that we work out ourselves, for any area and day, as known on one day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from features.known import Known
from serving.kpi.areas import Areas
from serving.kpi.formulas import before_month, month_end
from serving.kpi.group_sums import GroupTables
from serving.kpi.measures import FEN, MEASURES, Measure, Sums, Value, value_of
from serving.kpi.member_tables import MemberTables
from serving.kpi.people import ByArea, leavers, of_base, on_books
from serving.kpi.terms import Kpi, Reading

_OF_LISTS = ("base_", "target_", "top100_", "valued_", "quiet", "second_sim")
MONTHS_BACK = 3
"""Months before the report's that are tried for one whose rows were due."""


class Worked:
    """Values worked out from the tables; each day is counted once.

    Args:
        known: The tables as known on the day of the report.
        day: The day that the report tells of.
        also: Other days that values are asked of: those of the operator's figures.

    ``groups`` is every group with its area.
    """

    def __init__(
        self, known: Known, reading: Reading, areas: Areas, day: date, also: Iterable[date] = ()
    ) -> None:
        self.reading, self._areas, self._day = reading, areas, day
        ends = [day if day == month_end(day) else before_month(day)]
        while len(ends) <= MONTHS_BACK:
            ends.append(before_month(ends[-1]))
        self._ends = ends
        asked = {*ends, *(day for day in also if day == month_end(day))}
        asked |= {before_month(end) for end in asked}
        months = [f"{end:%Y%m}" for end in asked if end.year >= day.year - 1]
        self._groups = GroupTables(known, reading, day.year, _months_between(asked, known))
        self.groups = self._groups.groups()
        self._members = MemberTables(known, reading, self.groups, day.year, months)
        self._sums: dict[date, Sums] = {}
        self._revenues: dict[tuple[tuple[str, ...], date], tuple[ByArea, ByArea]] = {}

    def sums(self, day: date) -> Sums:
        """Every sum that can be taken at the end of ``day``."""
        if day not in self._sums:
            members, reading = self._members, self.reading
            books = on_books(members, reading, day)
            sums = {**books, **of_base(members, reading, day), **self._groups.at(day)}
            if day == month_end(day):
                sums |= leavers(members, day)
            if "members" in books:
                sums["circle_ours"] = books["members"]
            self._sums[day] = sums
        return self._sums[day]

    def value(self, kpi: Kpi, area_id: str, day: date) -> Value | None:
        """A KPI of an area at the end of ``day``; None where the tables do not tell."""
        measure = MEASURES.get(kpi.formula)
        if measure is None or day.year < self._day.year - 1:
            return None
        if measure.monthly and day != month_end(day):
            return None
        if kpi.formula == "product_revenue":
            return self._revenue(kpi, area_id, day)
        if self._frozen_later(measure, day):
            return None
        least = Fraction(str(self.reading.least_seen))
        return value_of(measure, self.sums(day), self._areas, area_id, day, least)

    def newest(self, kpi: Kpi, area_id: str) -> Value | None:
        """The newest value that can be told: of the report's day, or of the last month due."""
        measure = MEASURES.get(kpi.formula)
        if measure is None:
            return None
        days = self._ends if measure.monthly else [self._day]
        for day in days:
            old = day.year < self._day.year and kpi.kind == "flow"
            if not old and (value := self.value(kpi, area_id, day)):
                return value
        return None

    def month_of(self, name: str) -> date | None:
        """The newest month's end for which a sum could be taken."""
        ends = (end for end in self._ends if end.year == self._day.year)
        return next((end for end in ends if name in self.sums(end)), None)

    def total(self, name: str, area_id: str, day: date) -> int | None:
        """A sum of an area; None where it could not be taken."""
        by_area = self.sums(day).get(name)
        return None if by_area is None else self._areas.total(by_area, area_id)

    def _revenue(self, kpi: Kpi, area_id: str, day: date) -> Value | None:
        """What its products brought in since January, in yuan; None where a month lacks."""
        asked = (kpi.products, day)
        if asked not in self._revenues:
            self._revenues[asked] = self._groups.product_fen(kpi.products, day)
        fen, seen = self._revenues[asked]
        months = [f"{day.year}{month:02}" for month in range(1, day.month + 1)]
        if not all(self._areas.total(seen.get(month, {}), area_id) for month in months):
            return None
        total = sum(self._areas.total(fen[month], area_id) for month in months)
        return Value(Fraction(total, FEN), None, None, day)

    def _frozen_later(self, measure: Measure, day: date) -> bool:
        """Of a day before the year's list was frozen nothing can be said by it."""
        of_lists = any(name.startswith(_OF_LISTS) for name in (*measure.num, *measure.den))
        return of_lists and day.year < self._day.year


def _months_between(ends: Iterable[date], known: Known) -> int:
    """Months to look back from the day of knowledge to a year before the oldest month asked."""
    first, now = min(ends), known.days[-1]
    return 12 * (now.year - first.year) + now.month - first.month + 12
