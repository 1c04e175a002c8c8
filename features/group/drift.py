"""How members drift from us to rivals: whom they call, and whether they still call by our number.

A share of minutes is ruled by the few who talk most. The mean over members of the log-odds that a
minute goes to a rival is not, and against a long baseline of the same members it hardly moves by
chance.
"""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import ages, count, per_row, share
from features.group.wooing import newest
from features.reasons import Reason
from features.views.dekads import NINE_MONTHS, nine_months

DEKADS = Window(nine_months, lookback=NINE_MONTHS, through="members")
THOUSANDTHS = 1000
BOTH_WAYS = 5
"""Minutes out and minutes in of a dekad without which their ratio is chance. Ours."""
ODDS = 21
"""A log-odds of at most 11 * 1440 minutes, less everybody's, lies between this and its negative."""


def before(age: nw.Expr) -> nw.Expr:
    """Dekads 10 to 27: three to nine months ago."""
    return ages(age, 9, NINE_MONTHS - 1)


def pull(odds: nw.Expr, usual: nw.Expr, where: nw.Expr) -> nw.Expr:
    """Mean log-odds of calling rivals above everybody's, over the members' dekads."""
    return per_row(odds - usual, where) / THOUSANDTHS


def one_sided(out: nw.Expr, into: nw.Expr, where: nw.Expr) -> nw.Expr:
    """Share of the members' dekads with calls both ways in which less than .7 of what came in
    went out."""
    both = where & (out >= BOTH_WAYS) & (into >= BOTH_WAYS)
    return share(count(both & (10 * out < 7 * into)), of=count(both))


@group_feature(
    over=DEKADS,
    unit="log-odds",
    pivot=0,
    between=(-2 * ODDS, 2 * ODDS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三旬成员拨打异网的倾向高于三至九个月前(已剔除整体变化)",
        "in three dekads members were more inclined to call rivals than three to nine months ago, "
        "everybody's change taken out",
    ),
    lowers=(
        "近三旬成员拨打异网的倾向未高于三至九个月前(已剔除整体变化)",
        "in three dekads members were not more inclined to call rivals than three to nine months "
        "ago, everybody's change taken out",
    ),
)
def rival_pull(rival_odds: nw.Expr, usual_rival_odds: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Members' mean log-odds that a minute goes to a rival, above everybody's of the same dekad: of
    the newest three dekads less that of dekads 10 to 27. Dekads of ten outgoing minutes count."""
    now = pull(rival_odds, usual_rival_odds, newest(age, 3))
    return now - pull(rival_odds, usual_rival_odds, before(age))


@group_feature(
    over=DEKADS,
    unit="log-odds",
    pivot=0,
    between=(-2 * ODDS, 2 * ODDS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近两个月成员拨打异网的倾向高于三至九个月前(已剔除整体变化)",
        "in two months members were more inclined to call rivals than three to nine months ago, "
        "everybody's change taken out",
    ),
    lowers=(
        "近两个月成员拨打异网的倾向未高于三至九个月前(已剔除整体变化)",
        "in two months members were not more inclined to call rivals than three to nine months "
        "ago, everybody's change taken out",
    ),
)
def rival_pull_two_months(rival_odds: nw.Expr, usual_rival_odds: nw.Expr, age: nw.Expr) -> nw.Expr:
    """As ``rival_pull``, of the newest six dekads."""
    now = pull(rival_odds, usual_rival_odds, newest(age, 6))
    return now - pull(rival_odds, usual_rival_odds, before(age))


@group_feature(
    over=DEKADS,
    unit="log-odds",
    pivot=0,
    between=(-2 * ODDS, 2 * ODDS),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三个月成员拨打异网的倾向高于此前半年(已剔除整体变化)",
        "in three months members were more inclined to call rivals than in the half year before, "
        "everybody's change taken out",
    ),
    lowers=(
        "近三个月成员拨打异网的倾向未高于此前半年(已剔除整体变化)",
        "in three months members were not more inclined to call rivals than in the half year "
        "before, everybody's change taken out",
    ),
)
def rival_pull_quarter(rival_odds: nw.Expr, usual_rival_odds: nw.Expr, age: nw.Expr) -> nw.Expr:
    """As ``rival_pull``, of the newest nine dekads."""
    now = pull(rival_odds, usual_rival_odds, newest(age, 9))
    return now - pull(rival_odds, usual_rival_odds, before(age))


@group_feature(
    over=DEKADS,
    unit="log-odds",
    pivot=0,
    between=(-ODDS, ODDS),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近两个月成员拨打异网的倾向高于全体集团成员的平均水平",
        "in two months members were more inclined to call rivals than members of all groups are",
    ),
    lowers=(
        "近两个月成员拨打异网的倾向未高于全体集团成员的平均水平",
        "in two months members were not more inclined to call rivals than members of all groups "
        "are",
    ),
)
def rival_pull_level(rival_odds: nw.Expr, usual_rival_odds: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Members' mean log-odds that a minute goes to a rival, above everybody's of the same dekad, in
    the newest six dekads."""
    return pull(rival_odds, usual_rival_odds, newest(age, 6))


@group_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "近三旬打出打入各满5分钟的成员中,打出不足打入七成的占{value:.1%}(按人按旬计)",
        "of members with five minutes out and in, {value:.1%} had fewer than seven outgoing "
        "minutes to ten incoming ones, each of three dekads counted by itself",
    ),
    lowers=(
        "近三旬打出打入各满5分钟的成员中,无人打出不足打入七成",
        "of members with five minutes out and in, none had fewer than seven outgoing minutes to "
        "ten incoming ones in a dekad of the last three",
    ),
)
def one_sided_share_dekads(mou_out_m: nw.Expr, mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Share with outgoing minutes below .7 of incoming ones among the members' newest three dekads
    that have at least five minutes of either."""
    return one_sided(mou_out_m, mou_in_m, newest(age, 3))


@group_feature(
    over=DEKADS,
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "近三旬打出不足打入七成的成员占比高于三至九个月前,上升{hundred:.1f}个百分点(按人按旬计)",
        "the share of members' dekads with fewer than seven outgoing minutes to ten incoming ones "
        "is {hundred:.1f} points above that of three to nine months ago",
    ),
    lowers=(
        "近三旬打出不足打入七成的成员占比未高于三至九个月前",
        "the share of members' dekads with fewer than seven outgoing minutes to ten incoming ones "
        "is not above that of three to nine months ago",
    ),
)
def one_sided_rise_dekads(mou_out_m: nw.Expr, mou_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """``one_sided_share_dekads`` less the same of dekads 10 to 27."""
    earlier = one_sided(mou_out_m, mou_in_m, before(age))
    return one_sided(mou_out_m, mou_in_m, newest(age, 3)) - earlier
