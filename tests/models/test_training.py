from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError, TrainingRefused
from models.explanation import raw_margin
from models.training import fit, slice_weights


@pytest.mark.parametrize("threads", [1, 2])
def test_trees_are_the_same_to_the_bit_at_any_number_of_threads(fit_rows, config, threads):
    first = fit(fit_rows.features, fit_rows.label, config)
    other = fit(fit_rows.features, fit_rows.label, replace(config, threads=threads))

    assert other.model_to_string() == first.model_to_string()
    np.testing.assert_array_equal(
        raw_margin(other, fit_rows.features), raw_margin(first, fit_rows.features)
    )


def test_another_seed_gives_other_trees(fit_rows, config):
    first = fit(fit_rows.features, fit_rows.label, config)
    other = fit(fit_rows.features, fit_rows.label, replace(config, seed=config.seed + 1))

    assert other.model_to_string() != first.model_to_string()


def test_a_risk_can_be_held_to_rise_with_a_feature(fit_rows, config):
    booster = fit(fit_rows.features, fit_rows.label, config, monotone={"noise": 1})
    rising = pd.DataFrame(
        {"rival_share": 0.5, "lock_in_days": 0.0, "noise": np.linspace(-3, 3, 50)}
    )

    assert (np.diff(raw_margin(booster, rising)) >= 0).all()


def test_each_group_counts_the_same_however_often_it_was_seen():
    weights = slice_weights(["acme", "acme", "acme", "bolt"])

    # 1/3 each for acme and 1 for bolt have the mean (3 * 1/3 + 1) / 4 = 1/2
    np.testing.assert_allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2])


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ([0, 1, np.nan] * 500, "unknown for 500 of 1500 rows"),
        ([0] * 1500, "all 1500 rows are 0"),
        ([1] * 1500, "all 1500 rows are 1"),
        ([0, 2] * 750, "must be 0 or 1"),
        ([1] * 29 + [0] * 1471, "29 positives of 1500 rows, at least 30 are needed"),
        ([0, 1], r"1500 rows of features but labels of shape \(2,\)"),
    ],
)
def test_labels_that_teach_nothing_are_refused(fit_rows, config, label, said):
    with pytest.raises(TrainingRefused, match=said):
        fit(fit_rows.features, label, config)


def test_names_that_lightgbm_would_change_are_refused(fit_rows, config):
    chinese = fit_rows.features.rename(columns={"noise": "主叫 分钟"})

    with pytest.raises(TrainingRefused, match="主叫 分钟"):
        fit(chinese, fit_rows.label, config)


@pytest.mark.parametrize(
    ("column", "said"),
    [(["much"] * 1500, "no number: noise"), ([np.inf] * 1500, "infinity: noise")],
)
def test_columns_that_are_no_numbers_are_refused(fit_rows, config, column, said):
    with pytest.raises(FeatureError, match=said):
        fit(fit_rows.features.assign(noise=column), fit_rows.label, config)


def test_weights_must_be_positive(fit_rows, config):
    with pytest.raises(TrainingRefused, match="positive number for each of the 1500 rows"):
        fit(fit_rows.features, fit_rows.label, config, weight=np.zeros(1500))


def test_a_constraint_on_an_unknown_feature_is_refused(fit_rows, config):
    with pytest.raises(TrainingRefused, match=r"no such feature.*rival_shere"):
        fit(fit_rows.features, fit_rows.label, config, monotone={"rival_shere": 1})
