"""O2: the risk that one would state who sees the operator's tables and knows the world's laws.

A forward filter over each group's hidden states, with the campaigns of its area marginalised: given
the campaign, groups are taken as independent. Where it is not exact:

- a group that has moved is taken off the day it moves, though the operator sees that weeks later;
  so are neighbours' moves taken into account;
- ties between members, key persons lost, and likeness within a park are left out;
- contracts are taken as signed, not as loaded; the response to a treatment at its average;
- of usage it reads dekad extracts: the balance of calls made and received, the share of calls to
  rivals, rivals' hotlines; not bills, V-net minutes, data or the operator's second-SIM guesses;
- an undated report counts for the day on which it was written less the usual delay.
"""

from __future__ import annotations

import copy

import numpy as np

from simulator import draws as random
from simulator.dekads import Dekad
from simulator.draws import Flags, Floats
from simulator.dynamics import CALM, INTENT, RESISTED, Pressure
from simulator.oracle import chain
from simulator.oracle.readings import Readings
from simulator.population import Groups
from simulator.preset import Preset


class Filter:
    """The belief about one county's groups, carried from dekad to dekad.

    ``given`` is the belief about each group given its area's campaign (each half of it sums to 1),
    ``campaign`` the chance of a campaign in each area: areas × off, on.
    """

    def __init__(self, preset: Preset, groups: Groups, readings: Readings, members: int) -> None:
        self._preset, self._groups, self._readings = preset, groups, readings
        self.given = _prior(preset, groups)
        on = preset.campaign.on / max(preset.campaign.on + preset.campaign.off, 1e-12)
        self.campaign = np.tile([1.0 - on, on], (preset.population.areas, 1))
        self.dual = np.full(members, preset.member.initial_dual * preset.member.diversion)

    def copy(self) -> Filter:
        """Another filter in the same place."""
        twin = copy.copy(self)
        twin.given, twin.campaign, twin.dual = (
            self.given.copy(),
            self.campaign.copy(),
            self.dual.copy(),
        )
        return twin

    def belief(self) -> Floats:
        """The belief about each group and its area's campaign together; see ``chain``."""
        weight = self.campaign[self._groups.area].T
        return np.asarray(self.given * weight[:, None, None, None, :])

    def step(
        self, dekad: Dekad, at: Pressure, level: Floats, moved: Flags, gone: Flags, known: int
    ) -> None:
        """Take in a dekad.

        Args:
            at: What works on each group, as far as it can be known.
            level: The groups' long-run lock.
            moved: Groups that moved in this dekad; they and those ``gone`` before tell no more.
            known: The day by which rows must have been loaded.
        """
        self._switch()
        stays, leaves = self._move(at, level)
        likelihood = np.where(moved, leaves, stays.sum(axis=(1, 2, 3)))
        belief = self._attack(chain.settle(self._preset, stays), at, dekad, known)
        seen = self._readings.states(dekad, known)
        self.given = _normalised(belief)
        by_state = self.belief().sum(axis=(0, 2, 3))
        diverted, self.dual = self._readings.diversion(self.dual, by_state, dekad, known)
        seen = seen + diverted[:, None, :]
        seen = np.exp(seen - seen.max(axis=(0, 1)))
        belief = belief * seen[None, :, None, :, :]
        staying = likelihood > 0
        told = np.where(moved, likelihood, belief.sum(axis=(1, 2, 3)))
        self.given = _normalised(belief)
        self._judge_campaigns(np.log(np.where(staying, told, 1.0)), gone, dekad, known)

    def _switch(self) -> None:
        on = random.dekad_hazard(self._preset.campaign.on)
        off = random.dekad_hazard(self._preset.campaign.off)
        turns = np.array([[1.0 - on, on], [off, 1.0 - off]])
        joint = self.campaign[:, :, None] * turns
        self.campaign = joint.sum(axis=1)
        came_from = joint / np.maximum(self.campaign[:, None, :], 1e-300)
        mix = came_from[self._groups.area]
        self.given = np.einsum("gcd,cstrg->dstrg", mix, self.given)

    def _move(self, at: Pressure, level: Floats) -> tuple[Floats, Floats]:
        stays, _ = chain.move(self._preset, self._groups, self.given, at, level)
        return stays, np.asarray((self.given - stays).sum(axis=(1, 2, 3)))

    def _attack(self, belief: Floats, at: Pressure, dekad: Dekad, known: int) -> Floats:
        """Attacks come, and reports of them or none."""
        told = self._readings.telling(dekad, known)
        cut = self._readings.tariff_known(dekad, known)
        hazard, wins = chain.attack_chances(self._preset, self._groups, at, dekad, cut)
        open_to_it = (CALM, RESISTED)
        hit = belief[:, open_to_it] * hazard[:, None, None, None, :]
        attacked = belief.copy()
        attacked[:, open_to_it] -= hit
        attacked *= told.quiet
        new = hit.sum(axis=1)
        attacked[:, INTENT] += new * wins * told.won
        attacked[:, RESISTED] += new * (1.0 - wins) * told.resisted
        return attacked

    def _judge_campaigns(self, told: Floats, gone: Flags, dekad: Dekad, known: int) -> None:
        areas, area = self._preset.population.areas, self._groups.area
        there = ~gone
        evidence = np.stack(
            [np.bincount(area[there], told[c][there], areas) for c in (0, 1)], axis=1
        )
        evidence[:, 1] += np.log(self._readings.campaign_odds(dekad, known))
        weight = np.log(np.maximum(self.campaign, 1e-300)) + evidence
        weight = np.exp(weight - weight.max(axis=1, keepdims=True))
        self.campaign = weight / weight.sum(axis=1, keepdims=True)


def _prior(preset: Preset, groups: Groups) -> Floats:
    p = preset.population
    wooed = np.minimum(preset.intent.initial.at(groups.tier) * preset.attack.mult, 1.0)
    state = np.stack([1.0 - wooed, np.zeros(groups.count), wooed])
    theta = np.array(p.theta_share) / sum(p.theta_share)
    eps = np.array(p.eps_share) / sum(p.eps_share)
    one = state[:, None, None, :] * theta[None, :, None, None] * eps[None, None, :, None]
    return np.stack([one, one])


def _normalised(belief: Floats) -> Floats:
    total = belief.sum(axis=(1, 2, 3), keepdims=True)
    return np.asarray(np.divide(belief, total, out=np.zeros_like(belief), where=total > 0))
