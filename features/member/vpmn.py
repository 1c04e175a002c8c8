"""How a member uses the group's own network (V-net) and its short numbers."""

from __future__ import annotations

import narwhals as nw

from features.definition import member_feature
from features.expressions import ages, count, fall, share, total
from features.member.usage import MOST_MINUTES, SEVEN_MONTHS
from features.reasons import Reason


@member_feature(
    over=SEVEN_MONTHS,
    unit="minutes",
    between=(0, 2 * MOST_MINUTES),
    family="vpmn",
    reason=Reason.VPMN,
    raises=("V网通话{value:.0f}分钟", "{value:.0f} V-net minutes in the last month"),
)
def vnet_minutes(vnet_out_m: nw.Expr, vnet_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Minutes within the group's V-net, both directions, in the last closed month."""
    return total(vnet_out_m + vnet_in_m, age == 0)


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    between=(0, 1),
    family="vpmn",
    reason=Reason.VPMN,
    raises=("V网占打出{value:.0%}", "{value:.0%} of outgoing minutes are V-net"),
)
def vnet_share(vnet_out_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """V-net's share of outgoing minutes in the last closed month."""
    return share(total(vnet_out_m, age == 0), of=total(mou_out_m, age == 0))


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "V网分钟比前三月下降{size:.0%}",
        "V-net minutes {size:.0%} below the three months before",
    ),
    lowers=(
        "V网分钟不低于前三月(高{size:.0%})",
        "V-net minutes not below the three months before ({size:.0%} above)",
    ),
)
def vnet_fall(vnet_out_m: nw.Expr, vnet_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which V-net minutes fell against the average of the three months before."""
    return fall(vnet_out_m + vnet_in_m, age)


@member_feature(
    over=SEVEN_MONTHS,
    unit="months",
    between=(0, 6),
    family="vpmn",
    reason=Reason.IDLE_PRODUCT,
    raises=(
        "近六月{value:.0f}个月使用短号短信",
        "short-number SMS used in {value:.0f} of six months",
    ),
    lowers=(
        "近六月有{value:.0f}个月使用短号短信",
        "short-number SMS used in {value:.0f} of six months",
    ),
)
def short_sms_months(sms_short_out_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Months, of the last six, with at least one short-number SMS sent."""
    return count((sms_short_out_n > 0) & ages(age, 0, 5))
