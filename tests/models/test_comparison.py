"""Scorers beside each other, on rows that all share."""

import numpy as np
import pytest

from models.comparison import calibration_bands, compare


def test_log_loss_and_regret_are_those_of_paper_and_pencil():
    found = compare(
        [1, 0], {"sure": [0.8, 0.2], "coin": [0.5, 0.5]}, ["a", "b"], best="sure", draws=5, seed=0
    )

    assert found["sure"].log_loss == pytest.approx(-np.log(0.8))
    assert found["coin"].log_loss == pytest.approx(np.log(2))
    # Kullback-Leibler divergence of (.8, .2) from (.5, .5), the same for both rows.
    expected = 0.8 * np.log(0.8 / 0.5) + 0.2 * np.log(0.2 / 0.5)
    assert found["coin"].regret == pytest.approx(expected)
    assert found["sure"].regret == 0


def test_the_best_score_has_the_least_log_loss_where_it_is_true():
    rng = np.random.default_rng(0)
    true = rng.uniform(0.01, 0.3, 20_000)
    label = (rng.uniform(size=len(true)) < true).astype(int)
    scores = {"true": true, "bold": np.minimum(true * 1.5, 0.99), "flat": np.full(len(true), 0.155)}

    found = compare(label, scores, np.arange(len(true)), best="true", draws=5, seed=0)

    assert found["true"].log_loss < min(found["bold"].log_loss, found["flat"].log_loss)


def test_bands_hold_every_row_once_and_say_what_came():
    bands = calibration_bands(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.001, 0.06, 0.09, 1.0]))

    assert bands["n"].sum() == 4
    middle = bands[bands["low"] == 0.05].iloc[0]
    assert (middle["n"], middle["promised"], middle["observed"]) == (2, pytest.approx(0.075), 1.0)
