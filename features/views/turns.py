"""Whether and when a member's calls turned down, by dekads or, where there are none, by months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from features.view import view
from features.views.dekads import HALF_A_YEAR, beside_everybody, dekads

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

LOW = 0.5
"""Of a member's own baseline with the season taken out (survey of best practice 4.2: r <= .5)."""
MILDLY_LOW = 0.7
"""Below what 4.2 of the survey calls staying (r >= .7)."""
KEPT = (
    *("as_of", "user_id", "age", "days", "period_days", "days_to_period_end"),
    *("mou_out_m", "usual_mou_out_m", "mou_in_m", "usual_mou_in_m"),
    *("mou_rival_m", "sms_out_n", "data_kb"),
)
VNET = nw.when(nw.col("in_group")).then(nw.col("vnet_m")).alias("vnet_m")


@dataclass(frozen=True)
class Grain:
    """How many periods are looked at, make a run at least, and go into its baseline."""

    periods: int
    least: int
    before: int

    @property
    def longest(self) -> int:
        return self.periods - KNOWN_BEFORE


KNOWN_BEFORE = 3
"""Periods of which a baseline is made at the least."""
DEKADS = Grain(HALF_A_YEAR, least=3, before=9)
"""At least three low dekads in a row (survey of best practice 4.2); a quarter before them."""
MONTHS = Grain(7, least=1, before=6)
"""The same on months: one is three dekads."""


@view(reads={"usage_month": MONTHS.periods, "member": None})
def turns(known: Known) -> Frame:
    """One row a member on net and period, split where his outgoing minutes turned down.

    ``run`` is the length of his present run of low periods, unknown without one: the longest one up
    to the newest period in which none that is known is above half of the baseline before it, the
    oldest is known and at least three are. ``mild_run`` is the same at seven tenths. ``now`` marks
    the periods of the run, or without one the newest three dekads (one month); ``before`` its
    baseline: the nine dekads (six months) before these. Of a longer mild run all periods are there.

    Periods are dekads where at least six of a member's newest eighteen are known, three for a run
    and three for its baseline; otherwise, and wherever no dekads are delivered, closed months.
    There a month counts as three dekads, so that a run begins on the first of a month. V-net
    minutes are those within the present membership.
    """
    months = _months(known)
    if "usage_dekad" not in known.tables:
        return _split(known, months, MONTHS)
    rows = known.view(dekads).select(*KEPT, VNET)
    runs = known.hold(_runs(rows, DEKADS).filter(nw.col("periods") >= DEKADS.least + KNOWN_BEFORE))
    without = months.join(runs, how="anti", on=["as_of", "user_id"])
    return nw.concat([_marked(rows, runs, DEKADS), _split(known, without, MONTHS)])


def _months(known: Known) -> Frame:
    rows = known.rows("usage_month", MONTHS.periods).with_columns(
        mou_rival_m=nw.col("mou_out_rival_m"), vnet_m=nw.col("vnet_out_m")
    )
    return beside_everybody(known, rows).select(*KEPT, VNET)


def _split(known: Known, rows: Frame, grain: Grain) -> Frame:
    return _marked(rows, known.hold(_runs(rows, grain)), grain)


def _marked(rows: Frame, runs: Frame, grain: Grain) -> Frame:
    """The rows of ``rows`` that are part of a member's run, at either depth, or its baseline."""
    turn = nw.max_horizontal("run", nw.lit(grain.least))
    marked = rows.join(runs.drop("periods"), how="inner", on=["as_of", "user_id"]).with_columns(
        now=nw.col("age") < turn,
        before=(nw.col("age") >= turn) & (nw.col("age") < turn + grain.before),
    )
    mild = (nw.col("age") < nw.col("mild_run")).fill_null(False)
    return marked.filter(nw.col("now") | nw.col("before") | mild)


def _runs(rows: Frame, grain: Grain) -> Frame:
    """Length of each member's run, at either depth, and how many periods of his are known.

    The minutes go into a column for each age first: they are compared as whole sums, and the same
    columns serve every length that a run may have.
    """
    columns = [_at(name, age) for name in ("mou_out_m", "usual_mou_out_m") for age in _all(grain)]
    wide = rows.group_by("as_of", "user_id").agg(*columns, periods=nw.len())
    lengths = range(grain.least, grain.longest + 1)
    measured = wide.with_columns(
        *(_peak(length).alias(f"peak_{length}") for length in lengths),
        *(_level_before(length, grain).alias(f"level_{length}") for length in lengths),
    )
    return measured.select(
        "as_of",
        "user_id",
        "periods",
        run=_longest(lengths, grain, LOW),
        mild_run=_longest(lengths, grain, MILDLY_LOW),
    )


def _all(grain: Grain) -> range:
    return range(grain.periods)


def _at(name: str, age: int) -> nw.Expr:
    """The amount of one period; it and all like it are unknown where nobody used anything."""
    seen = (nw.col("age") == age) & (nw.col("usual_mou_out_m") > 0)
    return nw.when(seen).then(nw.col(name)).max().alias(f"{name}_{age}")


def _level(age: int) -> nw.Expr:
    return nw.col(f"mou_out_m_{age}") / nw.col(f"usual_mou_out_m_{age}")


def _peak(length: int) -> nw.Expr:
    """Highest level of the newest ``length`` periods that is known."""
    levels = [_level(age) for age in range(length)]
    return nw.max_horizontal(*levels) if length > 1 else levels[0]


def _level_before(length: int, grain: Grain) -> nw.Expr:
    """Level of the baseline of a run of ``length`` periods; unknown with less than three of it."""
    ages = range(length, min(length + grain.before, grain.periods))
    out = nw.sum_horizontal(*(nw.col(f"mou_out_m_{age}") for age in ages))
    usual = nw.sum_horizontal(*(nw.col(f"usual_mou_out_m_{age}") for age in ages))
    return nw.when(_known(ages) >= KNOWN_BEFORE, out > 0).then(out / usual)


def _longest(lengths: range, grain: Grain, depth: float) -> nw.Expr:
    """The longest of ``lengths`` that a run at most ``depth`` high has; unknown without one."""
    runs = [
        nw.when(
            nw.col(f"peak_{length}") <= depth * nw.col(f"level_{length}"),
            ~nw.col(f"mou_out_m_{length - 1}").is_null(),
            _known(range(length)) >= grain.least,
        ).then(nw.lit(length))
        for length in lengths
    ]
    return nw.max_horizontal(*runs)


def _known(ages: range) -> nw.Expr:
    known = (nw.when(~nw.col(f"mou_out_m_{age}").is_null()).then(1).otherwise(0) for age in ages)
    return nw.sum_horizontal(*known)
