"""Evidence that a member diverts silently: the number lives, his calls go out by a rival's SIM.

The rule is that of the survey of best practice, 4.2: outgoing minutes at most half of the member's
own baseline, with what everybody did taken out, for at least three dekads in a row (see
``diversion``), and at least one evidence, which is what this file holds. E1: outgoing fell by half
or more, incoming by less than a quarter. E2: a twin number at a rival. E3: calls forwarded to a
rival. E4: data and messages near zero while incoming calls live on, or a handset for two SIMs.
E5: gone from the V-net.

Where no dekads are delivered, ``turns`` takes closed months instead, one for three dekads: the same
features, coarser and later.
"""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, member_feature
from features.expressions import flag, share, total
from features.reasons import Reason
from features.views.traces import traces
from features.views.turns import turns

TURNS = Window(turns)
TRACES = Window(traces)
FALLEN_OUT = 0.5
"""E1: outgoing falls by half or more (4.2)."""
HELD_IN = 0.75
"""E1: incoming falls by less than a quarter (4.2); E4 asks the same of a voice that lives on."""
NEAR_ZERO = 0.1
"""E4 and E5: of the former use a day. 4.2 says near zero; the tenth is ours."""
GOES_ON = 0.5
"""E5: of the former calls to our own numbers. Ours."""
USER_OF_VNET = 30
"""E5: V-net minutes in the baseline, without which there was no use to give up. Ours."""


def level(amount: nw.Expr, usual: nw.Expr, now: nw.Expr, before: nw.Expr) -> nw.Expr:
    """What a member's use is now of what it was before, with everybody's change taken out."""
    was = share(total(amount, before), of=total(usual, before))
    return share(share(total(amount, now), of=total(usual, now)), of=was)


def rate(amount: nw.Expr, days: nw.Expr, where: nw.Expr) -> nw.Expr:
    """Amount a day over the rows that fulfil ``where`` and know it."""
    return share(total(amount, where), of=total(days, where & ~amount.is_null()))


def near_zero(amount: nw.Expr, days: nw.Expr, now: nw.Expr, before: nw.Expr) -> nw.Expr:
    """Whether the amount a day is at most a tenth of what it was; true of what never was."""
    return rate(amount, days, now) <= NEAR_ZERO * rate(amount, days, before)


@member_feature(
    over=TURNS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出降幅过半而打入基本保持",
        "outgoing minutes fell by half or more while incoming ones held",
    ),
    lowers=("打出打入未见背离", "outgoing and incoming minutes did not part"),
)
def evidence_one_sided(
    mou_out_m: nw.Expr,
    usual_mou_out_m: nw.Expr,
    mou_in_m: nw.Expr,
    usual_mou_in_m: nw.Expr,
    now: nw.Expr,
    before: nw.Expr,
) -> nw.Expr:
    """E1: outgoing minutes fell by at least half, incoming ones by less than a quarter.

    The present run of low dekads, or without one the newest three, against the nine before, with
    everybody's change taken out.
    """
    out = level(mou_out_m, usual_mou_out_m, now, before)
    incoming = level(mou_in_m, usual_mou_in_m, now, before)
    return flag((out <= FALLEN_OUT) & (incoming > HELD_IN))


@member_feature(
    over=TRACES,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "识别到承接其联系人的异网号码",
        "a rival number has taken over the member's contacts",
    ),
    lowers=(
        "未识别到承接其联系人的异网号码",
        "no rival number was found to have taken over the member's contacts",
    ),
    direction=1,
)
def evidence_twin(twin: nw.Expr) -> nw.Expr:
    """E2: the operator's own rule named a twin number at a rival in the last three closed months.

    What the calls themselves tell of such a number is in ``twin_numbers`` and ``twin_score``.
    """
    return twin.max()


@member_feature(
    over=TRACES,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("来电已呼转至异网号码", "incoming calls are forwarded to a rival number"),
    lowers=("未发现呼转异网", "no forwarding to a rival number was found"),
    direction=1,
)
def evidence_forwarding(forwards: nw.Expr) -> nw.Expr:
    """E3: calls forwarded to a rival number in the last two closed months, or a rule's finding.

    Beside the switch's own mark (``forwards_to_rival``) it counts what the operator's rule for
    second SIMs found in the last three; unknown where neither knows.
    """
    return forwards.max()


@member_feature(
    over=TURNS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "流量短信几近归零而来电仍在",
        "data and messages all but ended while calls still come in",
    ),
    lowers=("流量短信未见中断", "data and messages did not end"),
)
def data_gone(
    data_kb: nw.Expr,
    sms_out_n: nw.Expr,
    mou_in_m: nw.Expr,
    usual_mou_in_m: nw.Expr,
    days: nw.Expr,
    now: nw.Expr,
    before: nw.Expr,
) -> nw.Expr:
    """Data and messages a day at most a tenth of what they were, incoming minutes above 3/4.

    The same periods as for ``evidence_one_sided``. Who had neither data nor messages before has
    nothing that could end: 0.
    """
    ended = near_zero(data_kb, days, now, before) & near_zero(sms_out_n, days, now, before)
    had = (total(data_kb, before) > 0) | (total(sms_out_n, before) > 0)
    return flag(ended & had & (level(mou_in_m, usual_mou_in_m, now, before) > HELD_IN))


@member_feature(
    over=TRACES,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("使用双卡终端", "the handset takes two SIM cards"),
    lowers=("终端为单卡", "the handset takes one SIM card"),
)
def dual_sim_device(dual_sim: nw.Expr) -> nw.Expr:
    """The handset takes two SIM cards, by register or by the operator's rule; often unknown."""
    return dual_sim.max()


@member_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "流量短信归零而来电仍在,或使用双卡终端",
        "data and messages ended while calls still come in, or a handset for two SIM cards",
    ),
    lowers=(
        "未见流量短信中断或双卡终端",
        "neither an end of data and messages nor a handset for two SIM cards was seen",
    ),
)
def evidence_data_gone(data_gone: nw.Expr, dual_sim_device: nw.Expr) -> nw.Expr:
    """E4: ``data_gone``, or a handset for two SIM cards.

    A change of handset (4.2 names it too) cannot be told from the newest register row alone.
    """
    return nw.max_horizontal(data_gone, dual_sim_device)


@member_feature(
    over=TURNS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "V网通话几近归零而其他通话仍在",
        "V-net minutes all but ended while other calls go on",
    ),
    lowers=("V网通话未见中断", "V-net minutes did not end"),
)
def evidence_left_vnet(
    vnet_m: nw.Expr,
    mou_out_m: nw.Expr,
    mou_rival_m: nw.Expr,
    days: nw.Expr,
    now: nw.Expr,
    before: nw.Expr,
) -> nw.Expr:
    """E5: V-net minutes a day at most a tenth of what they were, other calls not to rivals go on.

    These are more than none, and at least half of what they were. 0 with less than 30 V-net minutes
    before: there was nothing to leave. Minutes from before he joined his group do not count:
    another group's V-net ended with his membership there. It is use that is looked at, never the
    order that ends a V-net, which follows the loss.
    """
    other = mou_out_m - mou_rival_m - vnet_m
    is_now = rate(other, days, now)
    go_on = (is_now > 0) & (is_now >= GOES_ON * rate(other, days, before))
    used = total(vnet_m, before) >= USER_OF_VNET
    return flag(used & near_zero(vnet_m, days, now, before) & go_on)


@member_feature(
    unit="count",
    pivot=0,
    between=(0, 5),
    family="usage",
    reason=Reason.DIVERSION,
    raises=("有{value:.0f}项分流迹象", "{value:.0f} of five signs of silent diversion"),
    lowers=("未见分流迹象", "no sign of silent diversion"),
)
def evidence_count(
    evidence_one_sided: nw.Expr,
    evidence_twin: nw.Expr,
    evidence_forwarding: nw.Expr,
    evidence_data_gone: nw.Expr,
    evidence_left_vnet: nw.Expr,
) -> nw.Expr:
    """How many of five signs are found; what is unknown is not.

    Outgoing minutes fell while incoming ones held, a twin number at a rival, calls forwarded to a
    rival, data and messages at an end or a handset for two SIM cards, the V-net given up.
    """
    return nw.sum_horizontal(
        evidence_one_sided,
        evidence_twin,
        evidence_forwarding,
        evidence_data_gone,
        evidence_left_vnet,
    )
