"""What the operator sets and reports: ``kpi_target`` and ``kpi_actual`` as known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import narwhals as nw

from features.known import Known
from serving.kpi.measures import Value
from serving.kpi.terms import Direction, Kind, Unit

_UNITS: Mapping[str, tuple[Unit, Fraction]] = {
    "percent": ("percent", Fraction(1)),
    "%": ("percent", Fraction(1)),
    "share": ("percent", Fraction(100)),
    "yuan": ("yuan", Fraction(1)),
    "元": ("yuan", Fraction(1)),
    "wan_yuan": ("yuan", Fraction(10_000)),
    "万元": ("yuan", Fraction(10_000)),
    "fen": ("yuan", Fraction(1, 100)),
    "分": ("yuan", Fraction(1, 100)),
    "minutes": ("minutes", Fraction(1)),
    "分钟": ("minutes", Fraction(1)),
}
"""Units that a target may name, and what one is in ours; any other is a count."""


@dataclass(frozen=True)
class Target:
    """The year's target of a KPI, in percent, yuan, minutes or pieces."""

    value: Fraction
    unit: Unit
    direction: Direction
    pace: str


@dataclass(frozen=True)
class Reported:
    """Targets of the year and values since the years before, by KPI and area."""

    targets: Mapping[tuple[str, str], Target] = field(default_factory=dict)
    actuals: Mapping[tuple[str, str], Mapping[date, Value]] = field(default_factory=dict)

    @property
    def codes(self) -> set[str]:
        """The KPIs that there is anything of."""
        return {code for code, _ in (*self.targets, *self.actuals)}

    def days(self, day: date) -> set[date]:
        """The newest day of the year up to ``day`` that each KPI and area was measured on."""
        found = (newest(series, day) for series in self.actuals.values())
        return {each.on for each in found if each is not None}

    def target(self, code: str, area: str, parts: tuple[str, ...], kind: Kind) -> Target | None:
        """The target of an area; where none was set, what those of its parts come to.

        Amounts add up; a rate that is the same everywhere holds for the whole too.
        """
        if (code, area) in self.targets:
            return self.targets[code, area]
        found = [self.targets.get((code, part)) for part in parts]
        known = [target for target in found if target is not None]
        if not known or len(known) < len(parts):
            return None
        first = known[0]
        same = {(target.unit, target.direction, target.pace) for target in known}
        if len(same) > 1:
            return None
        if kind == "flow":
            total = sum((target.value for target in known), Fraction(0))
            return Target(total, first.unit, first.direction, first.pace)
        return first if len({target.value for target in known}) == 1 else None

    def series(
        self, code: str, area: str, parts: tuple[str, ...], kind: Kind
    ) -> Mapping[date, Value]:
        """The values of an area by day; where none came, its parts' on days that all have.

        Amounts add up; a rate is taken of the sums of its parts, and of nothing else.
        """
        if (code, area) in self.actuals:
            return self.actuals[code, area]
        found = [self.actuals.get((code, part), {}) for part in parts]
        if not found:
            return {}
        days = set(found[0]).intersection(*found[1:])
        together = {day: _together([one[day] for one in found], kind) for day in sorted(days)}
        return {day: value for day, value in together.items() if value is not None}


def newest(series: Mapping[date, Value], day: date) -> Value | None:
    """The newest value of the year of ``day`` up to it."""
    there = [each for each in series if each <= day and each.year == day.year]
    return series[max(there)] if there else None


def read_reported(known: Known, year: int) -> Reported:
    """Targets of the year and values of all years, as known on the day; empty without tables."""
    return Reported(_targets(known, year), _actuals(known))


def _targets(known: Known, year: int) -> dict[tuple[str, str], Target]:
    if "kpi_target" not in known.tables:
        return {}
    rows = known.rows("kpi_target").filter(nw.col("year") == str(year))
    columns = ("kpi_code", "area_id", "annual_target", "unit", "direction", "pace")
    found = {}
    for row in rows.select(*columns).collect("pyarrow").to_native().to_pylist():
        unit, scale = _UNITS.get(row["unit"], ("count", Fraction(1)))
        value = scale * exact(row["annual_target"])
        found[row["kpi_code"], row["area_id"]] = Target(value, unit, row["direction"], row["pace"])
    return found


def _actuals(known: Known) -> dict[tuple[str, str], dict[date, Value]]:
    """Values in the unit of the newest target known of the KPI and area."""
    if "kpi_actual" not in known.tables:
        return {}
    scales = _scales(known)
    rows = known.rows("kpi_actual").select("kpi_code", "area_id", "as_of", "value", "num", "den")
    found: dict[tuple[str, str], dict[date, Value]] = {}
    for row in rows.collect("pyarrow").to_native().to_pylist():
        place, day = (row["kpi_code"], row["area_id"]), _day(row["as_of"])
        num, den = (None if row[part] is None else exact(row[part]) for part in ("num", "den"))
        value = scales.get(place, Fraction(1)) * exact(row["value"])
        found.setdefault(place, {})[day] = Value(value, num, den, day)
    return {place: dict(sorted(series.items())) for place, series in sorted(found.items())}


def _scales(known: Known) -> dict[tuple[str, str], Fraction]:
    if "kpi_target" not in known.tables:
        return {}
    rows = known.rows("kpi_target").select("kpi_code", "area_id", "year", "unit")
    found = sorted(rows.collect("pyarrow").to_native().to_pylist(), key=lambda row: row["year"])
    scales = {}
    for row in found:
        scales[row["kpi_code"], row["area_id"]] = _UNITS.get(row["unit"], ("", Fraction(1)))[1]
    return scales


def _together(values: list[Value], kind: Kind) -> Value | None:
    if kind == "flow":
        return Value(sum((one.value for one in values), Fraction(0)), None, None, values[0].on)
    parts = [(one.num, one.den) for one in values]
    nums = [num for num, den in parts if num is not None and den]
    dens = [den for num, den in parts if num is not None and den]
    if len(nums) < len(values):
        return None
    num, den = sum(nums, Fraction(0)), sum(dens, Fraction(0))
    return Value(100 * num / den, num, den, values[0].on)


def exact(number: Any) -> Fraction:
    """A number of a table as it was written; a float stands for its shortest decimal."""
    return Fraction(number if isinstance(number, Decimal | int) else str(number))


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
