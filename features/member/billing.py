"""What a member pays."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import ages, count, fall, total
from features.reasons import Reason

BILLS = Window("bill_month", lookback=7)
LOW_BILL_FEN = 5_000
"""A bill below 50 yuan counts as lost value in the operators' own retention rule."""


@member_feature(
    over=BILLS,
    unit="fen",
    between=(-(10**7), 10**7),
    family="billing",
    reason=Reason.PRICE,
    raises=("上月出账{yuan:.0f}元", "a bill of {yuan:.0f} yuan last month"),
)
def arpu(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Bill of the last closed month."""
    return total(arpu_fen, age == 0)


@member_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(-(10**4), 10**4),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "出账比前三月下降{size:.0%}",
        "the bill is {size:.0%} below the three months before",
    ),
    lowers=(
        "出账比前三月上升{size:.0%}",
        "the bill {size:.0%} above the three months before",
    ),
)
def arpu_fall(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the bill fell against the average of the three months before."""
    return fall(arpu_fen, age)


@member_feature(
    over=BILLS,
    unit="months",
    between=(0, 6),
    family="billing",
    reason=Reason.PRICE,
    raises=("近六月{value:.0f}个月出账低于50元", "{value:.0f} of six bills below 50 yuan"),
)
def low_bill_months(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Months, of the last six, with a bill below 50 yuan."""
    return count((arpu_fen < LOW_BILL_FEN) & ages(age, 0, 5))


@member_feature(
    over=BILLS,
    unit="fen",
    pivot=0,
    between=(0, 10**7),
    family="billing",
    reason=Reason.ARREARS,
    raises=("欠费{yuan:.0f}元", "{yuan:.0f} yuan in arrears"),
    lowers=("没有欠费", "no arrears"),
)
def arrears(arrears_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Arrears at the end of the last closed month."""
    return total(arrears_fen, age == 0)


@member_feature(
    over=BILLS,
    unit="count",
    between=(0, 20),
    family="billing",
    reason=Reason.PRICE,
    raises=("近六月降档{value:.0f}次", "{value:.0f} changes to a cheaper plan in six months"),
)
def plan_downgrades(plan_change: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Changes to a cheaper tariff plan in the last six closed months."""
    return count((plan_change == "down") & ages(age, 0, 5))


@member_feature(
    over=BILLS,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    family="billing",
    reason=Reason.PRICE,
    raises=("上月充值{yuan:.0f}元", "{yuan:.0f} yuan recharged last month"),
    lowers=("上月未充值", "nothing recharged last month"),
)
def recharged(recharge_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Amount recharged in the last closed month."""
    return total(recharge_fen, age == 0)


@member_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(-(10**5), 1),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "充值次数比前三月下降{size:.0%}",
        "recharges {size:.0%} below the three months before",
    ),
    lowers=(
        "充值次数比前三月上升{size:.0%}",
        "recharges {size:.0%} above the three months before",
    ),
)
def recharge_fall(recharge_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the number of recharges fell against the three months before."""
    return fall(recharge_n, age)


@member_feature(
    over=BILLS,
    unit="days",
    between=(0, 3700),
    family="billing",
    reason=Reason.PRICE,
    raises=("距上次充值{value:.0f}天", "{value:.0f} days since the last recharge"),
)
def days_since_recharge(days_to_last_recharge_date: nw.Expr) -> nw.Expr:
    """Days since the last recharge that the bills of seven months tell of."""
    return -days_to_last_recharge_date.max()
