"""What members did in each dekad, beside what everybody did in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

HALF_A_YEAR = 18
"""Dekads that are looked at."""
FINENESS = 1000
"""Everybody's use a day is a whole number of thousandths, so that sums of it are exact."""
SEASONAL = ("mou_out_m", "mou_in_m", "data_kb")


@view(reads={"usage_dekad": HALF_A_YEAR, "member": None})
def dekads(known: Known) -> Frame:
    """One row a member on net and dekad, of the newest eighteen.

    ``days`` are those of the dekad on which he had his number; amounts divided by days make dekads
    of 8, 10 and 11 days alike. For minutes out and in and for data, ``usual_…`` is what an average
    member used on as many days of the same dekad, in thousandths. See ``beside_everybody``.
    ``in_group``: the whole dekad lies in his present membership, as far as memberships are known.
    """
    return beside_everybody(known, known.rows("usage_dekad", HALF_A_YEAR))


def beside_everybody(known: Known, rows: Frame) -> Frame:
    """Rows of a period table with ``days`` and what is usual in as many days of the same period.

    Everybody is who is on net on the day of knowledge in a group of any tier (without a table of
    memberships: who is on net at all), counted in each period that he was on net from its first day
    to its last and of which his row has come. So a row that is late is missing above and below the
    line, a joiner does not look like a rise, and who has left since is nowhere counted. A mean over
    thousands hardly feels those few percent who divert within half a year (what it feels makes the
    rest look a trifle better), while what all do at once, at Spring Festival or in the holidays,
    cancels: a member's amount divided by the usual one, now and before, tells what is his own. A
    median would be more robust, but is not exact on every engine. With a handful of members there
    is no season to be seen: each is everybody.
    """
    there = rows.join(_since_when(known.roster()), how="inner", on=["as_of", "user_id"])
    there = there.with_columns(
        days=nw.min_horizontal("period_days", nw.col("days_to_period_end") - nw.col("opened") + 1),
        in_group=nw.col("days_to_period_end") - nw.col("period_days") + 1 >= nw.col("joined"),
    )
    there = there.with_columns(nw.col("in_group").fill_null(True))
    there = there.filter(nw.col("days") > 0).drop("opened", "joined")
    usual = known.hold(_usual(there.filter(nw.col("days") == nw.col("period_days"))))
    amounts = [(nw.col(_rate(name)) * nw.col("days")).alias(f"usual_{name}") for name in SEASONAL]
    beside = there.join(usual, how="left", on=["as_of", "age"]).with_columns(*amounts)
    return beside.drop(*map(_rate, SEASONAL))


def _since_when(roster: Frame) -> Frame:
    """Days from knowledge to each member's first day with his number, and in his group."""
    member = "days_to_valid_from" in roster.collect_schema().names()
    joined = nw.col("days_to_valid_from") if member else nw.lit(None, nw.Int64)
    return roster.select("as_of", "user_id", opened=nw.col("days_to_open_date"), joined=joined)


def _usual(rows: Frame) -> Frame:
    """Everybody's use a day by period."""
    sums = [nw.col(name).sum() for name in SEASONAL]
    days = [_known_days(name).sum().alias(f"days_{name}") for name in SEASONAL]
    rates = [_per_day(name).alias(_rate(name)) for name in SEASONAL]
    whole = rows.group_by("as_of", "age").agg(*sums, *days)
    return whole.select("as_of", "age", *rates)


def _known_days(name: str) -> nw.Expr:
    return nw.when(~nw.col(name).is_null()).then(nw.col("days"))


def _per_day(name: str) -> nw.Expr:
    days = nw.col(f"days_{name}").cast(nw.Int64)
    amount = nw.col(name).cast(nw.Int64) * FINENESS
    return nw.when(days > 0).then(amount // days).cast(nw.Int64)


def _rate(name: str) -> str:
    return f"everybody_{name}"
