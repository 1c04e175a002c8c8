"""Members barred or gone from the network, and how many come for those who go."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import count, share
from features.reasons import Reason
from features.views.turnover import turnover

TURNOVER = Window(turnover)


def _gone_share(left_days: nw.Expr, on_net: nw.Expr, within: int) -> nw.Expr:
    """Those gone ``within`` days, among them and the members still there."""
    gone = count((on_net == 0) & (left_days < within))
    return share(gone, of=gone + count(left_days.is_null() & (on_net == 1)))


@group_feature(
    over=TURNOVER,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "近30天集团成员流失{value:.0%}(退出集团且停机或离网)",
        "the group lost {value:.0%} in 30 days: out of it and barred or gone from the network",
    ),
    lowers=(
        "近30天无成员退出集团且停机或离网",
        "nobody left the group in 30 days who is barred or gone from the network",
    ),
)
def gone_share_30(left_days: nw.Expr, on_net: nw.Expr) -> nw.Expr:
    """Those who left the group in 30 days and are barred or gone from the network, as a share of
    them and the present members."""
    return _gone_share(left_days, on_net, 30)


@group_feature(
    over=TURNOVER,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "近90天集团成员流失{value:.0%}(退出集团且停机或离网)",
        "the group lost {value:.0%} in 90 days: out of it and barred or gone from the network",
    ),
    lowers=(
        "近90天无成员退出集团且停机或离网",
        "nobody left the group in 90 days who is barred or gone from the network",
    ),
)
def gone_share_90(left_days: nw.Expr, on_net: nw.Expr) -> nw.Expr:
    """Those who left the group in 90 days and are barred or gone from the network, as a share of
    them and the present members."""
    return _gone_share(left_days, on_net, 90)


@group_feature(
    over=TURNOVER,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "近半年集团成员流失{value:.0%}(退出集团且停机或离网)",
        "the group lost {value:.0%} in 180 days: out of it and barred or gone from the network",
    ),
    lowers=(
        "近半年无成员退出集团且停机或离网",
        "nobody left the group in 180 days who is barred or gone from the network",
    ),
)
def gone_share_180(left_days: nw.Expr, on_net: nw.Expr) -> nw.Expr:
    """Those who left the group in 180 days and are barred or gone from the network, as a share of
    them and the present members."""
    return _gone_share(left_days, on_net, 180)


@group_feature(
    over=TURNOVER,
    unit="share",
    pivot=0,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("{value:.0%}的成员为近三月新增", "{value:.0%} of the members joined in 90 days"),
    lowers=("近三月无新增成员", "no member joined in 90 days"),
)
def joined_share(joined_days: nw.Expr, left_days: nw.Expr, on_net: nw.Expr) -> nw.Expr:
    """Share of the members of the day who joined within 90 days."""
    present = left_days.is_null() & (on_net == 1)
    return share(count(present & (joined_days < 90)), of=count(present))


@group_feature(
    unit="count",
    pivot=0,
    between=(-100_000, 100_000),
    family="tier",
    reason=Reason.SIZE,
    raises=("近三月净增成员{size:.0f}人", "net additions in 90 days: {size:.0f} members"),
    lowers=(
        "近三月成员无净增(净减{size:.0f}人)",
        "no net additions in 90 days (net losses: {size:.0f} members)",
    ),
)
def net_additions(members_joined: nw.Expr, members_left: nw.Expr) -> nw.Expr:
    """Members who joined in 90 days less those who left."""
    return members_joined - members_left
