"""The group's own account: what it pays for its members, and what it owes."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import ages, fall, share, total
from features.group.billing import BILLS
from features.reasons import Reason

SNAPSHOTS = Window("group_snapshot", lookback=4)


@group_feature(
    over=SNAPSHOTS,
    unit="share",
    pivot=0,
    between=(-(10**5), 1),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "统一付费收入比前三月下降{size:.0%}",
        "unified pay {size:.0%} below the three months before",
    ),
    lowers=(
        "统一付费收入比前三月上升{size:.0%}",
        "unified pay {size:.0%} above the three months before",
    ),
)
def unified_pay_fall(unified_pay_revenue_li: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the unified pay fell; unknown where the group pays for nobody."""
    return fall(unified_pay_revenue_li, age)


@group_feature(
    over=SNAPSHOTS,
    unit="fen",
    pivot=0,
    between=(-(10**9), 10**9),
    family="billing",
    reason=Reason.ARREARS,
    raises=("集团欠费三个月内增加{yuan:.0f}元", "the group's arrears rose by {yuan:.0f} yuan"),
    lowers=("集团欠费三个月内未增加", "the group's arrears did not rise in three months"),
)
def group_arrears_rise(arrears_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Arrears of the group's own account less those of three months before."""
    return total(arrears_fen, age == 0) - total(arrears_fen, age == 3)


@group_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(0, 10),
    direction=-1,
    family="billing",
    reason=Reason.PRODUCTS,
    raises=("单位承担账单的{value:.0%}", "the company pays {value:.0%} of the bills"),
    lowers=("单位不承担账单", "the company pays no part of the bills"),
)
def unified_paid_share(unified_paid_fen: nw.Expr, arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share of the members' bills of three closed months that the company paid."""
    months = ages(age, 0, 2)
    return share(total(unified_paid_fen, months), of=total(arpu_fen, months))
