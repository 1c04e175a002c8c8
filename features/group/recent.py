"""What a group's calls of the last dekads say, with the season taken out."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import distinct, share
from features.member.dekads import before, now, part
from features.member.evidence import level
from features.reasons import Reason
from features.views.dekads import dekads

DEKADS = Window(dekads, lookback=12, through="members")
MOST = 10_000


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
    return level(mou_out_m, usual_mou_out_m, age == 0, before(age))


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
    return level(mou_out_m, usual_mou_out_m, now(age), before(age))


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
    return level(mou_in_m, usual_mou_in_m, now(age), before(age))


@group_feature(
    unit="ratio",
    pivot=0,
    between=(-MOST, MOST),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "最近三旬打出比打入多降{hundred:.0f}个百分点,疑似话务分流",
        "over three dekads outgoing fell {hundred:.0f} points more than incoming: "
        "a sign of diversion",
    ),
    lowers=(
        "最近三旬打出降幅未超过打入",
        "over three dekads outgoing did not fall more than incoming",
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
        "最近三旬异网占比比此前上升{hundred:.1f}个百分点",
        "rivals' share of minutes {hundred:.1f} points up over three dekads",
    ),
    lowers=(
        "最近三旬异网占比比此前未上升,低{points:.1f}个百分点",
        "rivals' share of minutes not up over three dekads ({points:.1f} points lower)",
    ),
)
def group_rival_rise_dekad(mou_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rivals' share of outgoing minutes in the newest three dekads less that in dekads 4 to 12."""
    return part(mou_rival_m, mou_out_m, now(age)) - part(mou_rival_m, mou_out_m, before(age))


@group_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "最近三旬V网占比比此前下降{hundred:.1f}个百分点",
        "V-net's share of outgoing minutes {hundred:.1f} points down over three dekads",
    ),
    lowers=(
        "最近三旬V网占比比此前未下降",
        "V-net's share of outgoing minutes did not fall over three dekads",
    ),
)
def group_vnet_share_fall_dekad(
    vnet_m: nw.Expr, mou_out_m: nw.Expr, in_group: nw.Expr, age: nw.Expr
) -> nw.Expr:
    """V-net's share of outgoing minutes in dekads 4 to 12 less that in the newest three; of each
    member only the dekads that he spent in the group."""
    earlier = part(vnet_m, mou_out_m, before(age) & in_group)
    return earlier - part(vnet_m, mou_out_m, now(age) & in_group)


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
