"""The kinds of parameters that decide what an operator sees of a world, and when.

What happens in it is in ``parameters``.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.parameters import PerTier, Shares


@dataclass(frozen=True)
class Usage:
    """Minutes, messages and data of a member in a month."""

    mou_out_mean: PerTier
    mou_shape: float
    group_sigma: float
    inbound: float
    season: Shares
    sigma_common: float
    sigma_separate: float
    fixed_share: float
    toll_share: float
    roam_share: float
    vnet_penetration: PerTier
    vnet_groups: PerTier
    vnet_pkgmin: float
    vnet_zero: float
    vnet_mu: float
    vnet_sigma: float
    vnet_persistence: float
    vnet_mou_corr: float
    short_sms_attach: float
    short_sms_effective: float
    short_sms_icc: float
    sms_mean: float
    data_users: float
    data_mu_kb: float
    data_sigma: float
    dual_out_low: float
    dual_out_high: float
    dual_in: float
    dual_vnet: float
    dual_data: float
    intent_vnet: float
    telecom_share: float
    hotline_own: float


@dataclass(frozen=True)
class Bill:
    """Money of a member in a month."""

    arpu_mean: PerTier
    sigma: float
    mou_corr: float
    trend: float
    sigma_month: float
    dual: float
    restated: float
    restated_by: float


@dataclass(frozen=True)
class Product:
    """Share of groups that hold a product at the start, by kind of group."""

    ab: Shares
    c: Shares
    ends: float


@dataclass(frozen=True)
class Emission:
    """What the hidden states leave behind in the operator's tables."""

    rival_base: float
    rival_eps: float
    rival_state: tuple[float, ...]
    rival_sd_group: float
    rival_sd_member: float
    hotline: tuple[float, ...]
    second_sim_month: float
    second_sim_later: float
    second_sim_false: float
    second_sim_false_stays: float
    forwarding_dual: float
    forwarding_unknown: float


@dataclass(frozen=True)
class Fieldwork:
    """Account managers' reports and visits, tickets, letters of authorisation."""

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
    tickets: float
    tickets_intent: float
    cancel_ticket: float
    letter_late: float


@dataclass(frozen=True)
class Delivery:
    """When rows reach the warehouse.

    Each table's law: on time with probability ``on_time``, evenly over days ``first`` to ``last``
    after the event or the period's end; else ``month_end`` of all rows wait for the last two days
    of the month, ``long`` come more than ``long_days`` days late, and the others trail behind
    ``last`` with a geometric tail of mean ``tail`` days.
    """

    usage_month: Shares
    bill_month: Shares
    group_snapshot: Shares
    reference: Shares
    second_sim_ind: Shares
    member: Shares
    membership_hist: Shares
    contract: Shares
    product_holding: Shares
    rival_event: Shares
    visit: Shares
    ticket: Shares
    auth_letter: Shares
    arrears_retention_days: int
    arrears_off_days: int
