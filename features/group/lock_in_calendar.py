"""When a group's members come free: of heads and of money, known in advance."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import count, share
from features.reasons import Reason
from features.views.lock_in import lock_in_calendar

CALENDAR = Window(lock_in_calendar, through="members")


def ending(now: nw.Expr, later: nw.Expr) -> nw.Expr:
    """Under contract today, no more then, by all that has been signed."""
    return (now == 1) & (later == 0)


def _share_ending(now: nw.Expr, later: nw.Expr) -> nw.Expr:
    return share(count(ending(now, later)), of=now.count())


def _value_share(value_fen: nw.Expr, where: nw.Expr) -> nw.Expr:
    """Share of the group's bills that members ``where`` pay."""
    paid = value_fen.fill_null(0)
    return share(nw.when(where).then(paid).otherwise(0).sum(), of=paid.sum())


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "{value:.0%}的成员30天内脱离合约",
        "{value:.0%} of the members come free of contract within 30 days",
    ),
    lowers=("30天内无成员脱离合约", "no member comes free of contract within 30 days"),
)
def ending_share_30(locked_0: nw.Expr, locked_30: nw.Expr) -> nw.Expr:
    """Share of the members under contract today who will not be in 30 days."""
    return _share_ending(locked_0, locked_30)


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "{value:.0%}的成员60天内脱离合约",
        "{value:.0%} of the members come free of contract within 60 days",
    ),
    lowers=("60天内无成员脱离合约", "no member comes free of contract within 60 days"),
)
def ending_share(locked_0: nw.Expr, locked_60: nw.Expr) -> nw.Expr:
    """Share of the members under contract today who will not be in 60 days."""
    return _share_ending(locked_0, locked_60)


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "{value:.0%}的成员90天内脱离合约",
        "{value:.0%} of the members come free of contract within 90 days",
    ),
    lowers=("90天内无成员脱离合约", "no member comes free of contract within 90 days"),
)
def ending_share_90(locked_0: nw.Expr, locked_90: nw.Expr) -> nw.Expr:
    """Share of the members under contract today who will not be in 90 days."""
    return _share_ending(locked_0, locked_90)


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "收入的{value:.0%}30天内脱离合约",
        "{value:.0%} of the members' bills come free within 30 days",
    ),
    lowers=("30天内无收入脱离合约", "no part of the bills comes free within 30 days"),
)
def ending_value_share_30(locked_0: nw.Expr, locked_30: nw.Expr, value_fen: nw.Expr) -> nw.Expr:
    """Share of the members' bills of three months paid by those who come free in 30 days."""
    return _value_share(value_fen, ending(locked_0, locked_30))


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "收入的{value:.0%}60天内脱离合约",
        "{value:.0%} of the members' bills come free within 60 days",
    ),
    lowers=("60天内无收入脱离合约", "no part of the bills comes free within 60 days"),
)
def ending_value_share_60(locked_0: nw.Expr, locked_60: nw.Expr, value_fen: nw.Expr) -> nw.Expr:
    """Share of the members' bills of three months paid by those who come free in 60 days."""
    return _value_share(value_fen, ending(locked_0, locked_60))


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "收入的{value:.0%}90天内脱离合约",
        "{value:.0%} of the members' bills come free within 90 days",
    ),
    lowers=("90天内无收入脱离合约", "no part of the bills comes free within 90 days"),
)
def ending_value_share_90(locked_0: nw.Expr, locked_90: nw.Expr, value_fen: nw.Expr) -> nw.Expr:
    """Share of the members' bills of three months paid by those who come free in 90 days."""
    return _value_share(value_fen, ending(locked_0, locked_90))


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("收入的{value:.0%}在合约期内", "{value:.0%} of the members' bills are under contract"),
    lowers=("没有收入在合约期内", "no part of the members' bills is under contract"),
)
def lock_value_share(locked_0: nw.Expr, value_fen: nw.Expr) -> nw.Expr:
    """Share of the members' bills of three months paid by those under contract."""
    return _value_share(value_fen, locked_0 == 1)


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "30天后仍有{value:.0%}的成员在合约期内",
        "{value:.0%} of the members will be under contract in 30 days",
    ),
    lowers=("30天后没有成员在合约期内", "no member will be under contract in 30 days"),
)
def lock_share_in_30(locked_30: nw.Expr) -> nw.Expr:
    """Share of the members who will be under contract in 30 days, as signed by today."""
    return share(count(locked_30 == 1), of=locked_30.count())


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "60天后仍有{value:.0%}的成员在合约期内",
        "{value:.0%} of the members will be under contract in 60 days",
    ),
    lowers=("60天后没有成员在合约期内", "no member will be under contract in 60 days"),
)
def lock_share_in_60(locked_60: nw.Expr) -> nw.Expr:
    """Share of the members who will be under contract in 60 days, as signed by today."""
    return share(count(locked_60 == 1), of=locked_60.count())


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "90天后仍有{value:.0%}的成员在合约期内",
        "{value:.0%} of the members will be under contract in 90 days",
    ),
    lowers=("90天后没有成员在合约期内", "no member will be under contract in 90 days"),
)
def lock_share_in_90(locked_90: nw.Expr) -> nw.Expr:
    """Share of the members who will be under contract in 90 days, as signed by today."""
    return share(count(locked_90 == 1), of=locked_90.count())


@group_feature(
    over=CALENDAR,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=(
        "近90天合约到期的成员中{value:.0%}未续约",
        "of the members whose contract ended in 90 days, {value:.0%} signed no other",
    ),
    lowers=(
        "近90天合约到期的成员均已续约",
        "all members whose contract ended in 90 days are under contract again",
    ),
)
def unrenewed_share(ended: nw.Expr, locked_0: nw.Expr) -> nw.Expr:
    """Share without a contract among the members of whom one ended in the last 90 days."""
    return share(count((ended > 0) & (locked_0 == 0)), of=count(ended > 0))


@group_feature(
    over=CALENDAR,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("人均离网违约成本{yuan:.0f}元", "leaving today costs {yuan:.0f} yuan per member"),
    lowers=("离网无违约成本", "leaving today costs nothing"),
)
def penalty_per_member(penalty_fen: nw.Expr) -> nw.Expr:
    """What leaving today would cost per member, by the rules of the running contracts, of those
    members whose rules are known."""
    return share(penalty_fen.sum(), of=penalty_fen.count())


@group_feature(
    over=CALENDAR,
    unit="fen",
    pivot=0,
    between=(0, 10**8),
    direction=-1,
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("人均在享赠费{yuan:.0f}元", "a running bonus of {yuan:.0f} yuan per member"),
    lowers=("没有在享赠费", "no bonus runs"),
)
def bonus_per_member(bonus_fen: nw.Expr) -> nw.Expr:
    """Bonus of running contracts per member."""
    return share(bonus_fen.sum(), of=bonus_fen.count())
