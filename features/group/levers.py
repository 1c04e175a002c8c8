"""By which levers a rival attacked a group, as reported: one flag each. Those on price are counted
in ``attack``."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import count
from features.reasons import Reason
from features.views.reports import rival_reports

REPORTS = Window(rival_reports, lookback=180)


def _used(lever: nw.Expr, name: str) -> nw.Expr:
    """Whether any report names the lever, alone or beside others."""
    named = lever.fill_null("").str.contains(name, literal=True)
    return nw.when(count(named) > 0).then(1).otherwise(0)


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近半年上报对手赠送终端", "reported in half a year: a rival gave handsets"),
    lowers=("近半年未上报对手赠送终端", "not reported in half a year: a rival gave handsets"),
    empty=0,
)
def lever_handset_gift(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names handsets given away."""
    return _used(lever, "handset_gift")


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近半年上报对手合帐营销", "reported in half a year: a rival offered combined billing"),
    lowers=(
        "近半年未上报对手合帐营销",
        "not reported in half a year: a rival offered combined billing",
    ),
    empty=0,
)
def lever_combined_billing(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names fixed and mobile on one bill."""
    return _used(lever, "combined_billing")


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近半年上报对手组建虚拟网",
        "reported in half a year: a rival offered a V-net of its own",
    ),
    lowers=(
        "近半年未上报对手组建虚拟网",
        "not reported in half a year: a rival offered a V-net of its own",
    ),
    empty=0,
)
def lever_vpn(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names a V-net of its own."""
    return _used(lever, "vpn")


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近半年上报对手人员派驻",
        "reported in half a year: a rival stationed its staff at the group",
    ),
    lowers=(
        "近半年未上报对手人员派驻",
        "not reported in half a year: a rival stationed its staff at the group",
    ),
    empty=0,
)
def lever_stationed_staff(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names staff stationed at the group."""
    return _used(lever, "stationed_staff")


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近半年上报对手行业应用捆绑",
        "reported in half a year: a rival bundled an industry application",
    ),
    lowers=(
        "近半年未上报对手行业应用捆绑",
        "not reported in half a year: a rival bundled an industry application",
    ),
    empty=0,
)
def lever_industry_app(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names an application for the group's industry."""
    return _used(lever, "industry_app")


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近半年上报对手高层公关", "reported in half a year: a rival lobbied the group's heads"),
    lowers=(
        "近半年未上报对手高层公关",
        "not reported in half a year: a rival lobbied the group's heads",
    ),
    empty=0,
)
def lever_exec_lobby(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names a word with the group's heads."""
    return _used(lever, "exec_lobby")


@group_feature(
    over=REPORTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近半年上报对手签署协议", "reported in half a year: a rival offered an agreement"),
    lowers=(
        "近半年未上报对手签署协议",
        "not reported in half a year: a rival offered an agreement",
    ),
    empty=0,
)
def lever_agreement(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names an agreement with the group."""
    return _used(lever, "agreement")
