from datetime import date
from types import SimpleNamespace

import pytest
from drawing import Drawn

from pipelines.scorecard import list_day, past_lists
from pipelines.settings import load
from pipelines.workplace import Workplace


@pytest.fixture
def place(tmp_path):
    """A workplace whose tables are given."""

    def of(tables):
        made = Workplace(SimpleNamespace(path=tmp_path), load())
        made.__dict__["tables"] = tables
        return made

    return of


CASES = """
case_id | score_batch_id  | group_id | level | is_holdout | event_time | load_time  | feedback
A       | 2011-01-03-0001 | G1       | red   |            | 2011-01-05 | 2011-01-06 |
A       | 2011-01-03-0001 | G1       | red   |            | 2011-01-10 | 2011-01-11 | lost
B       | 2010123         | G2       | blue  |            | 2011-01-05 | 2011-01-06 |
C       | by hand         | G3       | red   |            | 2011-01-05 | 2011-01-06 |
"""


def test_the_day_of_a_list_is_told_by_its_batch():
    assert list_day("2011-01-03-0badc0de", 3) == date(2011, 1, 3)
    # The third dekad of December ends on the 31st, and its list is made three days later.
    assert list_day("2010123", 3) == date(2011, 1, 3)
    assert [list_day(batch, 3) for batch in ("by hand", "2010139", "", "2011-13-01-x")] == [
        None
    ] * 4


def test_what_was_reported_counts_only_from_the_day_it_was_loaded(drawn: Drawn, place):
    tables = drawn(alert_case=CASES)

    before = past_lists(place(tables), date(2011, 1, 10)).lists
    after = past_lists(place(tables), date(2011, 1, 11)).lists

    assert [(row.day, row.listed, row.contacted) for row in before] == [(date(2011, 1, 3), 2, 0)]
    assert [(row.day, row.listed, row.contacted) for row in after] == [(date(2011, 1, 3), 2, 1)]


def test_a_list_of_the_same_day_is_no_past_list(drawn: Drawn, place):
    assert past_lists(place(drawn(alert_case=CASES)), date(2011, 1, 3)) is None


def test_without_the_table_there_is_no_scorecard(drawn: Drawn, place):
    tables = drawn(
        visit="visit_id | group_id | visit_date | event_time\nV1 | G1 | 2011-01-01 | 2011-01-01"
    )

    assert past_lists(place(tables), date(2011, 1, 13)) is None
