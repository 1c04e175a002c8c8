"""What holds each member today and in the days ahead: contract ends are known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import count
from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

AHEAD = (0, 30, 60, 90)
"""Days ahead at which it is asked whether a member is still under contract."""
ENDED_WITHIN = 90


def binds(days_to_start_date: nw.Expr, days_to_end_date: nw.Expr, ahead: int = 0) -> nw.Expr:
    """A contract, signed by the day, that runs ``ahead`` days later by its dates."""
    return (days_to_start_date <= ahead) & (days_to_end_date > ahead)


@view(reads={"contract": None, "member": None})
def lock_in_calendar(known: Known) -> Frame:
    """A member on net: under contract today and in 30, 60 and 90 days (``locked_0`` …), contracts
    that ended within 90 days (``ended``), the penalty and the bonus at stake (fen) and what the
    member paid in three closed months (``value_fen``, unknown without bills).

    The penalty goes by each running contract's rule: ``fixed`` is all that was given, bonus and
    subsidy, ``pct_remaining`` the part of it for the days left, ``forfeit_bonus`` the part of the
    bonus alone. It is unknown where a running contract tells no rule."""
    contracts = known.rows("contract").filter(~nw.col("user_id").is_null())
    start, end = nw.col("days_to_start_date"), nw.col("days_to_end_date")
    running = binds(start, end)
    of_each = contracts.group_by("as_of", "user_id").agg(
        *(
            nw.when(binds(start, end, ahead)).then(1).otherwise(0).max().alias(f"locked_{ahead}")
            for ahead in AHEAD
        ),
        ended=count((end <= 0) & (end > -ENDED_WITHIN)),
        penalty_fen=nw.when(running).then(_penalty(start, end)).otherwise(0).sum(),
        untold=count(running & _penalty(start, end).is_null()),
        bonus_fen=nw.when(running).then(nw.col("bonus_fen").fill_null(0)).otherwise(0).sum(),
    )
    roster = known.roster().select("as_of", "user_id")
    rows = roster.join(of_each, how="left", on=["as_of", "user_id"])
    filled = [f"locked_{ahead}" for ahead in AHEAD] + [
        "ended",
        "penalty_fen",
        "untold",
        "bonus_fen",
    ]
    rows = rows.with_columns(nw.col(name).fill_null(0) for name in filled)
    told = nw.when(nw.col("untold") == 0).then(nw.col("penalty_fen"))
    return _with_value(known, rows.with_columns(penalty_fen=told).drop("untold"))


def _penalty(start: nw.Expr, end: nw.Expr) -> nw.Expr:
    """What leaving today costs; unknown by an unknown rule."""
    bonus = nw.col("bonus_fen").fill_null(0)
    given = bonus + nw.col("subsidy_cost_fen").fill_null(0)
    rule = nw.col("penalty_rule")
    return (
        nw.when(rule == "fixed")
        .then(given)
        .when(rule == "pct_remaining")
        .then(given * end // (end - start))
        .when(rule == "forfeit_bonus")
        .then(bonus * end // (end - start))
        .when(rule == "none")
        .then(0)
    )


def _with_value(known: Known, rows: Frame) -> Frame:
    if "bill_month" not in known.tables:
        return rows.with_columns(value_fen=nw.lit(None, nw.Int64))
    paid = nw.when(nw.col("arpu_fen") > 0).then(nw.col("arpu_fen")).otherwise(0)
    bills = known.rows("bill_month", 3).group_by("as_of", "user_id").agg(value_fen=paid.sum())
    return rows.join(bills, how="left", on=["as_of", "user_id"])
