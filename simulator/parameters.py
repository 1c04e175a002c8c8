"""The kinds of parameters that a world has, section by section.

Values, units and sources stand in ``presets/*.yaml``; what a parameter does is said here. Hazards
and rates are per month unless the name says otherwise; the world turns them into dekad hazards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.draws import Floats, Ints

Shares = Mapping[str, float]


@dataclass(frozen=True)
class PerTier:
    """One number for each value tier of groups."""

    A: float
    B: float
    C: float

    def at(self, tier: Ints) -> Floats:
        """The number of each group or member, by its tier (0 = A, 1 = B, 2 = C)."""
        return np.array(self.each(), dtype=np.float64)[tier]

    def each(self) -> tuple[float, float, float]:
        """The numbers of A, B and C."""
        return self.A, self.B, self.C


@dataclass(frozen=True)
class World:
    """When the world starts (YYYY-MM), how long it is delivered, and the truth goes on after."""

    start: str
    months: int
    months_after: int


@dataclass(frozen=True)
class Population:
    """Areas, groups, sizes; ``theta`` is loyalty, ``eps`` the usual share of rival calls.

    ``groups`` are those of all ``counties`` together; areas and parks are those of each county.
    """

    groups: PerTier
    counties: int
    areas: int
    parks_per_area: int
    no_park: float
    size_mu: PerTier
    size_sigma: PerTier
    size_min: int
    theta_share: tuple[float, ...]
    eps_share: tuple[float, ...]
    park_theta_corr: float
    managed: PerTier
    double_top100: PerTier
    penetration_beta: tuple[float, ...]
    headcount_unknown: PerTier
    headcount_error: float
    ownership_unknown: float
    groups_per_manager: PerTier
    manager_change: float
    industry_ab: Shares
    industry_c: Shares


@dataclass(frozen=True)
class Campaign:
    """A rival's campaign in an area switches ``on`` and ``off``; attacks follow the ``season``."""

    on: float
    off: float
    season: Shares


@dataclass(frozen=True)
class Attack:
    """Hazard of an attack in quiet and campaign times; ``mult`` scales it all (0 = no attacks)."""

    mult: float
    quiet: PerTier
    campaign: PerTier
    managed: float
    unmanaged: float
    expiry_month: float
    park_transfer: float
    levers_c: Shares
    levers_ab: Shares
    second_lever: float
    telecom_share: float


@dataclass(frozen=True)
class Intent:
    """Log-odds that an attacked group intends to move; ``cool`` and ``recover`` lead back to calm.

    ``initial`` is the share of groups that intend to move when the world starts.
    """

    initial: PerTier
    b: PerTier
    theta: float
    lock: float
    unmanaged: float
    tariff_lever: float
    tariff_centre: float
    key_person_lost: float
    cool: float
    recover: float


@dataclass(frozen=True)
class Transfer:
    """Log-odds a month that an intending group moves, and how its members follow.

    They follow within ``follow_dekads``; a ``follow_power`` above 1 sends most of them early.
    """

    q0: PerTier
    lock: float
    theta: float
    expiry_month: float
    park_transfer: float
    double_top100: float
    background: PerTier
    move_beta: tuple[float, ...]
    follow_dekads: int
    follow_power: float
    dual_given_move: float
    hard_blocked_by_contract: float
    lost_status: float
    lost_after_days: tuple[float, ...]


@dataclass(frozen=True)
class Lock:
    """Contracts that bind members and groups.

    ``effect`` scales every effect of a live contract, ``expiry_effect`` what an ending one sets
    free (0 = the lock of a group stays at its long-run level and expiry changes nothing).
    """

    effect: float
    expiry_effect: float
    mean: PerTier
    concentration: PerTier
    key_weight: float
    key_coverage: float
    key_member_double_top100: float
    terms_m: Shares
    renew_managed: float
    renew_unmanaged: float
    renew_within_days: int
    campaign_share: float
    campaign_days: int
    main_expiry_share: float
    live: float
    expiry_month: float
    after_2m: float
    kinds: Shares
    points_share: PerTier
    points_weight: float
    cap: float


@dataclass(frozen=True)
class Member:
    """What members do by themselves; ``diversion`` scales the share of moves that are dual."""

    diversion: float
    initial_dual: float
    adopt_calm: float
    adopt_attacked: float
    adopt_intent: float
    adopt_tier: PerTier
    adopt_key_person_lost: float
    dual_share: float
    dual_to_gone: float
    dual_to_sole: float
    other_hard_churn: PerTier
    voluntary: float
    job_leave: float
    job_change: float
    gross_adds: PerTier
    new_number: float
    key_persons: PerTier
    key_member_share: PerTier


@dataclass(frozen=True)
class Drift:
    """A change of the rival's policy from a month on (0 = never)."""

    month: int
    attack: float
    tariff_share: float
    intent_lock: float


@dataclass(frozen=True)
class Circle:
    """Who calls whom: ties between members, outsiders in their circles, and what is told of it.

    A member chooses ``colleagues`` of his for each tenfold of his group's size (``hubs`` above 1
    prefers leaders); some ties are ``returned``, each group has ``park_ties`` to others. Each tie
    to somebody lost within ``tie_months`` multiplies the hazard of a rival SIM by ``tie_hazard``,
    fading over ``tie_decay_months``, all together by ``tie_cap`` at most (``tie_hazard`` 1 = no
    contagion). ``pool_`` and ``shared_``: outsiders known to several people of a group or a park,
    and contacts that are such. ``twin_delay``: shares of a member's circle who know his rival
    number in the month he takes it, a month later, and so on. ``listed_``: rival numbers with so
    many contacts in our groups are listed, for so many months after their last call.
    ``edges_months``: call edges are delivered for the last months of the world (0 = none).
    """

    tie_hazard: float
    tie_decay_months: float
    tie_months: float
    tie_cap: float
    colleagues: float
    hubs: float
    returned: float
    tie_shape: float
    tie_calls: float
    park_ties: float
    rival_colleagues: float
    rival_contacts: float
    rival_calls: float
    shared_in_group: float
    shared_in_park: float
    pool_group: float
    pool_park: float
    contact_months: float
    telecom_prefixes: Shares
    unicom_prefixes: Shares
    twin_known: float
    twin_delay: tuple[float, ...]
    other_contacts: float
    listed_contacts: int
    listed_months: int
    edges_months: int
    counterparties: float
    acquaintances: float
    fixed_contacts: float
    vnet_inside: float
    others_inside: float
    unreturned: float
    talked: float
    short_calls: float
    night_calls: float
