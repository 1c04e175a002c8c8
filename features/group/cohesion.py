"""How tightly V-net and products tie a group together."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import count, distinct, fall, per_row, share, total
from features.group.traffic import USAGE
from features.member.usage import MOST_MINUTES
from features.reasons import Reason

PRODUCTS = Window("product_holding")


def held(days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr) -> nw.Expr:
    """A holding that runs on the day, as known then."""
    return (days_to_valid_from <= 0) & (days_to_valid_to > 0)


@group_feature(
    over=USAGE,
    unit="minutes",
    pivot=0,
    between=(0, 2 * MOST_MINUTES),
    direction=-1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=("人均V网通话{value:.0f}分钟", "V-net minutes per member: {value:.0f}"),
    lowers=("上月无V网通话", "no V-net minutes last month"),
)
def group_vnet_minutes(vnet_out_m: nw.Expr, vnet_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """V-net minutes per member, both directions, in the last closed month."""
    return per_row(vnet_out_m + vnet_in_m, age == 0)


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=("V网占打出{value:.0%}", "{value:.0%} of outgoing minutes are V-net"),
    lowers=("打出中没有V网通话", "none of the outgoing minutes are V-net"),
)
def group_vnet_share(vnet_out_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """V-net's share of the group's outgoing minutes in the last closed month."""
    return share(total(vnet_out_m, age == 0), of=total(mou_out_m, age == 0))


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    direction=1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "集团V网分钟比前三月下降{size:.0%}",
        "V-net minutes {size:.0%} below the three months before",
    ),
    lowers=(
        "集团V网分钟比前三月未下降(上升{size:.0%})",
        "V-net minutes are not below the three months before ({size:.0%} above)",
    ),
)
def group_vnet_fall(vnet_out_m: nw.Expr, vnet_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which V-net minutes per member fell against the three months before."""
    return fall(vnet_out_m + vnet_in_m, age)


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=("V网活跃成员占{value:.0%}", "{value:.0%} of the members use the V-net"),
    lowers=("没有成员使用V网", "no member uses the V-net"),
)
def vnet_active_share(vnet_minutes: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with at least one V-net minute in the last closed month."""
    return share(count(vnet_minutes > 0), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="vpmn",
    reason=Reason.IDLE_PRODUCT,
    raises=(
        "{value:.0%}的成员近六月用过短号短信",
        "{value:.0%} of the members used short-number SMS in six months",
    ),
    lowers=("近六月无人使用短号短信", "nobody used short-number SMS in six months"),
)
def short_sms_share(short_sms_months: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with effective use of short-number SMS in the last six months."""
    return share(count(short_sms_months > 0), of=user_id.count())


@group_feature(
    over=PRODUCTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=("已办包分钟数V网", "on a package-minute V-net plan"),
    lowers=("未办包分钟数V网", "not on a package-minute V-net plan"),
    empty=0,
)
def package_minutes(
    product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """The group or one of its members holds a package-minute V-net plan."""
    running = held(days_to_valid_from, days_to_valid_to) & (product == "vnet_pkgmin")
    return nw.when(running).then(1).otherwise(0).max()


@group_feature(
    over=PRODUCTS,
    unit="count",
    pivot=0,
    between=(0, 40),
    direction=-1,
    family="vpmn",
    reason=Reason.PRODUCTS,
    raises=("在用产品{value:.0f}种", "products held: {value:.0f}"),
    lowers=("没有在用产品", "no product held"),
    empty=0,
)
def products_held(
    product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """Different products that run on the day."""
    return distinct(product, held(days_to_valid_from, days_to_valid_to))
