"""The kinds of contracts and agreements that hold a group."""

from __future__ import annotations

import narwhals as nw

from features.definition import group_feature
from features.expressions import count, distinct, share
from features.group.lock_in import AGREEMENTS, GROUP_AGREEMENTS, MEMBERS_CONTRACTS
from features.reasons import Reason
from features.views.lock_in import binds


@group_feature(
    over=MEMBERS_CONTRACTS,
    unit="count",
    pivot=0,
    between=(0, 10),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("成员合约类型{value:.0f}种", "kinds of members' contracts: {value:.0f}"),
    lowers=("成员无生效合约", "no member's contract runs"),
    empty=0,
)
def contract_kinds(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Different kinds of contracts that run with members."""
    return distinct(type, binds(days_to_start_date, days_to_end_date))


@group_feature(
    over=AGREEMENTS,
    unit="count",
    pivot=0,
    between=(0, 3),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("生效集团协议{value:.0f}种", "kinds of agreements with the group: {value:.0f}"),
    lowers=("无生效的集团协议", "no agreement with the group runs"),
    empty=0,
)
def agreement_kinds(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Different kinds of agreements with the group: points V-net, strategic, dedicated line."""
    running = binds(days_to_start_date, days_to_end_date)
    return distinct(type, running & type.is_in(GROUP_AGREEMENTS))


@group_feature(
    over=AGREEMENTS,
    unit="days",
    between=(1, 3700),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("担保终端平均还有{value:.0f}天到期", "guaranteed handsets end in {value:.0f} days"),
)
def guaranteed_days_left(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Days, on average, until the handsets that the group guarantees are free."""
    running = binds(days_to_start_date, days_to_end_date) & (type == "handset_guarantee")
    days = nw.when(running).then(days_to_end_date).otherwise(0)
    return share(days.sum(), of=count(running))
