"""Groups and counties that a model has never seen, on top of the split by time."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, reject, strategies as st

from models.errors import SplitError
from models.split import SplitRule, split_by_time
from models.unseen import unseen_counties, unseen_groups

FIRST = date(2009, 1, 3)
ORIGIN = date(2012, 1, 3)
RULE = SplitRule(170, 100, test_days=3, calibration_days=2)

DAYS = [FIRST + timedelta(days=10 * number) for number in range(50)]
SPLIT = split_by_time(DAYS, ORIGIN, RULE)

drawn_rows = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 12)), min_size=40, max_size=120, unique=True
)


@given(drawn_rows, st.integers(2, 5), st.integers(0, 3))
def test_no_group_of_a_test_fold_is_in_an_earlier_part_and_each_test_row_is_judged_once(
    rows, folds, seed
):
    day = np.array([FIRST + timedelta(days=10 * number) for number, _ in rows])
    group = np.array([f"G{number}" for _, number in rows])
    try:
        split = split_by_time(day, ORIGIN, RULE)
        found = list(unseen_groups(day, group, split, folds=folds, seed=seed))
    except SplitError:
        reject()

    for fold in found:
        held = set(group[fold.test])
        assert held.isdisjoint(group[fold.fit])
        assert held.isdisjoint(group[fold.calibrate])
        assert set(day[fold.fit]) <= set(split.fit)
        assert set(day[fold.calibrate]) <= set(split.calibrate)
    judged = np.concatenate([fold.test for fold in found])
    assert sorted(judged) == list(np.flatnonzero(np.isin(day, split.test)))


def test_a_group_that_is_not_held_out_keeps_all_its_earlier_rows():
    day, group = _table(["G1", "G2", "G3"])

    found = list(unseen_groups(day, group, SPLIT, folds=3, seed=0))

    assert len(found) == 3
    # 20 fit days and 2 calibration days (see test_time_split) of the two groups that stay
    assert [(len(fold.fit), len(fold.calibrate), len(fold.test)) for fold in found] == [
        (2 * 20, 2 * 2, 1 * 3)
    ] * 3


def test_the_deal_does_not_depend_on_the_order_of_rows():
    day, group = _table([f"G{number}" for number in range(9)])
    back = np.arange(len(day))[::-1]

    forward = [set(group[f.test]) for f in unseen_groups(day, group, SPLIT, folds=3, seed=5)]
    turned = [
        set(group[back][f.test])
        for f in unseen_groups(day[back], group[back], SPLIT, folds=3, seed=5)
    ]

    assert forward == turned


def test_more_folds_than_groups_are_refused():
    day, group = _table(["G1", "G2"])

    with pytest.raises(SplitError, match="2 groups cannot be dealt out to 3 folds"):
        unseen_groups(day, group, SPLIT, folds=3, seed=0)


def test_each_county_is_judged_by_a_model_of_the_others():
    day, county = _table(["east", "west", "north"])

    found = list(unseen_counties(day, county, SPLIT, most_folds=5))

    assert [set(county[fold.test]) for fold in found] == [{"east"}, {"north"}, {"west"}]
    assert all(set(county[f.test]).isdisjoint(county[f.fit]) for f in found)


def test_many_counties_are_held_out_together():
    day, county = _table(["a", "b", "c", "d", "e"])

    found = list(unseen_counties(day, county, SPLIT, most_folds=2))

    assert [set(county[fold.test]) for fold in found] == [{"a", "c", "e"}, {"b", "d"}]


def test_rows_of_no_known_county_are_held_out_together():
    day, county = _table(["east", None])

    found = list(unseen_counties(day, county, SPLIT, most_folds=5))

    assert [set(county[fold.test]) for fold in found] == [{None}, {"east"}]


def test_one_county_alone_is_refused_in_words():
    day, county = _table(["east"])

    with pytest.raises(SplitError, match="all rows are of one county"):
        unseen_counties(day, county, SPLIT, most_folds=5)


def _table(ids):
    """A row a day and id, for every day of the split."""
    rows = [(day, one) for day in DAYS for one in ids]
    return np.array([day for day, _ in rows]), np.array([one for _, one in rows], dtype=object)
