"""How much of the newest month has come, counted in members."""

import pandas as pd
import pytest

from pipelines.errors import ContractBrokenError
from pipelines.freshness import refuse_if_half_is_missing, stale_areas

FEATURES = pd.DataFrame(
    {
        "group_id": ["acme", "bolt", "core", "void"],
        "members": [10.0, 30.0, 60.0, 0.0],
        "usage_arrived": [1.0, 0.5, 1.0, None],  # void has nobody: it misses nothing
    }
)


def test_an_area_is_stale_where_more_than_the_limit_of_its_members_is_missing():
    areas = pd.Series(["north", "north", "south", "south"])

    # north misses half of bolt's 30 among 40 members, south nothing
    assert stale_areas(FEATURES, areas, most_missing=0.15) == {"north"}
    assert stale_areas(FEATURES, areas, most_missing=15 / 40) == set()


def test_a_run_stops_where_more_than_half_of_all_is_missing():
    refuse_if_half_is_missing(FEATURES, most_missing=0.16)  # 15 of 100 are missing

    with pytest.raises(ContractBrokenError, match="15% of the newest closed month"):
        refuse_if_half_is_missing(FEATURES, most_missing=0.14)


def test_data_without_usage_are_never_stale():
    groups = FEATURES[["group_id", "members"]]

    assert stale_areas(groups, pd.Series(["a"] * 4), most_missing=0.1) == frozenset()
    refuse_if_half_is_missing(groups, most_missing=0.1)
