"""The kinds of parameters of the operator's trade: products, contracts, bills, field work, plans.

Values, units and sources stand in ``presets/*.yaml``; what a parameter does is said here.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.parameters import PerTier, Shares


@dataclass(frozen=True)
class Product:
    """Products of groups: who holds them, how many, what they cost, how much they are used.

    Tables go by product. Shares of groups are those of the first day, for tiers A and B and for
    C; what an industry holds ("education.school_msg") stands in ``…_industry`` as a share of all
    groups of the tiers. From then on shares grow by ``growth`` a month up to ``most``; what is
    ``launched`` later (month YYYYMM) takes ``take_up`` of the groups that still lack it each month.
    A holding is of ``per_member`` items
    for each member or of about ``per_group`` items; each costs ``fee`` a month, and ``price`` for
    each unit of use. Power-100 is for groups of at least ``power100_size`` members. Revenue of the
    products in ``ict`` is ICT revenue.

    Lines were in use at ``line_before`` of the groups on the first day; each January from their
    launch on ``line_planned`` of those without go on the plan, and move on from stage to stage at
    the monthly chances ``line_steps`` (prelaid, connected, delivered).
    """

    ab: Shares
    c: Shares
    ab_industry: Shares
    c_industry: Shares
    growth: float
    most: float
    launched: Shares
    take_up: float
    ends: float
    age_days: tuple[float, float]
    power100_size: int
    per_member: Shares
    per_group: Shares
    items_sigma: float
    fee: Shares
    price: Shares
    volume: Shares
    volume_sigma: float
    volume_sigma_month: float
    effective: Shares
    effective_sigma: float
    effective_sigma_month: float
    ict: Shares
    line_before: PerTier
    line_planned: PerTier
    line_steps: tuple[float, ...]


@dataclass(frozen=True)
class Subsidy:
    """Money of contracts: a deposit of part of the bills to come, and a bonus in per cent of it."""

    deposit_share: float
    deposit_step: float
    bonus_percent: tuple[float, float]
    handset: tuple[float, float]
    guaranteed_handset: tuple[float, float]
    channels: Shares


@dataclass(frozen=True)
class Bill:
    """Money of a member in a month, and what companies pay of it.

    ``parts`` share out what is left of a bill after the V-net fee; the rest is voice. Companies
    with ``unified`` payment pay ``unified_share`` of their members' bills. From month
    ``plan_recode`` of the world on (0 = never) tariff plans have new codes.
    """

    arpu_mean: PerTier
    sigma: float
    mou_corr: float
    trend: float
    sigma_month: float
    dual: float
    restated: float
    restated_by: float
    parts: Shares
    allowance: float
    unified: PerTier
    unified_share: float
    unified_arrears: float
    unified_arrears_stay: float
    arrears: float
    balance: tuple[float, float]
    recharges: float
    recharge_notes: Shares
    pay_channels: Shares
    plans: int
    plan_unknown: float
    plan_up: float
    plan_down: float
    plan_down_dual: float
    plan_recode: int


@dataclass(frozen=True)
class Fieldwork:
    """Account managers' reports and visits, tickets, letters of authorisation, staff."""

    report_managed: float
    report_unmanaged: float
    report_false: float
    report_delay_mu: float
    report_delay_sigma: float
    report_day_unknown: float
    report_lost_managed: float
    report_lost_unmanaged: float
    survey: float
    survey_right: float
    visits: PerTier
    visits_unmanaged_c: float
    visits_after_report: float
    visits_after_days: int
    visit_types: Shares
    visit_met: Shares
    visit_chief: float
    visit_results: Shares
    visit_rival_wooed: float
    visit_minutes: tuple[float, float]
    visit_timed: float
    tickets: float
    tickets_intent: float
    ticket_cats: Shares
    ticket_cats_intent: Shares
    ticket_severity: tuple[float, ...]
    ticket_half_days: tuple[float, float]
    ticket_resolved: float
    ticket_rated: float
    cancel_ticket: float
    cancel_before_days: int
    letters: PerTier
    letter_age_days: int
    letter_term_days: tuple[float, float]
    letter_late: float
    campaign_seen: float
    rumour_levers: Shares
    report_delay_most_days: int
    loss_told_after_days: int
    loss_dated_before_days: int
    offer_told: float
    offered_to: Shares
    second_lever_told: float
    claim: float
    claim_repelled: float
    claim_repelled_intent: float
    letter_late_days: int
    letter_early_days: int
    letter_scopes: Shares
    letter_signature: float
    letter_specimen: float
    chiefs: int
    staff_age_days: tuple[float, float]


@dataclass(frozen=True)
class Standing:
    """How the operator files a group: yearly review of grades, channel, estimated headcount.

    Each January those whose revenue fell most (``down``) lose a grade and those whose revenue rose
    most (``up``; of C groups ``up_c``) win one.
    """

    down: float
    up: float
    up_c: float
    sigma: float
    score: float
    channels: Shares
    penetration: float
    penetration_sigma: float


@dataclass(frozen=True)
class Kpi:
    """The yearly plan of each KPI.

    ``rates`` are wanted at the year's end, in per cent; ``growth`` is the year's revenue wanted, as
    a factor on that of the year before (before the first year, on the first day's monthly rate).
    """

    rates: Shares
    growth: Shares


@dataclass(frozen=True)
class Mnp:
    """Number portability from ``day`` of month ``month`` of the world on (0 = never).

    From then on ``dual_share`` of those who move to the rival by themselves, and
    ``dual_given_move`` of those who follow their group, keep our SIM beside his; the others take
    their number along, unless a contract, debts or a number younger than ``min_days`` bar them.
    Of these ``query`` ask us first, up to ``wait_days`` before; ``curious`` ask and stay.
    """

    month: int
    day: int
    dual_share: float
    dual_given_move: float
    query: float
    wait_days: int
    min_days: int
    curious: float
