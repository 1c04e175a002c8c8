"""A view says which tables it reads and how far back: training days are chosen by what it says."""

from __future__ import annotations

from datetime import date

import pytest

from features.catalog import FEATURES
from features.known import Known
from features.view import View
from pipelines.landed import landed

DAY = date(2009, 12, 3)
VIEWS = {
    feature.over.name: feature.over.table
    for feature in FEATURES.values()
    if feature.over and isinstance(feature.over.table, View)
}


class Watched(Known):
    """What is known, and which rows were asked for."""

    def __init__(self, tables, days):
        super().__init__(tables, days)
        self.asked = {}

    def rows(self, name, lookback=None, of=None):
        self.asked[name] = max(self.asked.get(name, 0), lookback or 0)
        return super().rows(name, lookback, of)

    def groups(self):
        newest = super()._snapshots(3)
        self.asked["group_snapshot"] = 1  # only the newest counts: older ones stand in for it
        return newest

    def roster(self):
        for name in ("member", "membership_hist"):
            self.asked.setdefault(name, 0)
        return super()._members_with_group()


@pytest.fixture(scope="module")
def tables(landing_of_everything):
    return landed(landing_of_everything, 1)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_looks_no_further_back_than_it_says(tables, name):
    said = VIEWS[name].reads
    known = Watched(tables, [DAY])
    known.view(VIEWS[name])

    needed = {table: reach for table, reach in known.asked.items() if table in said}
    assert needed
    assert {table for table, reach in needed.items() if reach > (said[table] or 0)} == set()


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_can_be_made_from_the_tables_that_it_says_alone(tables, name):
    known = Known(tables.only(VIEWS[name].reads), [DAY])

    assert "as_of" in known.view(VIEWS[name]).collect_schema().names()
