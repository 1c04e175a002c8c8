"""The chain of a group's states, stepped as probabilities instead of drawn.

A belief is an array: campaign off or on × calm, resisted, intent × loyalty -1, 0, 1 × usual share
of rival calls -1, 0, 1 (or one row for all three) × group. It is the chance of each combination
for a group that has not moved; its sum for each group is 1, or less by what has moved meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator import draws as random, dynamics
from simulator.dekads import Dekad
from simulator.draws import Flags, Floats, Ints
from simulator.dynamics import CALM, INTENT, RESISTED, Pressure
from simulator.locking import Outlook
from simulator.population import Groups
from simulator.preset import Preset
from simulator.rivalry import LEVERS

LOYALTIES = np.array([-1, 0, 1])[:, None, None]
"""As the third axis of a belief, with one row for the fourth."""


def certain(campaign: Flags, state: Ints, theta: Ints) -> Floats:
    """The belief of one who knows: everything on one combination for each group."""
    belief = np.zeros((2, 3, 3, 1, len(state)))
    here = np.arange(len(state))
    belief[campaign.astype(np.int64), np.minimum(state, INTENT), theta + 1, 0, here] = 1.0
    return belief


def switch(preset: Preset, belief: Floats) -> Floats:
    """Let the rival's campaigns begin and end."""
    on = random.dekad_hazard(preset.campaign.on)
    off = random.dekad_hazard(preset.campaign.off)
    quiet, wild = belief
    return np.stack([quiet * (1 - on) + wild * off, quiet * on + wild * (1 - off)])


def move(
    preset: Preset, groups: Groups, belief: Floats, at: Pressure, level: Floats
) -> tuple[Floats, Floats]:
    """Let groups move: the belief in those that stay, and in those that have moved."""
    chances = dynamics.moving(preset, groups, LOYALTIES, at, level)
    stays = belief.copy()
    stays[:, (CALM, RESISTED)] *= 1.0 - chances.other
    stays[:, INTENT] *= 1.0 - chances.intending
    return stays, np.asarray(belief - stays)


def settle(preset: Preset, belief: Floats) -> Floats:
    """Let some of those attacked calm down, and some of those who intend to move think better."""
    settled = belief.copy()
    for state, monthly in ((RESISTED, preset.intent.cool), (INTENT, preset.intent.recover)):
        back = belief[:, state] * random.dekad_hazard(monthly)
        settled[:, state] -= back
        settled[:, CALM] += back
    return settled


def attack_chances(
    preset: Preset, groups: Groups, at: Pressure, dekad: Dekad, tariff: Floats | None = None
) -> tuple[Floats, Floats]:
    """Chance of an attack (campaign × group), and that it wins a group (loyalty × 1 × group).

    Args:
        tariff: Chance that a cheaper tariff is the first lever; NaN where only the rival's habits
            are known.
    """
    hazard = [
        dynamics.attack_hazard(preset, groups, at, np.full(groups.count, on), dekad)
        for on in (False, True)
    ]
    share = tariff_share(preset, groups, dekad)
    if tariff is not None:
        share = np.where(np.isnan(tariff), share, tariff)
    wins = [
        dynamics.intent_chance(preset, groups, LOYALTIES, at, cut, dekad) for cut in (False, True)
    ]
    return np.array(hazard), wins[0] + share * (wins[1] - wins[0])


def tariff_share(preset: Preset, groups: Groups, dekad: Dekad) -> Floats:
    """How often a cheaper tariff is the first lever of an attack on each group."""
    return np.asarray(lever_shares(preset, dekad)[groups.tier, LEVERS.index("tariff_cut")])


def lever_shares(preset: Preset, dekad: Dekad) -> Floats:
    """How often each lever is the first of an attack: tiers × levers."""
    shares = np.zeros((3, len(LEVERS)))
    for tier in range(3):
        weights = dynamics.lever_weights(preset, tier, dekad)
        for name, weight in weights.items():
            shares[tier, LEVERS.index(name)] = weight / max(sum(weights.values()), 1e-12)
    return shares


def attack(
    belief: Floats,
    hazard: Floats,
    wins: Floats,
    quiet: Floats | float = 1.0,
    won: Floats | float = 1.0,
    resisted: Floats | float = 1.0,
) -> Floats:
    """Let groups be attacked that do not yet intend to move.

    Args:
        quiet, won, resisted: Likelihood of what was told if no attack came, if one won the group,
            if it did not.
    """
    hit = belief[:, (CALM, RESISTED)] * hazard[:, None, None, None, :]
    attacked = belief.copy()
    attacked[:, (CALM, RESISTED)] -= hit
    attacked *= quiet
    new = hit.sum(axis=1)
    attacked[:, INTENT] += new * wins * won
    attacked[:, RESISTED] += new * (1.0 - wins) * resisted
    return attacked


def roll_forward(
    preset: Preset,
    groups: Groups,
    belief: Floats,
    outlook: Outlook,
    relief: Floats,
    key_lost_dekad: Ints,
    moves: Sequence[Ints],
) -> Floats:
    """How likely each group has moved by the end of each dekad ahead: dekads × groups.

    Neighbours' moves to come count by their expected number, as if they came independently.

    Args:
        relief: What treatments given so far add to the log-odds, dekads × groups.
        moves: Groups that moved in each park, for every dekad so far.
    """
    expected: list[Floats] = []
    moved = np.zeros(groups.count)
    chances = []
    for step, dekad in enumerate(outlook.ahead):
        at = Pressure(
            outlook.acting[step],
            outlook.expiring[step],
            _nearby(moves, expected, groups),
            relief[step],
            dekad.index - key_lost_dekad <= dynamics.KEY_LOST_DEKADS,
        )
        belief, leaves = move(preset, groups, switch(preset, belief), at, outlook.level)
        gone = leaves.sum(axis=(0, 1, 2, 3))
        belief = attack(settle(preset, belief), *attack_chances(preset, groups, at, dekad))
        expected.append(np.bincount(groups.park, gone)[groups.park] - gone)
        moved = moved + gone
        chances.append(moved)
    return np.array(chances)


def _nearby(moves: Sequence[Ints], expected: Sequence[Floats], groups: Groups) -> Floats:
    """Moves near each group: those that happened, then those expected of others, capped at 1."""
    ahead = len(expected)
    weights = np.repeat(dynamics.NEARBY_MONTHS, 3)[:ahead]
    blank = [np.zeros(int(groups.park.max()) + 1, dtype=np.int64)] * ahead
    happened = dynamics.nearby([*moves[-9:], *blank], groups.park)
    coming = np.zeros(groups.count)
    for weight, others in zip(weights, reversed(expected), strict=False):
        coming += weight * others
    return 1.0 - (1.0 - happened) * np.exp(-coming)
