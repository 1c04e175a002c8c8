"""What calls to a rival's hotlines tell of his wooing.

They are few and far between: a single one says much of nobody and little of a small group. So they
are summed over members and dekads first, and then measured by what as many members usually make.
"""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import ages, per_row, total
from features.reasons import Reason
from features.views.dekads import HALF_A_YEAR, RARE, dekads

DEKADS = Window(dekads, lookback=HALF_A_YEAR, through="members")
PERMILLE = 1000
KEPT = 0.9
"""What a call still tells after another dekad: about half after two months. Ours."""
HALF_A_CALL = 0.5
"""Added to what is usual, so that one call to a handful of members is no wonder. Ours."""


def newest(age: nw.Expr, dekads: int) -> nw.Expr:
    """The newest ``dekads``."""
    return ages(age, 0, dekads - 1)


def freshness(age: nw.Expr) -> nw.Expr:
    """How much a dekad counts, in permille of the newest one."""
    return (PERMILLE * KEPT**age).round(0).cast(nw.Int64)


def excess(calls: nw.Expr, usual: nw.Expr, weight: nw.Expr | int) -> nw.Expr:
    """Calls beyond what is usual, of the root of that: permille weights, usual in millionths.

    The root is what chance makes of rare calls, so that groups of all sizes can be compared.
    """
    parts = RARE["calls_100xx_n"]
    seen = ~(calls * usual * weight).is_null()
    called, expected = total(calls * weight, seen), total(usual * weight, seen)
    beyond = (called * parts - expected) / (parts * PERMILLE)
    return beyond / (expected / (parts * PERMILLE) + HALF_A_CALL).sqrt()


@group_feature(
    over=DEKADS,
    unit="calls",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近三旬每百名成员每旬拨打异网客服{hundred:.2f}次",
        "calls to rivals' hotlines a dekad per hundred members, over three dekads: {hundred:.2f}",
    ),
    lowers=("近三旬无人拨打异网客服", "nobody called a rival's hotline in three dekads"),
)
def hotline_rate_dekads(calls_100xx_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers per member and dekad, over the newest three."""
    return per_row(calls_100xx_n, newest(age, 3))


@group_feature(
    over=DEKADS,
    unit="calls",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近半年每百名成员每旬拨打异网客服{hundred:.2f}次",
        "calls to rivals' hotlines a dekad per hundred members, over half a year: {hundred:.2f}",
    ),
    lowers=("近半年无人拨打异网客服", "nobody called a rival's hotline in half a year"),
)
def hotline_rate_half_year(calls_100xx_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers per member and dekad, over eighteen dekads."""
    return per_row(calls_100xx_n, newest(age, HALF_A_YEAR))


@group_feature(
    over=DEKADS,
    unit="score",
    pivot=0,
    between=(-1000, 100_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近半年成员拨打异网客服多于同规模集团的常见水平(越近的通话权重越大)",
        "over half a year, recent calls counting more, members called rivals' hotlines more often "
        "than as many members usually do",
    ),
    lowers=(
        "近半年成员拨打异网客服未超过同规模集团的常见水平(越近的通话权重越大)",
        "over half a year, recent calls counting more, members did not call rivals' hotlines more "
        "often than as many members usually do",
    ),
)
def hotline_excess(calls_100xx_n: nw.Expr, usual_calls_100xx_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers beyond those that as many members of any group made in
    the same eighteen dekads, of the root of these and half a call; a dekad counts nine tenths of
    the next one."""
    return excess(calls_100xx_n, usual_calls_100xx_n, freshness(age))


@group_feature(
    over=DEKADS,
    unit="score",
    pivot=0,
    between=(-1000, 100_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近三旬成员拨打异网客服多于同规模集团的常见水平",
        "over three dekads members called rivals' hotlines more often than as many members "
        "usually do",
    ),
    lowers=(
        "近三旬成员拨打异网客服未超过同规模集团的常见水平",
        "over three dekads members did not call rivals' hotlines more often than as many members "
        "usually do",
    ),
)
def hotline_excess_dekads(
    calls_100xx_n: nw.Expr, usual_calls_100xx_n: nw.Expr, age: nw.Expr
) -> nw.Expr:
    """Calls to the rivals' service numbers beyond those that as many members of any group made in
    the same three dekads, the newest, of the root of these and half a call."""
    equal = nw.when(newest(age, 3)).then(PERMILLE)
    return excess(calls_100xx_n, usual_calls_100xx_n, equal)
