"""O2: the risk that one would state who sees the operator's tables and knows the world's laws.

A forward filter over each group's hidden states, with the campaigns of its area marginalised: given
the campaign, groups are taken as independent. Where it is not exact:

- a group that has moved is taken off the day it moves, though the operator sees that weeks later;
  so are neighbours' moves taken into account;
- ties between members, key persons lost, and likeness within a park are left out;
- contracts and treatments are taken as signed and given, not as loaded, the share of members under
  contract in the long run as known, and the response to a treatment at its average, without the
  lock that may come with it;
- members' second SIMs are a factor of their own (assumed density): their chance is carried apart
  from their group's state, and how much of his minutes a member diverts is averaged anew each time;
- of usage it reads dekad extracts: the balance of calls made and received, the share of calls to
  rivals, rivals' hotlines (as if everybody had been there for the whole dekad); not bills, V-net
  minutes, data, call edges, rival numbers or the operator's second-SIM guesses. Before dekad
  extracts begin, tickets and departures are left out too: how many they come from is not known;
- an undated report counts for the day on which it was written less the usual delay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import Dekad
from simulator.draws import Flags, Floats
from simulator.dynamics import Pressure
from simulator.oracle import chain
from simulator.oracle.readings import Readings
from simulator.population import Groups
from simulator.preset import Preset


@dataclass(frozen=True)
class Lived:
    """What O2 takes as known of a dekad beside the tables.

    Attributes:
        at: What works on each group.
        level: The groups' long-run lock.
        churn: How contracts change the hazard of leaving in each group, 1 on average.
        moved: Groups that moved in this dekad; they and those ``gone`` before tell no more.
    """

    dekad: Dekad
    at: Pressure
    level: Floats
    churn: Floats
    moved: Flags
    gone: Flags


class Filter:
    """The belief about one county's groups, carried from dekad to dekad.

    A step replaces its arrays and never writes into them, so that a shallow copy goes its own way.

    ``given`` is the belief about each group given its area's campaign (each half of it sums to 1),
    ``campaign`` the chance of a campaign in each area: areas × off, on.
    """

    def __init__(self, preset: Preset, groups: Groups, readings: Readings, dual: Floats) -> None:
        self._preset, self._groups, self._readings = preset, groups, readings
        self.given = _prior(preset, groups)
        on = preset.campaign.on / max(preset.campaign.on + preset.campaign.off, 1e-12)
        self.campaign = np.tile([1.0 - on, on], (preset.population.areas, 1))
        self.dual = dual

    def belief(self) -> Floats:
        """The belief about each group and its area's campaign together; see ``chain``."""
        weight = self.campaign[self._groups.area].T
        return np.asarray(self.given * weight[:, None, None, None, :])

    def step(self, lived: Lived, known: int) -> None:
        """Take in a dekad.

        Args:
            known: The day by which rows must have been loaded.
        """
        dekad, gone = lived.dekad, lived.gone
        before = np.exp(self._readings.before(dekad, known))
        self._weigh(self.given * before[None, :, None, None, :], gone)
        self._switch()
        stays, moves = chain.move(self._preset, self._groups, self.given, lived.at, lived.level)
        leaves = moves.sum(axis=(1, 2, 3))
        settled = chain.settle(self._preset, stays)
        belief = self._attack(settled, lived.at, dekad, known)
        self.given = _normalised(belief)
        by_state = self.belief().sum(axis=(0, 2, 3))
        diverted, self.dual = self._readings.diversion(
            self.dual, by_state, lived.churn, dekad, known
        )
        seen = self._readings.states(dekad, known) + diverted[:, None, :]
        seen = np.exp(seen - seen.max(axis=(0, 1)))
        self._weigh(belief * seen[None, :, None, :, :], gone, np.where(lived.moved, leaves, -1.0))
        self._read_notices(dekad, known)

    def _weigh(self, belief: Floats, gone: Flags, instead: Floats | None = None) -> None:
        """Take a belief as it is after evidence, and judge campaigns by how well it fits.

        Args:
            instead: What tells of groups that have just moved; negative for all others.
        """
        told = belief.sum(axis=(1, 2, 3))
        if instead is not None:
            told = np.where(instead >= 0, instead, told)
        self.given = _normalised(belief)
        there, areas = ~gone & (told > 0).all(axis=0), self._preset.population.areas
        area, fits = self._groups.area[there], np.log(np.where(told > 0, told, 1.0))
        evidence = [np.bincount(area, fits[c][there], areas) for c in (0, 1)]
        self._judge(np.stack(evidence, axis=1))

    def _read_notices(self, dekad: Dekad, known: int) -> None:
        odds = np.log(self._readings.campaign_odds(dekad, known))
        self._judge(np.stack([np.zeros(len(odds)), odds], axis=1))

    def _judge(self, evidence: Floats) -> None:
        weight = np.log(np.maximum(self.campaign, 1e-300)) + evidence
        weight = np.exp(weight - weight.max(axis=1, keepdims=True))
        self.campaign = weight / weight.sum(axis=1, keepdims=True)

    def _switch(self) -> None:
        on = random.dekad_hazard(self._preset.campaign.on)
        off = random.dekad_hazard(self._preset.campaign.off)
        turns = np.array([[1.0 - on, on], [off, 1.0 - off]])
        joint = self.campaign[:, :, None] * turns
        self.campaign = joint.sum(axis=1)
        came_from = joint / np.maximum(self.campaign[:, None, :], 1e-300)
        mix = came_from[self._groups.area]
        self.given = np.einsum("gcd,cstrg->dstrg", mix, self.given)

    def _attack(self, belief: Floats, at: Pressure, dekad: Dekad, known: int) -> Floats:
        """Attacks come, and reports of them or none."""
        told = self._readings.telling(dekad, known)
        cut = self._readings.tariff_known(dekad, known)
        hazard, wins = chain.attack_chances(self._preset, self._groups, at, dekad, cut)
        return chain.attack(belief, hazard, wins, told.quiet, told.won, told.resisted)


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
