"""What the other groups around a group lose: in its park, area, neighbouring areas, industry.

All groups of all tiers are summed by place first and a group's own part is taken off, so that the
cost grows with the groups, not with their pairs, and no feature depends on who is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import ages, count, fall
from features.view import view
from features.views.turnover import turnover

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

FELL = 0.4
"""Share by which outgoing minutes must fall for a member to count as fallen."""
HELD = 0.25
"""Share by which incoming minutes may fall and still count as held."""
WHOLE = 4
"""Weight of a loss of today and of the last 30 days; it halves in each of the 30 days before."""
MOVED = 0.3
"""Share of its members that a group must have lost or see diverting to count as moving."""

PLACES = {
    "park": "park_id",
    "area": "area_id",
    "parent": "parent_group_id",
    "industry": "industry_l1",
}
AMOUNTS = ("groups", "moving", "members", "one_sided", "losses", "base")


def one_sided(out_fall: nw.Expr, in_fall: nw.Expr) -> nw.Expr:
    """Outgoing minutes fell by 40 % or more while incoming fell by less than 25 %."""
    return (out_fall >= FELL) & (in_fall < HELD)


@view(reads={"group_snapshot": 1, "member": None, "membership_hist": None, "usage_month": 4})
def group_losses(known: Known) -> Frame:
    """A group of any tier, where it stands and what it loses.

    ``members`` on net, those whose calls are ``one_sided``, ``losses``: these and those who left it
    within 90 days and are barred for good or gone, weighted 4, 2, 1 by 30 days, and ``base``, what
    ``losses`` would be if everybody were just lost. A group is ``moving`` (0 or 1) at 30 %
    one-sided or gone.
    """
    groups = known.groups().select("as_of", "group_id", *PLACES.values())
    for amounts in (_present(known), _gone(known)):
        groups = groups.join(amounts, how="left", on=["as_of", "group_id"])
    filled = [nw.col(name).fill_null(0) for name in ("members", "one_sided", "gone", "gone_weight")]
    lost = nw.col("one_sided") + nw.col("gone")
    everybody = nw.col("members") + nw.col("gone")
    rows = groups.with_columns(*filled).with_columns(
        groups=nw.lit(1),
        moving=nw.when((everybody > 0) & (lost >= MOVED * everybody)).then(1).otherwise(0),
        losses=WHOLE * nw.col("one_sided") + nw.col("gone_weight"),
        base=WHOLE * everybody,
    )
    return known.hold(rows)


@view(reads=group_losses.reads)
def neighbourhood(known: Known) -> Frame:
    """A group with the sums of ``group_losses`` over the other groups of its park, area, parent
    group and industry (``park_members`` and so on; unknown where its place is)."""
    rows = known.view(group_losses)
    for place, key in PLACES.items():
        rows = with_others(rows, place, key, AMOUNTS)
    return rows


def with_others(rows: Frame, place: str, key: str, amounts: Sequence[str]) -> Frame:
    """``rows`` (one a day and group) with the sums of ``amounts`` over the others of its place."""
    sums = (
        rows.filter(~nw.col(key).is_null())
        .group_by("as_of", key)
        .agg(*(nw.col(name).sum().alias(f"{place}_{name}") for name in amounts))
    )
    others = [
        (nw.col(f"{place}_{name}") - nw.col(name)).alias(f"{place}_{name}") for name in amounts
    ]
    return rows.join(sums, how="left", on=["as_of", key]).with_columns(*others)


def _present(known: Known) -> Frame:
    """Members on net by group, and those of them whose calls are one-sided."""
    falls = (
        known.rows("usage_month", 4)
        .group_by("as_of", "user_id")
        .agg(
            out_fall=fall(nw.col("mou_out_m"), nw.col("age")),
            in_fall=fall(nw.col("mou_in_m"), nw.col("age")),
        )
    )
    roster = known.roster().select("as_of", "user_id", "group_id")
    return (
        roster.join(falls, how="left", on=["as_of", "user_id"])
        .group_by("as_of", "group_id")
        .agg(
            members=nw.col("user_id").count(),
            one_sided=count(one_sided(nw.col("out_fall"), nw.col("in_fall"))),
        )
    )


def _gone(known: Known) -> Frame:
    """Who left within 90 days and is barred for good or gone, by group, counted and by age."""
    left = nw.col("left_days")
    gone = known.view(turnover).filter(nw.col("on_net") == 0, left < 90)
    weight = (
        nw.when(ages(left, 0, 29))
        .then(WHOLE)
        .when(ages(left, 30, 59))
        .then(WHOLE // 2)
        .otherwise(1)
    )
    weighted = gone.with_columns(weight=weight)
    return weighted.group_by("as_of", "group_id").agg(
        gone=nw.col("user_id").count(), gone_weight=nw.col("weight").sum()
    )
