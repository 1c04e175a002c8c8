"""How a group's members talk with each other and with groups that lose theirs."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import count, share
from features.reasons import Reason
from features.views.circle import CORE, UNITS, circle, core
from features.views.losing_groups import losing_groups

CIRCLE = Window(circle, through="members")
CORE_MEMBERS = Window(core)


def between_ours(lost: nw.Expr, peer_group: nw.Expr, group_id: nw.Expr) -> nw.Expr:
    """A pair of two members on net of the same group."""
    return (lost == 0) & (peer_group == group_id)


@group_feature(
    over=CIRCLE,
    unit="share",
    between=(0, 1),
    direction=-1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "与本集团成员及异网的通话对象中,本集团占{value:.0%}",
        "of colleagues and rival numbers talked to, {value:.0%} are colleagues",
    ),
)
def circle_share(
    lost: nw.Expr, peer_group: nw.Expr, group_id: nw.Expr, rival: nw.Expr, calls_0: nw.Expr
) -> nw.Expr:
    """Colleagues' share of the pairs of a member with a colleague or a rival number that talked in
    the last closed month."""
    ours = count(between_ours(lost, peer_group, group_id) & (calls_0 > 0))
    return share(ours, of=ours + count((rival == 1) & (calls_0 > 0)))


@group_feature(
    over=CIRCLE,
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=-1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "本集团在通话对象中的占比两月内上升{hundred:.1f}个百分点",
        "colleagues' share of the numbers talked to rose by {hundred:.1f} points in two months",
    ),
    lowers=(
        "本集团在通话对象中的占比两月内未上升,低{points:.1f}个百分点",
        "colleagues' share of the numbers talked to did not rise in two months "
        "({points:.1f} points lower)",
    ),
)
def circle_share_change(
    lost: nw.Expr,
    ours: nw.Expr,
    peer_group: nw.Expr,
    group_id: nw.Expr,
    rival: nw.Expr,
    calls_0: nw.Expr,
    calls_2: nw.Expr,
) -> nw.Expr:
    """``circle_share`` of the last closed month less that of two months earlier; colleagues who
    left since are counted where they still talked."""
    colleague = (ours == 1) & (peer_group == group_id)
    return _colleagues(colleague, rival, calls_0) - _colleagues(colleague, rival, calls_2)


def _colleagues(colleague: nw.Expr, rival: nw.Expr, calls: nw.Expr) -> nw.Expr:
    ours = count(colleague & (calls > 0))
    return share(ours, of=ours + count((rival == 1) & (calls > 0)))


@group_feature(
    over=CIRCLE,
    unit="count",
    between=(0, 10**9),
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "近三月有通话的成员对(按双方各计一次){value:.0f}对",
        "pairs of members who talked in three months, counted from both sides: {value:.0f}",
    ),
)
def talking_pairs(lost: nw.Expr, peer_group: nw.Expr, group_id: nw.Expr) -> nw.Expr:
    """Pairs of members who talked in the last three closed months, counted from both sides."""
    return count(between_ours(lost, peer_group, group_id))


@group_feature(
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=-1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "成员之间有通话的占{value:.0%}",
        "{value:.0%} of the possible pairs of members talked with each other",
    ),
    lowers=("成员之间无通话", "the members did not talk with each other"),
)
def vnet_density(talking_pairs: nw.Expr, members: nw.Expr) -> nw.Expr:
    """Pairs of members who talked in the last three closed months, of all possible pairs."""
    return share(talking_pairs, of=members * (members - 1))


@group_feature(
    over=CIRCLE,
    unit="share",
    between=(0, 1),
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "有通话的成员之间{value:.0%}互有主被叫",
        "of the pairs of members who talked, {value:.0%} called in both directions",
    ),
)
def vnet_reciprocity(
    lost: nw.Expr, peer_group: nw.Expr, group_id: nw.Expr, calls_out: nw.Expr, calls_in: nw.Expr
) -> nw.Expr:
    """Share of the pairs of members who talked in three closed months that called in both
    directions."""
    pair = between_ours(lost, peer_group, group_id)
    return share(count(pair & (calls_out > 0) & (calls_in > 0)), of=count(pair))


@group_feature(
    over=CORE_MEMBERS,
    unit="count",
    pivot=0,
    between=(0, CORE),
    direction=1,
    family="vpmn",
    reason=Reason.CONTAGION,
    raises=(
        "与同事通话最广的五人中已有{value:.0f}人退出集团或停机离网",
        "of the five members who talked to the most colleagues, out of the group, barred or gone: "
        "{value:.0f}",
    ),
    lowers=(
        "与同事通话最广的成员均在",
        "those who talked to the most colleagues are all still there",
    ),
)
def core_members_lost(gone: nw.Expr) -> nw.Expr:
    """Members, of the five who talked to the most colleagues two and three closed months ago, who
    are no longer in the group and on net by the day."""
    return count(gone == 1)


@group_feature(
    over=CORE_MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="vpmn",
    reason=Reason.CONTAGION,
    raises=(
        "核心成员的同事联系中{value:.0%}随退出集团或停机离网者失去",
        "{value:.0%} of the core members' ties to colleagues went with those who left",
    ),
    lowers=("核心成员的同事联系未失去", "no tie of a core member was lost"),
)
def core_ties_lost(gone: nw.Expr, colleagues: nw.Expr) -> nw.Expr:
    """Share of the ties to colleagues of the five who had the most that belonged to those who are
    no longer in the group and on net."""
    gone_with = nw.when(gone == 1).then(colleagues).otherwise(0).sum()
    return share(gone_with, of=colleagues.sum())


@group_feature(
    over=Window(losing_groups),
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "常联系的其他集团近三月成员流失{value:.1%}",
        "other groups that the members call lost {value:.1%} of their members in 90 days",
    ),
    lowers=(
        "联系的其他集团近三月无成员流失",
        "the other groups that the members call lost nobody in 90 days",
    ),
)
def groups_called_lost(talk: nw.Expr, lost_part: nw.Expr) -> nw.Expr:
    """Share of their members that the other groups whom the group's members call lost in 90 days,
    weighted by outgoing seconds of which a month counts half of the next one."""
    return share((talk * lost_part).sum(), of=talk.sum() * UNITS)


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "{value:.0%}的成员有通话对象停机或离网",
        "people whom {value:.0%} of the members talked to are barred or gone from the network",
    ),
    lowers=(
        "无成员的通话对象停机或离网",
        "nobody whom the members talked to is barred or gone from the network",
    ),
)
def members_with_losses(alters_lost: nw.Expr) -> nw.Expr:
    """Share of the members, of those whose circle is known, who talked in three closed months to
    somebody who is barred or gone from the network by the day."""
    return share(count(alters_lost > 0), of=alters_lost.count())


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "{value:.0%}的成员有疑似双卡的通话对象",
        "{value:.0%} of the members talk to somebody who may have a second SIM",
    ),
    lowers=("成员的通话对象无双卡迹象", "nobody whom the members talk to may have a second SIM"),
)
def members_with_diverted(alters_diverted: nw.Expr) -> nw.Expr:
    """Share of the members, of those whose circle is known, who talked to a member with a
    second-SIM indication."""
    return share(count(alters_diverted > 0), of=alters_diverted.count())
