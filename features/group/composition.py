"""How large a group is, what it is worth, and who joins and leaves."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import ages, count, distinct, flag, share
from features.reasons import Reason

MEMBERSHIPS = Window("membership_hist")
QUARTER = 90
MOST_MEMBERS = 100_000


@group_feature(
    over=MEMBERS,
    unit="count",
    between=(0, MOST_MEMBERS),
    family="tier",
    reason=Reason.SIZE,
    raises=("在网成员{value:.0f}人", "members on net: {value:.0f}"),
    empty=0,
)
def members(user_id: nw.Expr) -> nw.Expr:
    """Members on net on the day."""
    return user_id.count()


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, MOST_MEMBERS),
    direction=-1,
    family="tier",
    reason=Reason.KEY_PEOPLE,
    raises=("已建档关键成员{value:.0f}人", "key members on record: {value:.0f}"),
    lowers=("未建档关键成员", "no key member on record"),
    empty=0,
)
def key_members(is_key_member: nw.Expr) -> nw.Expr:
    """Key persons, contacts and key members on record."""
    return count(is_key_member == 1)


@group_feature(
    unit="share",
    between=(0, 50),
    family="tier",
    reason=Reason.SIZE,
    raises=("成员占登记人数{value:.0%}", "{value:.0%} of the declared headcount are members"),
)
def penetration(members: nw.Expr, register_headcount: nw.Expr) -> nw.Expr:
    """Members on net per declared head; above 1 where the declaration is too low."""
    return share(members, of=register_headcount)


@group_feature(
    unit="score",
    between=(0, 1000),
    family="tier",
    reason=Reason.SIZE,
    raises=("价值评分{value:.0f}", "value score {value:.0f}"),
)
def group_value(value_score: nw.Expr) -> nw.Expr:
    """The operator's value score of the group, from its newest snapshot."""
    return value_score


@group_feature(
    unit="rank",
    between=(0, 20),
    family="tier",
    reason=Reason.SIZE,
    raises=("价值等级{value:.0f}", "value segment {value:.0f}"),
)
def value_segment(value_rank: nw.Expr) -> nw.Expr:
    """The operator's own value segment, 1 the lowest."""
    return value_rank


@group_feature(
    over=Window("group_snapshot", lookback=12),
    unit="count",
    between=(1, 12),
    family="tier",
    reason=Reason.SIZE,
    raises=("一年内有{value:.0f}个级别", "{value:.0f} tiers within a year"),
)
def tiers_in_a_year(tier: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Different tiers the group had in the last twelve closed months."""
    return distinct(tier, ages(age, 0, 11))


@group_feature(
    over=Window("group_snapshot", lookback=13),
    unit="points",
    pivot=0,
    between=(-1000, 1000),
    family="tier",
    reason=Reason.SIZE,
    raises=("价值评分一年内上升{size:.0f}", "value score up {size:.0f} within a year"),
    lowers=(
        "价值评分一年内未上升(下降{size:.0f})",
        "value score not up within a year (down {size:.0f})",
    ),
)
def value_change(value_score: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Newest value score less that of a year before."""
    return nw.when(age == 0).then(value_score).max() - nw.when(age == 12).then(value_score).max()


@group_feature(
    unit="days",
    between=(0, 20_000),
    family="tier",
    reason=Reason.SIZE,
    raises=("签约{value:.0f}天", "signed {value:.0f} days ago"),
)
def days_since_signed(days_to_sign_date: nw.Expr) -> nw.Expr:
    """Days since the group signed."""
    return -days_to_sign_date


@group_feature(
    over=MEMBERSHIPS,
    unit="count",
    pivot=0,
    between=(0, MOST_MEMBERS),
    family="tier",
    reason=Reason.CONTAGION,
    raises=("近三月离开成员{value:.0f}人", "members who left in 90 days: {value:.0f}"),
    lowers=("近三月无成员离开", "no member left in 90 days"),
    empty=0,
)
def members_left(days_to_valid_to: nw.Expr) -> nw.Expr:
    """Memberships that ended in the last 90 days."""
    return count((days_to_valid_to <= 0) & (days_to_valid_to > -QUARTER))


@group_feature(
    over=MEMBERSHIPS,
    unit="count",
    pivot=0,
    between=(0, MOST_MEMBERS),
    family="tier",
    reason=Reason.SIZE,
    raises=("近三月新增成员{value:.0f}人", "members who joined in 90 days: {value:.0f}"),
    lowers=("近三月无新增成员", "no member joined in 90 days"),
    empty=0,
)
def members_joined(days_to_valid_from: nw.Expr) -> nw.Expr:
    """Memberships that began in the last 90 days."""
    return count((days_to_valid_from <= 0) & (days_to_valid_from > -QUARTER))


@group_feature(
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="tier",
    reason=Reason.CONTAGION,
    raises=("近三月{value:.0%}的成员离开", "{value:.0%} of the members left in 90 days"),
    lowers=("近三月无成员离开", "no member left in 90 days"),
)
def left_share(members_left: nw.Expr, members: nw.Expr) -> nw.Expr:
    """Members who left in 90 days, among those and the present ones."""
    return share(members_left, of=members + members_left)


@group_feature(
    unit="share",
    pivot=0,
    between=(0, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=("{value:.0%}的号码未激活或停用", "{value:.0%} of the numbers are inactive"),
    lowers=("没有未激活或停用的号码", "no number is inactive"),
)
def inactive_share(
    active_members: nw.Expr, inactive_members: nw.Expr, suspended_members: nw.Expr
) -> nw.Expr:
    """Inactive and suspended numbers among all, where the snapshot counts them."""
    idle = inactive_members + suspended_members
    return share(idle, of=idle + active_members)


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.SIZE,
    raises=("有号码停机", "some numbers are suspended"),
    lowers=("无号码停机", "no number is suspended"),
)
def has_suspended(suspended_members: nw.Expr) -> nw.Expr:
    """At least one suspended number, where the snapshot counts them."""
    return flag(suspended_members > 0)


@group_feature(
    unit="count",
    between=(0, MOST_MEMBERS),
    family="usage",
    reason=Reason.SIZE,
    raises=("在用号码{value:.0f}个", "active numbers: {value:.0f}"),
)
def active_numbers(active_members: nw.Expr) -> nw.Expr:
    """Active numbers, where the snapshot counts them."""
    return active_members


@group_feature(
    over=Window("usage_month", lookback=2, through="members"),
    unit="share",
    between=(0, 1),
    family="usage",
    reason=Reason.DATA,
    raises=("上月{value:.0%}的话务已到", "{value:.0%} of last month's usage has arrived"),
)
def usage_arrived(user_id: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Members with usage of the last closed month among those with any of the last two."""
    return share(distinct(user_id, age == 0), of=distinct(user_id, ages(age, 0, 1)))
