"""Lists are made three days after each dekad (旬), whose third part has 8 to 11 days."""

import itertools
from datetime import date, timedelta

from hypothesis import given, strategies as st

from pipelines.calendar_of_lists import dekad_ends, knowledge_days


def test_february_of_a_leap_year_ends_on_the_29th():
    assert list(dekad_ends(date(2012, 2, 1), date(2012, 3, 10))) == [
        date(2012, 2, 10),
        date(2012, 2, 20),
        date(2012, 2, 29),
        date(2012, 3, 10),
    ]


def test_the_knowledge_day_of_a_years_last_dekad_lies_in_the_next_year():
    days = knowledge_days(date(2010, 12, 20), date(2011, 1, 13), delay_days=3)

    assert days == [date(2010, 12, 23), date(2011, 1, 3), date(2011, 1, 13)]


@given(st.dates(date(2005, 1, 1), date(2035, 1, 1)))
def test_every_dekad_has_8_to_11_days_and_none_is_left_out(first):
    ends = list(dekad_ends(first, first + timedelta(366)))

    assert 36 <= len(ends) <= 37
    for one, following in itertools.pairwise(ends):
        assert timedelta(8) <= following - one <= timedelta(11)
