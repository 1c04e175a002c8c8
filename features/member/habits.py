"""How a member uses his phone: how evenly, in which direction, with how many, from where."""

from __future__ import annotations

import narwhals as nw

from features.definition import member_feature
from features.expressions import ages, fall, share, total
from features.member.usage import SEVEN_MONTHS
from features.reasons import Reason


def over_known(part: nw.Expr, whole: nw.Expr, where: nw.Expr) -> nw.Expr:
    """A part in the whole, over the rows that know both."""
    both = where & ~part.is_null() & ~whole.is_null()
    return share(total(part, both), of=total(whole, both))


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-(10**5), 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "活跃日日均打出比前三月下降{size:.0%}",
        "outgoing minutes per active day {size:.0%} below the three months before",
    ),
    lowers=(
        "活跃日日均打出不低于前三月(高{size:.0%})",
        "outgoing minutes per active day not below the three months before ({size:.0%} above)",
    ),
)
def active_day_out_fall(mou_out_m: nw.Expr, active_days: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which outgoing minutes per active day fell against the three months before."""
    before = over_known(mou_out_m, active_days, ages(age, 1, 3))
    return nw.when(before > 0).then(1 - over_known(mou_out_m, active_days, age == 0) / before)


@member_feature(
    over=SEVEN_MONTHS,
    unit="ratio",
    between=(0, 10**8),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打入打出比为前三月的{value:.1f}倍",
        "incoming to outgoing minutes {value:.1f} times those of the three months before",
    ),
)
def in_out_ratio_change(mou_in_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Incoming to outgoing minutes of the last closed month, of those of the three before it.

    Above 1 where calls still come in and no longer go out: the signature of a second SIM.
    """
    newest = over_known(mou_in_m, mou_out_m, age == 0)
    return share(newest, of=over_known(mou_in_m, mou_out_m, ages(age, 1, 3)))


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-(10**6), 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "主叫号码数比前三月下降{size:.0%}",
        "different numbers called {size:.0%} below the three months before",
    ),
    lowers=(
        "主叫号码数不低于前三月(高{size:.0%})",
        "different numbers called not below the three months before ({size:.0%} above)",
    ),
)
def numbers_called_fall(distinct_out_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which the different numbers called in a month fell against the three before."""
    return fall(distinct_out_n, age)


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    between=(0, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=("近三月长途占{value:.0%}", "{value:.0%} of three months' minutes are long-distance"),
)
def toll_share(mou_toll_m: nw.Expr, mou_out_m: nw.Expr, mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Long-distance calls' share of all minutes in the last three closed months."""
    return over_known(mou_toll_m, mou_out_m + mou_in_m, ages(age, 0, 2))


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    between=(0, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=("近三月漫游占{value:.0%}", "{value:.0%} of three months' minutes are roaming"),
)
def roam_share(mou_roam_m: nw.Expr, mou_out_m: nw.Expr, mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share of minutes while roaming in all minutes of the last three closed months."""
    return over_known(mou_roam_m, mou_out_m + mou_in_m, ages(age, 0, 2))


@member_feature(
    over=SEVEN_MONTHS,
    unit="days",
    between=(0, 31),
    family="usage",
    reason=Reason.SIZE,
    raises=("近一月{value:.0f}天有使用", "in use on {value:.0f} days of the last month"),
)
def days_active(active_days: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Days of the last closed month with any call, message or data."""
    return total(active_days, age == 0)


@member_feature(
    over=SEVEN_MONTHS,
    unit="days",
    pivot=0,
    between=(0, 4000),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "上月末已{value:.0f}天未使用",
        "not in use for {value:.0f} days at the end of the last month",
    ),
    lowers=("上月末仍在使用", "in use up to the end of the last month"),
)
def days_unused(
    days_to_last_active_date: nw.Expr, days_to_period_end: nw.Expr, age: nw.Expr
) -> nw.Expr:
    """Days without use at the end of the last closed month.

    Up to the month's end, not to the day: the last day of use is overwritten in the source, and
    only what the month's own row said, as known on the day, is looked at.
    """
    unused = days_to_period_end - days_to_last_active_date
    return nw.when(age == 0).then(nw.when(unused < 0).then(0).otherwise(unused)).min()
