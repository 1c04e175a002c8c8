"""The textbook regression that stands beside every model."""

import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError, TrainingRefused
from models.logistic import fit_logistic
from models.metrics import Ranking, auc
from models.rows import Rows


def test_it_finds_the_weights_that_made_the_labels():
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.normal(size=(40_000, 2)) * [1, 100], columns=["strong", "weak"])
    odds = -1 + 1.5 * x["strong"] - 0.005 * x["weak"]
    label = (rng.random(len(x)) < 1 / (1 + np.exp(-odds))).to_numpy(float)

    found = fit_logistic(Rows(x, label, np.arange(len(x))))

    # on standardised columns: 1.5 × 1 and −.005 × 100
    assert found.weight == pytest.approx([1.5, -0.5], abs=0.05)
    assert found.intercept == pytest.approx(-1, abs=0.05)


def test_it_ranks_later_rows_and_is_calibrated_on_its_own(fit_rows, later_rows):
    found = fit_logistic(fit_rows)

    risk = found.probability(later_rows.features)

    assert auc(Ranking.of(later_rows.label, risk).weighed()) > 0.7
    own = found.probability(fit_rows.features)
    assert own.mean() == pytest.approx(np.mean(fit_rows.label), abs=1e-4)
    assert found.probability(later_rows.features.iloc[:, ::-1]).tolist() == risk.tolist()


def test_being_unknown_is_a_sign_of_its_own():
    # the known values say nothing; half of the rows are unknown, and those leave more often
    rng = np.random.default_rng(1)
    x = pd.DataFrame({"visits": np.where(np.arange(2000) % 2, np.nan, rng.normal(size=2000))})
    label = (rng.random(2000) < np.where(np.arange(2000) % 2, 0.6, 0.2)).astype(float)

    found = fit_logistic(Rows(x, label, np.arange(2000)))

    some = found.probability(pd.DataFrame({"visits": [np.nan, 0.0]}))
    assert some == pytest.approx([0.6, 0.2], abs=0.05)


def test_columns_that_say_nothing_do_no_harm():
    x = pd.DataFrame({"same": 5.0, "empty": np.nan, "tells": np.r_[np.zeros(50), np.ones(50)]})
    label = np.r_[np.zeros(40), np.ones(10), np.zeros(10), np.ones(40)]

    found = fit_logistic(Rows(x, label, np.arange(100)))

    assert found.probability(x).tolist() == pytest.approx(
        fit_logistic(Rows(x[["tells"]], label, np.arange(100))).probability(x).tolist(), abs=1e-6
    )


def test_weights_count_as_copies(fit_rows):
    some = fit_rows.take(np.arange(300))
    times = np.arange(300) % 3 + 1
    copied = some.take(np.repeat(np.arange(300), times))
    weighted = Rows(some.features, some.label, some.cluster, times.astype(float))

    # medians and scales are those of the rows as they are, so only complete, even columns agree
    one = fit_logistic(weighted).probability(some.features)
    other = fit_logistic(copied).probability(some.features)

    assert np.abs(one - other).max() < 0.02


def test_the_same_rows_give_the_same_numbers_to_the_bit(fit_rows):
    one, other = fit_logistic(fit_rows), fit_logistic(fit_rows)

    assert one.weight.tolist() == other.weight.tolist()
    assert one.intercept == other.intercept


def test_one_class_or_a_missing_column_is_refused(fit_rows):
    with pytest.raises(TrainingRefused, match="all alike"):
        fit_logistic(Rows(fit_rows.features, np.zeros(1500), fit_rows.cluster))
    with pytest.raises(FeatureError, match="rival_share"):
        fit_logistic(fit_rows).probability(fit_rows.features.drop(columns="rival_share"))
