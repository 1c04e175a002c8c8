"""What kind of customer a group is: its tier, how that changed, who it is."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import count, flag
from features.reasons import Reason

TIERS = ("A1", "A2", "B1", "B2", "C", "D")
TWO_YEARS = Window("group_snapshot", lookback=24)
PUBLIC = ("gov", "institution", "SOE")


def rank(tier: nw.Expr) -> nw.Expr:
    """1 for A1 to 6 for D; unknown for any other tier."""
    ranked = nw.when(tier == TIERS[0]).then(1)
    for number, name in enumerate(TIERS[1:], start=2):
        ranked = ranked.when(tier == name).then(number)
    return ranked.otherwise(None)


@group_feature(
    unit="rank",
    between=(1, 6),
    family="tier",
    reason=Reason.SIZE,
    raises=("集团级别第{value:.0f}档", "tier number {value:.0f} of six"),
)
def tier_rank(tier: nw.Expr) -> nw.Expr:
    """Tier of the newest snapshot: 1 for A1, then A2, B1, B2, C and 6 for D."""
    return rank(tier)


@group_feature(
    over=TWO_YEARS,
    unit="ranks",
    pivot=0,
    between=(-5, 5),
    family="tier",
    reason=Reason.SIZE,
    raises=("一年内级别上升{size:.0f}档", "up by {size:.0f} tiers within a year"),
    lowers=("一年内级别未上升", "not up in tier within a year"),
)
def tier_rise(tier: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Tiers by which the group stands higher than a year before."""
    before = nw.when(age == 12).then(rank(tier)).max()
    return before - nw.when(age == 0).then(rank(tier)).max()


@group_feature(
    over=TWO_YEARS,
    unit="months",
    between=(1, 23),
    family="tier",
    reason=Reason.SIZE,
    raises=("{value:.0f}个月前调整过级别", "months since its tier changed: {value:.0f}"),
)
def months_since_tier_change(tier: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Months since the group last stood in another tier; unknown without one in two years."""
    last_in = [nw.when(tier == name).then(age).min() for name in TIERS]
    newest = age.min()
    return nw.min_horizontal(*(nw.when(seen > newest).then(seen) for seen in last_in)) - newest


@group_feature(
    over=TWO_YEARS,
    unit="points",
    pivot=0,
    between=(-1000, 1000),
    family="tier",
    reason=Reason.SIZE,
    raises=("价值评分近三月上升{size:.0f}", "value score up {size:.0f} within three months"),
    lowers=(
        "价值评分近三月未上升(下降{size:.0f})",
        "value score not up within three months (down {size:.0f})",
    ),
)
def recent_value_change(value_score: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Newest value score less that of three months before."""
    return nw.when(age == 0).then(value_score).max() - nw.when(age == 3).then(value_score).max()


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("级别为人工指定", "its tier was set by hand"),
    lowers=("级别由评分确定", "its tier follows from the score"),
)
def tier_by_hand(tier_assign_mode: nw.Expr) -> nw.Expr:
    """The tier was assigned by hand, not by the score."""
    return flag(tier_assign_mode == "manual")


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("目标市场或双百强客户", "a target-market or double-top-100 customer"),
    lowers=("非目标市场及双百强客户", "no target-market or double-top-100 customer"),
)
def strategic_account(is_target_market: nw.Expr, is_double_top100: nw.Expr) -> nw.Expr:
    """The operator counts the group to its target market or to its double top 100."""
    return flag(is_target_market | is_double_top100)


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("隶属系统集团", "part of a parent group"),
    lowers=("非系统集团下属单位", "not part of a parent group"),
)
def in_parent_group(parent_group_id: nw.Expr) -> nw.Expr:
    """The newest snapshot names a parent group."""
    return flag(~parent_group_id.is_null())


@group_feature(
    unit="count",
    between=(0, 10**6),
    family="tier",
    reason=Reason.SIZE,
    raises=("登记人数{value:.0f}人", "declared headcount: {value:.0f}"),
)
def declared_headcount(register_headcount: nw.Expr) -> nw.Expr:
    """Headcount that the group declared when it registered."""
    return register_headcount


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("国有或机关事业单位", "a public body or a state-owned company"),
    lowers=("非国有单位", "neither a public body nor state-owned"),
)
def publicly_owned(ownership: nw.Expr) -> nw.Expr:
    """Owned by the state: government, institution or state-owned company."""
    return flag(ownership.is_in(PUBLIC))


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("商贸类集团", "in trade"),
    lowers=("非商贸类集团", "not in trade"),
)
def in_trade(industry_l1: nw.Expr) -> nw.Expr:
    """The group's industry is trade."""
    return flag(industry_l1 == "trade")


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("制造或建筑类集团", "in manufacturing or construction"),
    lowers=("非制造、建筑类集团", "neither in manufacturing nor in construction"),
)
def in_building_or_making(industry_l1: nw.Expr) -> nw.Expr:
    """The group's industry is manufacturing or construction: many migrant workers."""
    return flag(industry_l1.is_in(("manufacturing", "construction")))


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="tier",
    reason=Reason.SIZE,
    raises=("酒店、物流或服务类集团", "in hotels, transport or other services"),
    lowers=("非酒店、物流、服务类集团", "not in hotels, transport or other services"),
)
def in_services(industry_l1: nw.Expr) -> nw.Expr:
    """The group's industry is hotels and catering, transport and logistics, or services."""
    return flag(industry_l1.is_in(("hotel_catering", "transport_logistics", "services")))


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 100_000),
    family="tier",
    reason=Reason.KEY_PEOPLE,
    raises=("已建档联系人或关键人{value:.0f}人", "contacts and key persons on record: {value:.0f}"),
    lowers=("未建档联系人及关键人", "neither a contact nor a key person on record"),
    empty=0,
)
def contacts_on_record(member_role: nw.Expr) -> nw.Expr:
    """Members on record as contact or key person: those whom a manager can speak to."""
    return count(member_role.is_in(("contact", "key_person")))
