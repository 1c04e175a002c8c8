"""The arithmetic of the report: exact fractions, so that nobody falls behind by a rounding.

Values are in the unit of the target; a rate is in percent. Source: the operator's KPI rules as the
domain study has them (1.5 and 7.4).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from serving.kpi.terms import Direction, Kind, Limits, Progress, WorkingDays

Status = Literal["ahead", "level", "behind", "met", "near", "missed", "no_target", "no_data"]
HUNDRED = Fraction(100)
GREEN: frozenset[Status] = frozenset({"ahead", "met"})


def time_progress(day: date, how: Progress = "day", working: WorkingDays | None = None) -> Fraction:
    """The share of the year that has passed by the end of ``day`` (时间进度).

    Args:
        how: By days, by months that have ended, or by working days.

    >>> round(float(time_progress(date(2009, 9, 30))), 4)
    0.7479
    """
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    if how == "month":
        return Fraction(day.month if _ends_month(day) else day.month - 1, 12)
    if how == "day":
        return Fraction((day - first).days + 1, (last - first).days + 1)
    calendar_of_work = working or WorkingDays()
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    worked = [each for each in days if calendar_of_work.counts(each)]
    return Fraction(sum(each <= day for each in worked), len(worked))


def seasonal_share(history: Mapping[date, Fraction], day: date) -> Fraction | None:
    """The share of a year's flow that had come by this day of past years.

    Args:
        history: What had come since January, by the month's end, of several years.

    Returns:
        None where no past year has the months that are needed.
    """
    before = day.replace(day=1) - timedelta(1)
    ends = [month_end(day)] if _ends_month(day) else [month_end(day), before]
    shares = [_past_share(history, end, day.year) for end in ends]
    if shares[0] is None:
        return None
    if len(shares) == 1:
        return shares[0]
    start = Fraction(0) if day.month == 1 else shares[1]
    if start is None:
        return None
    return start + (shares[0] - start) * Fraction(day.day, month_end(day).day)


def _past_share(history: Mapping[date, Fraction], end: date, year: int) -> Fraction | None:
    """All past years together: what had come by the month of ``end``, of what came by December."""
    part = whole = Fraction(0)
    for past in sorted({day.year for day in history if day.year < year}):
        then = month_end(date(past, end.month, 1))
        if then in history and date(past, 12, 31) in history:
            part, whole = part + history[then], whole + history[date(past, 12, 31)]
    return part / whole if whole else None


def attainment(actual: Fraction, target: Fraction) -> Fraction | None:
    """完成率, as a share: actual ÷ target of the year; None of a target of nothing."""
    return actual / target if target else None


def pace(target: Fraction, passed: Fraction, direction: Direction) -> Fraction:
    """Where a retention should stand by now to reach its target at the year's end, in percent.

    >>> round(float(pace(Fraction(98), Fraction(273, 365), "higher")), 2)
    98.5
    """
    if direction == "lower":
        return target * passed
    return HUNDRED - (HUNDRED - target) * passed


def gap_points(
    kind: Kind,
    actual: Fraction,
    target: Fraction,
    passed: Fraction,
    direction: Direction,
    *,
    percent: bool = True,
) -> Fraction | None:
    """How far ahead of where it should be by now, in points; negative is behind.

    Args:
        passed: The share of the year, or of its season, that has passed.
        percent: Whether values are in percent; a level that is not is compared with its target.
    """
    if kind == "retention":
        gap = actual - pace(target, passed, direction)
    elif kind == "level" and percent:
        gap = actual - target
    elif not target:
        return None
    else:
        gap = HUNDRED * (actual / target - (passed if kind == "flow" else 1))
    return gap if direction == "higher" else -gap


def status(kind: Kind, gap: Fraction, limits: Limits) -> Status:
    """超时间进度, 持平 or 差时间进度; a level is met, near or missed."""
    ahead = Fraction(str(limits.ahead_points))
    level = kind == "level"
    if gap >= ahead:
        return "met" if level else "ahead"
    near = limits.near_retention_points if kind == "retention" else limits.near_points
    if gap >= ahead - Fraction(str(near)):
        return "near" if level else "level"
    return "missed" if level else "behind"


def forecast(
    kind: Kind, actual: Fraction, passed: Fraction, direction: Direction
) -> Fraction | None:
    """Where the year will end if it goes on so: a flow at its rate, a retention at its losses.

    None for a level, which does not add up, and before any of the year has passed.
    """
    if kind == "level" or not passed:
        return None
    if kind == "flow":
        return actual / passed
    if direction == "lower":
        return actual / passed
    return max(HUNDRED - (HUNDRED - actual) / passed, Fraction(0))


def ranks(gaps: Mapping[str, Fraction]) -> dict[str, int]:
    """Place of each area, the furthest ahead first; equals share a place."""
    return {area: 1 + sum(other > gap for other in gaps.values()) for area, gap in gaps.items()}


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def before_month(day: date) -> date:
    """The last day of the month before."""
    return day.replace(day=1) - timedelta(1)


def dekad_before(day: date) -> date:
    """The last day of the newest dekad (旬) that had ended by the end of ``day``.

    >>> dekad_before(date(2009, 10, 3)), dekad_before(date(2009, 9, 30))
    (datetime.date(2009, 9, 30), datetime.date(2009, 9, 30))
    """
    if _ends_month(day):
        return day
    return before_month(day) if day.day < 10 else day.replace(day=min(day.day // 10, 2) * 10)


def _ends_month(day: date) -> bool:
    return (day + timedelta(1)).day == 1
