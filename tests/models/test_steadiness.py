"""How steady lists are."""

import numpy as np
import pandas as pd

from models.steadiness import steadiness

DAYS = pd.to_datetime(["2010-01-03", "2010-01-13", "2010-01-23"])


def test_each_list_is_set_beside_the_one_before():
    # two of four are worked: ab, ab, cd
    rows = pd.DataFrame({"as_of": np.repeat(DAYS, 4), "group_id": list("abcd") * 3})
    worked = np.array([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1.0])

    found = steadiness(rows, worked, draws=100, seed=0)["list_jaccard"]

    assert found.value == (1 + 0) / 2
    assert found.low <= 0.5 <= found.high


def test_a_list_that_holds_a_group_in_part_shares_that_part():
    rows = pd.DataFrame({"as_of": np.repeat(DAYS[:2], 4), "group_id": list("abcd") * 2})
    worked = np.array([1, 1, 0.5, 0, 0, 1, 1, 1])

    # shared: b and half of c; in all: a, b, c, d
    assert steadiness(rows, worked, draws=100, seed=0)["list_jaccard"].value == (1 + 0.5) / 4


def test_a_group_that_is_gone_counts_as_changed():
    rows = pd.DataFrame({"as_of": DAYS[[0, 0, 1]], "group_id": ["a", "b", "a"]})

    assert steadiness(rows, np.ones(3), draws=100, seed=0)["list_jaccard"].value == 1 / 2


def test_a_single_list_has_nothing_to_be_set_beside():
    rows = pd.DataFrame({"as_of": DAYS[[0, 0]], "group_id": ["a", "b"]})

    assert np.isnan(steadiness(rows, np.ones(2), draws=100, seed=0)["list_jaccard"].value)
