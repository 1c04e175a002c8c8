from statistics import NormalDist

import numpy as np
import pytest

from models.errors import EvaluationError
from models.evaluation import Estimate, evaluate


def two_normals(rng, positives=60, negatives=240, apart=1.0):
    """Scores of two classes, ``apart`` standard deviations from each other."""
    label = np.r_[np.ones(positives), np.zeros(negatives)]
    return label, rng.normal(size=positives + negatives) + apart * label


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    truth = NormalDist().cdf(1.0 / np.sqrt(2))  # AUC of two normals one deviation apart: .760
    rng = np.random.default_rng(5)
    covered = 0
    for trial in range(100):
        label, score = two_normals(rng)
        found = evaluate(label, score, np.arange(300), draws=200, seed=trial, calibrated=False)[
            "auc"
        ]
        covered += found.low <= truth <= found.high

    assert 88 <= covered <= 100  # 95 expected; 88 is over three deviations off


def test_rows_of_one_group_are_one_piece_of_evidence():
    label, score = two_normals(np.random.default_rng(1))
    alone = evaluate(label, score, np.arange(300), draws=200, seed=0, calibrated=False)

    often = evaluate(
        *(np.repeat(part, 10) for part in (label, score, np.arange(300))),
        draws=200,
        seed=0,
        calibrated=False,
    )

    assert often["auc"].value == pytest.approx(alone["auc"].value)
    assert often["auc"].low == pytest.approx(alone["auc"].low)
    assert often["positives"].value == 60 * 10
    assert often["positive_clusters"] == Estimate(60, 60, 60)


def test_every_figure_of_the_list_is_there():
    label = np.r_[np.ones(20), np.zeros(80)]
    figures = evaluate(
        label, np.linspace(0.9, 0.1, 100), np.arange(100), draws=50, seed=0, shares=(0.1, 0.05)
    )

    assert set(figures) == {
        *("auc", "average_precision", "base_rate", "calibration_error"),
        *("expected_over_observed", "expected_over_observed_top_5pct", "brier", "log_loss"),
        *("calibration_slope", "calibration_intercept", "n", "positives", "positive_clusters"),
        *(f"{figure}_at_10pct" for figure in ("lift", "precision", "recall")),
        *(f"{figure}_at_5pct" for figure in ("lift", "precision", "recall")),
    }
    assert figures["auc"] == Estimate(1, 1, 1)
    assert figures["lift_at_10pct"].value == pytest.approx(1 / 0.2)
    assert figures["recall_at_10pct"].value == pytest.approx(10 / 20)
    assert figures["base_rate"].low < 20 / 100 < figures["base_rate"].high


def test_draws_without_a_positive_are_left_out():
    figures = evaluate([1, 0, 0], [0.9, 0.5, 0.1], ["a", "b", "c"], draws=200, seed=0)

    assert figures["auc"] == Estimate(1, 1, 1)


def test_what_is_undefined_has_no_value_and_no_interval():
    figures = evaluate([0, 0], [0.5, 0.1], ["a", "b"], draws=20, seed=0)

    assert np.isnan([figures["auc"].value, figures["auc"].low, figures["auc"].high]).all()
    assert figures["positives"].value == 0


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(3)
    label, score = two_normals(rng)
    cluster = rng.integers(0, 50, 300)
    shuffled = rng.permutation(300)

    assert evaluate(label, score, cluster, draws=20, seed=1) == evaluate(
        label[shuffled], score[shuffled], cluster[shuffled], draws=20, seed=1
    )


@pytest.mark.parametrize(
    ("label", "score", "said"),
    [
        ([], [], "there must be rows"),
        ([0, 1], [0.5], "each row needs one of each"),
        ([0, np.nan], [0.5, 0.5], "must be 0 or 1"),
        ([0, 1], [0.5, np.nan], "unknown for 1 rows"),
    ],
)
def test_rows_that_do_not_belong_together_are_refused(label, score, said):
    with pytest.raises(EvaluationError, match=said):
        evaluate(label, score, np.arange(len(label)), draws=5, seed=0)
