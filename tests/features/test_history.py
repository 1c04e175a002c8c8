"""How far back the sources go decides from which day on a feature is whole."""

from __future__ import annotations

from datetime import date, timedelta

import narwhals as nw
import pytest

from features.definition import MEMBERS, Window, group_feature, member_feature
from features.history import full_from
from features.reasons import Reason
from features.view import view

DAYS = [date(2008, 3, 1) + timedelta(k) for k in range(200)]
SOURCES = {
    "usage_month": """
        user_id | month  | mou_out_m | load_time
        ann     | 200803 | 100       | 2008-04-05
        ann     | 200805 | 100       | 2008-06-05
        """,
    "usage_dekad": """
        user_id | dekad   | mou_out_m | load_time
        ann     | 2008061 | 100       | 2008-06-12
        """,
    "visit": """
        visit_id | group_id | visit_date | load_time
        v        | acme     | 2008-04-10 | 2008-04-11
        """,
    "contract": """
        contract_id | user_id | start_date | end_date   | load_time
        c           | ann     | 2008-01-01 | 2009-01-01 | 2008-01-02
        """,
}
KNOWN = {
    "unit": "count",
    "between": (0, 9),
    "family": "usage",
    "reason": Reason.SIZE,
    "raises": ("有", "some"),
}


def looking(over, entity=member_feature):
    @entity(over=over, **KNOWN)
    def some(load_time: nw.Expr) -> nw.Expr:
        """Rows seen."""
        return load_time.count()

    return some


@view(reads={"usage_month": 3})
def looked_at(known):
    """Rows of three months."""
    return known.rows("usage_month", 3)


@pytest.mark.parametrize(
    ("window", "first"),
    [
        # March is the first month; three closed months begin with it once May is due, on 5 June.
        (Window("usage_month", lookback=3), date(2008, 6, 5)),
        (Window("usage_month", lookback=1), date(2008, 4, 5)),
        # The dekads to 10 and 20 June are due two days after the second.
        (Window("usage_dekad", lookback=2), date(2008, 6, 22)),
        # 90 days after the first visit.
        (Window("visit", lookback=90), date(2008, 7, 9)),
        (Window(looked_at), date(2008, 6, 5)),  # a view reaches as far as it says
        (Window("contract"), date.min),
        (Window("bill_month", lookback=1), date.min),  # absent: there is no such feature
    ],
)
def test_a_window_is_whole_when_it_begins_with_the_first_delivery(drawn, window, first):
    feature = looking(window)

    assert full_from(drawn(**SOURCES), [feature], {}, DAYS) == {"some": first}


def test_a_feature_of_members_waits_for_all_that_it_is_derived_from(drawn):
    @group_feature(over=MEMBERS, **KNOWN)
    def most(some: nw.Expr) -> nw.Expr:
        """The highest."""
        return some.max()

    @group_feature(**KNOWN)
    def twice(most: nw.Expr) -> nw.Expr:
        """Twice the highest."""
        return most * 2

    some = looking(Window("usage_month", lookback=3))

    found = full_from(drawn(**SOURCES), [most, twice], {"some": some, "most": most}, DAYS)

    assert found == {"most": date(2008, 6, 5), "twice": date(2008, 6, 5)}


def test_what_was_delivered_afterwards_makes_no_earlier_day_whole(drawn):
    late = SOURCES["usage_month"] + "        ann     | 200801 | 100       | 2008-09-01\n"
    feature = looking(Window("usage_month", lookback=5))

    # From March on, five months are closed on 5 August; January came only in September.
    found = full_from(drawn(**{**SOURCES, "usage_month": late}), [feature], {}, DAYS)

    assert found == {"some": date(2008, 8, 5)}


def test_a_source_that_never_reaches_back_far_enough_leaves_no_day(drawn):
    feature = looking(Window("usage_month", lookback=24))

    assert full_from(drawn(**SOURCES), [feature], {}, DAYS) == {"some": date.max}
