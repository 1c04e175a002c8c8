from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from models.errors import SplitError, TrainingRefused
from models.evaluation import evaluate
from models.fitting import fit_and_calibrate
from models.inner_choice import fit_by_inner_choice
from models.out_of_fold import Fit, Folding, out_of_fold
from models.rows import Rows

FOLDING = Folding(folds=3, inner_folds=3, repeats=2, seed=5)


def test_risks_found_on_later_rows_are_near_those_that_made_the_labels(model, later_rows):
    figures = evaluate(
        later_rows.label,
        model.probability(later_rows.features),
        later_rows.cluster,
        draws=50,
        seed=0,
    )

    assert figures["auc"].value > 0.8
    assert figures["expected_over_observed"].value == pytest.approx(1, abs=0.02)
    assert figures["calibration_error"].value < 0.04


def test_a_model_knows_what_it_was_made_of(model, fit_rows):
    assert model.metadata["fit_rows"] == model.metadata["calibration_rows"] == 1500
    assert model.metadata["fit_positives"] == np.sum(fit_rows.label)
    assert model.features == ("rival_share", "lock_in_days", "noise")
    assert model.calibration.method == "platt"


def test_the_same_rows_make_the_same_model(model, fit_rows, later_rows, recipe):
    again = fit_and_calibrate(fit_rows, later_rows, recipe)

    assert again.booster.model_to_string() == model.booster.model_to_string()
    assert again.calibration == model.calibration
    assert again.golden.equals(model.golden)


def test_features_without_any_signal_still_make_a_model(fit_rows, later_rows, recipe):
    blind = replace(fit_rows, features=fit_rows.features.assign(rival_share=1.0, noise=np.nan))
    blind = replace(blind, features=blind.features.assign(lock_in_days=0.0))

    model = fit_and_calibrate(blind, later_rows, recipe)

    risk = model.probability(later_rows.features)
    np.testing.assert_allclose(risk, np.mean(later_rows.label), rtol=0.01)
    assert (model.contributions(later_rows.features).values == 0).all(axis=None)


def test_rows_stay_together_when_some_are_taken(fit_rows):
    some = fit_rows.take(np.asarray(fit_rows.label) == 1)

    assert np.all(some.label == 1)
    assert list(some.cluster) == [f"g{number}" for number in some.features.index]


def test_rows_and_labels_must_be_as_many(fit_rows):
    with pytest.raises(TrainingRefused, match="label: 2 values for 1500 rows"):
        replace(fit_rows, label=[0, 1])


@pytest.fixture(scope="module")
def snapshot(fit_rows) -> Rows:
    return fit_rows.take(np.arange(600))


@pytest.fixture
def fit(recipe) -> Fit:
    return partial(fit_by_inner_choice, candidates=(), recipe=recipe, folds=FOLDING.inner_folds)


def test_every_row_of_a_snapshot_is_scored_by_models_that_never_saw_it(snapshot, fit):
    """Labels that have nothing to do with the features cannot be found out of fold."""
    dealt = np.random.default_rng(0).permutation(np.asarray(snapshot.label))

    honest = out_of_fold(replace(snapshot, label=dealt), fit, FOLDING, draws=50)

    assert honest.metrics["auc"].value == pytest.approx(0.5, abs=0.08)


def test_a_snapshot_is_scored_and_explained_row_by_row(snapshot, fit):
    found = out_of_fold(snapshot, fit, FOLDING, draws=50)

    assert found.metrics["auc"].low > 0.75
    assert found.metrics["expected_over_observed"].value == pytest.approx(1, abs=0.05)
    assert len(found.repeats) == 2
    assert found.repeats[0]["auc"] != found.repeats[1]["auc"]
    total = found.contributions.base + found.contributions.values.sum(axis=1)
    np.testing.assert_allclose(total, found.contributions.margin, atol=1e-9)


def test_the_same_snapshot_gives_the_same_scores(snapshot, fit):
    once = replace(FOLDING, repeats=1)

    first, again = (out_of_fold(snapshot, fit, once, draws=0) for _ in range(2))

    np.testing.assert_array_equal(first.probability, again.probability)


def test_a_customer_with_two_rows_is_refused(snapshot, fit):
    twice = replace(snapshot, cluster=["acme", "acme", *range(598)])

    with pytest.raises(SplitError, match="1 ids have several rows, for example acme"):
        out_of_fold(twice, fit, FOLDING, draws=0)
