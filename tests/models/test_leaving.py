"""Who is back under a new number, or was cut off, is no loss to a rival."""

from __future__ import annotations

from datetime import date

import pytest
from label_rule import RULE

from models.outcomes import member_outcomes

DAY = date(2010, 5, 13)
USAGE = """
user_id | month  | mou_out_m | mou_in_m | data_kb | last_active_date | load_time
ann     | 201003 | 100 | 100 | 0 | 2010-03-31 | 2010-04-03
ann     | 201004 | 100 | 100 | 0 | 2010-04-30 | 2010-05-03
ann     | 201005 | 100 | 100 | 0 | 2010-05-31 | 2010-06-03
ann     | 201006 | 100 | 100 | 0 | 2010-06-20 | 2010-07-03
"""
"""Ann called last on 20 June: she is lost from the 21st, day 39."""
NEW_NUMBER = "anne | active | | 2010-07-01 | F | 1970 | D001 | 2010-07-02"


@pytest.fixture
def ann(drawn):
    """What became of Ann, who is off net since 21 June."""

    def outcome(*newcomers, group="acme", **others):
        lines = [
            "user_id | status | status_time | open_date | gender | birth_year | device_model "
            "| load_time",
            "ann | active | | 2005-01-01 | F | 1970 | D001 | 2008-01-01",
            "ann | off | 2010-06-21 | 2005-01-01 | F | 1970 | D001 | 2010-06-22",
            *newcomers,
        ]
        tables = drawn(
            member="\n".join(lines),
            membership_hist=f"""
            user_id | group_id | valid_from | load_time
            ann     | acme     | 2008-01-01 | 2008-01-01
            anne    | {group}  | 2010-07-01 | 2010-07-02
            """,
            usage_month=USAGE,
            **others,
        )
        found = member_outcomes(tables, [DAY], RULE)
        row = found[found["user_id"] == "ann"].iloc[0]
        return row["state"], row["evidence"], row["onset"]

    return outcome


def test_without_another_reason_she_is_lost(ann):
    assert ann() == ("lost", "", 39)


def test_a_new_number_in_her_group_with_her_traits_is_hers(ann):
    assert ann(NEW_NUMBER) == ("rotated", "same_traits", 39)


@pytest.mark.parametrize(
    "other",
    [
        NEW_NUMBER.replace("1970", "1971"),  # gender and handset alike, year unlike
        NEW_NUMBER.replace("1970 | D001", "|"),  # one trait alike is too few
        NEW_NUMBER.replace("| active", "| off"),  # gone as well
        NEW_NUMBER.replace("2010-07-01", "2010-08-21"),  # 61 days after the 21st of June
        NEW_NUMBER.replace("2010-07-02", "2010-11-02"),  # not known when the label matures
    ],
)
def test_a_number_that_may_be_anybodys_is_not_hers(ann, other):
    assert ann(other)[0] == "lost"


def test_traits_count_within_the_group_only(ann):
    assert ann(NEW_NUMBER, group="bolt")[0] == "lost"


@pytest.mark.parametrize(("common", "state"), [(3, "rotated"), (2, "lost")])
def test_a_number_with_most_of_her_contacts_is_hers_wherever_it_is(ann, common, state):
    # five contacts, of which three are 60 %
    header = "user_id | peer_key | month | peer_net | load_time"
    before = [f"ann | p{i} | 201004 | CM_other | 2010-05-03" for i in range(5)]
    after = [f"anne | p{i} | 201007 | CM_other | 2010-08-03" for i in range(common)]
    edges = "\n".join([header, *before, *after, "ann | 10086 | 201004 | service | 2010-05-03"])

    found = ann(
        NEW_NUMBER.replace("| F | 1970 | D001", "| | |"), group="bolt", call_edge_month=edges
    )

    assert found[0] == state


@pytest.mark.parametrize(
    ("april", "may", "state"),
    [(0, 30, "lost"), (20, 0, "lost"), (20, 30, "involuntary")],
)
def test_who_owed_two_bills_before_the_use_ended_was_cut_off(ann, april, may, state):
    bills = f"""
    user_id | month  | arrears_fen | load_time
    ann     | 201004 | {april}     | 2010-05-04
    ann     | 201005 | {may}       | 2010-06-04
    ann     | 201006 | 50          | 2010-07-04
    ann     | 201007 | 50          | 2010-08-04
    """  # who just goes leaves the last bills unpaid too: those after the use count for nothing

    assert ann(bill_month=bills)[0] == state


def test_who_goes_when_the_group_is_dissolved_goes_against_her_will(ann):
    void = """
    group_id | month  | lifecycle | load_time
    acme     | 201004 | in_use    | 2010-05-05
    acme     | 201009 | void      | 2010-10-05
    """

    assert ann(group_snapshot=void)[:2] == ("involuntary", "dissolved")


def test_who_is_back_counts_as_back_even_with_debts(ann):
    bills = """
    user_id | month  | arrears_fen | load_time
    ann     | 201004 | 20          | 2010-05-04
    ann     | 201005 | 20          | 2010-06-04
    """

    assert ann(NEW_NUMBER, bill_month=bills)[:2] == ("rotated", "same_traits")
