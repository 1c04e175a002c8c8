"""One line of the report: a KPI of an area, where it stands and where it is going."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from features.definition import Text
from serving.kpi import formulas
from serving.kpi.areas import Areas
from serving.kpi.formulas import HUNDRED, Status, before_month, month_end
from serving.kpi.measures import Value
from serving.kpi.reported import Reported, Target, newest
from serving.kpi.terms import Kind, Kpi, Limits, Shown, Unit
from serving.kpi.worked import Worked

Source = Literal["operator", "computed", "none"]


@dataclass(frozen=True)
class Line:
    """A KPI of an area. Amounts are in yuan, rates in percent, shares of the year in 0 to 1.

    Attributes:
        code, name, kind, shown, decimals: Of the KPI.
        area_id: The area.
        source: Whose value ``actual`` is: the operator's where it reports one, else ours.
        target: The year's; None where none is set.
        actual: The value; None where nothing is known, never 0 for it.
        on: The day that the value tells of.
        num, den: The parts of a rate, where they are known.
        attainment: actual ÷ target, of a flow.
        passed: The share of the year that had passed on that day: the time's, or the season's.
        seasonal: Whether ``passed`` is that of past years' seasons.
        pace: Where a retention should stand by then.
        gap_points: How far ahead of where it should be; negative is behind.
        status: The verdict.
        forecast: Where the year ends if it goes on so.
        change: Against the month before: of a flow, this month's income against the last month's in
            percent; of all others the difference.
        rank, ranked: Place among the areas beside it, and how many they are.
        computed, computed_on: Our own newest value, and its day.
        checked: Our own value of the operator's day.
        differs: Whether it differs from the operator's by more than is tolerated.
    """

    code: str
    name: Text
    kind: Kind
    unit: Unit
    shown: Shown
    decimals: int
    area_id: str
    source: Source
    target: float | None
    actual: float | None
    on: date | None
    num: float | None
    den: float | None
    attainment: float | None
    passed: float | None
    seasonal: bool
    pace: float | None
    gap_points: float | None
    status: Status
    forecast: float | None
    change: float | None
    rank: int | None
    ranked: int | None
    computed: float | None
    computed_on: date | None
    checked: float | None
    differs: bool

    @property
    def green(self) -> bool:
        """Whether it looks as it should."""
        return self.status in formulas.GREEN


def line(
    kpi: Kpi,
    area_id: str,
    parts: tuple[str, ...],
    day: date,
    reported: Reported,
    worked: Worked,
    limits: Limits,
) -> Line:
    """A KPI of an area; its rank is given by ``ranked``.

    Args:
        parts: The areas that lie directly in it, of which it can be put together.
        day: The day that the report tells of.
        worked: Our own values.
    """
    target = reported.target(kpi.code, area_id, parts, kpi.kind)
    series = reported.series(kpi.code, area_id, parts, kpi.kind)
    theirs = newest(series, day)
    ours = worked.newest(kpi, area_id)
    checked = worked.value(kpi, area_id, theirs.on) if theirs else None
    value = theirs or ours
    kpi = replace(kpi, unit=target.unit, direction=target.direction) if target else kpi
    if value is None:
        judged = _Judged(None, False, None, None, None, "no_data", None)
        change = None
    else:
        past = series if theirs else _own_series(kpi, area_id, value.on, worked)
        judged = _judged(kpi, value, target, past, limits)
        change = _change(kpi, value, past)
    return Line(
        code=kpi.code,
        name=kpi.name,
        kind=kpi.kind,
        unit=kpi.unit,
        shown=kpi.shown,
        decimals=kpi.decimals,
        area_id=area_id,
        source="operator" if theirs else "computed" if ours else "none",
        target=_number(target.value if target else None),
        actual=_number(value.value if value else None),
        on=value.on if value else None,
        num=_number(value.num if value else None),
        den=_number(value.den if value else None),
        attainment=_number(judged.attainment),
        passed=_number(judged.passed),
        seasonal=judged.seasonal,
        pace=_number(judged.pace),
        gap_points=_number(judged.gap),
        status=judged.status,
        forecast=_number(judged.forecast),
        change=_number(change),
        rank=None,
        ranked=None,
        computed=_number(ours.value if ours else None),
        computed_on=ours.on if ours else None,
        checked=_number(checked.value if checked else None),
        differs=_differs(kpi, theirs, checked, limits),
    )


def ranked(lines: Mapping[str, Line], areas: Areas) -> dict[str, Line]:
    """The lines of one KPI by area, each with its place among the areas beside it: the furthest
    ahead first. Without a target there is no place."""
    return {area_id: _placed(one, lines, areas) for area_id, one in lines.items()}


def _placed(one: Line, lines: Mapping[str, Line], areas: Areas) -> Line:
    beside = [lines[area] for area in areas.beside(one.area_id, lines)]
    by_gap = {each.area_id: each.gap_points for each in beside if each.gap_points is not None}
    if len(by_gap) < 2 or one.area_id not in by_gap:
        return one
    place = formulas.ranks({area: Fraction(gap) for area, gap in by_gap.items()})
    return replace(one, rank=place[one.area_id], ranked=len(by_gap))


@dataclass(frozen=True)
class _Judged:
    passed: Fraction | None
    seasonal: bool
    attainment: Fraction | None
    pace: Fraction | None
    gap: Fraction | None
    status: Status
    forecast: Fraction | None


def _judged(
    kpi: Kpi,
    value: Value,
    target: Target | None,
    past: Mapping[date, Value],
    limits: Limits,
) -> _Judged:
    time = formulas.time_progress(value.on, limits.progress, limits.working)
    season = None
    if target and target.pace == "monthly_profile" and kpi.kind == "flow":
        history = {day: each.value for day, each in past.items()}
        season = formulas.seasonal_share(history, value.on)
    passed = time if season is None else season
    going = formulas.forecast(kpi.kind, value.value, passed, kpi.direction)
    if target is None:
        return _Judged(passed, season is not None, None, None, None, "no_target", going)
    gap = formulas.gap_points(
        kpi.kind,
        value.value,
        target.value,
        passed,
        kpi.direction,
        percent=kpi.unit == "percent",
    )
    retention, flow = kpi.kind == "retention", kpi.kind == "flow"
    return _Judged(
        passed,
        season is not None,
        formulas.attainment(value.value, target.value) if flow else None,
        formulas.pace(target.value, passed, kpi.direction) if retention else None,
        gap,
        "no_target" if gap is None else formulas.status(kpi.kind, gap, limits),
        going,
    )


def _own_series(kpi: Kpi, area_id: str, on: date, worked: Worked) -> Mapping[date, Value]:
    """Our own values of the day and of the two months before it."""
    before = before_month(on)
    days = (on, before, before_month(before))
    values = [worked.value(kpi, area_id, day) for day in days]
    return {value.on: value for value in values if value}


def _change(kpi: Kpi, value: Value, past: Mapping[date, Value]) -> Fraction | None:
    before = past.get(before_month(value.on))
    if kpi.kind != "flow":
        return value.value - before.value if before else None
    if value.on != month_end(value.on) or value.on.month < 2 or before is None:
        return None
    last = past.get(before_month(before.on)) if before.on.month > 1 else None
    if last is None and before.on.month > 1:
        return None
    then = before.value - (last.value if last else 0)
    return HUNDRED * ((value.value - before.value) / then - 1) if then else None


def _differs(kpi: Kpi, theirs: Value | None, ours: Value | None, limits: Limits) -> bool:
    if theirs is None or ours is None:
        return False
    apart = abs(theirs.value - ours.value)
    if kpi.unit == "percent":
        return apart > Fraction(str(limits.differs_points))
    return apart > Fraction(str(limits.differs_share)) * abs(theirs.value)


def _number(exact: Fraction | None) -> float | None:
    return None if exact is None else float(exact)
