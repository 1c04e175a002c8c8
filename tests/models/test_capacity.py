"""What owners find who work a few groups each."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, strategies as st

from models.capacity import (
    Capacity,
    Slots,
    Worklist,
    precision_at_capacity,
    value_recall_at_capacity,
)
from models.errors import EvaluationError

ALONE = Capacity.of(["d"] * 6, ["Li"] * 6, 2)


def test_each_owner_works_the_top_of_their_own_part():
    # Li works .9 and .8 (one hit), Wu .3 and .2 (two hits), though four rows of Li rank above
    owner = ["Li"] * 5 + ["Wu"] * 3
    score = [0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.2, 0.1]
    label = [1, 0, 1, 1, 1, 1, 1, 0]

    assert precision_at_capacity(label, score, Capacity.of(["d"] * 8, owner, 2)) == 3 / 4


def test_each_day_is_worked_anew():
    day = ["d1", "d1", "d2", "d2"]
    one_a_day = Capacity.of(day, ["Li"] * 4, 1)

    assert precision_at_capacity([1, 0, 0, 1], [0.9, 0.8, 0.7, 0.1], one_a_day) == 1 / 2


def test_who_has_fewer_groups_than_slots_works_all_of_them():
    # Li has one group for five slots, Wu two; three rows are worked, two of them hits
    few = Capacity.of(["d"] * 3, ["Li", "Wu", "Wu"], 5)

    assert precision_at_capacity([1, 1, 0], [0.3, 0.2, 0.1], few) == 2 / 3


def test_rows_tied_at_the_limit_are_worked_in_part():
    # above the tie one hit; the second slot falls to four tied rows with one hit: 1/4
    label, score = [1, 1, 0, 0, 0, 1], [0.9, 0.5, 0.5, 0.5, 0.5, 0.1]

    assert precision_at_capacity(label, score, ALONE) == (1 + 1 / 4) / 2
    assert Worklist.of(score, ALONE).worked().tolist() == [1, 0.25, 0.25, 0.25, 0.25, 0]


def test_value_recall_counts_what_the_caught_were_worth():
    label, score = [1, 0, 1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]

    assert value_recall_at_capacity(label, score, ALONE, [60, 5, 30, 5, 5, 10]) == 60 / 100
    assert value_recall_at_capacity(label, score, ALONE, np.ones(6)) == 1 / 3


def test_a_slice_is_counted_on_the_list_that_all_compete_for():
    # only the second row of the two that are worked lies in the slice, and it is no hit
    within = [False, True, True, True, False, False]
    label, score = [1, 0, 1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]

    assert precision_at_capacity(label, score, ALONE, within=within) == 0 / 1
    assert np.isnan(precision_at_capacity(label, score, ALONE, within=[0, 0, 0, 0, 1, 1]))


def test_the_unmanaged_are_worked_county_by_county():
    rows = pd.DataFrame(
        {
            "as_of": ["d"] * 6,
            "owner": ["Li", "Li", "none", "none", None, "none"],
            "county": ["x", "y", "x", "x", "y", "y"],
        }
    )

    shared = Capacity.of_rows(rows, Slots(manager=1, unmanaged=3))

    assert shared.block[0] == shared.block[1]  # a manager may have groups in two counties
    assert shared.block[2] == shared.block[3] != shared.block[4] == shared.block[5]
    assert shared.slots[shared.block].tolist() == [1, 1, 3, 3, 3, 3]


def test_without_capacity_for_anybody_there_is_no_precision():
    none = Capacity.of(["d", "d"], ["Li", "Wu"], [0, 1])

    assert np.isnan(precision_at_capacity([1, 0], [2, 1], none, np.array([1.0, 0.0])))


@pytest.mark.parametrize(
    ("slots", "said"),
    [(-1, "not negative"), (0, "not all zero"), (np.nan, "known"), ([1, 2], "within one day")],
)
def test_slots_that_make_no_sense_are_refused(slots, said):
    with pytest.raises(EvaluationError, match=said):
        Capacity.of(["d", "d"], ["Li", "Li"], slots)


def test_a_score_that_is_unknown_is_refused():
    with pytest.raises(EvaluationError, match="unknown for 1 rows"):
        Worklist.of([1, 2, 3, 4, 5, np.nan], ALONE)
    with pytest.raises(EvaluationError, match="2 scores for 6 rows"):
        Worklist.of([1, 2], ALONE)


rows = st.lists(
    st.tuples(
        st.booleans(),  # label
        st.integers(0, 4),  # score, often tied
        st.sampled_from(["Li", "Wu"]),
        st.integers(0, 2),  # day
        st.integers(0, 3),  # times that it counts
        st.integers(0, 9),  # value
    ),
    min_size=1,
    max_size=40,
)


def read(drawn, copies=None):
    """Label, score, capacity and value of the drawn rows, or of their copies."""
    label, score, owner, day, _, value = (np.array(column) for column in zip(*drawn, strict=True))
    if copies is not None:
        label, score, owner, day, value = (
            np.repeat(part, copies) for part in (label, score, owner, day, value)
        )
    return label.astype(float), score, Capacity.of(day, owner, 2), value


@given(rows)
def test_a_row_that_counts_twice_is_as_two_rows(drawn):
    times = np.array([row[4] for row in drawn])
    assume(times.sum() > 0)
    label, score, capacity, value = read(drawn)
    label2, score2, capacity2, value2 = read(drawn, times)

    assert precision_at_capacity(label, score, capacity, times.astype(float)) == pytest.approx(
        precision_at_capacity(label2, score2, capacity2)
    )
    assert value_recall_at_capacity(
        label, score, capacity, value, times.astype(float)
    ) == pytest.approx(value_recall_at_capacity(label2, score2, capacity2, value2), nan_ok=True)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_by_a_bit(drawn, random):
    found = [
        (
            precision_at_capacity(label, score, capacity),
            value_recall_at_capacity(label, score, capacity, value),
        )
        for label, score, capacity, value in map(read, (drawn, random.sample(drawn, len(drawn))))
    ]
    np.testing.assert_array_equal(*found)


@given(rows)
def test_nobody_works_more_than_their_slots_and_nobody_idles(drawn):
    _, score, capacity, _ = read(drawn)

    worked = Worklist.of(score, capacity).worked()

    size = np.bincount(capacity.block)
    np.testing.assert_allclose(
        np.bincount(capacity.block, weights=worked), np.minimum(size, capacity.slots)
    )


@given(rows)
def test_no_ranking_finds_more_than_the_one_that_knows(drawn):
    label, score, capacity, _ = read(drawn)

    assert (
        precision_at_capacity(label, label, capacity)
        >= precision_at_capacity(label, score, capacity) - 1e-12
    )
