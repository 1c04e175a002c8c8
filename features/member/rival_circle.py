"""Rival numbers in a member's call circle, and one that may be his own."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import count, share
from features.member.circle import CIRCLE, MOST_PEERS
from features.reasons import Reason
from features.views.rival_numbers import twins

TWINS = Window(twins)
ALIKE = (2, 5)
"""From two fifths shared on, a rival number and a member are taken for one person."""


@member_feature(
    over=CIRCLE,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "上月通话对象中异网占{value:.0%}",
        "{value:.0%} of the numbers talked to last month are rivals'",
    ),
    lowers=("上月通话对象中无异网号码", "no rival numbers talked to last month"),
)
def circle_rival_share(rival: nw.Expr, calls_0: nw.Expr) -> nw.Expr:
    """Rivals' share of the numbers talked to in the last closed month."""
    return share(count((rival == 1) & (calls_0 > 0)), of=count(calls_0 > 0))


@member_feature(
    over=CIRCLE,
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "通话对象异网占比两月内上升{hundred:.0f}个百分点",
        "rivals' share of the numbers talked to rose by {hundred:.0f} points in two months",
    ),
    lowers=(
        "通话对象异网占比两月内未上升",
        "rivals' share of the numbers talked to did not rise in two months",
    ),
)
def circle_rival_rise(rival: nw.Expr, calls_0: nw.Expr, calls_2: nw.Expr) -> nw.Expr:
    """Rivals' share of the numbers talked to in the last closed month less that two months
    earlier."""
    now = share(count((rival == 1) & (calls_0 > 0)), of=count(calls_0 > 0))
    before = share(count((rival == 1) & (calls_2 > 0)), of=count(calls_2 > 0))
    return now - before


@member_feature(
    over=TWINS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "新出现的异网号码与其网内通话圈重合{value:.0%}",
        "a new rival number shares {value:.0%} of the circle on our network",
    ),
    lowers=("未见与其通话圈重合的异网新号", "no new rival number shares the circle"),
)
def twin_score(shared: nw.Expr, either: nw.Expr) -> nw.Expr:
    """Largest overlap (Jaccard) of the members he talks to with those who talk to a rival number
    first seen in the last three closed months; 0 below two shared contacts."""
    return share(shared, of=either).max()


@member_feature(
    over=TWINS,
    unit="count",
    pivot=0,
    between=(0, MOST_PEERS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "{value:.0f}个异网新号接过了其通话圈",
        "new rival numbers that took over the circle: {value:.0f}",
    ),
    lowers=("无异网新号接过其通话圈", "no new rival number took over the circle"),
)
def twin_numbers(shared: nw.Expr, either: nw.Expr) -> nw.Expr:
    """Rival numbers first seen in the last three closed months with an overlap of two fifths or
    more; 0 for one who talked to none of ours, unknown where no calls are known."""
    part, whole = ALIKE
    return count(whole * shared >= part * either)
