"""A shrunk line told in trees: near its formula, cautious, and honest about what is unknown."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from models.errors import TrainingRefused
from models.explanation import contributions, raw_margin
from models.linear import LinearConfig, fit_linear


@pytest.fixture(scope="module")
def rows() -> tuple[pd.DataFrame, np.ndarray]:
    """Log-odds 1.5 x - y; z says nothing. Values within 1, so that ln(1 + |x|) bends little."""
    rng = np.random.default_rng(3)
    features = pd.DataFrame(rng.uniform(-1, 1, size=(2000, 3)), columns=["x", "y", "z"])
    chance = 1 / (1 + np.exp(-(1.5 * features["x"] - features["y"])))
    return features, (rng.random(2000) < chance).to_numpy(dtype=float)


def test_its_score_is_that_of_a_ridge_regression_in_small_steps(rows):
    features, label = rows
    bent = np.sign(features) * np.log1p(features.abs())
    standard = (bent - bent.mean()) / bent.std(ddof=0)
    strength = 1 / (0.3 * label.sum())
    line = LogisticRegression(C=strength, tol=1e-8).fit(standard, label)

    margin = raw_margin(fit_linear(features, label, LinearConfig(0.3)), features)

    apart = margin - line.decision_function(standard)
    assert np.abs(apart).mean() < 0.03 * margin.std()


def test_each_tree_reads_one_feature_so_a_reason_is_that_feature_alone(rows):
    features, label = rows
    booster = fit_linear(features, label, LinearConfig(0.3))

    moved = features.iloc[:50].assign(x=0.9)
    before = contributions(booster, features.iloc[:50]).values
    after = contributions(booster, moved).values

    assert booster.num_trees() == 3
    np.testing.assert_array_equal(before[["y", "z"]], after[["y", "z"]])
    assert after["x"].nunique() == 1


def test_a_stronger_pull_says_less(rows):
    features, label = rows

    spread = [
        raw_margin(fit_linear(features, label, LinearConfig(pull)), features).std()
        for pull in (0.1, 1.0, 10.0)
    ]

    assert spread[0] > spread[1] > spread[2] > 0


def test_a_feature_that_goes_against_its_direction_is_left_out(rows):
    """More y is safer in these rows; told that more is riskier, the line is silent about it."""
    features, label = rows

    booster = fit_linear(features, label, LinearConfig(0.3), monotone={"x": 1, "y": 1})

    assert (contributions(booster, features.iloc[:20]).values["y"] == 0).all()
    assert (contributions(booster, features.iloc[:20]).values["x"] != 0).any()


def test_an_unknown_value_says_little(rows):
    """As much as the mean value does, whose part is 0."""
    features, label = rows
    holed = features.assign(x=features["x"].where(np.arange(2000) % 10 != 0))

    margin = raw_margin(fit_linear(holed, label, LinearConfig(0.3)), holed)

    known = holed["x"].notna()
    assert margin[~known].mean() == pytest.approx(margin[known].mean(), abs=0.15)
    assert margin[~known].std() < 0.8 * margin[known].std()


def test_features_that_say_nothing_leave_the_log_odds_of_all():
    """25 of 100 left: ln(25 / 75) = -1.099."""
    nothing = pd.DataFrame({"same": np.zeros(100), "unknown": np.full(100, np.nan)})

    booster = fit_linear(nothing, [0, 0, 0, 1] * 25, LinearConfig(1.0, minimum_positives=25))

    assert raw_margin(booster, nothing) == pytest.approx(np.log(25 / 75), abs=1e-4)


def test_too_few_positives_are_refused(rows):
    features, _ = rows
    with pytest.raises(TrainingRefused, match="29 positives of 2000 rows"):
        fit_linear(features, [1] * 29 + [0] * 1971, LinearConfig(1.0))
