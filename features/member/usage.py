"""How much a member calls, is called and surfs, and whether the two directions part."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import ages, count, fall, flag, per_row, total
from features.reasons import Reason

SEVEN_MONTHS = Window("usage_month", lookback=7)
MOST_MINUTES = 31 * 24 * 60
MOST_KB = 10**9


@member_feature(
    over=SEVEN_MONTHS,
    unit="minutes",
    between=(0, MOST_MINUTES),
    family="usage",
    reason=Reason.SIZE,
    raises=("近一月打出{value:.0f}分钟", "{value:.0f} outgoing minutes in the last month"),
)
def mou_out(mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes in the last closed month."""
    return total(mou_out_m, age == 0)


@member_feature(
    over=SEVEN_MONTHS,
    unit="minutes",
    between=(0, MOST_MINUTES),
    family="usage",
    reason=Reason.SIZE,
    raises=("近一月打入{value:.0f}分钟", "{value:.0f} incoming minutes in the last month"),
)
def mou_in(mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Incoming minutes in the last closed month."""
    return total(mou_in_m, age == 0)


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出分钟比前三月下降{size:.0%}",
        "outgoing minutes {size:.0%} below the three months before",
    ),
    lowers=(
        "打出分钟不低于前三月(高{size:.0%})",
        "outgoing minutes not below the three months before ({size:.0%} above)",
    ),
)
def mou_out_fall(mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which outgoing minutes fell against the average of the three months before."""
    return fall(mou_out_m, age)


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=(
        "打入分钟比前三月下降{size:.0%}",
        "incoming minutes {size:.0%} below the three months before",
    ),
    lowers=(
        "打入分钟不低于前三月(高{size:.0%})",
        "incoming minutes not below the three months before ({size:.0%} above)",
    ),
)
def mou_in_fall(mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which incoming minutes fell against the average of the three months before."""
    return fall(mou_in_m, age)


@member_feature(
    unit="share",
    pivot=0,
    between=(-1000, 1001),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出降幅比打入多{hundred:.0f}个百分点,疑似分流",
        "outgoing fell {hundred:.0f} points more than incoming: a sign of diversion",
    ),
    lowers=("打出降幅不大于打入", "outgoing fell no more than incoming"),
)
def diversion_gap(mou_out_fall: nw.Expr, mou_in_fall: nw.Expr) -> nw.Expr:
    """How much more outgoing minutes fell than incoming ones: the signature of a second SIM."""
    return mou_out_fall - mou_in_fall


@member_feature(
    over=SEVEN_MONTHS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "连续两月打出明显低于此前水平",
        "outgoing minutes far below their former level for two months",
    ),
    lowers=("打出未见连续下降", "no lasting fall of outgoing minutes"),
)
def outgoing_low(mou_out_m: nw.Expr, mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Two months of outgoing at most 65 % of its level of months 3 to 7, incoming at least 70 %."""
    base_out, base_in = per_row(mou_out_m, ages(age, 2, 6)), per_row(mou_in_m, ages(age, 2, 6))
    low_now = total(mou_out_m, age == 0) <= 0.65 * base_out
    low_before = total(mou_out_m, age == 1) <= 0.65 * base_out
    incoming_holds = total(mou_in_m, age == 0) >= 0.7 * base_in
    return flag((base_out > 0) & low_now & low_before & incoming_holds)


@member_feature(
    over=SEVEN_MONTHS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=("近一月无通话无流量", "no calls and no data in the last month"),
    lowers=("近一月有使用", "in use in the last month"),
)
def silent(mou_out_m: nw.Expr, mou_in_m: nw.Expr, data_kb: nw.Expr, age: nw.Expr) -> nw.Expr:
    """No minutes in either direction and no data in the last closed month."""
    return flag(total(mou_out_m + mou_in_m + data_kb.fill_null(0), age == 0) == 0)


@member_feature(
    over=SEVEN_MONTHS,
    unit="kb",
    between=(0, MOST_KB),
    family="usage",
    reason=Reason.SIZE,
    raises=("近一月流量{value:.0f}KB", "{value:.0f} KB of data in the last month"),
)
def data_volume(data_kb: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Data volume of the last closed month."""
    return total(data_kb, age == 0)


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-(10**6), 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "流量比前三月下降{size:.0%}",
        "data {size:.0%} below the three months before",
    ),
    lowers=(
        "流量不低于前三月(高{size:.0%})",
        "data not below the three months before ({size:.0%} above)",
    ),
)
def data_fall(data_kb: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the data volume fell against the average of the three months before."""
    return fall(data_kb, age)


@member_feature(
    over=SEVEN_MONTHS,
    unit="count",
    between=(0, 7),
    family="usage",
    reason=Reason.DATA,
    raises=("可用话务月份{value:.0f}个月", "{value:.0f} months of usage are known"),
    empty=0,
)
def months_known(mou_out_m: nw.Expr) -> nw.Expr:
    """Closed months, of the last seven, whose usage has arrived."""
    return count(~mou_out_m.is_null())
