"""What happens around a group: losses of its neighbours, attacks and campaigns in its area."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import share
from features.reasons import Reason
from features.views.distance import nearby
from features.views.neighbourhood import neighbourhood

AROUND = Window(neighbourhood)


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同园区其他集团{value:.1%}的成员出现分流",
        "{value:.1%} of the members of other groups in the park are diverting",
    ),
    lowers=("同园区其他集团未见分流", "no diversion in other groups of the park"),
)
def neighbours_diverting(park_one_sided: nw.Expr, park_members: nw.Expr) -> nw.Expr:
    """Share of one-sided falls among the members of the other groups of the same park."""
    return share(park_one_sided.max(), of=park_members.max())


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同园区其他集团近三月流失度{value:.1%}(停机离网与分流,近期权重更高)",
        "{value:.1%} lost in 90 days by other groups of the park, recent losses weighing more",
    ),
    lowers=("同园区其他集团近三月无流失", "nothing lost in 90 days by other groups of the park"),
)
def park_losses(park_losses: nw.Expr, park_base: nw.Expr) -> nw.Expr:
    """One-sided members and those barred or gone from the network within 90 days, among the
    other groups of the park; weighted 4, 2, 1 by months."""
    return share(park_losses.max(), of=park_base.max())


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同区域其他集团近三月流失度{value:.1%}(停机离网与分流,近期权重更高)",
        "{value:.1%} lost in 90 days by other groups of the area, recent losses weighing more",
    ),
    lowers=("同区域其他集团近三月无流失", "nothing lost in 90 days by other groups of the area"),
)
def area_losses(area_losses: nw.Expr, area_base: nw.Expr) -> nw.Expr:
    """One-sided members and those barred or gone from the network within 90 days, among the
    other groups of the area; weighted 4, 2, 1 by months."""
    return share(area_losses.max(), of=area_base.max())


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同一上级单位的其他集团近三月流失度{value:.1%}(停机离网与分流,近期权重更高)",
        "{value:.1%} lost in 90 days by others of the parent group, recent losses weighing more",
    ),
    lowers=(
        "同一上级单位的其他集团近三月无流失",
        "nothing lost in 90 days by other groups of the same parent group",
    ),
)
def parent_losses(parent_losses: nw.Expr, parent_base: nw.Expr) -> nw.Expr:
    """One-sided members and those barred or gone from the network within 90 days, among the
    other groups of the same parent group; weighted 4, 2, 1 by months."""
    return share(parent_losses.max(), of=parent_base.max())


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同行业其他集团近三月流失度{value:.1%}(停机离网与分流,近期权重更高)",
        "{value:.1%} lost in 90 days by other groups of the industry, recent losses weighing more",
    ),
    lowers=(
        "同行业其他集团近三月无流失",
        "nothing lost in 90 days by other groups of the industry",
    ),
)
def industry_losses(industry_losses: nw.Expr, industry_base: nw.Expr) -> nw.Expr:
    """One-sided members and those barred or gone from the network within 90 days, among the
    other groups of the industry; weighted 4, 2, 1 by months."""
    return share(industry_losses.max(), of=industry_base.max())


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同园区{value:.0%}的其他集团近三月流失或单向的成员达三成",
        "{value:.0%} of the other groups of the park have three in ten members "
        "lost or one-sided in 90 days",
    ),
    lowers=(
        "同园区其他集团近三月流失或单向的成员均不足三成",
        "no other group of the park has three in ten members lost or one-sided in 90 days",
    ),
)
def park_groups_moving(park_moving: nw.Expr, park_groups: nw.Expr) -> nw.Expr:
    """Share of the other groups of the park with 30 % of their members one-sided, or
    barred or gone from the network within 90 days."""
    return share(park_moving.max(), of=park_groups.max())


@group_feature(
    over=AROUND,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "同区域{value:.0%}的其他集团近三月流失或单向的成员达三成",
        "{value:.0%} of the other groups of the area have three in ten members "
        "lost or one-sided in 90 days",
    ),
    lowers=(
        "同区域其他集团近三月流失或单向的成员均不足三成",
        "no other group of the area has three in ten members lost or one-sided in 90 days",
    ),
)
def area_groups_moving(area_moving: nw.Expr, area_groups: nw.Expr) -> nw.Expr:
    """Share of the other groups of the area with 30 % of their members one-sided, or
    barred or gone from the network within 90 days."""
    return share(area_moving.max(), of=area_groups.max())


@group_feature(
    over=Window(nearby),
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "周边30公里其他集团近三月流失度{value:.1%}(近处权重更高)",
        "{value:.1%} lost in 90 days by groups within 30 km, the nearer weighing more",
    ),
    lowers=("周边30公里其他集团近三月无流失", "nothing lost in 90 days by groups within 30 km"),
)
def nearby_losses(near_losses: nw.Expr, near_base: nw.Expr) -> nw.Expr:
    """Losses of the other groups within 30 km, weighted by distance and by months; unknown where
    areas have no coordinates."""
    return share(near_losses.max(), of=near_base.max())
