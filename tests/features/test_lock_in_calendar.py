"""When members come free, who has left, and means over those who were there before."""

from datetime import date

import pytest

from features import group_features
from features.catalog import FEATURES

DAY = date(2010, 5, 13)

GROUPS = """
group_id | month
acme     | 201004
bolt     | 201004
"""
MEMBERS = """
user_id | status
ann     | active
bob     | active
cat     | active
dan     | active
eve     | off
"""
MEMBERSHIPS = """
user_id | group_id | valid_from | valid_to
ann     | acme     | 2009-01-01 | 9999-12-31
bob     | acme     | 2009-01-01 | 9999-12-31
cat     | acme     | 2010-04-20 | 9999-12-31
dan     | acme     | 2009-01-01 | 9999-12-31
eve     | acme     | 2009-01-01 | 2010-04-01
"""
CONTRACTS = """
contract_id | user_id | start_date | end_date   | penalty_rule  | bonus_fen | load_time
1           | ann     | 2009-06-02 | 2010-06-02 | forfeit_bonus | 36500     | 2009-06-03
2           | bob     | 2009-06-02 | 2010-06-02 | none          | 1000      | 2009-06-03
3           | bob     | 2010-06-01 | 2011-06-01 | none          |           | 2010-05-10
4           | cat     | 2009-07-22 | 2010-07-22 | fixed         | 8000      | 2009-07-23
5           | dan     | 2009-04-01 | 2010-04-01 | none          | 500       | 2009-04-02
6           | ann     | 2010-06-02 | 2011-06-02 | none          |           | 2010-05-14
"""
"""Ann's ends in 20 days (her next is known tomorrow), bob's too but he has signed again, cat's in
70 days, dan's ended 42 days ago."""
BILLS = """
user_id | month  | arpu_fen
ann     | 201004 | 6000
ann     | 201001 | 90000
bob     | 201004 | 1000
cat     | 201004 | 2000
dan     | 201004 | 1500
dan     | 201003 | -500
"""
MONTHS = ("201001", "201002", "201003")


@pytest.fixture
def world(drawn):
    def tables(**more):
        return drawn(group_snapshot=GROUPS, member=MEMBERS, membership_hist=MEMBERSHIPS, **more)

    return tables


def test_members_come_free_when_nothing_signed_follows(world):
    tables = world(contract=CONTRACTS)

    assert of_acme(tables, "ending_share_30", "ending_share_90") == [1 / 4, 2 / 4]  # ann, cat
    assert of_acme(tables, "lock_share_in_30", "lock_share_in_60", "lock_share_in_90") == [
        2 / 4,  # bob and cat
        2 / 4,
        1 / 4,  # bob
    ]
    assert of_acme(tables, "unrenewed_share") == [1 / 1]  # dan


def test_money_comes_free_with_those_who_pay_it(world):
    tables = world(contract=CONTRACTS, bill_month=BILLS)
    paid = 6000 + 1000 + 2000 + 1500  # three months; a credit counts as nothing

    ending = [f"ending_value_share_{days}" for days in (30, 60, 90)]
    assert of_acme(tables, *ending) == [6000 / paid, 6000 / paid, (6000 + 2000) / paid]
    assert of_acme(tables, "lock_value_share") == [(6000 + 1000 + 2000) / paid]


def test_without_bills_the_share_of_value_is_unknown(world):
    assert of_acme(world(contract=CONTRACTS), "ending_value_share_30") == [None]


def test_the_penalty_is_what_is_left_of_what_was_given(world):
    left = 36500 * 20 // 365  # ann; bob's rule asks for nothing, cat's for all of it

    assert of_acme(world(contract=CONTRACTS), "penalty_per_member", "bonus_per_member") == [
        (left + 8000) / 4,
        (36500 + 1000 + 8000) / 4,
    ]


def test_of_a_forfeited_bonus_only_the_bonus_is_lost_and_a_fixed_penalty_is_all(world):
    """Ann forfeits 1,000 fen of bonus, not the subsidy of 100,000; cat pays both back."""
    tables = world(
        contract="""
        contract_id | user_id | start_date | end_date   | penalty_rule  | bonus_fen | subsidy_cost_fen
        1           | ann     | 2009-06-02 | 2010-06-02 | forfeit_bonus | 1000      | 100000
        2           | bob     | 2009-06-02 | 2010-06-02 | pct_remaining | 1000      | 72000
        3           | cat     | 2009-07-22 | 2010-07-22 | fixed         | 1000      | 8000
        """  # noqa: E501
    )
    ann, bob, cat = 1000 * 20 // 365, (1000 + 72000) * 20 // 365, 1000 + 8000

    assert (ann, bob, cat) == (54, 4000, 9000)
    assert of_acme(tables, "penalty_per_member") == [(ann + bob + cat + 0) / 4]


def test_a_penalty_whose_rule_is_not_told_is_unknown(world):
    """Ann's is unknown and left out: bob's 1,000 and nothing of cat and dan are known."""
    tables = world(
        contract="""
        contract_id | user_id | start_date | end_date   | penalty_rule | bonus_fen
        1           | ann     | 2009-06-02 | 2010-06-02 |              | 36500
        2           | ann     | 2009-06-02 | 2010-06-02 | fixed        | 500
        3           | bob     | 2009-06-02 | 2010-06-02 | fixed        | 1000
        4           | cat     | 2009-04-01 | 2010-04-01 |              | 700
        """
    )

    assert of_acme(tables, "penalty_per_member") == [1000 / 3]


def test_a_contract_counts_from_the_day_it_was_loaded(world):
    later = CONTRACTS.replace("2010-05-14", "2010-05-13")

    assert of_acme(world(contract=later), "ending_share_30") == [0]


def test_kinds_of_contracts_and_the_handsets_a_group_guarantees(world):
    tables = world(
        contract="""
        contract_id | user_id | group_id | type              | start_date | end_date
        1           | ann     |          | deposit_bonus     | 2010-01-01 | 2011-01-01
        2           | bob     |          | deposit_bonus     | 2010-01-01 | 2011-01-01
        3           | bob     | acme     | handset_guarantee | 2010-01-01 | 2010-06-12
        4           | cat     | acme     | handset_guarantee | 2010-01-01 | 2010-05-23
        5           |         | acme     | points_vnet       | 2010-01-01 | 2011-01-01
        6           |         | acme     | strategic_coop    | 2009-01-01 | 2010-01-01
        """
    )

    assert of_acme(tables, "contract_kinds", "agreement_kinds", "guaranteed_days_left") == [
        2,
        1,
        (30 + 10) / 2,
    ]


def test_who_left_the_net_counts_among_those_there_and_gone(world):
    gone = [f"gone_share_{days}" for days in (30, 90, 180)]

    assert of_acme(world(), *gone) == [0 / 4, 1 / 5, 1 / 5]  # eve left 42 days ago
    assert of_acme(world(), "joined_share") == [1 / 4]  # cat
    assert of_acme(world(), "members_joined", "members_left", "net_additions") == [1, 1, 1 - 1]


def test_who_left_the_group_but_not_the_net_is_not_gone(drawn):
    tables = drawn(
        group_snapshot=GROUPS,
        member=MEMBERS.replace("off", "active"),
        membership_hist=MEMBERSHIPS,
    )

    assert of_acme(tables, "gone_share_90") == [0 / 4]


def test_a_leaver_counts_with_nothing_and_a_late_row_is_unknown(world):
    months = "\n".join(
        f"{who} | {month} | 100" for who in ("ann", "bob", "dan", "eve") for month in MONTHS
    )
    usage = f"""
    user_id | month  | mou_out_m
    {months}
    ann     | 201004 | 90
    bob     | 201004 | 110
    cat     | 201004 | 400
    """  # dan's April is late, eve has left, cat was not there 120 days ago
    tables = world(usage_month=usage)

    assert of_acme(tables, "group_out_fall_of_starters", "group_out_fall") == [
        pytest.approx(1 - ((90 + 110 + 0) / 3) / (1200 / 12)),
        pytest.approx(1 - ((90 + 110 + 400) / 3) / (1200 / 12)),
    ]


def test_bills_and_v_net_minutes_are_followed_alike(world):
    tables = world(
        bill_month="""
        user_id | month  | arpu_fen
        ann     | 201003 | 4000
        eve     | 201003 | 6000
        ann     | 201004 | 4000
        """,
        usage_month="""
        user_id | month  | mou_out_m | vnet_out_m | vnet_in_m
        ann     | 201003 | 50        | 10         | 10
        eve     | 201003 | 50        | 30         | 30
        ann     | 201004 | 50        | 10         | 20
        """,
    )

    assert of_acme(tables, "group_arpu_fall_of_starters", "group_vnet_fall_of_starters") == [
        1 - ((4000 + 0) / 2) / (10000 / 2),
        1 - ((30 + 0) / 2) / (80 / 2),
    ]


def of_acme(tables, *names):
    """The group's values, None where unknown."""
    frame = group_features(tables, [DAY], [FEATURES[name] for name in names])
    row = frame.set_index("group_id").loc["acme"]
    return [None if row[name] != row[name] else row[name] for name in names]
