import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from models.metrics import (
    Ranking,
    auc,
    average_precision,
    lift_at,
    precision_at,
    recall_at,
    weighted_median,
)
from models.trust import calibration_error, expected_over_observed

LABEL = [1, 0, 1, 0, 0, 0, 0, 0]
SCORE = [0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1]


def steps(label, score, weight=None):
    return Ranking.of(label, score).weighed(None if weight is None else np.asarray(weight, float))


def test_the_top_quarter_of_the_list_is_read_off():
    ranked = steps(LABEL, SCORE)  # the top 2 of 8 hold 1 of the 2 positives

    assert precision_at(ranked, 0.25) == 1 / 2
    assert recall_at(ranked, 0.25) == 1 / 2
    assert lift_at(ranked, 0.25) == (1 / 2) / (2 / 8)


def test_rows_tied_at_the_cut_count_in_proportion():
    # one row above the cut (a positive), then four tied rows with one positive; the top half
    # is 3 rows: the one above and 2 of the 4 tied ones, which hold 2/4 of a positive
    tied = steps([1, 0, 1, 0, 0, 0], [0.9, 0.5, 0.5, 0.5, 0.5, 0.1])

    assert lift_at(tied, 0.5) == pytest.approx(((1 + 2 / 4) / 3) / (2 / 6))


def test_a_constant_score_is_worth_nothing_and_is_calibrated_if_it_is_the_rate():
    same = steps(LABEL, [2 / 8] * 8)

    assert auc(same) == 0.5
    assert average_precision(same) == 2 / 8
    assert lift_at(same, 0.1) == pytest.approx(1)
    assert calibration_error(same) == pytest.approx(0)
    assert expected_over_observed(same) == 1


def test_calibration_error_is_the_mean_distance_of_promise_and_outcome():
    # two bins of two: |(.9 + .8) / 2 - 1/2| = .35 and |(.2 + .1) / 2 - 0| = .15
    off = steps([1, 0, 0, 0], [0.9, 0.8, 0.2, 0.1])

    assert calibration_error(off, bins=2) == pytest.approx((0.35 + 0.15) / 2)
    assert expected_over_observed(off) == pytest.approx((0.9 + 0.8 + 0.2 + 0.1) / 1)


def test_without_positives_what_has_no_meaning_has_no_value():
    none = steps([0, 0], [0.2, 0.1])

    assert np.isnan([auc(none), average_precision(none), lift_at(none, 0.5)]).all()
    assert np.isnan([recall_at(none, 0.5), expected_over_observed(none)]).all()
    assert precision_at(none, 0.5) == 0


rows = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), min_size=2, max_size=40
)


@given(rows)
def test_weights_are_copies_and_figures_are_those_of_scikit_learn(drawn):
    label, score, weight = (np.array(column, float) for column in zip(*drawn, strict=True))
    copies = weight.astype(int)
    label_copied, score_copied = np.repeat(label, copies), np.repeat(score, copies)
    assume(len(set(label_copied)) == 2)

    weighed = steps(label, score / 5, weight)
    copied = steps(label_copied, score_copied / 5)

    assert auc(weighed) == pytest.approx(roc_auc_score(label_copied, score_copied))
    assert average_precision(weighed) == pytest.approx(
        average_precision_score(label_copied, score_copied)
    )
    for figure in (calibration_error, expected_over_observed):
        assert figure(weighed) == pytest.approx(figure(copied))
    for share in (0.1, 0.5, 1):
        assert lift_at(weighed, share) == pytest.approx(lift_at(copied, share))


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_figure_by_a_bit(drawn, random):
    shuffled = random.sample(drawn, len(drawn))

    for figure in (auc, average_precision, calibration_error, expected_over_observed):
        values = [
            figure(steps([row[0] for row in some], [row[1] / 7 for row in some]))
            for some in (drawn, shuffled)
        ]
        np.testing.assert_array_equal(*values)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=20))
def test_a_weighted_median_is_that_of_the_copies(drawn):
    values, weight = (np.array(column, float) for column in zip(*drawn, strict=True))

    assert weighted_median(values, weight) == np.median(np.repeat(values, weight.astype(int)))
