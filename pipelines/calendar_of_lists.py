"""When lists are made: dekads (旬) end on the 10th, the 20th and the last day of a month."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta


def dekad_ends(first: date, last: date) -> Iterator[date]:
    """Last days of the dekads that end from ``first`` to ``last``, both included.

    Example:
        >>> [f"{day:%m-%d}" for day in dekad_ends(date(2010, 2, 11), date(2010, 3, 10))]
        ['02-20', '02-28', '03-10']
    """
    day = first
    while day <= last:
        month_end = calendar.monthrange(day.year, day.month)[1]
        end = next(day.replace(day=d) for d in (10, 20, month_end) if d >= day.day)
        if end <= last:
            yield end
        day = end + timedelta(1)


def knowledge_days(first: date, last: date, delay_days: int) -> list[date]:
    """The days from ``first`` to ``last`` on which a list is made: dekad ends plus the delay."""
    delay = timedelta(delay_days)
    return [end + delay for end in dekad_ends(first - delay, last - delay)]
