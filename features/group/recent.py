"""What a group's calls of the last dekads say, with the season taken out."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import ages, distinct, share, total
from features.reasons import Reason
from features.views.dekads import dekads

DEKADS = Window(dekads, lookback=12, through="members")
BEFORE = (3, 11)
"""Ages of the dekads that the newest ones are compared with."""
MOST = 10_000


def level(amount: nw.Expr, usual: nw.Expr, age: nw.Expr, newest: int) -> nw.Expr:
    """``amount`` in the ``newest`` dekads over the nine before the last three, both measured by
    what everybody used in the same dekads."""
    now, before = ages(age, 0, newest - 1), ages(age, *BEFORE)
    return share(
        share(total(amount, now), of=total(usual, now)),
        of=share(total(amount, before), of=total(usual, before)),
    )


@group_feature(
    over=DEKADS,
    unit="ratio",
    pivot=1,
    between=(0, MOST),
    direction=-1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "最近一旬打出为此前的{value:.0%}(已剔除季节因素)",
        "outgoing of the last dekad is {value:.0%} of before, season taken out",
    ),
)
def group_out_level_dekad(mou_out_m: nw.Expr, usual_mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes of the newest dekad over dekads 4 to 12, measured by everybody's."""
    return level(mou_out_m, usual_mou_out_m, age, newest=1)


@group_feature(
    over=DEKADS,
    unit="ratio",
    pivot=1,
    between=(0, MOST),
    direction=-1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "最近三旬打出为此前的{value:.0%}(已剔除季节因素)",
        "outgoing of the last three dekads is {value:.0%} of before, season taken out",
    ),
)
def group_out_level_dekads(mou_out_m: nw.Expr, usual_mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes of the newest three dekads over dekads 4 to 12, measured by everybody's."""
    return level(mou_out_m, usual_mou_out_m, age, newest=3)


@group_feature(
    over=DEKADS,
    unit="ratio",
    pivot=1,
    between=(0, MOST),
    family="usage",
    reason=Reason.SIZE,
    raises=(
        "最近三旬打入为此前的{value:.0%}(已剔除季节因素)",
        "incoming of the last three dekads is {value:.0%} of before, season taken out",
    ),
)
def group_in_level_dekads(mou_in_m: nw.Expr, usual_mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Incoming minutes of the newest three dekads over dekads 4 to 12, measured by everybody's."""
    return level(mou_in_m, usual_mou_in_m, age, newest=3)


@group_feature(
    unit="ratio",
    pivot=0,
    between=(-MOST, MOST),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "最近三旬打出比打入多降{size:.0%},疑似话务分流",
        "over three dekads outgoing fell {size:.0%} more than incoming: a sign of diversion",
    ),
    lowers=(
        "最近三旬打入比打出多降{size:.0%}",
        "over three dekads incoming fell {size:.0%} more than outgoing",
    ),
)
def group_diversion_gap_dekad(
    group_in_level_dekads: nw.Expr, group_out_level_dekads: nw.Expr
) -> nw.Expr:
    """How much more outgoing minutes fell than incoming ones over the last three dekads."""
    return group_in_level_dekads - group_out_level_dekads


@group_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "最近三旬异网占比比此前上升{size:.1%}",
        "rivals' share of minutes {size:.1%} up over three dekads",
    ),
    lowers=(
        "最近三旬异网占比比此前下降{size:.1%}",
        "rivals' share of minutes {size:.1%} down over three dekads",
    ),
)
def group_rival_rise_dekad(mou_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rivals' share of outgoing minutes in the newest three dekads less that in dekads 4 to 12."""
    return _share_change(mou_rival_m, mou_out_m, age)


@group_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(-2, 2),
    direction=1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "最近三旬V网占比比此前下降{size:.1%}",
        "V-net's share of minutes {size:.1%} down over three dekads",
    ),
    lowers=(
        "最近三旬V网占比比此前上升{size:.1%}",
        "V-net's share of minutes {size:.1%} up over three dekads",
    ),
)
def group_vnet_share_fall_dekad(
    vnet_m: nw.Expr, mou_out_m: nw.Expr, mou_in_m: nw.Expr, age: nw.Expr
) -> nw.Expr:
    """V-net's share of all minutes in dekads 4 to 12 less that in the newest three."""
    return -_share_change(vnet_m, mou_out_m + mou_in_m, age)


def _share_change(part: nw.Expr, whole: nw.Expr, age: nw.Expr) -> nw.Expr:
    now, before = ages(age, 0, 2), ages(age, *BEFORE)
    return share(total(part, now), of=total(whole, now)) - share(
        total(part, before), of=total(whole, before)
    )


@group_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=("{value:.0%}的成员最近一旬静默", "{value:.0%} of the members were silent last dekad"),
    lowers=("最近一旬无静默成员", "no member was silent in the last dekad"),
)
def silent_share_dekad(
    user_id: nw.Expr, mou_out_m: nw.Expr, mou_in_m: nw.Expr, data_kb: nw.Expr, age: nw.Expr
) -> nw.Expr:
    """Share of the members without calls or data in the newest dekad, of those known in it."""
    used = (mou_out_m + mou_in_m > 0) | (data_kb.fill_null(0) > 0)
    known = distinct(user_id, age == 0)
    return share(known - distinct(user_id, (age == 0) & used), of=known)
