"""The contracts that hold a member: subsidies, deposits with bonus, handsets."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import count
from features.reasons import Reason

CONTRACTS = Window("contract")
SOON = 60
"""Days in which an ending contract counts as ending soon, or as just ended."""


def live(days_to_start_date: nw.Expr, days_to_end_date: nw.Expr, status: nw.Expr) -> nw.Expr:
    """A contract that runs on the day and was not broken, as known then."""
    return (days_to_start_date <= 0) & (days_to_end_date > 0) & (status != "broken")


@member_feature(
    over=CONTRACTS,
    unit="count",
    between=(0, 20),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("生效合约{value:.0f}份", "{value:.0f} contracts run"),
    empty=0,
)
def contracts_live(
    days_to_start_date: nw.Expr, days_to_end_date: nw.Expr, status: nw.Expr
) -> nw.Expr:
    """Contracts that run on the day."""
    return count(live(days_to_start_date, days_to_end_date, status))


@member_feature(
    over=CONTRACTS,
    unit="days",
    between=(1, 3700),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("捆绑还剩{value:.0f}天", "the contract still runs for {value:.0f} days"),
    lowers=("捆绑还有{value:.0f}天", "the contract still runs for {value:.0f} days"),
)
def days_to_contract_end(
    days_to_start_date: nw.Expr, days_to_end_date: nw.Expr, status: nw.Expr
) -> nw.Expr:
    """Days until the last running contract ends; unknown without one."""
    running = live(days_to_start_date, days_to_end_date, status)
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
    status: nw.Expr,
) -> nw.Expr:
    """Running contracts for a handset that the employer guarantees."""
    return count(live(days_to_start_date, days_to_end_date, status) & (type == "handset_guarantee"))


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
    status: nw.Expr,
) -> nw.Expr:
    """Subsidies and bonuses of the running contracts."""
    running = live(days_to_start_date, days_to_end_date, status)
    return nw.when(running).then(subsidy_cost_fen.fill_null(0) + bonus_fen.fill_null(0)).sum()
