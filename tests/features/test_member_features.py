"""Member features on small tables; the expected values show their arithmetic."""

from datetime import date

import pytest

from features import member_features
from features.catalog import FEATURES

DAY = date(2010, 5, 13)  # newest closed month: April

MEMBERS = """
user_id
ann
bob
cat
"""


def test_the_fall_compares_the_newest_month_with_the_average_of_the_three_before(drawn):
    tables = drawn(
        member=MEMBERS,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m
        ann     | 201001 | 80        | 50
        ann     | 201002 | 100       | 50
        ann     | 201003 | 120       | 50
        ann     | 201004 | 40        | 45
        bob     | 201004 | 70        | 30
        """,
    )

    assert values(tables, "mou_out_fall") == {
        "ann": pytest.approx(1 - 40 / ((80 + 100 + 120) / 3)),
        "bob": None,  # nothing to compare with
        "cat": None,
    }
    assert values(tables, "diversion_gap")["ann"] == pytest.approx((1 - 40 / 100) - (1 - 45 / 50))


def test_a_count_of_nothing_is_zero_and_a_share_of_nothing_is_unknown(drawn):
    tables = drawn(
        member=MEMBERS,
        usage_month="""
        user_id | month  | mou_out_m | mou_out_rival_m
        ann     | 201004 | 40        | 10
        bob     | 201004 | 0         | 0
        """,
    )

    assert values(tables, "months_known") == {"ann": 1, "bob": 1, "cat": 0}
    assert values(tables, "rival_share_out") == {"ann": 10 / 40, "bob": None, "cat": None}


def test_low_outgoing_for_two_months_with_incoming_held_is_diversion(drawn):
    months = "\n".join(
        f"{who} | {month} | {out} | {incoming}"
        for who, newest in {"ann": (30, 90), "bob": (30, 20), "cat": (99, 90)}.items()
        for month, (out, incoming) in {
            "200910": (100, 100),
            "200911": (100, 100),
            "200912": (100, 100),
            "201001": (100, 100),
            "201002": (100, 100),
            "201003": (60, 100),
            "201004": newest,
        }.items()
    )
    tables = drawn(member=MEMBERS, usage_month=f"user_id | month | mou_out_m | mou_in_m\n{months}")

    assert values(tables, "outgoing_low") == {
        "ann": 1,  # 30 and 60 of 100 out, 90 of 100 in
        "bob": 0,  # incoming fell as well: he calls less, that is all
        "cat": 0,
    }


def test_lock_in_looks_at_contracts_that_run_and_at_those_that_just_ended(drawn):
    tables = drawn(
        member=MEMBERS,
        contract="""
        contract_id | user_id | start_date | end_date   | status | type              | bonus_fen
        1           | ann     | 2009-06-01 | 2010-06-01 | live   | deposit_bonus     | 6000
        2           | ann     | 2010-01-01 | 2011-01-01 | live   | handset_guarantee |
        3           | ann     | 2010-06-01 | 2011-06-01 | live   | deposit_bonus     | 9000
        4           | bob     | 2009-05-01 | 2010-05-01 | expired| deposit_bonus     | 6000
        5           | cat     | 2009-05-01 | 2011-05-01 | broken | points_vnet       |
        """,
    )

    # Cat's was broken early, which tells of a loss: only the term that was agreed is looked at.
    assert values(tables, "contracts_live") == {"ann": 2, "bob": 0, "cat": 1}
    assert values(tables, "days_to_contract_end") == {
        "ann": (date(2011, 1, 1) - DAY).days,
        "bob": None,
        "cat": (date(2011, 5, 1) - DAY).days,
    }
    assert values(tables, "contracts_just_ended") == {"ann": 0, "bob": 1, "cat": 0}
    assert values(tables, "guaranteed_handsets")["ann"] == 1
    assert values(tables, "subsidy_value") == {"ann": 6000, "bob": 0, "cat": 0}


def test_features_whose_table_is_absent_are_left_out(drawn):
    columns = member_features(drawn(member=MEMBERS), [DAY]).columns

    assert "tenure_days" in columns
    assert not {"mou_out", "arpu", "days_in_group", "is_key_member"} & set(columns)


def test_several_days_at_once_are_the_days_one_by_one(drawn):
    tables = drawn(
        member=MEMBERS,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | load_time
        ann     | 201003 | 120       | 50       | 2010-04-03
        ann     | 201004 | 40        | 45       | 2010-05-12
        bob     | 201004 | 70        | 30       | 2010-05-30
        """,
    )
    days = [date(2010, month, day) for month in (4, 5, 6) for day in (3, 13, 23)]

    together = member_features(tables, days)

    for day in days:
        alone = member_features(tables, [day])
        part = together[together["as_of"] == day].reset_index(drop=True)
        assert part.equals(alone)


def values(tables, name):
    frame = member_features(tables, [DAY], needed(name))
    by_member = frame.set_index("user_id")[name]
    return {user: None if value != value else value for user, value in by_member.items()}


def needed(name):
    """The feature and those that it is derived from."""
    feature = FEATURES[name]
    below = [] if feature.over else [f for i in feature.inputs if i in FEATURES for f in needed(i)]
    return [*below, feature]
