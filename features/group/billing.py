"""What a group pays."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import count, fall, flag, per_row, share
from features.reasons import Reason

BILLS = Window("bill_month", lookback=4, through="members")


@group_feature(
    over=BILLS,
    unit="fen",
    between=(-(10**7), 10**7),
    family="billing",
    reason=Reason.PRICE,
    raises=("人均出账{yuan:.0f}元", "a bill of {yuan:.0f} yuan per member"),
)
def group_arpu(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Bill per member of the last closed month."""
    return per_row(arpu_fen, age == 0)


@group_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(-(10**4), 10**4),
    direction=1,
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "人均出账比前三月下降{size:.0%}",
        "the bill per member {size:.0%} below the three months before",
    ),
    lowers=(
        "人均出账比前三月未下降(上升{size:.0%})",
        "the bill per member is not below the three months before ({size:.0%} above)",
    ),
)
def group_arpu_fall(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the bill per member fell against the three months before."""
    return fall(arpu_fen, age)


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "{value:.0%}的成员半年内有低于50元的账单",
        "{value:.0%} of the members had a bill below 50 yuan in half a year",
    ),
    lowers=("半年内没有低于50元的账单", "no bill below 50 yuan in half a year"),
)
def low_bill_share(low_bill_months: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with a bill below 50 yuan in the last six closed months."""
    return share(count(low_bill_months > 0), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="billing",
    reason=Reason.ARREARS,
    raises=("{value:.0%}的成员欠费", "{value:.0%} of the members are in arrears"),
    lowers=("没有成员欠费", "no member is in arrears"),
)
def arrears_share(arrears: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with arrears at the end of the last closed month."""
    return share(count(arrears > 0), of=user_id.count())


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="billing",
    reason=Reason.ARREARS,
    raises=("集团账户欠费", "the group's account is in arrears"),
    lowers=("集团账户无欠费", "the group's account is not in arrears"),
)
def group_in_arrears(arrears_fen: nw.Expr) -> nw.Expr:
    """The group's own account is in arrears in its newest snapshot."""
    return flag(arrears_fen > 0)


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="billing",
    reason=Reason.PRODUCTS,
    raises=("单位统一付费", "the company pays part of the bills"),
    lowers=("成员自付费", "members pay their own bills"),
)
def unified_pay(unified_pay_flag: nw.Expr) -> nw.Expr:
    """The company pays part of its members' bills."""
    return flag(unified_pay_flag)


@group_feature(
    unit="fen",
    between=(0, 10**9),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "每个在用号码移动收入{yuan:.0f}元",
        "mobile revenue of {yuan:.0f} yuan per active number",
    ),
)
def mobile_revenue_per_number(mobile_revenue_fen: nw.Expr, active_members: nw.Expr) -> nw.Expr:
    """Mobile revenue per active number, where the snapshot has it."""
    return share(mobile_revenue_fen, of=active_members)


@group_feature(
    unit="share",
    pivot=0,
    between=(0, 1),
    family="billing",
    reason=Reason.PRODUCTS,
    raises=("固定业务占收入{value:.0%}", "{value:.0%} of the revenue is fixed-line"),
    lowers=("没有固定业务收入", "no fixed-line revenue"),
)
def fixed_revenue_share(mobile_revenue_fen: nw.Expr, fixed_revenue_fen: nw.Expr) -> nw.Expr:
    """Fixed-line share of the group's revenue, where the snapshot has it."""
    return share(fixed_revenue_fen, of=mobile_revenue_fen + fixed_revenue_fen)


@group_feature(
    unit="fen",
    between=(0, 10**11),
    family="billing",
    reason=Reason.PRICE,
    raises=("集团收入{yuan:.0f}元", "revenue of {yuan:.0f} yuan"),
)
def group_revenue(mobile_revenue_fen: nw.Expr, fixed_revenue_fen: nw.Expr) -> nw.Expr:
    """Mobile and fixed revenue together, where the snapshot has them."""
    return mobile_revenue_fen + fixed_revenue_fen
