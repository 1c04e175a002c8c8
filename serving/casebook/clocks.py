"""By when a case must be contacted, reported and passed up."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from serving.casebook.rules import CaseRules

_SPAN = re.compile(r"(\d+) (h|d)")


@dataclass(frozen=True)
class Clocks:
    """When a case's time runs out; ``escalate`` is None where the level is never passed up."""

    contact: datetime
    feedback: datetime
    escalate: datetime | None

    def sooner(self, other: Clocks) -> Clocks:
        """The earlier of each of two clocks."""
        known = [moment for moment in (self.escalate, other.escalate) if moment is not None]
        return Clocks(
            min(self.contact, other.contact),
            min(self.feedback, other.feedback),
            min(known, default=None),
        )


def clocks(level: str, given_out: datetime, rules: CaseRules) -> Clocks:
    """The clocks of a case of a level from the moment on which it is given out.

    A list shows the days of ``contact`` and ``feedback`` as its due days, so that paper and
    casebook say the same.
    """
    rule = rules.levels[level]
    return Clocks(
        ends(rule.contact, given_out),
        ends(rule.feedback, given_out),
        ends(rule.escalate, given_out) if rule.escalate else None,
    )


def ends(span: str, start: datetime) -> datetime:
    """When a time span that starts on a moment is over.

    Args:
        span: ``24 h``, ``3 d``, ``this dekad`` or ``next dekad`` (to the end of its last day), or
            ``1 month`` (the same moment of the next month, or of its last day).

    Raises:
        ValueError: No such span.

    Example:
        >>> ends("24 h", datetime(2011, 1, 5, 12))
        datetime.datetime(2011, 1, 6, 12, 0)
        >>> ends("next dekad", datetime(2011, 1, 25, 12))
        datetime.datetime(2011, 2, 10, 23, 59, 59)
    """
    if found := _SPAN.fullmatch(span):
        count = int(found[1])
        return start + (timedelta(hours=count) if found[2] == "h" else timedelta(days=count))
    if span == "this dekad":
        return datetime.combine(_dekad_end(start.date()), time(23, 59, 59))
    if span == "next dekad":
        following = _dekad_end(start.date()) + timedelta(days=1)
        return datetime.combine(_dekad_end(following), time(23, 59, 59))
    if span == "1 month":
        return _a_month_later(start)
    raise ValueError(
        f"{span!r} is no time span; write 24 h, 3 d, this dekad, next dekad or 1 month"
    )


def dekad(day: date) -> str:
    """The dekad of a day as deliveries are named.

    >>> dekad(date(2011, 1, 31))
    '2011013'
    """
    return f"{day:%Y%m}{min((day.day - 1) // 10, 2) + 1}"


def _dekad_end(day: date) -> date:
    if day.day > 20:
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day.replace(day=10 if day.day <= 10 else 20)


def _a_month_later(start: datetime) -> datetime:
    first = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(day=min(start.day, calendar.monthrange(first.year, first.month)[1]))
