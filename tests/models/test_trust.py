"""Probabilities against outcomes."""

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss as scikit_log_loss

from models.metrics import Ranking
from models.trust import (
    brier,
    calibration_error,
    calibration_line,
    calibration_slope,
    expected_over_observed,
    expected_over_observed_in_top,
    log_loss,
)


def steps(label, score, weight=None):
    return Ranking.of(label, score).weighed(None if weight is None else np.asarray(weight, float))


def test_promises_twice_as_high_as_what_came_are_told_by_expected_over_observed():
    # 4 × .5 and 16 × .125 promise 4; 1 + 1 came
    label, chance = [1, 0, 0, 0] + [1] + [0] * 15, [0.5] * 4 + [0.125] * 16

    assert expected_over_observed(steps(label, chance)) == 4 / 2
    assert expected_over_observed_in_top(steps(label, chance), 4 / 20) == 2 / 1


def test_the_top_is_judged_by_its_own_promises_even_where_the_whole_is_right():
    # promised .8 × 5 = 4 and came 2; below promised .1 × 10 = 1 and came 3: 5 of 5 on the whole
    label, chance = [1, 1, 0, 0, 0] + [1, 1, 1] + [0] * 7, [0.8] * 5 + [0.1] * 10

    assert expected_over_observed(steps(label, chance)) == pytest.approx(5 / 5)
    assert expected_over_observed_in_top(steps(label, chance), 5 / 15) == pytest.approx(4 / 2)


def test_a_top_cut_through_a_tie_takes_its_part():
    # the top half of four tied rows: .25 × 2 promised, half of the one positive came
    assert expected_over_observed_in_top(steps([1, 0, 0, 0], [0.25] * 4), 0.5) == 0.5 / 0.5


def test_brier_and_log_loss_are_those_of_paper_and_pencil():
    here = steps([1, 0], [0.8, 0.4])

    assert brier(here) == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert log_loss(here) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)


def test_a_certain_promise_that_was_wrong_costs_much_but_not_infinity():
    assert log_loss(steps([1], [0.0])) == pytest.approx(-np.log(1e-6))


def test_the_slope_of_overbold_promises_is_the_factor_they_are_too_bold_by():
    # outcomes at 1/5, 1/2 and 4/5 exactly; the promises' log-odds are twice those
    label = np.r_[np.repeat([1, 0], [20, 80]), np.repeat([1, 0], 50), np.repeat([1, 0], [80, 20])]
    right = np.repeat([1 / 5, 1 / 2, 4 / 5], 100)
    bold = right**2 / (right**2 + (1 - right) ** 2)

    assert calibration_line(steps(label, right)).slope == pytest.approx(1)
    assert calibration_line(steps(label, bold)).slope == pytest.approx(1 / 2)
    assert calibration_line(steps(label, bold)).intercept == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(
    ("label", "chance"),
    [
        ([1, 1, 1], [0.2, 0.5, 0.7]),  # one class
        ([1, 0, 1], [0.3, 0.3, 0.3]),  # one promise
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),  # parted without error: the slope has no end
        ([0, 0, 1, 1], [0.1, 0.1, 0.1, 0.6]),  # parted but for a tie at the limit
        ([1, 1, 0, 0], [0.1, 0.3, 0.3, 0.6]),  # the same the wrong way round
        ([0, 1, 0, 1], [0.0, 1.0, 0.0, 1.0]),  # sure and right
    ],
)
def test_without_a_line_the_slope_has_no_value(label, chance):
    assert np.isnan(calibration_slope(steps(label, chance)))


rows = st.lists(
    st.tuples(st.booleans(), st.integers(1, 19), st.integers(0, 3)), min_size=4, max_size=60
)


@given(rows)
def test_weights_are_copies_and_figures_are_those_of_scikit_learn(drawn):
    label, score, weight = (np.array(column, float) for column in zip(*drawn, strict=True))
    copies = weight.astype(int)
    label_copied, chance_copied = np.repeat(label, copies), np.repeat(score / 20, copies)
    assume(len(set(label_copied)) == 2)

    weighed = steps(label, score / 20, weight)

    assert brier(weighed) == pytest.approx(brier_score_loss(label_copied, chance_copied))
    assert log_loss(weighed) == pytest.approx(scikit_log_loss(label_copied, chance_copied))
    copied = steps(label_copied, chance_copied)
    for figure in (calibration_error, calibration_slope, expected_over_observed):
        assert figure(weighed) == pytest.approx(figure(copied), nan_ok=True, rel=1e-6)


def test_the_line_is_that_of_a_logistic_regression_without_penalty():
    rng = np.random.default_rng(0)
    odds = rng.normal(-2, 1, 500)
    label = (rng.random(500) < 1 / (1 + np.exp(-0.6 * odds))).astype(float)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(odds[:, None], label)

    found = calibration_line(steps(label, 1 / (1 + np.exp(-odds))))

    assert found.slope == pytest.approx(peer.coef_[0, 0], abs=1e-6)
    assert found.intercept == pytest.approx(peer.intercept_[0], abs=1e-6)


@given(rows)
def test_where_there_is_a_line_nothing_is_likelier(drawn):
    label = np.array([row[0] for row in drawn], float)
    chance = np.array([row[1] for row in drawn]) / 20
    found = calibration_line(steps(label, chance))
    assume(np.isfinite(found.slope))

    odds = np.log(chance / (1 - chance))
    surplus = label - 1 / (1 + np.exp(-(found.intercept + found.slope * odds)))

    # both derivatives of the log-likelihood are zero, and it has one summit only
    assert surplus.sum() == pytest.approx(0, abs=1e-6)
    assert surplus @ odds == pytest.approx(0, abs=1e-6)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_figure_by_a_bit(drawn, random):
    shuffled = random.sample(drawn, len(drawn))

    for figure in (brier, log_loss, calibration_slope, expected_over_observed):
        values = [
            figure(steps([row[0] for row in some], [row[1] / 20 for row in some]))
            for some in (drawn, shuffled)
        ]
        np.testing.assert_array_equal(*values)
