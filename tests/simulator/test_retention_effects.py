"""What treatments do: four responses, worlds that differ by treatments alone, an honest trial."""

import numpy as np
import pytest

from benchmarks.treatment_world import CROWD, Operated
from simulator.dekads import dekads, months
from simulator.oracle.latent import HORIZON_DAYS
from simulator.preset import load
from simulator.society import Society
from simulator.treatments import (
    LOST_CAUSE,
    PERSUADABLE,
    SLEEPING_DOG,
    SURE_THING,
    Assignments,
)

WORLD = {
    "population.groups": {"A": 0, "B": 0, "C": 500},
    "population.size_mu.C": 1.6,
    "attack.mult": 2,
}
FROM = 3
TREATED_MONTHS = 12


def lived(policy, count=18, seed=1):
    """A county under a policy that says after each month whom to visit; who was treated."""
    society, treated = Society(load("county_xinxing_2009", WORLD), seed), set()
    for month in months("2008-01", count):
        for dekad in dekads(month):
            society.step(dekad)
        if FROM <= month.index < FROM + TREATED_MONTHS:
            risk = society.present(dekad).risk()
            group = policy(society, risk, dekad)
            society.treat(Assignments(group, ("KEY_VISIT",) * len(group)), risk, dekad)
            treated |= set(group.tolist())
    return society, treated


def nobody(society, risk, dekad):
    return np.zeros(0, dtype=np.int64)


def at_random(society, risk, dekad):
    chosen = society.draws.happens("test.random", 0.004, society.groups.index, dekad.index)
    return np.flatnonzero(chosen)


def highest_risk(society, risk, dekad):
    return np.argsort(-risk, kind="stable")[:5]


@pytest.fixture(scope="module")
def alone():
    return lived(nobody)[0]


@pytest.mark.parametrize("policy", [at_random, highest_risk])
def test_groups_neither_treated_nor_near_one_keep_their_fate(alone, policy):
    society, treated = lived(policy)
    park = society.groups.park
    far = ~np.isin(park, park[sorted(treated)])

    assert len(treated) > 5
    assert far.sum() > 40
    same = society.rivalry.transfer_day == alone.rivalry.transfer_day
    assert same[far].all()


def test_treating_those_at_highest_risk_keeps_some_of_them(alone):
    society, _ = lived(highest_risk)

    assert 0 < society.rivalry.moved.sum() < alone.rivalry.moved.sum()


def test_the_same_policy_gives_the_same_world(alone):
    again, _ = lived(nobody)

    assert (again.rivalry.transfer_day == alone.rivalry.transfer_day).all()
    assert (again.rivalry.state == alone.rivalry.state).all()


@pytest.fixture(scope="module")
def now(alone):
    dekad = dekads(months("2008-01", 18)[-1])[-1]
    present = alone.present(dekad)
    return present, present.risk()


def test_each_kind_of_group_responds_in_its_own_way(alone, now):
    _, risk = now
    response, groups = alone.treatments.responses(risk), alone.groups.index
    offers = ["DEP_BONUS"] * len(groups)

    shift, lock, accepts = alone.treatments.effects(groups, offers, alone.rivalry.lever, risk)

    assert (shift[response == PERSUADABLE] < -1).all()
    assert (shift[response == SLEEPING_DOG] > 0.5).all()
    assert (shift[np.isin(response, (LOST_CAUSE, SURE_THING))] == 0).all()
    assert (accepts == np.isin(response, (PERSUADABLE, SURE_THING))).all()
    assert ((lock > 0) == accepts).all()
    assert len(set(response.tolist())) == 4


def test_those_at_highest_risk_are_not_those_whom_treating_saves_most(alone, now):
    present, risk = now
    saved = risk - present.risk_if("KEY_VISIT", risk)
    most = len(risk) // 50

    by_risk, by_saving = (saved[np.argsort(-by)[:most]].mean() for by in (risk, saved))

    assert by_saving > 1.3 * by_risk > 0


def test_treating_some_leaves_the_outlook_of_the_others(alone, now):
    present, risk = now
    treatments, ahead = alone.treatments, present.outlook.ahead
    some = Assignments(np.array([3, 7]), ("DEP_BONUS", "KEY_VISIT"))
    before = treatments.outlook(ahead)

    after = treatments.outlook_given(some, alone.rivalry.lever, risk, present.dekad, ahead)
    alike = treatments.outlook_if("DEP_BONUS", alone.rivalry.lever, risk, present.dekad, ahead)

    others = ~np.isin(alone.groups.index, some.group)
    assert (after[:, others] == before[:, others]).all()
    assert (after[:, 3] == alike[:, 3]).all()


def test_a_contract_that_has_lapsed_does_not_come_back_with_a_weaker_one():
    society = Society(load("county_xinxing_2009", WORLD), 1)
    calendar = [dekad for month in months("2008-01", 26) for dekad in dekads(month)]
    risk = np.full(society.groups.count, 0.01)
    accepts = int(np.flatnonzero(society.treatments.responses(risk) == PERSUADABLE)[0])
    for action, dekad in (("PTS_VNET", calendar[0]), ("DEP_BONUS", calendar[60])):
        society.treat(Assignments(np.array([accepts]), (action,)), risk, dekad)
        for _ in range(300):
            society.treatments.fade()

    # Only the contracts are left after the shifts have faded: 0.10 of the members, effect -2.
    assert society.treatments.relief(calendar[61])[accepts] == pytest.approx(-0.2)


@pytest.mark.slow
def test_the_random_arm_finds_what_the_truth_says():
    preset, trials = load("county_xinxing_2009", {**CROWD, "attack.mult": 2}), []
    for seed in (1, 2):
        operated = Operated(preset, seed)
        operated.live(18)
        trials.append(operated.trial(months("2008-01", 18)[-1].last - HORIZON_DAYS))
    treated = np.concatenate([trial.moved[trial.treated] for trial in trials])
    controls = np.concatenate([trial.moved[~trial.treated] for trial in trials])

    found = controls.mean() - treated.mean()
    truth = np.concatenate([(t.p0 - t.p1)[t.treated] for t in trials]).mean()
    error = np.sqrt(treated.var() / len(treated) + controls.var() / len(controls))

    assert len(treated) > 5000
    assert truth > error
    assert abs(found - truth) < 2 * error
