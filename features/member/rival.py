"""How far a member has gone towards a rival."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import ages, count, share, total
from features.member.usage import SEVEN_MONTHS
from features.reasons import Reason


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("打出中异网占{value:.0%}", "{value:.0%} of outgoing minutes go to rivals"),
)
def rival_share_out(mou_out_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rival operators' share of outgoing minutes in the last closed month."""
    return share(total(mou_out_rival_m, age == 0), of=total(mou_out_m, age == 0))


@member_feature(
    over=SEVEN_MONTHS,
    unit="share",
    pivot=0,
    between=(-1, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "异网占比比前三月上升{hundred:.1f}个百分点",
        "rivals' share of minutes {hundred:.1f} points above the three months before",
    ),
    lowers=(
        "异网占比不高于前三月",
        "rivals' share of minutes not above the three months before",
    ),
)
def rival_share_rise(mou_out_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rise of the rivals' share of outgoing minutes over that of the three months before."""
    before = ages(age, 1, 3)
    return share(total(mou_out_rival_m, age == 0), of=total(mou_out_m, age == 0)) - share(
        total(mou_out_rival_m, before), of=total(mou_out_m, before)
    )


@member_feature(
    over=SEVEN_MONTHS,
    unit="count",
    between=(0, 10_000),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近三月拨打异网客服{value:.0f}次",
        "{value:.0f} calls to rivals' hotlines in three months",
    ),
)
def rival_hotline_calls(calls_10000_n: nw.Expr, calls_10010_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers (10000, 10010) in the last three closed months."""
    return total(calls_10000_n + calls_10010_n, ages(age, 0, 2))


@member_feature(
    over=SEVEN_MONTHS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("已设置呼转到异网号码", "calls are forwarded to a rival number"),
    lowers=("未设置异网呼转", "no forwarding to a rival number"),
)
def forwards_to_rival(fwd_set_flag: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Call forwarding to a rival number was set in the last two closed months."""
    return nw.when(fwd_set_flag & ages(age, 0, 1)).then(1).when(~fwd_set_flag).then(0).max()


@member_feature(
    over=Window("second_sim_ind", lookback=6),
    unit="score",
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("双卡识别得分{value:.2f}", "second-SIM score {value:.2f}"),
    empty=0,
)
def second_sim_score(score: nw.Expr) -> nw.Expr:
    """Highest second-SIM score of the last six closed months; 0 where there was no indication."""
    return score.max()


@member_feature(
    over=Window("second_sim_ind", lookback=3),
    unit="count",
    between=(0, 3),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三月{value:.0f}次识别到第二张卡",
        "a second SIM recognised in {value:.0f} of three months",
    ),
    empty=0,
)
def second_sim_recent(score: nw.Expr) -> nw.Expr:
    """Months, of the last three closed ones, with a second-SIM indication."""
    return count(~score.is_null())


@member_feature(
    over=Window("second_sim_ind", lookback=12),
    unit="days",
    between=(0, 420),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "首次识别双卡已{value:.0f}天",
        "a second SIM was first recognised {value:.0f} days ago",
    ),
)
def second_sim_days(days_to_period_end: nw.Expr) -> nw.Expr:
    """Days since the end of the first month, of the last twelve closed ones, with an indication."""
    return -days_to_period_end.min()
