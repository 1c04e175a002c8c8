"""By which levers a rival attacked a group, as reported: one flag each. Those on price are counted
in ``attack``."""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw

from features.definition import Feature, Formula, group_feature
from features.expressions import count
from features.group.attack import REPORTS
from features.reasons import Reason


def _reported(did_zh: str, did_en: str) -> Callable[[Formula], Feature]:
    """Feature of a lever, given what the rival did with it (after the words for "a rival")."""
    return group_feature(
        over=REPORTS,
        unit="flag",
        pivot=0.5,
        between=(0, 1),
        family="rival",
        reason=Reason.RIVAL_ATTACK,
        raises=(f"近半年上报对手{did_zh}", f"reported in half a year: a rival {did_en}"),
        lowers=(f"近半年未上报对手{did_zh}", f"not reported in half a year: a rival {did_en}"),
        empty=0,
    )


def _used(lever: nw.Expr, name: str) -> nw.Expr:
    """Whether any report names the lever, alone or beside others."""
    named = lever.fill_null("").str.contains(name, literal=True)
    return nw.when(count(named) > 0).then(1).otherwise(0)


@_reported("赠送终端", "gave handsets")
def lever_handset_gift(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names handsets given away."""
    return _used(lever, "handset_gift")


@_reported("合账营销", "offered combined billing")
def lever_combined_billing(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names fixed and mobile on one bill."""
    return _used(lever, "combined_billing")


@_reported("组建虚拟网", "offered a V-net of its own")
def lever_vpn(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names a V-net of the rival's."""
    return _used(lever, "vpn")


@_reported("人员派驻", "stationed its staff at the group")
def lever_stationed_staff(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names staff stationed at the group."""
    return _used(lever, "stationed_staff")


@_reported("行业应用捆绑", "bundled an industry application")
def lever_industry_app(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names an application for the group's industry."""
    return _used(lever, "industry_app")


@_reported("高层公关", "lobbied the group's heads")
def lever_exec_lobby(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days says that a rival lobbied the group's heads."""
    return _used(lever, "exec_lobby")


@_reported("提出签协议", "offered an agreement")
def lever_agreement(lever: nw.Expr) -> nw.Expr:
    """A report of the last 180 days names an agreement offered to the group."""
    return _used(lever, "agreement")
