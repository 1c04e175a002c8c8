"""Words that the features in Polars are made of."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

AGE = pl.col("age")


def between(first: int, last: int) -> pl.Expr:
    """Periods of these ages, 0 the newest."""
    return AGE.is_between(first, last)


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """A part in the whole; unknown where there is none."""
    return pl.when(whole > 0).then(part / whole)


def at(amount: pl.Expr, age: int) -> pl.Expr:
    """The amount of one period."""
    return amount.filter(AGE.eq(age)).max()


def total(amount: pl.Expr, where: pl.Expr) -> pl.Expr:
    """The sum; unknown, not 0, where nothing is known."""
    seen = amount.filter(where)
    return pl.when(seen.count() > 0).then(seen.sum())


def mean(amount: pl.Expr, where: pl.Expr) -> pl.Expr:
    return amount.filter(where).mean()


def fallen(amount: pl.Expr) -> pl.Expr:
    """Share by which the newest month is below the average of the three before it."""
    before = mean(amount, between(1, 3))
    return pl.when(before > 0).then(1 - at(amount, 0) / before)


def slope(*months: pl.Expr) -> pl.Expr:
    """Slope of the logarithm over six months, newest first."""
    logs = [month.clip(lower_bound=0).log1p() for month in months]
    up = 5 * (logs[0] - logs[5]) + 3 * (logs[1] - logs[4]) + (logs[2] - logs[3])
    return up / 35


def closed_months(day: date, deadline: int, most: int) -> pl.DataFrame:
    """The newest months whose delivery was due by ``day``."""
    months, first = [], day.replace(day=1)
    while len(months) < most:
        ended = first - timedelta(1)
        first = ended.replace(day=1)
        if ended + timedelta(deadline) <= day:
            months.append((f"{ended:%Y%m}", ended, len(months)))
    return pl.DataFrame(months, schema=["month", "ended", "age"], orient="row")


def closed_dekads(day: date, most: int) -> pl.DataFrame:
    """The newest dekads whose delivery was due by ``day``, two days after their end."""
    dekads, ended = [], day - timedelta(2)
    while len(dekads) < most:
        if ended.day in (10, 20) or (ended + timedelta(1)).day == 1:
            number = min((ended.day - 1) // 10, 2)
            length = ended.day - 10 * number
            dekads.append((f"{ended:%Y%m}{number + 1}", ended, len(dekads), length))
        ended -= timedelta(1)
    return pl.DataFrame(dekads, schema=["dekad", "ended", "age", "length"], orient="row")


def fallen_from(now: str, was: str, was_n: str) -> pl.Expr:
    """The same from the newest amount, and sum and number of the three before it."""
    before = pl.col(was) / pl.col(was_n)
    return pl.when(before > 0).then(1 - pl.col(now) / before)
