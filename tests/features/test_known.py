"""A row counts on a day when the warehouse had it by then, and no newer version of it."""

from datetime import date

import narwhals as nw
import pytest

from data_contracts.contract import source_tables
from features.known import Known, closed_periods
from features.tables import as_pandas


def test_a_late_row_is_unknown_until_it_is_loaded(drawn):
    tables = drawn(
        visit="""
        visit_id | group_id | visit_date | load_time
        on_time  | acme     | 2010-03-02 | 2010-03-03
        late     | acme     | 2010-03-02 | 2010-03-31
        """
    )

    known = Known(tables, [date(2010, 3, 13), date(2010, 3, 31)]).rows("visit", 90)

    assert seen(known, "visit_id") == [
        (date(2010, 3, 13), "on_time"),
        (date(2010, 3, 31), "late"),
        (date(2010, 3, 31), "on_time"),
    ]


def test_the_day_itself_is_known_to_its_last_minute(drawn):
    tables = drawn(
        visit="""
        visit_id | group_id | visit_date | load_time
        a        | acme     | 2010-03-02 | 2010-03-13 23:59:59
        b        | acme     | 2010-03-02 | 2010-03-14 00:00:00
        """
    )

    assert seen(Known(tables, [date(2010, 3, 13)]).rows("visit", 90), "visit_id") == [
        (date(2010, 3, 13), "a")
    ]


def test_a_restated_bill_has_the_value_that_was_known_then(drawn):
    tables = drawn(
        bill_month="""
        user_id | month  | version | arpu_fen | load_time
        ann     | 201003 | 1       | 5000     | 2010-04-08
        ann     | 201003 | 2       | 4200     | 2010-04-20
        """
    )

    known = Known(tables, [date(2010, 4, 13), date(2010, 4, 23)]).rows("bill_month", 1)

    assert seen(known, "arpu_fen") == [(date(2010, 4, 13), 5000), (date(2010, 4, 23), 4200)]


def test_a_deleted_row_is_gone_once_its_deletion_is_known(drawn):
    tables = drawn(
        contract="""
        contract_id | user_id | start_date | end_date   | load_time  | op
        c           | ann     | 2010-01-01 | 2011-01-01 | 2010-01-02 | I
        c           | ann     | 2010-01-01 | 2011-01-01 | 2010-03-05 | D
        """
    )

    known = Known(tables, [date(2010, 3, 3), date(2010, 3, 13)]).rows("contract")

    assert seen(known, "contract_id") == [(date(2010, 3, 3), "c")]


@pytest.mark.parametrize(
    ("day", "newest"),
    [
        (date(2010, 5, 4), "201003"),  # April is due on 5 May
        (date(2010, 5, 5), "201004"),
        (date(2010, 1, 5), "200912"),
        (date(2010, 3, 4), "201001"),
    ],
)
def test_a_month_closes_when_its_delivery_is_due(day, newest):
    assert next(closed_periods(source_tables()["usage_month"], day)) == newest


@pytest.mark.parametrize(
    ("day", "newest"),
    [
        (date(2010, 2, 11), "2010013"),  # the dekad to 10 February is due on the 12th
        (date(2010, 2, 12), "2010021"),
        (date(2010, 3, 1), "2010022"),
        (date(2010, 3, 2), "2010023"),  # the third dekad of February 2010 had 8 days
    ],
)
def test_a_dekad_closes_when_its_delivery_is_due(day, newest):
    assert next(closed_periods(source_tables()["usage_dekad"], day)) == newest


def test_a_half_delivered_month_is_no_newest_month(drawn):
    tables = drawn(
        usage_month="""
        user_id | month  | mou_out_m | load_time
        ann     | 201003 | 10        | 2010-04-03
        ann     | 201004 | 20        | 2010-05-02
        """
    )

    known = Known(tables, [date(2010, 5, 3)]).rows("usage_month", 2)

    assert as_pandas(known, "month")[["month", "age"]].to_numpy().tolist() == [["201003", 0]]


def test_a_member_belongs_to_the_group_that_was_known_then(drawn):
    tables = drawn(
        member="""
        user_id
        ann
        bob
        """,
        membership_hist="""
        user_id | group_id | valid_from | valid_to   | load_time
        ann     | acme     | 2009-01-01 | 9999-12-31 | 2009-01-02
        ann     | acme     | 2009-01-01 | 2010-03-01 | 2010-03-20
        ann     | bolt     | 2010-03-01 | 9999-12-31 | 2010-03-20
        """,
    )

    roster = Known(tables, [date(2010, 3, 13), date(2010, 3, 23)]).roster()

    assert seen(roster.filter(nw.col("user_id") == "ann"), "group_id") == [
        (date(2010, 3, 13), "acme"),  # the move of 1 March was entered on the 20th
        (date(2010, 3, 23), "bolt"),
    ]
    assert set(as_pandas(roster, "user_id")["user_id"]) == {"ann"}  # bob is in no group


def test_who_is_off_or_a_machine_is_no_member(drawn):
    tables = drawn(
        member="""
        user_id | status      | is_m2m
        ann     | active      |
        bob     | off         |
        cat     | retention   |
        dan     | single_stop | no
        eve     | active      | yes
        """
    )

    roster = Known(tables, [date(2010, 3, 13)]).roster()

    assert [user for _, user in seen(roster, "user_id")] == ["ann", "dan"]


def test_distances_count_whole_days_from_the_day(drawn):
    tables = drawn(
        contract="""
        contract_id | user_id | start_date | end_date
        c           | ann     | 2010-03-01 | 2010-03-20
        """
    )

    row = as_pandas(Known(tables, [date(2010, 3, 13)]).rows("contract"), "contract_id").iloc[0]

    assert (row["days_to_start_date"], row["days_to_end_date"]) == (1 - 13, 20 - 13)


def seen(rows, column):
    frame = as_pandas(rows.select("as_of", column), "as_of", column)
    return list(frame.itertuples(index=False, name=None))
