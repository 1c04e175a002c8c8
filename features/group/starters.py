"""Falls with those counted who have left: the members of today alone look too well."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import per_row, share
from features.reasons import Reason
from features.views.starters import starters_bills, starters_usage

USAGE = Window(starters_usage)
BILLS = Window(starters_bills)


def fall_of_starters(now: nw.Expr, before: nw.Expr, months_before: nw.Expr) -> nw.Expr:
    """Share by which the newest month a starter is below the three before it."""
    level = share(before.sum(), of=months_before.sum())
    return nw.when(level > 0).then(1 - per_row(now, ~now.is_null()) / level)


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "四个月前的成员(含停机或离网)人均打出比前三月下降{size:.0%}",
        "outgoing minutes of the members of four months ago, leavers counted, {size:.0%} down",
    ),
    lowers=(
        "四个月前的成员(含停机或离网)人均打出比前三月未下降(上升{size:.0%})",
        "outgoing minutes of the members of four months ago, leavers counted, did not fall "
        "({size:.0%} up)",
    ),
)
def group_out_fall_of_starters(
    out_now: nw.Expr, out_before: nw.Expr, months_before: nw.Expr
) -> nw.Expr:
    """Fall of outgoing minutes a head, over those who were members 120 days ago."""
    return fall_of_starters(out_now, out_before, months_before)


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    direction=1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "四个月前的成员(含停机或离网)V网分钟比前三月下降{size:.0%}",
        "V-net minutes of the members of four months ago, leavers counted, {size:.0%} down",
    ),
    lowers=(
        "四个月前的成员(含停机或离网)V网分钟比前三月未下降(上升{size:.0%})",
        "V-net minutes of the members of four months ago, leavers counted, did not fall "
        "({size:.0%} up)",
    ),
)
def group_vnet_fall_of_starters(
    vnet_now: nw.Expr, vnet_before: nw.Expr, months_before: nw.Expr
) -> nw.Expr:
    """Fall of V-net minutes a head, over those who were members 120 days ago."""
    return fall_of_starters(vnet_now, vnet_before, months_before)


@group_feature(
    over=BILLS,
    unit="share",
    pivot=0,
    between=(-(10**4), 10**4),
    direction=1,
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "四个月前的成员(含停机或离网)人均出账比前三月下降{size:.0%}",
        "bills of the members of four months ago, leavers counted, {size:.0%} down",
    ),
    lowers=(
        "四个月前的成员(含停机或离网)人均出账比前三月未下降(上升{size:.0%})",
        "bills of the members of four months ago, leavers counted, did not fall ({size:.0%} up)",
    ),
)
def group_arpu_fall_of_starters(
    bill_now: nw.Expr, bill_before: nw.Expr, months_before: nw.Expr
) -> nw.Expr:
    """Fall of the bill a head, over those who were members 120 days ago."""
    return fall_of_starters(bill_now, bill_before, months_before)
