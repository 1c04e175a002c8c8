"""What is known of a rival's attack on a group."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import ages, count, distinct, per_row, share, total
from features.group.traffic import USAGE
from features.reasons import Reason
from features.views.reports import attacks_around, campaigns_here, rival_reports

REPORTS = Window(rival_reports, lookback=180)
PRICE_LEVERS = ("tariff_cut", "tariff_subsidy")


@group_feature(
    over=REPORTS,
    unit="count",
    pivot=0,
    between=(0, 100),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近半年上报竞争进攻{value:.0f}次", "attacks reported in half a year: {value:.0f}"),
    lowers=("近半年无竞争进攻上报", "no attack reported in half a year"),
    empty=0,
)
def attacks_reported(event_id: nw.Expr) -> nw.Expr:
    """Attacks of the last 180 days that had been reported by the day."""
    return event_id.count()


@group_feature(
    over=REPORTS,
    unit="count",
    pivot=0,
    between=(0, 100),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近90天上报竞争进攻{value:.0f}次", "attacks reported in 90 days: {value:.0f}"),
    lowers=("近90天无竞争进攻上报", "no attack reported in 90 days"),
    empty=0,
)
def recent_attacks_reported(event_id: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Attacks of the last 90 days that had been reported by the day."""
    return count(~event_id.is_null() & ages(age, 0, 89))


@group_feature(
    over=REPORTS,
    unit="days",
    between=(0, 180),
    direction=-1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "距最近一次上报的进攻{value:.0f}天",
        "days since the last reported attack: {value:.0f}",
    ),
)
def days_since_attack(age: nw.Expr) -> nw.Expr:
    """Days since the last attack that had been reported; unknown without one in 180 days."""
    return age.min()


@group_feature(
    over=REPORTS,
    unit="count",
    pivot=0,
    between=(0, 100),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=("近半年价格类进攻{value:.0f}次", "attacks on price in half a year: {value:.0f}"),
    lowers=("近半年无价格类进攻上报", "no attack on price reported in half a year"),
    empty=0,
)
def price_attacks_reported(lever: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Attacks, reported by the day, whose first lever was the tariff or a subsidy of it."""
    on_price = lever.str.starts_with(PRICE_LEVERS[0]) | lever.str.starts_with(PRICE_LEVERS[1])
    return count(on_price & (age >= 0))


@group_feature(
    over=USAGE,
    unit="share",
    between=(0, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("集团打出中异网占{value:.0%}", "{value:.0%} of the group's minutes go to rivals"),
)
def group_rival_share(mou_out_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rival operators' share of the group's outgoing minutes in the last closed month."""
    return share(total(mou_out_rival_m, age == 0), of=total(mou_out_m, age == 0))


@group_feature(
    over=USAGE,
    unit="share",
    pivot=0,
    between=(-1, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "集团异网占比比前三月上升{hundred:.1f}个百分点",
        "rivals' share of minutes {hundred:.1f} points above the three months before",
    ),
    lowers=(
        "集团异网占比比前三月未上升,低{points:.1f}个百分点",
        "rivals' share of minutes not above the three months before ({points:.1f} points lower)",
    ),
)
def group_rival_rise(mou_out_rival_m: nw.Expr, mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Rise of the rivals' share of minutes over that of the three months before."""
    before = ages(age, 1, 3)
    return share(total(mou_out_rival_m, age == 0), of=total(mou_out_m, age == 0)) - share(
        total(mou_out_rival_m, before), of=total(mou_out_m, before)
    )


@group_feature(
    over=USAGE,
    unit="calls",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "上月每百名成员拨打异网客服{hundred:.0f}次",
        "calls to rivals' hotlines last month per hundred members: {hundred:.0f}",
    ),
    lowers=("上月无人拨打异网客服", "nobody called a rival's hotline last month"),
)
def hotline_rate(calls_10000_n: nw.Expr, calls_10010_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers per member in the last closed month."""
    return per_row(calls_10000_n + calls_10010_n, age == 0)


@group_feature(
    over=USAGE,
    unit="calls",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近三月每百名成员月均拨打异网客服{hundred:.0f}次",
        "calls to rivals' hotlines a month per hundred members, over three months: {hundred:.0f}",
    ),
    lowers=("近三月无人拨打异网客服", "nobody called a rival's hotline in three months"),
)
def hotline_rate_quarter(calls_10000_n: nw.Expr, calls_10010_n: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Calls to the rivals' service numbers per member and month, over three closed months."""
    return per_row(calls_10000_n + calls_10010_n, ages(age, 0, 2))


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 100_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三月识别到{value:.0f}名成员使用第二张卡",
        "members found with a second SIM in three months: {value:.0f}",
    ),
    lowers=("近三月未识别到第二张卡", "no second SIM found in three months"),
    empty=0,
)
def second_sims_recent(second_sim_recent: nw.Expr) -> nw.Expr:
    """Members with a second-SIM indication in the last three closed months."""
    return count(second_sim_recent > 0)


@group_feature(
    over=MEMBERS,
    unit="share",
    pivot=0,
    between=(0, 1),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("{value:.0%}的成员有第二张卡迹象", "{value:.0%} of the members may have a second SIM"),
    lowers=("未见第二张卡迹象", "no sign of a second SIM"),
)
def second_sim_share(second_sim_score: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """Share of the members with a second-SIM indication in the last six closed months."""
    return share(count(second_sim_score > 0), of=user_id.count())


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 100_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=("{value:.0f}名成员呼转异网", "members who forward calls to rivals: {value:.0f}"),
    lowers=("无成员呼转异网", "no member forwards calls to rivals"),
    empty=0,
)
def forwarding_members(forwards_to_rival: nw.Expr) -> nw.Expr:
    """Members with call forwarding to a rival number in the last two closed months."""
    return count(forwards_to_rival == 1)


@group_feature(
    over=Window("second_sim_ind", lookback=6, through="members"),
    unit="count",
    pivot=0,
    between=(0, 100_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_NUMBERS,
    raises=(
        "近三月新增{value:.0f}名成员使用第二张卡",
        "members newly found with a second SIM in three months: {value:.0f}",
    ),
    lowers=("近三月无新增第二张卡", "no member newly found with a second SIM in three months"),
    empty=0,
)
def second_sims_new(user_id: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Members with a second-SIM indication in the last three closed months and none in the three
    before."""
    return distinct(user_id, ages(age, 0, 5)) - distinct(user_id, ages(age, 3, 5))


@group_feature(
    over=Window(attacks_around),
    unit="per hundred",
    pivot=0,
    between=(0, 10_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "同区域其他集团每百家上报进攻{value:.1f}次",
        "attacks reported in 90 days per hundred other groups of the area: {value:.1f}",
    ),
    lowers=("同区域近90天无进攻上报", "no attack reported in the area in 90 days"),
)
def area_attacks(area_attacks: nw.Expr, area_groups: nw.Expr) -> nw.Expr:
    """Attacks reported in 90 days per hundred other groups of the same area."""
    return 100 * share(area_attacks.max(), of=area_groups.max())


@group_feature(
    over=Window(attacks_around),
    unit="per hundred",
    pivot=0,
    between=(0, 10_000),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "同园区其他集团每百家上报进攻{value:.1f}次",
        "attacks reported in 90 days per hundred other groups of the park: {value:.1f}",
    ),
    lowers=("同园区近90天无进攻上报", "no attack reported in the park in 90 days"),
)
def park_attacks(park_attacks: nw.Expr, park_groups: nw.Expr) -> nw.Expr:
    """Attacks reported in 90 days per hundred other groups of the same park."""
    return 100 * share(park_attacks.max(), of=park_groups.max())


@group_feature(
    over=Window(campaigns_here, lookback=3),
    unit="score",
    pivot=0,
    between=(0, 3),
    direction=1,
    family="rival",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "所在区域近三月有对手营销活动,强度{value:.0f}",
        "a rival's campaign of intensity {value:.0f} in the area within three months",
    ),
    lowers=("所在区域近三月未见对手营销活动", "no campaign known in the area within three months"),
    empty=0,
)
def area_campaign(intensity: nw.Expr) -> nw.Expr:
    """Greatest intensity (1 to 3) of a rival's campaign in the area in three closed months, as
    far as it was known; 0 without one."""
    return intensity.max()
