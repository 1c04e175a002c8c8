"""What happens to an operator's tables, and what features make of it on the days around it."""

from __future__ import annotations

from datetime import date

import pytest

from features import group_features, member_features
from features.catalog import FEATURES

GROUPS = """
    group_id | month  | tier | value_score | load_time
    acme     | 201002 | C    | 40          | 2010-03-05
    acme     | 201003 | {tier} | {score}   | {loaded}
"""
ANN_OF_ACME = {
    "member": """
        user_id | open_date  | load_time
        ann     | 2008-01-01 | 2008-01-02
        """,
    "membership_hist": """
        user_id | group_id | valid_from | load_time
        ann     | acme     | 2008-01-01 | 2008-01-02
        """,
}


def groups_on(tables, day, *names, tiers=None):
    return group_features(tables, [day], [FEATURES[name] for name in names], tiers=tiers)


def member_on(tables, day, name, user="ann"):
    rows = member_features(tables, [day], [FEATURES[name]])
    return rows.set_index("user_id").loc[user, name]


def test_a_group_is_of_the_tier_that_was_known_on_the_day_not_of_the_later_re_score(drawn):
    scored = GROUPS.format(tier="B", score=80, loaded="2010-04-05")
    tables = drawn(group_snapshot=scored, **ANN_OF_ACME)

    before = groups_on(tables, date(2010, 4, 3), "members", "group_value")
    after = groups_on(tables, date(2010, 4, 13), "members", "group_value")

    assert (before["tier"].item(), before["group_value"].item()) == ("C", 40)
    assert (after["tier"].item(), after["group_value"].item()) == ("B", 80)
    assert len(groups_on(tables, date(2010, 4, 13), "members", tiers=("C",))) == 0


def test_a_member_who_moves_takes_his_past_to_the_new_group_when_the_move_is_known(drawn):
    tables = drawn(
        group_snapshot="""
        group_id | month  | load_time
        acme     | 201002 | 2010-03-05
        bolt     | 201002 | 2010-03-05
        """,
        member=ANN_OF_ACME["member"],
        membership_hist="""
        user_id | group_id | valid_from | valid_to   | load_time
        ann     | acme     | 2008-01-01 | 9999-12-31 | 2008-01-02
        ann     | acme     | 2008-01-01 | 2010-03-08 | 2010-03-20
        ann     | bolt     | 2010-03-08 | 9999-12-31 | 2010-03-20
        """,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | load_time
        ann     | 201002 | 120       | 90       | 2010-03-05
        """,
    )

    def minutes(day):
        rows = groups_on(tables, day, "members", "group_mou_out").set_index("group_id")
        return rows["group_mou_out"].dropna().to_dict()

    assert minutes(date(2010, 3, 13)) == {"acme": 120}  # the move of the 8th is not known yet
    assert minutes(date(2010, 3, 23)) == {"bolt": 120}


def test_a_number_given_to_somebody_else_does_not_bring_the_former_owners_usage(drawn):
    tables = drawn(
        member="""
        user_id | msisdn_hash | status | open_date  | load_time
        old     | n1          | off    | 2008-01-01 | 2010-01-10
        new     | n1          | active | 2010-02-01 | 2010-02-02
        """,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | load_time
        old     | 200912 | 300       | 10       | 2010-01-05
        new     | 201002 | 50        | 10       | 2010-03-05
        """,
    )
    rows = member_features(
        tables, [date(2010, 3, 13)], [FEATURES["mou_out"], FEATURES["months_known"]]
    )

    assert rows["user_id"].tolist() == ["new"]
    assert rows[["mou_out", "months_known"]].to_numpy().tolist() == [[50, 1]]


def test_a_visit_entered_at_month_end_for_an_earlier_day_counts_from_when_it_was_entered(drawn):
    tables = drawn(
        group_snapshot=GROUPS.format(tier="C", score=40, loaded="2010-04-05"),
        **ANN_OF_ACME,
        visit="""
        visit_id | group_id | visit_date | load_time
        another  | bolt     | 2010-01-05 | 2010-01-06
        v        | acme     | 2010-03-05 | 2010-03-30
        """,
    )

    found = [
        groups_on(tables, day, "visits", "days_since_visit")[["visits", "days_since_visit"]]
        for day in (date(2010, 3, 13), date(2010, 4, 3))
    ]

    assert found[0]["visits"].item() == 0
    assert found[0]["days_since_visit"].isna().item()
    assert found[1].to_numpy().tolist() == [[1, 29]]  # 5 March to 3 April


@pytest.mark.parametrize(("day", "expected"), [(date(2010, 4, 13), 90), (date(2010, 4, 23), 100)])
def test_a_restated_months_usage_has_the_value_that_was_known_on_the_day(drawn, day, expected):
    tables = drawn(
        **ANN_OF_ACME,
        usage_month="""
        user_id | month  | version | mou_out_m | load_time
        ann     | 201003 | 1       | 90        | 2010-04-05
        ann     | 201003 | 2       | 100       | 2010-04-20
        """,
    )

    assert member_on(tables, day, "mou_out") == expected


def test_a_month_whose_rows_come_late_is_unknown_and_not_zero(drawn):
    tables = drawn(
        **ANN_OF_ACME,
        usage_month="""
        user_id | month  | mou_out_m | load_time
        ann     | 201002 | 90        | 2010-03-05
        ann     | 201003 | 100       | 2010-04-20
        """,
    )

    assert member_on(tables, date(2010, 3, 13), "mou_out") == 90
    assert member_on(tables, date(2010, 4, 13), "mou_out") != member_on(
        tables, date(2010, 4, 13), "mou_out"
    )  # NaN: March was due on 5 April and has not come
    assert member_on(tables, date(2010, 4, 23), "mou_out") == 100


def test_a_table_is_absent_to_a_day_before_its_first_delivery(drawn):
    tables = drawn(
        **ANN_OF_ACME,
        second_sim_ind="""
        user_id | month  | score | load_time
        ann     | 201003 | 0.9   | 2010-04-10
        """,
    )

    def columns(day):
        return set(member_features(tables, [day], ["second_sim_score"]).columns)

    assert "second_sim_score" not in columns(date(2010, 3, 13))  # unknown, not a known 0
    assert "second_sim_score" in columns(date(2010, 4, 13))
