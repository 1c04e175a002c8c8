"""How early lists warn, and how steady they are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models.errors import EvaluationError
from models.timeliness import (
    Early,
    jaccard,
    lead_figures,
    lead_times,
    list_stability,
    rank_biased_overlap,
    steadiness,
    weighted_median,
)

EARLY = Early(look_back_days=180, enough_days=20)
DAYS = pd.to_datetime(["2010-01-03", "2010-01-13", "2010-01-23"])


def lists(**stands):
    """A row a day and group; ``a="x.x"`` stood on the first and the third list."""
    rows = pd.DataFrame(
        [(day, group) for group in stands for day in DAYS], columns=["as_of", "group_id"]
    )
    return rows, [mark == "x" for marks in stands.values() for mark in marks]


def onsets(**days):
    return pd.Series({group: pd.Timestamp(day) for group, day in days.items()})


def test_the_lead_runs_from_the_first_list_to_the_day_it_moved():
    rows, listed = lists(early="xxx", late="..x", never="...", stays="xxx")

    found = lead_times(
        rows, listed, onsets(early="2010-02-02", late="2010-02-02", never="2010-02-02"), EARLY
    )

    # January 3 to February 2 are 30 days, January 23 to February 2 are 10
    assert found.to_dict() == {"early": 30, "late": 10, "never": pytest.approx(np.nan, nan_ok=True)}


def test_a_list_of_the_day_itself_or_after_is_no_warning():
    rows, listed = lists(same="..x", after="x.x", before="x..")

    found = lead_times(
        rows, listed, onsets(same="2010-01-23", after="2010-01-10", before="2010-01-13"), EARLY
    )

    assert np.isnan(found["same"])
    assert found["after"] == 7
    assert found["before"] == 10


def test_a_list_of_long_ago_is_forgotten():
    rows, listed = lists(a="x.x")

    found = lead_times(rows, listed, onsets(a="2010-02-02"), Early(15, 5))

    assert found["a"] == 10  # the list 30 days before is not seen


def test_a_group_that_is_listed_in_part_counts_from_a_half():
    rows, _ = lists(a="...")

    found = lead_times(rows, [0.4, 0.6, 1.0], onsets(a="2010-02-02"), EARLY)

    assert found["a"] == 20


def test_a_group_that_moves_twice_is_refused():
    rows, listed = lists(a="x..")
    twice = pd.Series(pd.to_datetime(["2010-02-02", "2010-03-02"]), index=["a", "a"])

    with pytest.raises(EvaluationError, match="more than one onset"):
        lead_times(rows, listed, twice, EARLY)


def test_the_median_is_of_the_warned_and_the_shares_are_of_all_that_moved():
    days = pd.Series([40, 30, 10, np.nan], index=list("abcd"))

    found = lead_figures(days, EARLY, draws=100, seed=0)

    assert found["lead_days"].value == 30
    assert found["warned"].value == 3 / 4
    assert found["warned_in_time"].value == 2 / 4
    assert found["in_time_if_warned"].value == 2 / 3
    assert found["warned"].low < 3 / 4 < found["warned"].high


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=20))
def test_a_weighted_median_is_that_of_the_copies(drawn):
    values, weight = (np.array(column, float) for column in zip(*drawn, strict=True))

    assert weighted_median(values, weight) == np.median(np.repeat(values, weight.astype(int)))


def test_jaccard_is_shared_over_all():
    one, other = pd.Series({"a": 1, "b": 1, "c": 0.5}), pd.Series({"b": 1, "c": 1, "d": 1})

    # shared: b and half of c; in all: a, b, c, d
    assert jaccard(one, other) == (1 + 0.5) / 4
    assert jaccard(one, one) == 1


def test_rank_biased_overlap_is_the_sum_of_the_paper():
    # agreement by depth of abcd and bacx: 0/1, 2/2, 3/3, 3/4
    one = pd.Series([4, 3, 2, 1], index=list("abcd"))
    other = pd.Series([4, 3, 2, 1], index=list("bacx"))
    agreement, p = np.array([0, 1, 1, 3 / 4]), 0.9
    weights = (1 - p) * p ** np.arange(4)

    found = rank_biased_overlap(one, other, depth=4, p=p)

    assert found == pytest.approx(weights @ agreement + agreement[-1] * p**4)


def test_equal_rankings_overlap_wholly_and_strange_ones_not_at_all():
    one = pd.Series([3, 2, 1], index=list("abc"))

    assert rank_biased_overlap(one, one, depth=3, p=0.9) == pytest.approx(1)
    assert rank_biased_overlap(one, one.rename(str.upper), depth=3, p=0.9) == 0


def test_tied_groups_share_the_ranks_that_they_take_together():
    # b and c tie for ranks 2 and 3: at depth 2 half of each is in, so 1 + .5 are shared with abc
    one = pd.Series([3, 2, 1], index=list("abc"))
    tied = pd.Series([3, 2, 2], index=list("abc"))
    agreement = np.array([1, 1.5 / 2, 1])
    weights = 0.5 * 0.5 ** np.arange(3)

    assert rank_biased_overlap(one, tied, depth=3, p=0.5) == pytest.approx(
        weights @ agreement + 0.5**3
    )


@pytest.mark.parametrize("p", [0, 1, -0.5, 2])
def test_a_persistence_that_is_no_share_is_refused(p):
    with pytest.raises(EvaluationError, match="between 0 and 1"):
        rank_biased_overlap(pd.Series({"a": 1}), pd.Series({"a": 1}), depth=1, p=p)


scores = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 4), min_size=3)


@given(scores, scores, st.integers(1, 8), st.randoms(use_true_random=False))
def test_overlap_is_the_same_both_ways_whatever_the_order_of_ties(one, other, depth, random):
    mixed = dict(random.sample(sorted(one.items()), len(one)))
    first, second = pd.Series(one, dtype=float), pd.Series(other, dtype=float)

    found = rank_biased_overlap(first, second, depth=depth, p=0.9)

    assert 0 <= found <= 1 + 1e-12
    assert rank_biased_overlap(second, first, depth=depth, p=0.9) == pytest.approx(found)
    assert rank_biased_overlap(
        pd.Series(mixed, dtype=float), second, depth=depth, p=0.9
    ) == pytest.approx(found)


def test_the_lists_of_each_day_are_set_beside_those_of_the_day_before():
    # two of four are worked: ab, ab, cd
    rows = pd.DataFrame({"as_of": np.repeat(DAYS, 4), "group_id": list("abcd") * 3})
    score = [4, 3, 2, 1, 4, 3, 2, 1, 1, 2, 3, 4]
    worked = np.array([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1.0])

    found = list_stability(rows, score, worked, p=0.9)

    assert found["as_of"].tolist() == DAYS[1:].tolist()
    assert found["jaccard"].tolist() == [1, 0]
    assert found["overlap"].tolist() == [pytest.approx(1), 0]
    mean = steadiness(rows, worked, draws=100, seed=0)["jaccard"]
    assert mean.value == (1 + 0) / 2
    assert mean.low <= 0.5 <= mean.high


def test_a_group_that_is_gone_counts_as_changed():
    rows = pd.DataFrame({"as_of": DAYS[[0, 0, 1]], "group_id": ["a", "b", "a"]})

    found = list_stability(rows, [2, 1, 1], np.ones(3), p=0.9)

    assert found["jaccard"].tolist() == [1 / 2]
