"""Whole clusters drawn again, and two scorers in the same draws."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.bootstrap import Clusters, Estimate, estimate, estimates
from models.errors import EvaluationError
from models.metrics import Ranking, auc
from models.paired import difference


def auc_of(label, score):
    ranking = Ranking.of(label, score)
    return lambda weight: auc(ranking.weighed(weight))


def test_rows_of_a_cluster_are_drawn_together_and_as_many_clusters_as_there_are():
    clusters = Clusters.of(["b", "a", "b", "c"])

    for weight in clusters.draws(50, seed=0):
        assert weight[0] == weight[2]
        assert weight[[0, 1, 3]].sum() == 3


def test_a_scorer_set_against_itself_differs_by_nothing_in_any_draw():
    rng = np.random.default_rng(0)
    one = auc_of(rng.random(200) < 0.2, rng.random(200))

    assert difference(one, one, np.arange(200), draws=50, seed=0) == Estimate(0, 0, 0)


def test_the_difference_turns_round_with_its_sides():
    rng = np.random.default_rng(0)
    label = rng.random(300) < 0.2
    one, other = auc_of(label, rng.random(300) + label), auc_of(label, rng.random(300))

    ahead = difference(one, other, np.arange(300), draws=100, seed=0)
    behind = difference(other, one, np.arange(300), draws=100, seed=0)

    assert ahead.low > 0
    np.testing.assert_allclose(
        [behind.value, behind.low, behind.high], [-ahead.value, -ahead.high, -ahead.low]
    )


def test_what_is_hard_for_both_cancels_out():
    # two scores that share nearly all their noise: each is uncertain, their difference is not
    rng = np.random.default_rng(1)
    label = rng.random(500) < 0.2
    shared = rng.normal(size=500)
    one, other = auc_of(label, shared + label), auc_of(label, shared + 0.95 * label)
    alone = estimate(one, np.arange(500), draws=200, seed=0)

    paired = difference(one, other, np.arange(500), draws=200, seed=0)

    assert paired.high - paired.low < (alone.high - alone.low) / 5
    assert paired.low > 0


def test_the_interval_of_a_difference_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    covered = 0
    for trial in range(100):
        noise = rng.normal(size=(2, 40))  # forty groups; the true means are .5 and 0
        first, second = np.repeat(noise[0] + 0.5, 3), np.repeat(noise[1], 3)
        found = difference(
            lambda weight, it=first: weight @ it / weight.sum(),
            lambda weight, it=second: weight @ it / weight.sum(),
            np.repeat(np.arange(40), 3),
            draws=200,
            seed=trial,
        )
        covered += found.low <= 0.5 <= found.high

    assert 86 <= covered <= 100  # 93 to 95 expected of forty clusters; rows drawn alone cover 75


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(3)
    label, cluster = rng.random(100) < 0.3, rng.integers(0, 30, 100)
    scores, mixed = rng.random((2, 100)), rng.permutation(100)

    found = [
        difference(
            auc_of(label[some], scores[0, some]),
            auc_of(label[some], scores[1, some]),
            cluster[some],
            draws=30,
            seed=1,
        )
        for some in (np.arange(100), mixed)
    ]

    assert found[0] == found[1]


def test_draws_in_which_a_figure_is_undefined_are_left_out():
    found = estimate(auc_of([1, 0, 0], [3, 2, 1]), ["a", "b", "c"], draws=100, seed=0)

    assert found == Estimate(1, 1, 1)


def test_nothing_to_draw_from_is_refused():
    with pytest.raises(EvaluationError, match="no rows"):
        estimates(lambda weight: {"sum": float(weight.sum())}, [], draws=5, seed=0)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 99))
def test_a_draw_reads_as_the_rows_of_its_clusters_written_out(cluster, seed):
    clusters, values = Clusters.of(cluster), np.arange(len(cluster), dtype=float)

    for weight in clusters.draws(3, seed):
        written = np.repeat(values, weight.astype(int))

        assert weight @ values == written.sum()
