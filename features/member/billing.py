"""What a member pays."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import ages, count, fall, share, slope, total
from features.reasons import Reason

BILLS = Window("bill_month", lookback=7)
THIS_YEAR = Window("bill_month", lookback=12)
LOW_BILL_FEN = 5_000
"""A bill below 50 yuan counts as lost value in the operators' own retention rule."""


def up_to_all(part: nw.Expr) -> nw.Expr:
    """A share that corrections of bills cannot lift above 1; unknown stays unknown."""
    return nw.when(part > 1).then(1.0).otherwise(part)


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
        "出账不低于前三月(高{size:.0%})",
        "the bill is not below the three months before ({size:.0%} above)",
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
        "充值次数不低于前三月(高{size:.0%})",
        "recharges not below the three months before ({size:.0%} above)",
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


@member_feature(
    over=BILLS,
    unit="1/month",
    pivot=0,
    between=(-5, 5),
    family="billing",
    reason=Reason.PRICE,
    raises=("近六月出账呈上升走势", "bills rose over six months"),
    lowers=("近六月出账未见上升", "bills did not rise over six months"),
)
def arpu_slope(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Slope of log(1 + bill in fen) over the last six closed months; unknown without all six.

    Least squares; a bill below zero, after a correction, counts as zero.
    """
    return slope(arpu_fen, age)


@member_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(0, 1),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "近三月套餐外费用占出账{value:.0%}",
        "{value:.0%} of three bills was charged beyond the plan",
    ),
    lowers=("近三月没有套餐外费用", "nothing charged beyond the plan in three months"),
)
def overage_share(overage_fen: nw.Expr, arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share of the last three bills that was charged beyond the plan's allowance."""
    told = ages(age, 0, 2) & ~overage_fen.is_null()
    return up_to_all(share(total(overage_fen, told), of=total(arpu_fen, told)))


@member_feature(
    over=THIS_YEAR,
    unit="months",
    between=(0, 12),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "本年{value:.0f}个月出账低于50元",
        "{value:.0f} bills below 50 yuan this year",
    ),
)
def low_bill_months_this_year(arpu_fen: nw.Expr, month: nw.Expr, as_of: nw.Expr) -> nw.Expr:
    """Closed months of the year of the day with a bill below 50 yuan, as the retention rule counts.

    Begins at 0 each January, so it is to be read with the season; ``low_bill_months`` is not.
    """
    this_year = month.str.slice(0, 4).cast(nw.Int64) == as_of.dt.year()
    return count(this_year & (arpu_fen < LOW_BILL_FEN))


@member_feature(
    over=BILLS,
    unit="months",
    between=(0, 6),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "近六月{value:.0f}个月有充值",
        "a recharge in {value:.0f} of six months",
    ),
)
def recharge_months(recharge_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Months, of the last six, with a recharge: how regularly the balance is filled up."""
    return count((recharge_n > 0) & ages(age, 0, 5))


@member_feature(
    over=BILLS,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("上月返还话费{yuan:.0f}元", "a bonus of {yuan:.0f} yuan was returned last month"),
    lowers=("上月无话费返还", "no bonus was returned last month"),
)
def bonus_returned(bonus_return_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Bonus returned under a deposit contract in the last closed month."""
    return total(bonus_return_fen, age == 0)


@member_feature(
    over=BILLS,
    unit="fen",
    between=(-(10**11), 10**11),
    family="billing",
    reason=Reason.ARREARS,
    raises=("月末余额{yuan:.0f}元", "a balance of {yuan:.0f} yuan at the end of the month"),
)
def balance_end(balance_end_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Balance at the end of the last closed month, below zero when owed."""
    return total(balance_end_fen, age == 0)


@member_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(0, 1),
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "近三月单位统付占出账{value:.0%}",
        "the company pays {value:.0%} of three bills",
    ),
    lowers=("没有单位统付", "the company pays nothing of the bills"),
)
def company_paid_share(unified_paid_fen: nw.Expr, arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share of the last three bills that the company pays."""
    told = ages(age, 0, 2) & ~unified_paid_fen.is_null()
    return up_to_all(share(total(unified_paid_fen, told), of=total(arpu_fen, told)))
