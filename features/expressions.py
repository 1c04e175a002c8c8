"""Words that formulas are made of. All sums are of integers; a ratio is taken once, at the end."""

from __future__ import annotations

import narwhals as nw


def share(part: nw.Expr, *, of: nw.Expr) -> nw.Expr:
    """``part / of``; unknown where ``of`` is nothing."""
    return nw.when(of > 0).then(part / of)


def count(condition: nw.Expr) -> nw.Expr:
    """How many rows fulfil the condition; an unknown condition is not fulfilled."""
    return nw.when(condition).then(1).otherwise(0).sum()


def total(amount: nw.Expr, where: nw.Expr) -> nw.Expr:
    """Sum of ``amount`` over the rows that fulfil ``where``; unknown where none knows it."""
    seen = nw.when(where).then(amount)
    return nw.when(seen.count() > 0).then(seen.sum())


def ages(age: nw.Expr, first: int, last: int) -> nw.Expr:
    """Whether a row's period lies ``first`` to ``last`` closed periods back (0 is the newest)."""
    return (age >= first) & (age <= last)


def per_row(amount: nw.Expr, where: nw.Expr) -> nw.Expr:
    """``amount`` per row that fulfils ``where`` and knows it; unknown without any."""
    seen = nw.when(where).then(amount)
    return share(seen.sum(), of=seen.count())


def fall(amount: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the newest period is below the average of the three before it.

    Negative for a rise. Taken per row, so that a group is compared with itself even when members
    came or went.
    """
    before = per_row(amount, ages(age, 1, 3))
    return nw.when(before > 0).then(1 - per_row(amount, age == 0) / before)


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where the condition holds, 0 where it does not, unknown where it is unknown."""
    return nw.when(condition).then(1).when(~condition).then(0)


def distinct(value: nw.Expr, where: nw.Expr) -> nw.Expr:
    """How many different known values the rows that fulfil ``where`` have."""
    counted = where & ~value.is_null()
    a_null_counts = nw.when(counted).then(0).otherwise(1).max()
    return nw.when(counted).then(value).n_unique() - a_null_counts


def decayed(newest: nw.Expr, before: nw.Expr, oldest: nw.Expr) -> nw.Expr:
    """Amounts of three months together, a month's worth half of the next one's."""
    return 4 * newest + 2 * before + oldest


def day_number(day: nw.Expr) -> nw.Expr:
    """Days since 31 December of the year 0, of a date: the same on every engine."""
    whole_years = day.dt.year() - 1
    leap_days = whole_years // 4 - whole_years // 100 + whole_years // 400
    return whole_years * 365 + leap_days + day.dt.ordinal_day()


def slope(amount: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Least-squares slope a period of log(1 + amount per row) over the six newest periods.

    Unknown without all six; an amount below zero, after a correction, counts as zero.
    """
    month = [_log(per_row(amount, age == back)) for back in range(6)]
    up = 5 * (month[0] - month[5]) + 3 * (month[1] - month[4]) + (month[2] - month[3])
    return up / 35


def _log(level: nw.Expr) -> nw.Expr:
    return (nw.when(level < 0).then(0.0).otherwise(level) + 1).log()
