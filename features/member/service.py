"""What a member asks and complains of; requests to leave or to port a number are left out."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import ages, count, total
from features.member.usage import SEVEN_MONTHS
from features.reasons import Reason

QUARTER = Window("ticket", lookback=90)
HALF_A_YEAR = Window("ticket", lookback=180)
PART_OF_LEAVING = ("cancel_request", "mnp_query")
"""Kinds of ticket that are the loss itself."""


def asks(cat: nw.Expr) -> nw.Expr:
    """A ticket that is not part of leaving; unseen rows are none."""
    return ~cat.is_in(PART_OF_LEAVING)


@member_feature(
    over=SEVEN_MONTHS,
    unit="calls",
    pivot=0,
    between=(0, 10_000),
    family="service",
    reason=Reason.SERVICE,
    raises=("近三月拨打10086共{value:.0f}次", "{value:.0f} calls to 10086 in three months"),
    lowers=("近三月未拨打10086", "no call to 10086 in three months"),
)
def hotline_calls(calls_10086_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to our own service number (10086) in the last three closed months."""
    return total(calls_10086_n, ages(age, 0, 2))


@member_feature(
    over=QUARTER,
    unit="count",
    pivot=0,
    between=(0, 1000),
    family="service",
    reason=Reason.SERVICE,
    raises=("近90天咨询投诉{value:.0f}次", "{value:.0f} complaints and enquiries in 90 days"),
    lowers=("近90天无咨询投诉", "no complaint or enquiry in 90 days"),
    empty=0,
)
def own_tickets(cat: nw.Expr) -> nw.Expr:
    """Tickets of the last 90 days, without requests to cancel and questions on porting."""
    return count(asks(cat))


@member_feature(
    over=QUARTER,
    unit="count",
    pivot=0,
    between=(0, 1000),
    family="service",
    reason=Reason.SERVICE,
    raises=(
        "近90天有{value:.0f}件咨询投诉未解决",
        "{value:.0f} complaints or enquiries of 90 days are not solved",
    ),
    lowers=("近90天无未解决的咨询投诉", "no unsolved complaint or enquiry of 90 days"),
    empty=0,
)
def own_tickets_unsolved(cat: nw.Expr, resolved: nw.Expr) -> nw.Expr:
    """Those of ``own_tickets`` that are not known to be solved on the day."""
    return count(asks(cat) & ~resolved.fill_null(False))


@member_feature(
    over=HALF_A_YEAR,
    unit="score",
    between=(1, 5),
    family="service",
    reason=Reason.SERVICE,
    raises=("最近一次满意度{value:.0f}分", "last satisfaction {value:.0f} of 5"),
)
def last_satisfaction(csat: nw.Expr, cat: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Satisfaction (1 to 5) with the newest ticket of 180 days of which it is known.

    Of two tickets of one day the worse counts.
    """
    newest_worst = nw.when(asks(cat) & ~csat.is_null()).then(age * 10 + csat).min()
    return newest_worst - newest_worst // 10 * 10
