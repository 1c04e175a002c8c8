"""The group's own account: what it pays for its members, and what it owes."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import ages, fall, share, total
from features.group.billing import BILLS
from features.member.billing import up_to_all
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
        "统一付费收入比前三月未下降(上升{size:.0%})",
        "unified pay is not below the three months before ({size:.0%} above)",
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
    between=(0, 1),
    direction=-1,
    family="billing",
    reason=Reason.PRODUCTS,
    raises=("单位承担账单的{value:.0%}", "the company pays {value:.0%} of the bills"),
    lowers=("单位不承担账单", "the company pays no part of the bills"),
)
def unified_paid_share(unified_paid_fen: nw.Expr, arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share of the members' bills of three closed months that the company paid, of the bills of
    which the company's part is known; at most 1, as corrections may leave less than it paid."""
    told = ages(age, 0, 2) & ~unified_paid_fen.is_null()
    return up_to_all(share(total(unified_paid_fen, told), of=total(arpu_fen, told)))
