"""Bills, habits, service, contracts and ranks of a member on small tables."""

from datetime import date
from math import log1p

import pytest

from features import member_features
from features.catalog import FEATURES

DAY = date(2010, 5, 13)  # newest closed month: April
MEMBERS = """
user_id
ann
bob
"""


def test_the_slope_of_bills_is_that_of_least_squares_on_logarithms(drawn):
    fen = [5000, 6000, 5500, 4000, 3000, -200]  # November to April; below zero counts as zero
    months = ("200911", "200912", "201001", "201002", "201003", "201004")
    bills = "\n".join(f"ann | {month} | {bill}" for month, bill in zip(months, fen, strict=True))
    tables = drawn(
        member=MEMBERS, bill_month=f"user_id | month | arpu_fen\n{bills}\nbob | 201004 | 5000"
    )

    logs = [log1p(max(bill, 0)) for bill in fen]
    centred = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]  # squares add up to 17.5
    slope = sum(x * y for x, y in zip(centred, logs, strict=True)) / 17.5
    assert values(tables, "arpu_slope") == {"ann": pytest.approx(slope), "bob": None}


def test_low_bills_are_counted_from_january(drawn):
    tables = drawn(
        member=MEMBERS,
        bill_month="""
        user_id | month  | arpu_fen
        ann     | 200912 | 1000
        ann     | 201001 | 4999
        ann     | 201002 | 5000
        ann     | 201004 | 100
        """,
    )

    assert values(tables, "low_bill_months_this_year") == {"ann": 2, "bob": None}
    assert values(tables, "low_bill_months_this_year", date(2010, 1, 13))["ann"] == 0


def test_what_was_paid_recharged_and_returned_in_the_last_months(drawn):
    tables = drawn(
        member=MEMBERS,
        bill_month="""
        user_id | month  | arpu_fen | overage_fen | unified_paid_fen | recharge_n | bonus_return_fen | balance_end_fen
        ann     | 201001 | 9000     | 9000        | 9000             | 0          | 500              | 0
        ann     | 201002 | 4000     | 0           | 1000             | 2          | 500              | 0
        ann     | 201003 | 4000     | 600         |                  | 0          | 500              | 0
        ann     | 201004 | 4000     | 0           | 1000             | 1          | 0                | -700
        """,  # noqa: E501
    )

    assert values(tables, "overage_share")["ann"] == 600 / 12000
    assert values(tables, "company_paid_share")["ann"] == 2000 / 8000  # of March it is not known
    assert values(tables, "recharge_months")["ann"] == 2
    assert values(tables, "bonus_returned")["ann"] == 0
    assert values(tables, "balance_end") == {"ann": -700, "bob": None}


def test_habits_compare_the_newest_month_with_the_three_before(drawn):
    tables = drawn(
        member=MEMBERS,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | active_days | distinct_out_n | last_active_date
        ann     | 201001 | 300       | 300      | 30          | 20             | 2010-01-31
        ann     | 201002 | 300       | 300      | 30          | 20             | 2010-02-28
        ann     | 201003 | 300       | 300      | 30          | 20             | 2010-03-31
        ann     | 201004 | 100       | 270      | 20          | 8              | 2010-04-24
        bob     | 201003 | 300       | 300      | 30          | 20             | 2010-03-02
        """,
    )

    assert values(tables, "active_day_out_fall")["ann"] == 1 - (100 / 20) / (900 / 90)
    assert values(tables, "in_out_ratio_change")["ann"] == pytest.approx((270 / 100) / (900 / 900))
    assert values(tables, "numbers_called_fall")["ann"] == 1 - 8 / 20
    assert values(tables, "days_active")["ann"] == 20
    assert values(tables, "days_unused") == {"ann": 6, "bob": None}  # 24 to 30 April


def test_toll_and_roaming_are_shares_of_minutes_both_ways(drawn):
    tables = drawn(
        member=MEMBERS,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | mou_toll_m | mou_roam_m
        ann     | 201002 | 50        | 50       | 20         | 0
        ann     | 201003 | 50        | 50       |            | 10
        ann     | 201004 | 50        | 50       | 10         | 20
        """,
    )

    assert values(tables, "toll_share")["ann"] == 30 / 200
    assert values(tables, "roam_share")["ann"] == 30 / 300


def test_requests_to_leave_are_no_tickets_and_no_satisfaction(drawn):
    tables = drawn(
        member=MEMBERS,
        ticket="""
        ticket_id | user_id | open_time  | cat            | resolved | csat | load_time
        1         | ann     | 2010-05-10 | cancel_request | no       | 1    | 2010-05-10
        2         | ann     | 2010-05-10 | mnp_query      | no       | 1    | 2010-05-10
        3         | ann     | 2010-05-01 | billing        | yes      | 4    | 2010-05-02
        4         | ann     | 2010-05-01 | network        | no       | 3    | 2010-05-02
        5         | ann     | 2010-04-01 | network        |          |      | 2010-04-02
        6         | ann     | 2010-01-10 | service        | yes      | 1    | 2010-01-12
        7         | ann     | 2010-05-12 | service        | yes      | 5    | 2010-05-14
        """,
    )

    assert values(tables, "own_tickets") == {"ann": 3, "bob": 0}
    assert values(tables, "own_tickets_unsolved") == {"ann": 2, "bob": 0}
    assert values(tables, "last_satisfaction") == {"ann": 3, "bob": None}  # the worse of a day


def test_a_second_sim_is_as_old_as_its_first_indication(drawn):
    tables = drawn(
        member=MEMBERS,
        second_sim_ind="""
        user_id | month  | score
        ann     | 201002 | 0.9
        ann     | 201004 | 0.9
        """,
    )

    assert values(tables, "second_sim_days") == {
        "ann": (DAY - date(2010, 2, 28)).days,
        "bob": None,
    }


def test_what_leaving_costs_goes_by_the_rule_and_the_days_that_are_left(drawn):
    tables = drawn(
        member=MEMBERS,
        contract="""
        contract_id | user_id | start_date | end_date   | status  | type              | penalty_rule  | bonus_fen | subsidy_cost_fen | min_spend_fen
        1           | ann     | 2010-03-14 | 2010-07-12 | live    | deposit_bonus     | forfeit_bonus | 12001     | 12001            | 3000
        2           | ann     | 2010-01-01 | 2011-01-01 | live    | handset_guarantee | fixed         |           | 50000            | 4000
        3           | ann     | 2010-01-01 | 2011-01-01 | live    | handset_guarantee | none          |           | 70000            |
        4           | bob     | 2009-04-20 | 2010-04-20 | expired | deposit_bonus     | forfeit_bonus | 9000      | 9000             | 9000
        """,  # noqa: E501
    )

    half = 12001 * 60 // 120  # 13 May is in the middle of 14 March to 12 July
    assert values(tables, "penalty_now") == {"ann": half + 50000, "bob": 0}
    assert values(tables, "min_spend") == {"ann": 4000, "bob": 0}
    assert values(tables, "kinds_running") == {"ann": 2, "bob": 0}
    assert values(tables, "freed_lately") == {"ann": 0, "bob": 1}


def test_a_forfeited_bonus_is_not_the_subsidy_and_an_untold_rule_leaves_the_penalty_unknown(drawn):
    tables = drawn(
        member=MEMBERS,
        contract="""
        contract_id | user_id | start_date | end_date   | penalty_rule  | bonus_fen | subsidy_cost_fen
        1           | ann     | 2010-03-14 | 2010-07-12 | forfeit_bonus | 1000      | 100000
        2           | bob     | 2010-03-14 | 2010-07-12 |               | 1000      | 100000
        """,  # noqa: E501
    )

    assert values(tables, "penalty_now") == {"ann": 1000 * 60 // 120, "bob": None}


def test_value_ranks_are_ordered(drawn):
    tables = drawn(
        member="""
        user_id | vip_level
        ann     | none
        bob     | vip
        cat     | diamond
        dan     |
        """
    )

    assert values(tables, "vip_rank") == {"ann": 0, "bob": 1, "cat": 4, "dan": None}


def values(tables, name, day=DAY):
    table = member_features(tables, [day], needed(name), tiers=None)
    column = table.set_index("user_id")[name]
    return {user: None if column.isna()[user] else column[user] for user in column.index}


def needed(name):
    """A feature and what it is derived from."""
    feature = FEATURES[name]
    inner = () if feature.over else feature.inputs
    return [feature, *(FEATURES[one] for one in inner if one in FEATURES)]
