"""The operator's own policy: who is alerted, who is treated, and that the log tells how likely."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.dekads import LONG_AGO, dekads, months
from simulator.draws import Draws
from simulator.population import found
from simulator.preset import load
from simulator.retention import (
    BLUE,
    CONTROL,
    HOLDOUT,
    LOT,
    MANAGER,
    NO_ALERT,
    ORANGE,
    RED,
    TREAT,
    YELLOW,
    Known,
    Retention,
    alerts,
)

CROWD = {"population.groups": {"A": 20, "B": 180, "C": 4000}, "treatment.from_month": 1}
DEKADS = [dekad for month in months("2008-01", 12) for dekad in dekads(month)]
TODAY = DEKADS[0].last


def founded(**settings):
    preset = load("county_xinxing_2009", {**CROWD, **settings})
    draws = Draws(1)
    return preset, draws, found(preset, draws, 0)


def nothing(groups):
    long_ago = np.full(groups.count, LONG_AGO)
    return Known(
        report=long_ago,
        wants=long_ago,
        calls=np.zeros(groups.count, dtype=np.int64),
        ending=np.zeros(groups.count),
        lost=np.zeros(groups.count, dtype=bool),
    )


def reported(groups, every, day):
    """Known when a report about every so-manieth group was loaded on a day."""
    report = np.where(groups.index % every == 0, day, LONG_AGO)
    return replace(nothing(groups), report=report)


def run(policy, known, count=36):
    """What is chosen in the first dekads: groups, arms, choosers, chances, dekads."""
    rows = []
    for dekad in DEKADS[:count]:
        _, chosen = policy.decide(known, dekad)
        step = np.full(len(chosen.group), dekad.index)
        rows.append((chosen.group, chosen.arm, chosen.chooser, chosen.chance, step))
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, NO_ALERT),
        ({"ending": 0.5}, BLUE),
        ({"calls": 1000}, YELLOW),
        ({"report": TODAY - 100}, NO_ALERT),
        ({"report": TODAY - 100, "ending": 0.5}, YELLOW),
        ({"report": TODAY - 10}, ORANGE),
        ({"report": TODAY - 10, "wants": TODAY - 10}, RED),
        ({"report": TODAY - 10, "wants": TODAY - 10, "lost": True}, NO_ALERT),
    ],
)
def test_rules_grade_what_is_known(facts, level):
    preset, _, groups = founded()
    known = replace(
        nothing(groups), **{name: np.full(groups.count, fact) for name, fact in facts.items()}
    )

    found_levels, _ = alerts(preset, groups, known, TODAY)

    assert (found_levels == level).all()


def test_a_case_stays_open_for_sixty_days_and_then_rests_for_thirty():
    preset, draws, groups = founded()
    policy, always = Retention(preset, draws, groups), replace(nothing(groups))
    always = replace(always, ending=np.full(groups.count, 0.5))

    opened = [len(policy.decide(always, dekad)[0].group) for dekad in DEKADS[:10]]

    assert opened == [groups.count, 0, 0, 0, 0, 0, 0, 0, 0, groups.count]


def test_a_worse_alert_replaces_the_open_case_unless_it_is_held_out():
    preset, draws, groups = founded(**{"treatment.holdout": 0.3})
    policy = Retention(preset, draws, groups)
    report = np.full(groups.count, DEKADS[0].last)
    orange = replace(nothing(groups), report=report)
    first, _ = policy.decide(orange, DEKADS[0])
    second, _ = policy.decide(replace(orange, wants=report), DEKADS[1])

    assert set(second.group) == set(first.group[~first.held])
    assert second.replaces.all()
    assert not second.held.any()


def test_only_small_groups_with_an_orange_or_yellow_alert_are_held_out():
    preset, draws, groups = founded()
    opened, _ = Retention(preset, draws, groups).decide(reported(groups, 1, TODAY), DEKADS[0])

    assert (groups.tier[opened.group[opened.held]] == 2).all()
    assert opened.held.mean() == pytest.approx(0.10, abs=0.015)


def test_the_holdout_is_never_treated_while_its_alert_is_open():
    preset, draws, groups = founded(**{"treatment.policy.constant": 0})
    policy = Retention(preset, draws, groups)
    opened, _ = policy.decide(reported(groups, 1, TODAY), DEKADS[0])
    held = opened.group[opened.held]

    group, arm, *_ = run(policy, reported(groups, 1, TODAY), 6)

    assert len(held) > 300
    assert not np.isin(group[arm == TREAT], held).any()


def test_the_logged_chance_is_the_share_that_is_treated():
    preset, draws, groups = founded(**{"treatment.controls": 1, "treatment.random": 0.2})
    known = reported(groups, 3, TODAY)

    group, arm, chooser, chance, step = run(Retention(preset, draws, groups), known)

    everybody = chooser == MANAGER
    alerted, early = (group % 3 == 0), step == 0
    for some in (alerted & early, alerted & ~early, ~alerted):
        rows = some & everybody
        # Those in the trial of this dekad were passed over by the policy; they count as well.
        lots = (some & (chooser == LOT)).sum()
        expected = chance[rows].mean()
        treated = (arm[rows] == TREAT).sum() / (rows.sum() + lots)
        error = np.sqrt(expected / rows.sum())
        assert treated == pytest.approx(expected, abs=3 * error)


def test_reported_managed_and_large_groups_are_treated_more_often():
    preset, draws, groups = founded(**{"treatment.controls": 1, "treatment.random": 0})
    group, _, _, chance, _ = run(Retention(preset, draws, groups), reported(groups, 3, TODAY), 1)
    small = groups.tier[group] == 2

    def mean(some):
        return chance[some & small].mean()

    size = groups.size[group]
    assert mean(group % 3 == 0) > 3 * mean(group % 3 != 0)
    assert mean(groups.managed[group]) > 1.8 * mean(~groups.managed[group])
    assert mean(size > 20) > 1.3 * mean(size < 8)


def test_the_random_arm_has_as_many_controls_and_leaves_alerts_alone():
    preset, draws, groups = founded(**{"treatment.random": 0.1})
    known = reported(groups, 3, TODAY)

    group, arm, chooser, chance, _ = run(Retention(preset, draws, groups), known, 6)

    lot = chooser == LOT
    treated, controls = (arm[lot] == TREAT).sum(), (arm[lot] == CONTROL).sum()
    assert abs(treated - controls) < 3 * np.sqrt(treated + controls)
    assert len(set(chance[lot])) == 1
    assert not (group[lot] % 3 == 0).any()
    assert not (arm[lot] == HOLDOUT).any()


def test_nobody_is_treated_twice_within_the_cooldown():
    preset, draws, groups = founded(**{"treatment.policy.constant": 0})

    group, arm, _, _, step = run(Retention(preset, draws, groups), nothing(groups))

    treated = arm == TREAT
    order = np.lexsort((step[treated], group[treated]))
    again = np.diff(group[treated][order]) == 0
    assert again.any()
    assert np.diff(step[treated][order])[again].min() == 4  # cooldown_dekads 3, and one more


def test_groups_known_to_be_lost_are_not_treated():
    preset, draws, groups = founded(**{"treatment.policy.constant": 0})
    gone = groups.index % 2 == 0

    group, *_ = run(Retention(preset, draws, groups), replace(nothing(groups), lost=gone), 3)

    assert len(group)
    assert not gone[group].any()


@pytest.mark.parametrize(
    "settings",
    [
        {"treatment.logged": 0, "treatment.random": 0},
        {"treatment.from_month": 0},
        {"treatment.from_month": 13},
    ],
)
def test_treatments_can_be_switched_off(settings):
    preset, draws, groups = founded(**settings)

    group, *_ = run(Retention(preset, draws, groups), reported(groups, 3, TODAY))

    assert not len(group)


def test_what_the_policy_knows_is_all_that_decides():
    """The same groups with other secrets are alerted and treated alike."""
    preset, draws, groups = founded()
    secret = replace(groups, theta=-groups.theta, eps=-groups.eps, lock_level=groups.lock_level / 2)
    known = reported(groups, 3, TODAY)

    mine = run(Retention(preset, draws, groups), known)
    theirs = run(Retention(preset, draws, secret), known)

    for own, other in zip(mine, theirs, strict=True):
        assert (own == other).all()
