"""What holds a group, and when it lets go."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import count, share
from features.reasons import Reason
from features.views.lock_in import binds

MEMBERS_CONTRACTS = Window("contract", through="members")
AGREEMENTS = Window("contract")
GROUP_AGREEMENTS = ("points_vnet", "strategic_coop", "dedicated_line_term")


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("{value:.0%}的成员有生效合约", "{value:.0%} of the members are under contract"),
    lowers=("没有成员在合约期内", "no member is under contract"),
)
def lock_share(contracts_live: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with a running contract."""
    return share(count(contracts_live > 0), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.KEY_PEOPLE,
    raises=("{value:.0%}的关键成员有生效合约", "{value:.0%} of the key members are under contract"),
    lowers=("没有关键成员在合约期内", "no key member is under contract"),
)
def key_lock_share(contracts_live: nw.Expr, is_key_member: nw.Expr) -> nw.Expr:
    """Share of the key members with a running contract; unknown where none is on record."""
    key = is_key_member == 1
    return share(count(key & (contracts_live > 0)), of=count(key))


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "{value:.0%}的成员合约刚到期且未续",
        "{value:.0%} of the members are free since a contract ended in 60 days",
    ),
    lowers=("近60天无成员到期未续", "no member became free of contract in 60 days"),
)
def freed_share(
    contracts_just_ended: nw.Expr, contracts_live: nw.Expr, user_id: nw.Expr
) -> nw.Expr:
    """Share of the members whose contract ended in the last 60 days without another one."""
    return share(count((contracts_just_ended > 0) & (contracts_live == 0)), of=user_id.count())


@group_feature(
    over=MEMBERS_CONTRACTS,
    unit="days",
    between=(1, 3700),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("最近一份合约{value:.0f}天后到期", "days until the next contract ends: {value:.0f}"),
)
def days_to_next_end(days_to_start_date: nw.Expr, days_to_end_date: nw.Expr) -> nw.Expr:
    """Days until the first running contract of a member ends."""
    running = binds(days_to_start_date, days_to_end_date)
    return nw.when(running).then(days_to_end_date).min()


@group_feature(
    over=AGREEMENTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("集团协议生效中", "an agreement with the group runs"),
    lowers=("无生效的集团协议", "no agreement with the group runs"),
    empty=0,
)
def agreement_live(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """A points V-net, strategic or line agreement with the group runs on the day."""
    running = binds(days_to_start_date, days_to_end_date) & type.is_in(GROUP_AGREEMENTS)
    return nw.when(running).then(1).otherwise(0).max()


@group_feature(
    over=AGREEMENTS,
    unit="days",
    between=(1, 3700),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("集团协议{value:.0f}天后到期", "days until the agreement ends: {value:.0f}"),
)
def days_to_agreement_end(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Days until the agreement with the group ends; unknown without one."""
    running = binds(days_to_start_date, days_to_end_date) & type.is_in(GROUP_AGREEMENTS)
    return nw.when(running).then(days_to_end_date).max()


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "{value:.0%}的成员持担保终端",
        "{value:.0%} of the members hold an employer-guaranteed handset",
    ),
    lowers=("没有成员持担保终端", "no member holds an employer-guaranteed handset"),
)
def guaranteed_share(guaranteed_handsets: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with a handset that the employer guarantees."""
    return share(count(guaranteed_handsets > 0), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("人均在享补贴{yuan:.0f}元", "a running subsidy of {yuan:.0f} yuan per member"),
    lowers=("没有在享补贴", "no subsidy runs"),
)
def subsidy_per_member(subsidy_value: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Subsidies and bonuses of running contracts per member."""
    return share(subsidy_value.cast(nw.Int64).sum(), of=user_id.count())
