"""Inner folds rule out what is clearly worse; the rest speak as one model."""

from dataclasses import replace

import numpy as np
import pytest

from models.bundle import load, save
from models.inner_choice import fit_by_inner_choice, not_clearly_worse
from models.linear import LinearConfig


@pytest.fixture(scope="module")
def rows(fit_rows):
    return fit_rows.take(np.arange(800))


def test_what_is_worse_by_more_than_a_standard_error_is_left_out():
    """The second loses .2 once, mean excess .05, its error .087 / 2; the third 1 each time."""
    losses = np.array([[0.1, 0.2, 0.1, 0.2], [0.3, 0.2, 0.1, 0.2], [1.1, 1.2, 1.1, 1.2]])

    assert not_clearly_worse(losses) == [0]
    assert not_clearly_worse(losses[1:]) == [0]
    assert not_clearly_worse(losses[:1]) == [0]


def test_what_chance_could_have_made_better_stays():
    """It loses .4, 0 and .1 and wins .3: mean .05, deviation .25, error .25 / 2."""
    losses = np.array([[0.1, 0.5, 0.1, 0.2], [0.5, 0.2, 0.1, 0.3]])

    assert not_clearly_worse(losses) == [0, 1]


def test_a_hopeless_candidate_has_no_say(rows, recipe):
    """Leaves of 700 of 800 rows allow no cut, so it calls everybody equally likely."""
    hopeless = replace(recipe.training, minimum_rows_per_leaf=700)

    model = fit_by_inner_choice(rows, recipe, [hopeless], folds=3)

    assert model.metadata["candidates_kept"] == [0]
    assert model.booster.num_trees() == recipe.training.rounds


def test_candidates_that_are_kept_speak_together(rows, recipe, later_rows):
    """Log-odds of the fixture's world are linear: a line is kept, and beats trees alone."""
    alone = fit_by_inner_choice(rows, recipe, [], folds=3)

    both = fit_by_inner_choice(rows, recipe, [LinearConfig(0.3)], folds=3)

    assert 1 in both.metadata["candidates_kept"]
    assert _loss(both, later_rows) < _loss(alone, later_rows)


def test_a_model_of_trees_and_lines_is_saved_explained_and_read_like_any_other(
    rows, recipe, later_rows, tmp_path
):
    twice = replace(recipe, training=replace(recipe.training, bags=2))
    model = fit_by_inner_choice(rows, twice, [LinearConfig(0.3), LinearConfig(3.0)], folds=3)

    save(model, tmp_path / "model")
    again = load(tmp_path / "model")

    seen = later_rows.features
    np.testing.assert_array_equal(again.probability(seen), model.probability(seen))
    reasons = again.contributions(seen)
    total = reasons.values.sum(axis=1) + reasons.base
    np.testing.assert_allclose(total, reasons.margin, atol=1e-9)


def test_the_same_rows_choose_the_same_model(rows, recipe):
    first, again = (
        fit_by_inner_choice(rows, recipe, [LinearConfig(1.0)], folds=3) for _ in range(2)
    )

    assert first.booster.model_to_string() == again.booster.model_to_string()
    assert first.calibration == again.calibration


def _loss(model, rows) -> float:
    chance = model.probability(rows.features)
    return float(-np.log(np.where(np.asarray(rows.label) == 1, chance, 1 - chance)).mean())
