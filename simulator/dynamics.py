"""The laws by which groups are attacked, intend to move, move and calm down.

Pure functions of what is given, so that the world draws from them and the oracles integrate over
them. Within a dekad groups first move, then settle, then are attacked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import Dekad
from simulator.draws import Flags, Floats, Ints
from simulator.population import Groups
from simulator.preset import Preset

CALM, RESISTED, INTENT, TRANSFERRED = range(4)
STATES = ("calm", "resisted", "intent", "transferred")
KEY_LOST_DEKADS = 9
"""For so long the loss of a key person works on a group and on his colleagues."""
NEARBY_MONTHS = (1.0, 0.5, 0.25)
"""Weight of a neighbour's move in this month, the one before, and that before."""


@dataclass(frozen=True)
class Pressure:
    """What works on each group in a dekad, beside what it is.

    ``acting`` is the lock in effect, ``expiring`` whether (or how likely) much of it ends this
    month, ``nearby`` the moves in the park (0 … 1), ``relief`` what treatments add to the log-odds
    of moving, ``key_lost`` whether a key person went to the rival lately.
    """

    acting: Floats
    expiring: Floats
    nearby: Floats
    relief: Floats
    key_lost: Flags


def attack_hazard(
    preset: Preset, groups: Groups, at: Pressure, campaign: Flags, dekad: Dekad
) -> Floats:
    """Chance that each group that does not already intend to move is attacked in a dekad.

    Args:
        campaign: Whether a campaign is on, for each group.
    """
    p, tier = preset.attack, groups.tier
    expiry = preset.lock.expiry_effect * (p.expiry_month - 1.0) * at.expiring
    monthly = (
        np.where(campaign, p.campaign.at(tier), p.quiet.at(tier))
        * p.mult
        * np.where(groups.managed, p.managed, p.unmanaged)
        * (1.0 + expiry)
        * (1.0 + (p.park_transfer - 1.0) * at.nearby)
        * preset.campaign.season.get(str(dekad.month.number), 1.0)
        * (preset.drift.attack if drifted(preset, dekad) else 1.0)
    )
    return random.dekad_hazard(monthly)


def intent_chance(
    preset: Preset, groups: Groups, theta: Ints, at: Pressure, tariff: Flags | bool, dekad: Dekad
) -> Floats:
    """Chance that an attack makes each group intend to move.

    Args:
        theta: Loyalty, one for each group or any shape that broadcasts with one.
        tariff: Whether the rival's first lever is a cheaper tariff.
    """
    p = preset.intent
    held = preset.drift.intent_lock if drifted(preset, dekad) else p.lock
    odds = (
        p.b.at(groups.tier)
        + p.theta * theta
        + preset.lock.effect * held * at.acting
        + p.unmanaged * ~groups.managed
        + p.tariff_lever * (np.asarray(tariff, dtype=np.float64) - p.tariff_centre)
        + p.key_person_lost * at.key_lost
    )
    return random.logistic(odds)


@dataclass(frozen=True)
class Moving:
    """Chances of a dekad: of an intending group to move, of another one, and in parts.

    ``without_expiry`` and ``without_neighbour`` are the parts of an intending group's monthly
    chance that are left where its contracts would not end, or no neighbour had moved.
    """

    intending: Floats
    other: Floats
    without_expiry: Floats
    without_neighbour: Floats


def moving(preset: Preset, groups: Groups, theta: Ints, at: Pressure, level: Floats) -> Moving:
    """How likely each group moves to the rival in a dekad; ``level`` is its long-run lock."""
    p, lock = preset.transfer, preset.lock
    guard = np.where(groups.double_top100, p.double_top100, 1.0)
    steady = p.q0.at(groups.tier) + p.theta * theta + at.relief
    expiry = lock.expiry_effect * p.expiry_month * at.expiring
    holds, neighbours = lock.effect * p.lock, p.park_transfer * at.nearby
    monthly = random.logistic(steady + holds * at.acting + expiry + neighbours)
    unbroken = random.logistic(steady + holds * np.maximum(at.acting, level) + neighbours)
    alone = random.logistic(steady + holds * at.acting + expiry)
    return Moving(
        random.dekad_hazard(guard * monthly),
        random.dekad_hazard(guard * p.background.at(groups.tier)),
        unbroken / monthly,
        alone / monthly,
    )


def drifted(preset: Preset, dekad: Dekad) -> bool:
    """Whether the rival's policy has changed by this dekad."""
    month = preset.drift.month
    return month > 0 and dekad.month.index + 1 >= month


def lever_weights(preset: Preset, tier: int, dekad: Dekad | None) -> dict[str, float]:
    """How often the rival uses each lever first against groups of a tier (0 = A, 1 = B, 2 = C)."""
    p = preset.attack
    if tier < 2:
        return dict(p.levers_ab)
    weights = dict(p.levers_c)
    if dekad is not None and drifted(preset, dekad):
        others = sum(weight for name, weight in weights.items() if name != "tariff_cut")
        share = preset.drift.tariff_share
        weights["tariff_cut"] = others * share / (1.0 - share)
    return weights


def nearby(moves: list[Ints], park: Ints) -> Floats:
    """Moves near each group as they count in a dekad: at most 1.

    Args:
        moves: Groups that moved in each park, for every dekad so far.
        park: The park of each group.
    """
    months = [moves[-9:][::-1][3 * m : 3 * m + 3] for m in range(len(NEARBY_MONTHS))]
    total = np.zeros(int(park.max(initial=0)) + 1)
    for weight, dekads in zip(NEARBY_MONTHS, months, strict=True):
        total = total + weight * sum(dekads, start=np.zeros(len(total)))
    return np.minimum(total[park], 1.0)
