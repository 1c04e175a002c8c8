"""Qini: on an example worked by hand, under ties, weights and nonsense; and beside a peer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.errors import EvaluationError
from models.qini import Qini, coefficient, curve, saved_per_thousand, uplift_at

RETAINED = [1, 0, 1, 1, 0, 1]
TREATED = [1, 0, 1, 0, 1, 0]
SCORE = [6, 5, 4, 3, 2, 1]
"""By score: treated kept, other lost, treated kept, other kept, treated lost, other kept."""


def test_the_curve_is_what_is_worked_out_by_hand() -> None:
    # n_t:  1 1 2 2 3 3 · n_c: 0 1 1 2 2 3 · n_t1: 1 1 2 2 2 2 · n_c1: 0 0 0 1 1 2
    # Q = n_t1 − n_c1·n_t/n_c: 1, 1, 2, 2 − 1·2/2 = 1, 2 − 1·3/2 = 0.5, 2 − 2·3/3 = 0
    share, q = curve(Qini.of(RETAINED, TREATED, SCORE))
    assert share == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert q == pytest.approx([0, 1, 1, 2, 1, 0.5, 0])


def test_the_coefficient_is_the_area_above_chance_for_each_treated_group() -> None:
    # Q(1) = 0, so chance is the axis. Trapezoids of width 1/6:
    # (0+1)/2 + (1+1)/2 + (1+2)/2 + (2+1)/2 + (1+.5)/2 + (.5+0)/2 = 5.5; 5.5 / 6 / 3 treated
    assert coefficient(Qini.of(RETAINED, TREATED, SCORE)) == pytest.approx(5.5 / 6 / 3)


def test_the_worst_order_has_less_than_chance() -> None:
    assert coefficient(Qini.of(RETAINED, TREATED, [-s for s in SCORE])) < 0


def test_a_score_that_says_nothing_is_chance() -> None:
    assert coefficient(Qini.of(RETAINED, TREATED, [1] * 6)) == 0


def test_uplift_in_the_top_is_the_difference_of_the_arms_shares() -> None:
    # Top four: treated 2 of 2 kept, others 1 of 2.
    ranking = Qini.of(RETAINED, TREATED, SCORE)
    assert uplift_at(ranking, 4 / 6) == pytest.approx(1 - 1 / 2)
    assert saved_per_thousand(ranking, 4 / 6) == pytest.approx(500)


def test_a_cut_through_a_tie_takes_its_part_of_both_arms() -> None:
    # One step of four: half of it has half of each arm, so the shares are those of the whole.
    ranking = Qini.of([1, 1, 0, 1], [1, 1, 0, 0], [1, 1, 1, 1])
    assert uplift_at(ranking, 0.5) == pytest.approx(2 / 2 - 1 / 2)


def test_without_the_other_arm_nothing_is_known() -> None:
    assert np.isnan(coefficient(Qini.of([1, 0], [1, 1], [2, 1])))
    assert np.isnan(uplift_at(Qini.of([1, 0], [1, 0], [2, 1]), 0.5))


@pytest.mark.parametrize(
    ("retained", "treated", "score"),
    [([], [], []), ([1], [1, 0], [1]), ([2], [1], [1]), ([1], [0.5], [1]), ([1], [1], [np.nan])],
)
def test_nonsense_is_refused(
    retained: list[float], treated: list[float], score: list[float]
) -> None:
    with pytest.raises(EvaluationError):
        Qini.of(retained, treated, score)


ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 3)), min_size=2, max_size=30
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows: list[tuple[int, int, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (Qini.of(*map(list, zip(*some, strict=True))) for some in (rows, shuffled))
    assert repr(coefficient(one)) == repr(coefficient(other))


@given(ROWS)
def test_a_row_that_weighs_two_is_two_rows(rows: list[tuple[int, int, int]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    once = Qini.of(*columns)
    twice = Qini.of(*[column + column[:1] for column in columns])
    weight = np.ones(len(rows))
    weight[0] = 2
    assert coefficient(once, weight) == pytest.approx(coefficient(twice), nan_ok=True)
