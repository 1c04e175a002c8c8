"""Days, dekads and months of the simulated world.

A day is a whole number: days since 1970-01-01. A dekad (旬) is days 1-10, 11-20 or 21 to the end
of a month; three dekads make a month.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from simulator.draws import Draws, Ints

NEVER = int(np.datetime64("9999-12-31", "D").astype(np.int64))
LONG_AGO = -100_000


@dataclass(frozen=True)
class Month:
    """A calendar month: its place in the world, its code (YYYYMM), first and last day."""

    index: int
    code: str
    first: int
    last: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.last - self.first + 1

    @property
    def number(self) -> int:
        """1 for January … 12 for December."""
        return int(self.code[4:])


@dataclass(frozen=True)
class Dekad:
    """A third of a month: its place in the world, its code (YYYYMMd), first and last day."""

    index: int
    code: str
    first: int
    last: int
    month: Month

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.last - self.first + 1

    def day(self, draws: Draws, process: str, entity: ArrayLike) -> Ints:
        """A day of this dekad for each entity, evenly drawn."""
        return draws.whole(process, self.first, self.last, entity, self.index)


def day(text: str) -> int:
    """The day number of an ISO date."""
    return int(np.datetime64(text, "D").astype(np.int64))


def months(start: str, count: int) -> list[Month]:
    """``count`` months from ``start`` (YYYY-MM) on."""
    edges = np.datetime64(start, "M") + np.arange(count + 1)
    days = edges.astype("datetime64[D]").astype(np.int64)
    codes = month_codes(days)
    return [Month(i, str(codes[i]), int(days[i]), int(days[i + 1]) - 1) for i in range(count)]


def dekads(month: Month) -> list[Dekad]:
    """The three dekads of a month."""
    firsts = (month.first, month.first + 10, month.first + 20)
    lasts = (month.first + 9, month.first + 19, month.last)
    return [
        Dekad(3 * month.index + d, f"{month.code}{d + 1}", firsts[d], lasts[d], month)
        for d in range(3)
    ]


def following(dekad: Dekad, count: int) -> list[Dekad]:
    """The next ``count`` dekads after one."""
    month = dekad.month
    ahead = months(f"{month.code[:4]}-{month.code[4:]}", count // 3 + 2)
    found = [
        Dekad(3 * month.index + n, d.code, d.first, d.last, replace(m, index=month.index + m.index))
        for m in ahead
        for n, d in enumerate(dekads(m), start=3 * m.index)
    ]
    return [d for d in found if d.first > dekad.last][:count]


def month_codes(days: Ints) -> Ints:
    """The month of each day as a number YYYYMM."""
    counted = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (1970 + counted // 12) * 100 + counted % 12 + 1


def dekad_codes(days: Ints) -> Ints:
    """The dekad of each day as a number YYYYMMd."""
    first = days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    return month_codes(days) * 10 + np.minimum((days - first.astype(np.int64)) // 10, 2) + 1


def month_end(days: Ints) -> Ints:
    """The last day of the month of each day."""
    following = days.astype("datetime64[D]").astype("datetime64[M]") + 1
    return following.astype("datetime64[D]").astype(np.int64) - 1


def anniversary(year: Ints, month: Ints, day_of_month: Ints) -> Ints:
    """The day number of a date given in parts; months count from 1, days up to 28."""
    counted = (year - 1970) * 12 + month - 1
    return counted.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + (
        day_of_month - 1
    )


def years(days: Ints) -> Ints:
    """The calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def add_months(days: Ints, count: Ints) -> Ints:
    """The same day of the month ``count`` months later (the 29th and later become the 28th)."""
    start = days.astype("datetime64[D]").astype("datetime64[M]")
    offset = np.minimum(days - start.astype("datetime64[D]").astype(np.int64), 27)
    return (start + count).astype("datetime64[D]").astype(np.int64) + offset
