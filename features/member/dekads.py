"""What a member did in the newest dekads: three of them against the nine before, season removed.

All amounts are taken per day, so that dekads of 8 to 11 days are alike; a level is a member's use
of what an average member used on the same days, now of what it was before (``views.dekads``).
Nothing is known where no dekads are delivered.
"""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import ages, share, total
from features.member.evidence import level, rate
from features.reasons import Reason
from features.views.dekads import dekads

DEKADS = Window(dekads, lookback=12)
MOST = 10**6
"""A level is above this only where there was next to nothing before."""


def now(age: nw.Expr) -> nw.Expr:
    """The newest three dekads: a month, as the rule for silent diversion asks for at least."""
    return ages(age, 0, 2)


def before(age: nw.Expr) -> nw.Expr:
    """The nine dekads before them."""
    return ages(age, 3, 11)


def part(amount: nw.Expr, whole: nw.Expr, where: nw.Expr) -> nw.Expr:
    """Share of an amount in the whole, over the rows that know it."""
    return share(total(amount, where), of=total(whole, where & ~amount.is_null()))


@member_feature(
    over=DEKADS,
    unit="minutes a day",
    between=(0, 1440),
    family="usage",
    reason=Reason.SIZE,
    raises=(
        "近三旬日均打出{value:.1f}分钟",
        "{value:.1f} outgoing minutes a day in the last three dekads",
    ),
)
def outgoing_a_day(mou_out_m: nw.Expr, days: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes a day in the newest three dekads."""
    return rate(mou_out_m, days, now(age))


@member_feature(
    over=DEKADS,
    unit="ratio",
    between=(0, MOST),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "近三旬打出为原水平的{value:.0%}(已剔除季节因素)",
        "outgoing minutes at {value:.0%} of their former level, season removed",
    ),
)
def outgoing_level(mou_out_m: nw.Expr, usual_mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes of the newest three dekads of those of the nine before, season removed."""
    return level(mou_out_m, usual_mou_out_m, now(age), before(age))


@member_feature(
    over=DEKADS,
    unit="ratio",
    between=(0, MOST),
    family="usage",
    reason=Reason.SIZE,
    raises=(
        "近三旬打入为原水平的{value:.0%}(已剔除季节因素)",
        "incoming minutes at {value:.0%} of their former level, season removed",
    ),
)
def incoming_level(mou_in_m: nw.Expr, usual_mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Incoming minutes of the newest three dekads of those of the nine before, season removed."""
    return level(mou_in_m, usual_mou_in_m, now(age), before(age))


@member_feature(
    over=DEKADS,
    unit="ratio",
    between=(0, MOST),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "最近一旬打出为原水平的{value:.0%}(已剔除季节因素)",
        "outgoing minutes of the last dekad at {value:.0%} of their former level, season removed",
    ),
)
def outgoing_level_newest(mou_out_m: nw.Expr, usual_mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes of the newest dekad of those of dekads 4 to 12, season removed."""
    return level(mou_out_m, usual_mou_out_m, age == 0, before(age))


@member_feature(
    unit="ratio",
    pivot=0,
    between=(-MOST, MOST),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出水平比打入低{hundred:.0f}个百分点,疑似分流",
        "the level of outgoing minutes is {hundred:.0f} points below that of incoming ones: "
        "a sign of diversion",
    ),
    lowers=(
        "打出水平不低于打入",
        "outgoing minutes kept as much of their level as incoming ones",
    ),
)
def level_gap(outgoing_level: nw.Expr, incoming_level: nw.Expr) -> nw.Expr:
    """How far the level of outgoing minutes lies below that of incoming ones: diversion's mark."""
    return incoming_level - outgoing_level


@member_feature(
    over=DEKADS,
    unit="share",
    between=(0, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=("近三旬{value:.0%}的日子有使用", "in use on {value:.0%} of the days of three dekads"),
)
def active_share(active_days: nw.Expr, days: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share of the days of the newest three dekads with any call, message or data."""
    active = nw.when(active_days > days).then(days).otherwise(active_days)
    return rate(active, days, now(age))


@member_feature(
    over=DEKADS,
    unit="days",
    pivot=0,
    between=(0, 33),
    family="usage",
    reason=Reason.DIVERSION,
    raises=("近三旬有{value:.0f}天无任何使用", "{value:.0f} days of silence in three dekads"),
    lowers=("近三旬天天有使用", "in use on every day of three dekads"),
)
def silence_days(active_days: nw.Expr, days: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Days of the newest three dekads without any call, message or data."""
    silent = nw.when(active_days < days).then(days - active_days).otherwise(0)
    return total(silent, now(age) & ~active_days.is_null())


@member_feature(
    over=DEKADS,
    unit="share",
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三旬打出中异网占{value:.0%}",
        "{value:.0%} of outgoing minutes of three dekads go to rivals",
    ),
)
def rival_share_dekads(mou_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rivals' share of outgoing minutes in the newest three dekads."""
    return part(mou_rival_m, mou_out_m, now(age))


@member_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(-1, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三旬异网占比比前九旬上升{hundred:.1f}个百分点",
        "rivals' share of minutes {hundred:.1f} points above the nine dekads before",
    ),
    lowers=(
        "近三旬异网占比不高于前九旬",
        "rivals' share of minutes not above the nine dekads before",
    ),
)
def rival_share_dekads_rise(mou_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rise of the rivals' share of outgoing minutes of three dekads over the nine before."""
    was = part(mou_rival_m, mou_out_m, before(age))
    return part(mou_rival_m, mou_out_m, now(age)) - was


@member_feature(
    over=DEKADS,
    unit="calls",
    pivot=0,
    between=(0, 10_000),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近三旬拨打异网客服{value:.0f}次",
        "{value:.0f} calls to rivals' hotlines in three dekads",
    ),
    lowers=("近三旬未拨打异网客服", "no call to a rival's hotline in three dekads"),
)
def rival_hotline_dekads(calls_100xx_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers in the newest three dekads."""
    return total(calls_100xx_n, now(age))


@member_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(-1, 1),
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "近三旬V网占打出比例比前九旬上升{hundred:.1f}个百分点",
        "V-net's share of outgoing minutes {hundred:.1f} points above the nine dekads before",
    ),
    lowers=(
        "近三旬V网占打出比例不高于前九旬",
        "V-net's share of outgoing minutes not above the nine dekads before",
    ),
)
def vnet_share_dekads_rise(vnet_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rise of V-net's share of outgoing minutes of three dekads over the nine before."""
    return part(vnet_m, mou_out_m, now(age)) - part(vnet_m, mou_out_m, before(age))


@member_feature(
    over=DEKADS,
    unit="ratio",
    between=(0, 10**9),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "近三旬流量为原水平的{value:.0%}(已剔除季节因素)",
        "data at {value:.0%} of the former level, season removed",
    ),
)
def data_level(data_kb: nw.Expr, usual_data_kb: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Data of the newest three dekads of those of the nine before, season removed."""
    return level(data_kb, usual_data_kb, now(age), before(age))


@member_feature(
    over=DEKADS,
    unit="ratio",
    between=(0, MOST),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "近三旬短信为原水平的{value:.0%}",
        "messages at {value:.0%} of their former level",
    ),
)
def sms_level(sms_out_n: nw.Expr, days: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Messages a day of the newest three dekads of those of the nine before."""
    return share(rate(sms_out_n, days, now(age)), of=rate(sms_out_n, days, before(age)))
