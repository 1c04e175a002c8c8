"""The filter of O2 is Bayes' rule: the same as adding up every path that a group could take."""

from itertools import product

import numpy as np
import pytest

from simulator.dekads import dekads, months
from simulator.draws import Draws, dekad_hazard
from simulator.dynamics import Pressure, attack_hazard, intent_chance, moving
from simulator.oracle import chain
from simulator.oracle.observed import Filter, Lived
from simulator.oracle.readings import Telling
from simulator.population import found
from simulator.preset import load

STEPS = 4
DEKADS = [dekad for month in months("2009-03", 2) for dekad in dekads(month)][:STEPS]
PRESET = load(
    "toy",
    {
        "population.groups": {"A": 0, "B": 0, "C": 3},
        "campaign.on": 0,  # one path of campaigns, so that groups are independent
        "intent.initial": {"A": 0, "B": 0, "C": 0.05},
        "attack.mult": 6,
    },
)
GROUPS = found(PRESET, Draws(1), 0)
AT = Pressure(
    acting=np.array([0.0, 0.2, 0.6]),
    expiring=np.array([0.0, 1.0, 0.0]),
    nearby=np.array([0.0, 0.5, 1.0]),
    relief=np.array([0.0, -0.4, 0.0]),
    key_lost=np.zeros(3, dtype=bool),
)
LEVEL = np.array([0.1, 0.2, 0.6])
NOBODY = np.zeros(3, dtype=bool)


class Invented:
    """Readings that are made up: any likelihoods will do."""

    def __init__(self):
        chance = Draws(5)
        steps = [dekad.index for dekad in DEKADS]
        shape = (len(steps), 3, 3, 3)
        cells = np.arange(np.prod(shape)).reshape(shape)
        self.seen = dict(
            zip(steps, chance.normal("seen", cells.ravel()).reshape(shape), strict=False)
        )
        earlier = chance.normal("before", np.arange(9 * len(steps))).reshape(len(steps), 3, 3)
        self.earlier = dict(zip(steps, earlier, strict=True))
        told = 0.2 + chance.uniform("told", np.arange(9 * len(steps))).reshape(len(steps), 3, 3)
        self.told = dict(zip(steps, told, strict=True))

    def before(self, dekad, known):
        return self.earlier[dekad.index]

    def states(self, dekad, known):
        return self.seen[dekad.index]

    def telling(self, dekad, known):
        return Telling(*self.told[dekad.index])

    def tariff_known(self, dekad, known):
        return np.full(3, np.nan)

    def diversion(self, dual, states, churn, dekad, known):
        return np.zeros((3, 3)), dual

    def campaign_odds(self, dekad, known):
        return np.ones(PRESET.population.areas)


def one_step(readings, dekad, group, theta, before, after):
    """How likely a group goes from one state to another, unmoved, and shows what it shows."""
    chances = moving(PRESET, GROUPS, theta, AT, LEVEL)
    stays = 1 - (chances.intending if before == 2 else chances.other)[group]
    back = dekad_hazard({1: PRESET.intent.cool, 2: PRESET.intent.recover}.get(before, 0.0))
    hit = attack_hazard(PRESET, GROUPS, AT, np.zeros(3, dtype=bool), dekad)[group]
    wins = [intent_chance(PRESET, GROUPS, theta, AT, cut, dekad)[group] for cut in (False, True)]
    share = chain.tariff_share(PRESET, GROUPS, dekad)[group]
    won = wins[0] + share * (wins[1] - wins[0])
    told = readings.telling(dekad, 0)
    reached = 0.0
    for settled, part in ((before, 1 - back), (0, back)):
        if settled == 2:
            reached += part * (after == 2) * told.quiet[group]
            continue
        reached += part * (1 - hit) * (after == settled) * told.quiet[group]
        reached += part * hit * won * (after == 2) * told.won[group]
        reached += part * hit * (1 - won) * (after == 1) * told.resisted[group]
    return stays * reached


def by_every_path(readings, group):
    p = PRESET.population
    wooed = PRESET.intent.initial.C * PRESET.attack.mult
    start = [1 - wooed, 0, wooed]
    found = np.zeros((3, 3, 3))
    for theta, eps in product(range(3), range(3)):
        for path in product(range(3), repeat=STEPS + 1):
            weight = start[path[0]] * p.theta_share[theta] * p.eps_share[eps]
            for dekad, before, after in zip(DEKADS, path, path[1:], strict=False):
                weight *= np.exp(readings.before(dekad, 0)[before, group])
                weight *= one_step(readings, dekad, group, theta - 1, before, after)
                weight *= np.exp(readings.states(dekad, 0)[after, eps, group])
            found[path[-1], theta, eps] += weight
    return found / found.sum()


def test_the_filter_gives_what_adding_up_every_path_gives():
    readings = Invented()
    oracle = Filter(PRESET, GROUPS, readings, dual=np.zeros(0))

    for dekad in DEKADS:
        lived = Lived(dekad, AT, LEVEL, np.ones(3), NOBODY, NOBODY)
        oracle.step(lived, known=10**6)

    belief = oracle.belief().sum(axis=0)
    for group in range(3):
        assert belief[..., group] == pytest.approx(by_every_path(readings, group), rel=1e-9)


def test_no_step_of_the_chain_loses_or_makes_belief():
    belief = chain.certain(
        np.array([False, True, False]), np.array([0, 1, 2]), np.array([-1, 0, 1])
    )

    stays, gone = chain.move(PRESET, GROUPS, chain.switch(PRESET, belief), AT, LEVEL)
    after = chain.attack(
        chain.settle(PRESET, stays), *chain.attack_chances(PRESET, GROUPS, AT, DEKADS[0])
    )

    assert belief.sum(axis=(0, 1, 2, 3)) == pytest.approx([1, 1, 1])
    assert after.sum(axis=(0, 1, 2, 3)) + gone.sum(axis=(0, 1, 2, 3)) == pytest.approx([1, 1, 1])
