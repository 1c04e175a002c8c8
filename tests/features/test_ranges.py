"""Values outside the range that a feature gives are told, and features that tell nothing noted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from features.catalog import FEATURES
from features.ranges import Outside, lifeless, outside

MANAGED = FEATURES["managed"]
"""A flag: from 0 to 1."""


def test_a_value_above_the_range_is_told_with_how_many_there_are():
    table = pd.DataFrame({"managed": [0.0, 2.0, 3.0, np.nan]})

    assert outside(table, [MANAGED]) == [Outside("managed", 0, 1, 0.0, 3.0, 2)]


def test_an_unknown_value_and_an_absent_column_are_not_outside():
    assert outside(pd.DataFrame({"managed": [np.nan, 1.0]}), FEATURES.values()) == []


@given(st.lists(st.floats(-2, 3) | st.just(np.nan)))
def test_so_many_are_outside_as_leave_the_range(values):
    expected = sum(value < 0 or value > 1 for value in values)

    found = outside(pd.DataFrame({"managed": np.array(values, float)}), [MANAGED])

    assert sum(one.rows for one in found) == expected


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([np.nan, np.nan], "never known"),
        ([1.0, 1.0], "always 1"),
        ([1.0, np.nan], "always 1 where known"),
    ],
)
def test_a_feature_that_tells_no_row_from_another_is_noted(values, note):
    assert lifeless(pd.DataFrame({"managed": values}), [MANAGED]) == {"managed": note}


def test_a_feature_with_two_values_is_not_noted():
    assert lifeless(pd.DataFrame({"managed": [0.0, 1.0]}), [MANAGED]) == {}
