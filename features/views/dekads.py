"""What members did in each dekad, beside what everybody did in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import narwhals as nw

from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

HALF_A_YEAR = 18
"""Dekads that most features look at."""
NINE_MONTHS = 27
"""Dekads that a quarter and the half year before it take: what is noisy needs a long baseline."""
FINENESS = 1000
"""Everybody's use a day is a whole number of thousandths, so that sums of it are exact."""
SEASONAL = dict.fromkeys(("mou_out_m", "mou_in_m", "data_kb"), FINENESS)
"""What has a season, and how fine everybody's use of it a day is."""
RARE = {"calls_100xx_n": 1_000_000}
"""Of calls that few make, thousandths a day would be nothing."""
TALKED = 10
"""Outgoing minutes of a dekad without which a share of them says nothing of a habit. Ours."""


@view(reads={"usage_dekad": HALF_A_YEAR, "member": None})
def dekads(known: Known) -> Frame:
    """One row a member on net and dekad, of the newest eighteen.

    ``days`` are those of the dekad on which he had his number; amounts divided by days make dekads
    of 8, 10 and 11 days alike. For minutes out and in and for data, ``usual_…`` is what an average
    member used on as many days of the same dekad, in thousandths; for calls to rivals' hotlines,
    in millionths. See ``beside_everybody``. ``in_group``: the whole dekad lies in his present
    membership, as far as memberships are known.
    """
    return beside_everybody(known, known.rows("usage_dekad", HALF_A_YEAR), SEASONAL | RARE)


@view(reads={"usage_dekad": NINE_MONTHS, "member": None})
def nine_months(known: Known) -> Frame:
    """One row a member on net and dekad, of the newest twenty-seven, with whom he called.

    ``rival_odds``: log-odds, in thousandths, that a minute he talked went to a rival, unknown where
    he talked less than ten; ``usual_rival_odds`` is everybody's mean of it. The rest is as in
    ``dekads``, but that no amounts are usual.
    """
    rows = known.rows("usage_dekad", NINE_MONTHS).with_columns(rival_odds=_rival_odds())
    return beside_everybody(known, rows, {}, means=("rival_odds",))


def _rival_odds() -> nw.Expr:
    """ln(x / (1 - x)) of the rivals' share x of outgoing minutes, in whole thousandths.

    At least half a minute is taken to have gone to rivals, and half a minute to have not. Counted
    in half minutes all is whole up to the logarithm. No ratio that eleven days' minutes can make is
    nearer than 1e-8 to the middle between two thousandths: no two engines round it apart.
    """
    halves = 2 * nw.when(nw.col("mou_out_m") >= TALKED).then(nw.col("mou_out_m"))
    given = 2 * nw.col("mou_rival_m")
    rival = nw.when(given < 1).then(1).when(given > halves - 1).then(halves - 1).otherwise(given)
    return ((rival / (halves - rival)).log() * 1000).round(0).cast(nw.Int64)


def beside_everybody(
    known: Known,
    rows: Frame,
    a_day: Mapping[str, int] = MappingProxyType(SEASONAL),
    means: Sequence[str] = (),
) -> Frame:
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

    Args:
        a_day: Amounts of which ``usual_…`` is everybody's use a day times the row's days, and how
            many parts of one it counts.
        means: Whole numbers of which ``usual_…`` is everybody's mean, rounded down.
    """
    there = rows.join(_since_when(known.roster()), how="inner", on=["as_of", "user_id"])
    there = there.with_columns(
        days=nw.min_horizontal("period_days", nw.col("days_to_period_end") - nw.col("opened") + 1),
        in_group=nw.col("days_to_period_end") - nw.col("period_days") + 1 >= nw.col("joined"),
    )
    there = there.with_columns(nw.col("in_group").fill_null(True))
    there = there.filter(nw.col("days") > 0).drop("opened", "joined")
    usual = known.hold(_usual(there.filter(nw.col("days") == nw.col("period_days")), a_day, means))
    amounts = [(nw.col(_rate(name)) * nw.col("days")).alias(f"usual_{name}") for name in a_day]
    beside = there.join(usual, how="left", on=["as_of", "age"])
    return beside.with_columns(*amounts).drop(*map(_rate, a_day)) if amounts else beside


def _since_when(roster: Frame) -> Frame:
    """Days from knowledge to each member's first day with his number, and in his group."""
    member = "days_to_valid_from" in roster.collect_schema().names()
    joined = nw.col("days_to_valid_from") if member else nw.lit(None, nw.Int64)
    return roster.select("as_of", "user_id", opened=nw.col("days_to_open_date"), joined=joined)


def _usual(rows: Frame, a_day: Mapping[str, int], means: Sequence[str]) -> Frame:
    """Everybody's use a day, or mean of a row, by period."""
    sums = [nw.col(name).sum() for name in (*a_day, *means)]
    days = [_known_days(name).sum().alias(_counted(name)) for name in a_day]
    seen = [nw.col(name).count().alias(_counted(name)) for name in means]
    whole = rows.group_by("as_of", "age").agg(*sums, *days, *seen)
    rates = [_whole_mean(name, parts).alias(_rate(name)) for name, parts in a_day.items()]
    usual = [_whole_mean(name).alias(f"usual_{name}") for name in means]
    return whole.select("as_of", "age", *rates, *usual)


def _known_days(name: str) -> nw.Expr:
    return nw.when(~nw.col(name).is_null()).then(nw.col("days"))


def _whole_mean(name: str, parts: int = 1) -> nw.Expr:
    """Sum of an amount for each that was counted, in whole ``parts`` of one, rounded down."""
    counted = nw.col(_counted(name)).cast(nw.Int64)
    amount = nw.col(name).cast(nw.Int64) * parts
    return nw.when(counted > 0).then(amount // counted).cast(nw.Int64)


def _counted(name: str) -> str:
    return f"counted_{name}"


def _rate(name: str) -> str:
    return f"everybody_{name}"
