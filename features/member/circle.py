"""Whom a member talks to, and what became of them."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import count, decayed, share
from features.reasons import Reason
from features.views.circle import UNITS, circle, losses_handed_on, second_sims_around

CIRCLE = Window(circle)
MOST_PEERS = 10**6
STRONG_SECONDS = 600


@member_feature(
    over=CIRCLE,
    unit="count",
    between=(0, MOST_PEERS),
    family="contagion",
    reason=Reason.SIZE,
    raises=("近三月通话对象{value:.0f}个", "numbers talked to in three months: {value:.0f}"),
)
def circle_size(calls_out: nw.Expr) -> nw.Expr:
    """Numbers talked to in the last three closed months, hotlines aside."""
    return calls_out.count()


@member_feature(
    over=CIRCLE,
    unit="share",
    pivot=0,
    between=(-(10**6), 1),
    family="contagion",
    reason=Reason.DIVERSION,
    raises=(
        "通话对象比前两月减少{size:.0%}",
        "{size:.0%} fewer numbers talked to than in the two months before",
    ),
    lowers=(
        "通话对象不少于前两月(多{size:.0%})",
        "no fewer numbers talked to than in the two months before ({size:.0%} more)",
    ),
)
def circle_fall(calls_0: nw.Expr, calls_1: nw.Expr, calls_2: nw.Expr) -> nw.Expr:
    """Share by which the numbers talked to in the last closed month are fewer than in the average
    of the two before."""
    before = count(calls_1 > 0) + count(calls_2 > 0)
    return nw.when(before > 0).then(1 - 2 * count(calls_0 > 0) / before)


@member_feature(
    over=CIRCLE,
    unit="share",
    between=(0, 1),
    family="contagion",
    reason=Reason.SIZE,
    raises=(
        "通话最多的一个对象占通话时长{value:.0%}",
        "{value:.0%} of the talk is with one number",
    ),
)
def closest_share(seconds: nw.Expr) -> nw.Expr:
    """Share of the seconds of three closed months spent with the number talked to the most."""
    return share(seconds.max(), of=seconds.sum())


@member_feature(
    over=CIRCLE,
    unit="share",
    between=(0, 1),
    family="contagion",
    reason=Reason.SIZE,
    raises=(
        "与{value:.0%}的通话对象互有主被叫",
        "with {value:.0%} of the numbers talked to, calls go both ways",
    ),
)
def circle_reciprocity(calls_out: nw.Expr, calls_in: nw.Expr) -> nw.Expr:
    """Share of the numbers talked to in three closed months with calls in both directions."""
    return share(count((calls_out > 0) & (calls_in > 0)), of=calls_out.count())


@member_feature(
    over=CIRCLE,
    unit="count",
    pivot=0,
    between=(0, MOST_PEERS),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "近三月通话对象中已有{value:.0f}人停机或离网",
        "of the people talked to in three months, {value:.0f} are barred for good or gone",
    ),
    lowers=(
        "近三月通话对象中无人停机或离网",
        "of the people talked to in three months, nobody is barred for good or gone",
    ),
)
def alters_lost(lost: nw.Expr) -> nw.Expr:
    """Members talked to in the last three closed months who are barred for good or gone by the
    day."""
    return count(lost == 1)


@member_feature(
    over=CIRCLE,
    unit="count",
    pivot=0,
    between=(0, MOST_PEERS),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "上月还有通话的对象中已有{value:.0f}人停机或离网",
        "of the people talked to last month, {value:.0f} are barred for good or gone",
    ),
    lowers=(
        "上月通话对象中无人停机或离网",
        "of the people talked to last month, nobody is barred for good or gone",
    ),
)
def alters_lost_recent(lost: nw.Expr, calls_0: nw.Expr) -> nw.Expr:
    """Members talked to in the last closed month who are barred for good or gone by the day."""
    return count((lost == 1) & (calls_0 > 0))


@member_feature(
    over=CIRCLE,
    unit="count",
    pivot=0,
    between=(0, MOST_PEERS),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "常拨打的对象中已有{value:.0f}人停机或离网",
        "of the people often called, {value:.0f} are barred for good or gone",
    ),
    lowers=(
        "常拨打的对象中无人停机或离网",
        "of the people often called, nobody is barred for good or gone",
    ),
)
def strong_alters_lost(
    lost: nw.Expr, sec_out_0: nw.Expr, sec_out_1: nw.Expr, sec_out_2: nw.Expr
) -> nw.Expr:
    """Members barred for good or gone by the day whom he had called for ten minutes or more in
    three closed months."""
    return count((lost == 1) & (sec_out_0 + sec_out_1 + sec_out_2 >= STRONG_SECONDS))


@member_feature(
    over=CIRCLE,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "网内通话对象中{value:.0%}已停机或离网",
        "{value:.0%} of the members talked to are barred for good or gone",
    ),
    lowers=(
        "网内通话对象中无人停机或离网",
        "none of the members talked to is barred for good or gone",
    ),
)
def circle_lost_share(lost: nw.Expr, ours: nw.Expr) -> nw.Expr:
    """Share of the members talked to in three closed months who are barred for good or gone by the
    day."""
    return share(count(lost == 1), of=count(ours == 1))


@member_feature(
    over=CIRCLE,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "打出时长的{value:.0%}打给了现已停机或离网的成员(近月权重更高)",
        "{value:.0%} of outgoing talk, recent months weighing more, went to members who are barred "
        "for good or gone",
    ),
    lowers=(
        "未打给现已停机或离网的成员",
        "no outgoing talk to members who are barred for good or gone",
    ),
)
def loss_exposure(
    lost: nw.Expr, sec_out_0: nw.Expr, sec_out_1: nw.Expr, sec_out_2: nw.Expr
) -> nw.Expr:
    """Share of the outgoing seconds of three closed months that went to members who are barred
    for good or gone by the day; a month counts half of the next one."""
    talk = decayed(sec_out_0, sec_out_1, sec_out_2)
    return share(nw.when(lost == 1).then(talk).otherwise(0).sum(), of=talk.sum())


@member_feature(
    over=Window(losses_handed_on),
    unit="persons",
    pivot=0,
    between=(0, MOST_PEERS),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "通话圈内停机或离网者的影响相当于失去{value:.2f}个专属联系人",
        "contacts barred for good or gone weigh as much as {value:.2f} who talked to nobody else",
    ),
    lowers=("通话圈内无停机或离网的影响", "no contact close by is barred for good or gone"),
)
def losses_around(near: nw.Expr, far: nw.Expr) -> nw.Expr:
    """Members barred for good or gone among those he talks to, each divided by the size of the lost
    one's circle, and a fifth of what reaches the people he talks to in the same way."""
    return (5 * near + far).sum() / (5 * UNITS)


@member_feature(
    over=Window(second_sims_around),
    unit="count",
    pivot=0,
    between=(0, MOST_PEERS),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "通话对象中{value:.0f}人有第二张卡迹象",
        "of the members talked to, {value:.0f} may have a second SIM",
    ),
    lowers=(
        "通话对象中无人有第二张卡迹象",
        "none of the members talked to shows a sign of a second SIM",
    ),
)
def alters_diverted(diverted: nw.Expr) -> nw.Expr:
    """Members on net talked to in three closed months for whom a second SIM was indicated in that
    time."""
    return count(diverted == 1)


@member_feature(
    over=Window(second_sims_around),
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "打给网内成员的时长中{value:.0%}打给了疑似双卡者",
        "{value:.0%} of the talk to members goes to those who may have a second SIM",
    ),
    lowers=("未打给疑似双卡的成员", "no talk to members who may have a second SIM"),
)
def diversion_exposure(
    diverted: nw.Expr, sec_out_0: nw.Expr, sec_out_1: nw.Expr, sec_out_2: nw.Expr
) -> nw.Expr:
    """Share of the outgoing seconds to members on net that went to those with a second-SIM
    indication; a month counts half of the next one."""
    talk = decayed(sec_out_0, sec_out_1, sec_out_2)
    return share(nw.when(diverted == 1).then(talk).otherwise(0).sum(), of=talk.sum())
