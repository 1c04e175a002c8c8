"""The contracts that hold a member: subsidies, deposits with bonus, handsets."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import count, distinct, flag
from features.reasons import Reason
from features.views.lock_in import binds, lock_in_calendar

CONTRACTS = Window("contract")
SOON = 60
"""Days in which an ending contract counts as ending soon, or as just ended."""


@member_feature(
    over=CONTRACTS,
    unit="count",
    between=(0, 20),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("生效合约{value:.0f}份", "{value:.0f} contracts run"),
    empty=0,
)
def contracts_live(days_to_start_date: nw.Expr, days_to_end_date: nw.Expr) -> nw.Expr:
    """Contracts that run on the day."""
    return count(binds(days_to_start_date, days_to_end_date))


@member_feature(
    over=CONTRACTS,
    unit="days",
    between=(1, 3700),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("捆绑还剩{value:.0f}天", "the contract still runs for {value:.0f} days"),
    lowers=("捆绑还有{value:.0f}天", "the contract still runs for {value:.0f} days"),
)
def days_to_contract_end(days_to_start_date: nw.Expr, days_to_end_date: nw.Expr) -> nw.Expr:
    """Days until the last running contract ends; unknown without one."""
    running = binds(days_to_start_date, days_to_end_date)
    return nw.when(running).then(days_to_end_date).max()


@member_feature(
    over=CONTRACTS,
    unit="count",
    between=(0, 20),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("近60天到期合约{value:.0f}份", "{value:.0f} contracts ended in the last 60 days"),
    empty=0,
)
def contracts_just_ended(days_to_end_date: nw.Expr) -> nw.Expr:
    """Contracts that ended in the last 60 days."""
    return count((days_to_end_date <= 0) & (days_to_end_date > -SOON))


@member_feature(
    over=CONTRACTS,
    unit="count",
    between=(0, 20),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("生效担保终端{value:.0f}份", "{value:.0f} employer-guaranteed handsets"),
    empty=0,
)
def guaranteed_handsets(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Running contracts for a handset that the employer guarantees."""
    return count(binds(days_to_start_date, days_to_end_date) & (type == "handset_guarantee"))


@member_feature(
    over=CONTRACTS,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("在享补贴{yuan:.0f}元", "a subsidy of {yuan:.0f} yuan runs"),
    lowers=("没有在享补贴", "no subsidy runs"),
    empty=0,
)
def subsidy_value(
    subsidy_cost_fen: nw.Expr,
    bonus_fen: nw.Expr,
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Subsidies and bonuses of the running contracts."""
    running = binds(days_to_start_date, days_to_end_date)
    return nw.when(running).then(subsidy_cost_fen.fill_null(0) + bonus_fen.fill_null(0)).sum()


@member_feature(
    over=Window(lock_in_calendar),
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "现在离网违约损失{yuan:.0f}元",
        "leaving today would cost {yuan:.0f} yuan",
    ),
    lowers=("现在离网无违约损失", "leaving today would cost nothing"),
)
def penalty_now(penalty_fen: nw.Expr) -> nw.Expr:
    """What breaking the running contracts on the day would cost the member, by their penalty rules.

    A fixed penalty is all that was given, subsidy and bonus; of a part of it, or of a forfeited
    bonus alone, it is what the days left of the term come to, in whole fen. Unknown where a running
    contract tells no rule. Computed, not the penalty that was paid.
    """
    return penalty_fen.max()


@member_feature(
    over=CONTRACTS,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("承诺月消费{yuan:.0f}元", "a monthly spend of {yuan:.0f} yuan is agreed"),
    lowers=("没有承诺月消费", "no monthly spend is agreed"),
    empty=0,
)
def min_spend(
    min_spend_fen: nw.Expr, days_to_start_date: nw.Expr, days_to_end_date: nw.Expr
) -> nw.Expr:
    """Highest monthly spend that a running contract asks for; 0 where none asks."""
    running = binds(days_to_start_date, days_to_end_date)
    return nw.when(running).then(min_spend_fen.fill_null(0)).otherwise(0).max()


@member_feature(
    over=CONTRACTS,
    unit="count",
    between=(0, 9),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("在享{value:.0f}类合约", "{value:.0f} kinds of contract run"),
    empty=0,
)
def kinds_running(
    type: nw.Expr,  # noqa: A002 - the column's name in the contract
    days_to_start_date: nw.Expr,
    days_to_end_date: nw.Expr,
) -> nw.Expr:
    """Different kinds of contract among those that run on the day."""
    return distinct(type, binds(days_to_start_date, days_to_end_date))


@member_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "近60天合约到期未续",
        "a contract ended in the last 60 days and none has followed",
    ),
    lowers=("无到期未续合约", "no contract ended lately without another running"),
    direction=1,
)
def freed_lately(contracts_just_ended: nw.Expr, contracts_live: nw.Expr) -> nw.Expr:
    """A contract ended in the last 60 days and none runs now."""
    return flag((contracts_just_ended > 0) & (contracts_live == 0))
