"""The kinds of parameters that decide what an operator sees of a world, and when.

What happens in it is in ``parameters``.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.parameters import PerTier, Shares


@dataclass(frozen=True)
class Usage:
    """Minutes, messages and data of a member in a month.

    Dekad extracts are delivered from month ``dekads_from`` of the world on (0 = never); in area
    ``counter_off_area`` (0 = none) calls to rivals' hotlines are not counted for some months.
    """

    mou_out_mean: PerTier
    mou_shape: float
    group_sigma: float
    inbound: float
    season: Shares
    sigma_month: float
    sigma_dekad: float
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
    sms_sigma: float
    short_sms_mean: float
    data_users: float
    data_mu_kb: float
    data_sigma: float
    data_sigma_dekad: float
    dual_out_low: float
    dual_out_high: float
    dual_in: float
    dual_vnet: float
    dual_data: float
    intent_vnet: float
    telecom_share: float
    hotline_own: float
    minutes_a_call: float
    minutes_active_day: float
    distinct_peers: float
    dekads_from: int
    counter_off_area: int
    counter_off_month: int
    counter_off_months: int


@dataclass(frozen=True)
class Emission:
    """What the hidden states leave behind in the operator's tables."""

    rival_base: float
    rival_eps: float
    rival_state: tuple[float, ...]
    rival_sd_group: float
    rival_sd_member: float
    hotline: tuple[float, ...]
    hotline_telecom: float
    second_sim_month: float
    second_sim_later: float
    second_sim_false: float
    second_sim_false_stays: float
    forwarding_dual: float
    forwarding_unknown: float


@dataclass(frozen=True)
class Delivery:
    """When rows reach the warehouse.

    Each table's law: on time with probability ``on_time``, evenly over days ``first`` to ``last``
    after the event or the period's end; else ``month_end`` of all rows wait for the last two days
    of the month, ``long`` come more than ``long_days`` days late, and the others trail behind
    ``last`` with a geometric tail of mean ``tail`` days.
    """

    usage_month: Shares
    usage_dekad: Shares
    rival_campaign: Shares
    bill_month: Shares
    product_usage_month: Shares
    kpi: Shares
    snapshot_base: Shares
    group_snapshot: Shares
    reference: Shares
    second_sim_ind: Shares
    call_edge_month: Shares
    rival_number: Shares
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


@dataclass(frozen=True)
class Flaws:
    """What goes wrong on the way to the warehouse, if it is asked for.

    A batch of a table by month or dekad can be missing, come ``late_days`` late, or lack
    ``truncated_share`` of its rows at the end; ``text_batch`` of all come as CSV, ``gb18030`` of
    these in that encoding. The rest befalls single rows; ``out_of_order`` is meant of versions of
    one key in one batch. ``most_broken`` bounds the rows of a batch that break a rule: an ingest
    refuses a table with too many.
    """

    missing_batch: float
    late_batch: float
    late_days: int
    truncated_batch: float
    truncated_share: float
    text_batch: float
    gb18030: float
    missing_row: float
    duplicate: float
    contradiction: float
    malformed: float
    torn_row: float
    cut_text: float
    out_of_order: float
    most_broken: float
