"""Rival numbers in a group's call circle, from the operator's own table of rival numbers."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import ages, count, distinct, share
from features.group.composition import MOST_MEMBERS
from features.reasons import Reason
from features.views.rival_numbers import rival_circle

RIVALS = Window(rival_circle)
LIVE_MONTHS = 2
"""Closed months that sixty days cover."""


@group_feature(
    over=RIVALS,
    unit="count",
    pivot=0,
    between=(0, MOST_MEMBERS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("呼叫圈内在用异网号码{value:.0f}个", "rival numbers alive in the circle: {value:.0f}"),
    lowers=("呼叫圈内无在用异网号码", "no rival number alive in the circle"),
    empty=0,
)
def rival_numbers_alive(peer_key: nw.Expr, alive: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rival numbers in use in the last closed month most of whose contacts of ours are in the
    group."""
    return distinct(peer_key, alive & (age == 0))


@group_feature(
    unit="share",
    between=(0, 1),
    direction=-1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "呼叫圈市场占有率{value:.0%}",
        "{value:.0%} of the group's call circle are ours",
    ),
)
def call_circle_share(members: nw.Expr, rival_numbers_alive: nw.Expr) -> nw.Expr:
    """Members on net per head of the call circle: they and the rival numbers alive in it."""
    return share(members, of=members + rival_numbers_alive)


@group_feature(
    over=RIVALS,
    unit="count",
    pivot=0,
    between=(-MOST_MEMBERS, MOST_MEMBERS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "呼叫圈内在用异网号码三个月增加{size:.0f}个",
        "rival numbers alive in the circle, more than three months ago: {size:.0f}",
    ),
    lowers=(
        "呼叫圈内在用异网号码三个月未增加(减少{size:.0f}个)",
        "rival numbers alive in the circle, no more than three months ago ({size:.0f} fewer)",
    ),
    empty=0,
)
def rival_numbers_rise(peer_key: nw.Expr, alive: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rival numbers in use in the last closed month less those in use three months earlier."""
    return distinct(peer_key, alive & (age == 0)) - distinct(peer_key, alive & (age == 3))


@group_feature(
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=-1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "呼叫圈市场占有率三个月上升{hundred:.1f}个百分点",
        "our share of the group's call circle rose by {hundred:.1f} points in three months",
    ),
    lowers=(
        "呼叫圈市场占有率三个月未上升,低{points:.1f}个百分点",
        "our share of the group's call circle not up in three months ({points:.1f} points lower)",
    ),
)
def call_circle_change(
    members: nw.Expr, rival_numbers_alive: nw.Expr, rival_numbers_rise: nw.Expr
) -> nw.Expr:
    """Share of the call circle that is ours, less what it would be with the rival numbers of three
    months earlier beside the members of today."""
    before = rival_numbers_alive - rival_numbers_rise
    return share(members, of=members + rival_numbers_alive) - share(members, of=members + before)


@group_feature(
    over=RIVALS,
    unit="count",
    pivot=0,
    between=(0, MOST_MEMBERS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近两月呼叫圈新增异网号码{value:.0f}个",
        "rival numbers new in the circle in two months: {value:.0f}",
    ),
    lowers=("近两月呼叫圈无新增异网号码", "no rival number new in the circle in two months"),
    empty=0,
)
def rival_new_in_circle_60d(peer_key: nw.Expr, new_for: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rival numbers of the circle that were first seen in the last two closed months."""
    return distinct(peer_key, (new_for < LIVE_MONTHS) & ages(age, 0, LIVE_MONTHS - 1))


@group_feature(
    unit="per member",
    pivot=0,
    between=(0, MOST_MEMBERS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近两月每百名成员新增异网号码{hundred:.0f}个",
        "rival numbers new in two months per hundred members: {hundred:.0f}",
    ),
    lowers=("近两月呼叫圈无新增异网号码", "no rival number new in the circle in two months"),
)
def rival_new_rate(rival_new_in_circle_60d: nw.Expr, members: nw.Expr) -> nw.Expr:
    """Rival numbers first seen in the circle in the last two closed months, per member."""
    return share(rival_new_in_circle_60d, of=members)


@group_feature(
    over=RIVALS,
    unit="count",
    pivot=0,
    between=(0, MOST_MEMBERS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近两月新增的异网号码中{value:.0f}个主要与本集团通话",
        "new rival numbers that talk mostly with this group: {value:.0f}",
    ),
    lowers=(
        "近两月无主要与本集团通话的异网新号",
        "no new rival number talks mostly with this group",
    ),
    empty=0,
)
def rival_new_inside(
    peer_key: nw.Expr, new_for: nw.Expr, overlap_share: nw.Expr, age: nw.Expr
) -> nw.Expr:
    """Rival numbers first seen in the last two closed months that have over half of their contacts
    of ours in the group."""
    new = (new_for < LIVE_MONTHS) & ages(age, 0, LIVE_MONTHS - 1)
    return distinct(peer_key, new & (overlap_share > 0.5))


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "{value:.0%}的成员通话圈被异网新号接过",
        "a new rival number took over the circle of {value:.0%} of the members",
    ),
    lowers=("无成员的通话圈被异网新号接过", "no member's circle was taken over"),
)
def twin_share(twin_numbers: nw.Expr) -> nw.Expr:
    """Share of the members, of those whose circle is known, with a rival number first seen in three
    months that shares two fifths of the circle or more."""
    return share(count(twin_numbers > 0), of=twin_numbers.count())
