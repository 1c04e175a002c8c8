"""Forests on groups drawn anew: steadier than one, sure of what all agree on, open to a prior."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.bundle import Model, load, save
from models.calibration import Calibration
from models.errors import TrainingRefused
from models.fitting import Recipe, fit_and_calibrate
from models.forests import grown, grown_on_prior
from models.frames import golden_rows
from models.metrics import Ranking, auc
from models.rows import Rows
from models.training import TrainingConfig, fit_chances

KNOBS = TrainingConfig(
    seed=1, threads=1, rounds=20, leaves=4, minimum_rows_per_leaf=20, bags=5, prior_rounds=3
)
RECIPE = Recipe("group_transfer", "L_transfer_90/2", KNOBS, isotonic_from=1000)


def _world(groups: int, seed: int, *, slope: float = 1.5) -> tuple[Rows, np.ndarray]:
    """Rows of groups, three days each, whose true log-odds are ``slope * pull - 2.5``."""
    rng = np.random.default_rng(seed)
    ids = np.repeat([f"g{n}" for n in range(groups)], 3)
    pull = np.repeat(rng.normal(size=groups), 3) + 0.1 * rng.normal(size=3 * groups)
    features = pd.DataFrame({"pull": pull, "noise": rng.normal(size=3 * groups)})
    chance = 1 / (1 + np.exp(2.5 - slope * pull))
    return Rows(features, (rng.random(3 * groups) < chance).astype(int), ids), chance


def _prior(slope: float = 1.5) -> Model:
    rows, chance = _world(2000, 99, slope=slope)
    knobs = replace(KNOBS, rounds=60, bags=1)
    return Model(
        name="transfer_prior",
        label="chance",
        booster=fit_chances(rows.features, chance, knobs),
        features=("pull", "noise"),
        calibration=Calibration("platt", (-50.0, 50.0), (-50.0, 50.0)),
        golden=golden_rows(rows.features),
    )


def _auc(recipe: Recipe, rows: Rows, later: Rows) -> float:
    model = fit_and_calibrate(rows, later, recipe)
    return auc(Ranking.of(later.label, model.probability(later.features)).weighed())


def test_whole_groups_are_drawn_so_that_a_group_is_in_a_bag_with_all_its_days_or_none() -> None:
    rows, _ = _world(300, 2)
    forest = grown(rows, KNOBS, {})
    assert (forest.bags, forest.shared_trees, forest.booster.num_trees()) == (5, 0, 100)
    alone = grown(replace(rows, cluster=np.arange(900)), KNOBS, {})
    assert alone.booster.model_to_string() != forest.booster.model_to_string()


def test_many_forests_rank_later_groups_better_than_one_where_little_is_known() -> None:
    later, _ = _world(3000, 4)
    gains = []
    for seed in range(5):
        rows, _ = _world(150, 10 + seed)
        one = replace(RECIPE, training=replace(KNOBS, bags=1))
        gains.append(_auc(RECIPE, rows, later) - _auc(one, rows, later))
    assert np.mean(gains) > 0.005


def test_the_interval_holds_the_probability_and_shrinks_with_more_groups_to_learn_from() -> None:
    later, _ = _world(500, 4)
    widths = []
    for groups in (100, 3000):
        model = fit_and_calibrate(_world(groups, 6)[0], later, RECIPE)
        low, high = model.interval(later.features)
        said = model.probability(later.features)
        assert ((low <= said + 1e-12) & (said <= high + 1e-12)).all()
        widths.append(float(np.median(high - low)))
    assert widths[1] < widths[0] / 2


def test_an_interval_is_widened_by_the_measured_factor_in_log_odds() -> None:
    rows, _ = _world(300, 2)
    wider = {"interval_widening": 3.0}

    def reach(model: Model) -> np.ndarray:
        low, high = (np.log(end / (1 - end)) for end in model.interval(rows.features))
        return high - low

    plain, widened = (fit_and_calibrate(rows, rows, RECIPE, known) for known in ({}, wider))
    assert np.median(reach(widened) / reach(plain)) == pytest.approx(3.0, rel=1e-6)


def test_a_single_forest_cannot_tell_how_sure_it_is_and_says_so() -> None:
    rows, _ = _world(300, 2)
    model = fit_and_calibrate(rows, rows, replace(RECIPE, training=replace(KNOBS, bags=1)))
    low, high = model.interval(rows.features)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_a_saved_ensemble_gives_the_same_interval_bit_for_bit(
    tmp_path: Path,
) -> None:
    rows, _ = _world(300, 2)
    model = fit_and_calibrate(rows, rows, replace(RECIPE, prior=_prior()))
    save(model, tmp_path)
    again = load(tmp_path)
    assert (again.bags, again.shared_trees) == (5, 60)
    for before, after in zip(
        model.interval(rows.features), again.interval(rows.features), strict=True
    ):
        assert (before == after).all()


def test_a_prior_of_the_same_world_helps_who_has_seen_little() -> None:
    later, _ = _world(3000, 4)
    rows, _ = _world(150, 8)
    assert _auc(replace(RECIPE, prior=_prior()), rows, later) > _auc(RECIPE, rows, later) + 0.01


def test_a_prior_of_an_upside_down_world_is_not_believed() -> None:
    rows, _ = _world(1500, 8)
    prior = _prior(slope=-1.5)
    forest = grown_on_prior(rows, KNOBS, {}, prior)
    said = np.asarray(
        forest.booster.predict(rows.features, raw_score=True, num_iteration=forest.shared_trees)
    )
    assert np.ptp(said) == 0.0


def test_a_prior_that_reads_what_is_not_there_is_refused() -> None:
    rows, _ = _world(300, 2)
    with pytest.raises(TrainingRefused, match="1 features that these data lack, such as pull"):
        grown_on_prior(replace(rows, features=rows.features[["noise"]]), KNOBS, {}, _prior())
