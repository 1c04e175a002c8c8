"""Who a member is: how long with us and with the group, and in which role."""

from __future__ import annotations

import narwhals as nw

from features.definition import member_feature
from features.expressions import flag
from features.reasons import Reason

VIP_LEVELS = ("vip", "silver", "gold", "diamond")
KEY_ROLES = ("key_person", "contact", "key_member")
MOST_DAYS = 20_000


@member_feature(
    unit="days",
    between=(0, MOST_DAYS),
    family="tier",
    reason=Reason.SIZE,
    raises=("入网{value:.0f}天", "with us for {value:.0f} days"),
)
def tenure_days(days_to_open_date: nw.Expr) -> nw.Expr:
    """Days since the number was opened."""
    return -days_to_open_date


@member_feature(
    unit="days",
    between=(0, MOST_DAYS),
    family="tier",
    reason=Reason.SIZE,
    raises=("入集团{value:.0f}天", "in the group for {value:.0f} days"),
)
def days_in_group(days_to_valid_from: nw.Expr) -> nw.Expr:
    """Days since the member joined the group."""
    return -days_to_valid_from


@member_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.KEY_PEOPLE,
    raises=("为集团关键成员", "a key member of the group"),
    lowers=("普通成员", "not a key member of the group"),
)
def is_key_member(member_role: nw.Expr) -> nw.Expr:
    """Key person, contact or key member of the group on the day."""
    return flag(member_role.is_in(KEY_ROLES))


@member_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="billing",
    reason=Reason.PRICE,
    raises=("预付费用户", "prepaid"),
    lowers=("后付费用户", "postpaid"),
)
def is_prepaid(pay_type: nw.Expr) -> nw.Expr:
    """The number is prepaid."""
    return flag(pay_type == "prepaid")


@member_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="billing",
    reason=Reason.ARREARS,
    raises=("已单向停机", "barred from calling out"),
    lowers=("状态正常", "not barred"),
)
def is_barred(status: nw.Expr) -> nw.Expr:
    """Barred from outgoing calls (single stop) on the day."""
    return flag(status == "single_stop")


@member_feature(
    unit="rank",
    pivot=0,
    between=(0, len(VIP_LEVELS)),
    family="tier",
    reason=Reason.SIZE,
    raises=("VIP等级第{value:.0f}级", "VIP of rank {value:.0f}"),
    lowers=("非VIP客户", "not a VIP"),
)
def vip_rank(vip_level: nw.Expr) -> nw.Expr:
    """Personal value rank: 0 none, 1 VIP, 2 silver, 3 gold, 4 diamond."""
    ranks = [flag(vip_level == name) * n for n, name in enumerate(VIP_LEVELS, start=1)]
    return nw.max_horizontal(*ranks)
