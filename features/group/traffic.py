"""What a group's calls say: falling, diverted, one-sided."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import count, fall, per_row, share
from features.member.usage import MOST_MINUTES
from features.reasons import Reason
from features.views.neighbourhood import one_sided

USAGE = Window("usage_month", lookback=4, through="members")


@group_feature(
    over=USAGE,
    unit="minutes",
    pivot=0,
    between=(0, MOST_MINUTES),
    family="usage",
    reason=Reason.SIZE,
    raises=("人均打出{value:.0f}分钟", "outgoing minutes per member: {value:.0f}"),
    lowers=("上月无打出", "no outgoing minutes last month"),
)
def group_mou_out(mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Outgoing minutes per member in the last closed month."""
    return per_row(mou_out_m, age == 0)


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "集团人均打出比前三月下降{size:.0%}",
        "the group's outgoing minutes {size:.0%} below the three months before",
    ),
    lowers=(
        "集团人均打出比前三月未下降(上升{size:.0%})",
        "the group's outgoing minutes are not below the three months before ({size:.0%} above)",
    ),
)
def group_out_fall(mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which outgoing minutes per member fell against the three months before."""
    return fall(mou_out_m, age)


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(-1000, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=(
        "集团人均打入比前三月下降{size:.0%}",
        "the group's incoming minutes {size:.0%} below the three months before",
    ),
    lowers=(
        "集团人均打入比前三月未下降(上升{size:.0%})",
        "the group's incoming minutes are not below the three months before ({size:.0%} above)",
    ),
)
def group_in_fall(mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share by which incoming minutes per member fell against the three months before."""
    return fall(mou_in_m, age)


@group_feature(
    unit="share",
    pivot=0,
    between=(-1000, 1001),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "集团打出降幅比打入多{hundred:.0f}个百分点,疑似话务分流",
        "the group's outgoing minutes fell {hundred:.0f} points more than incoming ones: "
        "a sign of diversion",
    ),
    lowers=(
        "集团打出降幅未超过打入",
        "the group's outgoing minutes did not fall more than incoming ones",
    ),
)
def group_diversion_gap(group_out_fall: nw.Expr, group_in_fall: nw.Expr) -> nw.Expr:
    """How much more outgoing minutes fell than incoming ones."""
    return group_out_fall - group_in_fall


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 100_000),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "{value:.0f}名成员打出大降而打入未降",
        "members who call out far less but are still called: {value:.0f}",
    ),
    lowers=("无成员打出大降而打入未降", "no member calls out far less while still being called"),
    empty=0,
)
def one_sided_members(mou_out_fall: nw.Expr, mou_in_fall: nw.Expr) -> nw.Expr:
    """Members whose outgoing minutes fell by 40 % or more while incoming fell by less than 25 %."""
    return count(one_sided(mou_out_fall, mou_in_fall))


@group_feature(
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "{value:.0%}的成员打出大降而打入未降",
        "{value:.0%} of the members call out far less but are still called",
    ),
    lowers=("无成员打出大降而打入未降", "no member calls out far less while still being called"),
)
def one_sided_share(one_sided_members: nw.Expr, members: nw.Expr) -> nw.Expr:
    """Share of the members whose outgoing minutes fell one-sidedly."""
    return share(one_sided_members, of=members)


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "{value:.0%}的成员打出连续两月偏低",
        "{value:.0%} of the members are low on outgoing minutes for two months",
    ),
    lowers=("无成员打出连续偏低", "no member is low on outgoing minutes for two months"),
)
def outgoing_low_share(outgoing_low: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with outgoing minutes low for two months and incoming held."""
    return share(count(outgoing_low == 1), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="count",
    between=(0, 100_000),
    family="usage",
    reason=Reason.SIZE,
    raises=("{value:.0f}名成员话务未分流", "members whose traffic is not diverted: {value:.0f}"),
    empty=0,
)
def undiverted_members(outgoing_low: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Members on net whose outgoing minutes are not low for two months: not diverted yet."""
    return user_id.count() - count(outgoing_low == 1)


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=("{value:.0%}的成员上月静默", "{value:.0%} of the members were silent last month"),
    lowers=("上月无静默成员", "no member was silent last month"),
)
def silent_share(silent: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members without calls or data in the last closed month."""
    return share(count(silent == 1), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="usage",
    reason=Reason.KEY_PEOPLE,
    raises=(
        "{value:.0f}名关键成员出现分流迹象",
        "key members with signs of diversion: {value:.0f}",
    ),
    lowers=("关键成员无分流迹象", "no key member shows signs of diversion"),
    empty=0,
)
def key_members_diverting(
    is_key_member: nw.Expr,
    mou_out_fall: nw.Expr,
    mou_in_fall: nw.Expr,
    second_sim_recent: nw.Expr,
) -> nw.Expr:
    """Key members with a one-sided fall of calls or a recent second-SIM indication."""
    diverting = one_sided(mou_out_fall, mou_in_fall) | (second_sim_recent > 0)
    return count((is_key_member == 1) & diverting)
