"""The learnt treatment effect: it finds what is there, and ranks only where that is sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.errors import EvaluationError, TrainingRefused
from models.training import TrainingConfig
from models.uplift import EXPECTED, LEARNT, GateRule, Trial, gate, held_out, learn

KNOBS = TrainingConfig(
    seed=1,
    rounds=60,
    learning_rate=0.05,
    leaves=4,
    minimum_rows_per_leaf=200,
    l2=100.0,
    feature_fraction=1.0,
    maximum_bins=63,
    minimum_positives=1,
    bags=1,
    prior_rounds=1,
    threads=1,
)
RULE = GateRule(treated=100, held=100, moved=30, folds=5, top=0.2, draws=200, seed=1)


def trial(rows: int, seed: int, *, tells: bool, chance: float = 0.5) -> Trial:
    """Groups of all risks; where it tells, those with ``b`` above 0 respond, and no others."""
    rng = np.random.default_rng(seed)
    known = rng.normal(size=(rows, 3))
    risk = 1 / (1 + np.exp(2.2 - 0.8 * known[:, 0]))
    effect = risk * (np.where(known[:, 1] > 0, 0.8, -0.1) if tells else 0.3)
    treated = (rng.random(rows) < chance).astype(float)
    moved = (rng.random(rows) < risk - treated * effect).astype(float)
    features = pd.DataFrame(known, columns=["a", "b", "c"])
    return Trial(features, 0.3 * risk, risk, treated, np.full(rows, chance), moved, np.arange(rows))


def test_a_response_that_features_tell_is_learnt() -> None:
    some = trial(20_000, 1, tells=True)
    learnt = learn(some, KNOBS)
    responds = some.features["b"].to_numpy() > 0
    effect = learnt.effect(some.features, some.expected)
    assert effect[responds].mean() > effect[~responds].mean() + 0.03


def test_it_is_learnt_from_unequal_arms_too() -> None:
    some = trial(40_000, 2, tells=True, chance=0.9)
    effect = learn(some, KNOBS).effect(some.features, some.expected)
    responds = some.features["b"].to_numpy() > 0
    assert effect[responds].mean() > effect[~responds].mean() + 0.03


def test_the_gate_opens_where_the_learnt_ranking_is_surely_better() -> None:
    found = gate(trial(20_000, 3, tells=True), KNOBS, RULE)
    assert found.opens
    assert found.ranking == LEARNT
    assert found.gain.low > 0
    assert found.learnt_top.value > found.expected_top.value


@pytest.mark.parametrize("seed", range(5))
def test_the_gate_stays_shut_where_there_is_nothing_to_learn(seed: int) -> None:
    found = gate(trial(4_000, seed, tells=False), KNOBS, RULE)
    assert not found.opens
    assert found.ranking == EXPECTED


def test_too_few_episodes_shut_the_gate_and_say_how_many_are_lacking() -> None:
    some = trial(150, 4, tells=True)
    held = int((1 - np.asarray(some.treated)).sum())
    found = gate(some, KNOBS, replace(RULE, held=500, treated=10, moved=1))
    assert found.missing == {"held": 500 - held}
    assert not found.opens
    assert np.isnan(found.gain.value)


def test_no_episode_is_scored_by_trees_that_know_its_group() -> None:
    some = trial(2_000, 5, tells=True)
    before = held_out(some, KNOBS, RULE)
    other = np.asarray(some.moved).copy()
    other[:1] = 1 - other[:1]
    changed = Trial(
        some.features,
        some.expected,
        some.risk,
        some.treated,
        some.propensity,
        other,
        some.cluster,
    )
    # Its own outcome moves its own score by nothing.
    assert held_out(changed, KNOBS, RULE)[0] == before[0]


def test_the_same_episodes_give_the_same_bits() -> None:
    some = trial(2_000, 6, tells=True)
    one, other = (learn(some, KNOBS).effect(some.features, some.expected) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_one_arm_alone_teaches_nothing() -> None:
    some = trial(500, 7, tells=True)
    alone = some.take(np.asarray(some.treated) == 1)
    with pytest.raises(TrainingRefused, match="nobody in one of the arms"):
        learn(alone, KNOBS)


def test_who_was_not_drawn_is_refused() -> None:
    some = trial(10, 8, tells=True)
    sure = np.ones(10)
    with pytest.raises(EvaluationError, match="between 0 and 1"):
        Trial(some.features, some.expected, some.risk, some.treated, sure, some.moved, some.cluster)
