"""Who is worth binding first: key members, ending contracts, high bills; never everybody."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from serving.actions.bundling import BundleRule, MemberRule, bound_by, by_group, said, worth_binding

RULE = BundleRule(ending_days=60, high_bill_fen=8000, key_weight=3.0, suggested=3)
NAMES = ["group_id", "user_id", "member_role", "days_to_contract_end", "bill_fen", "diverted"]


def members(*rows):
    frame = pd.DataFrame(rows, columns=NAMES)
    return frame.assign(days_in_use=400, named=True)


DRAWN = members(
    ("G1", "free key", "key_person", None, 3000, False),
    ("G1", "free richer key", "contact", None, 9000, False),
    ("G1", "ending key", "key_member", 60, 9000, False),
    ("G1", "bound key", "key_member", 61, 9000, False),
    ("G1", "ending", "ordinary", 10, 2000, False),
    ("G1", "rich", "ordinary", None, 8000, False),
    ("G1", "poor", "ordinary", None, 7999, False),
    ("G1", "unknown bill", None, None, None, False),
    ("G1", "gone over", "key_person", None, 9000, True),
)


def test_the_most_urgent_come_first_and_the_bound_the_poor_and_the_diverted_do_not_come():
    found = worth_binding(DRAWN, RULE)

    assert list(zip(found["place"], found["user_id"], found["why"], strict=True)) == [
        (1, "free richer key", "key_free"),
        (2, "free key", "key_free"),
        (3, "ending key", "key_ending"),
        (4, "ending", "ending"),
        (5, "rich", "high_value"),
    ]


def test_a_key_member_weighs_three_of_all_that_the_group_weighs():
    found = worth_binding(DRAWN, RULE).set_index("user_id")

    # Five key members weigh 15, four others 4.
    assert found.loc["free key", "weight"] == pytest.approx(3 / 19)
    assert found.loc["rich", "weight"] == pytest.approx(1 / 19)


def test_an_action_binds_only_whom_it_suits_and_no_more_than_it_may():
    found = by_group(worth_binding(DRAWN, RULE))["G1"]

    dear = bound_by(found, MemberRule(most=2, least_bill_fen=8000))

    assert [one.user_id for one in dear] == ["free richer key", "ending key"]
    assert bound_by(found, MemberRule(most=9, least_days=500)) == ()


def test_why_is_said_in_numbers():
    found = by_group(worth_binding(DRAWN, RULE))["G1"]

    assert (
        said(found).zh == "关键成员未捆绑2人、关键成员即将到期1人、合约即将到期1人、高价值未捆绑1人"
    )
    assert said(found[:2]).en == "2 × key member, not bound"


@given(st.permutations(range(len(DRAWN))))
def test_the_order_of_members_does_not_matter(order):
    pd.testing.assert_frame_equal(
        worth_binding(DRAWN.iloc[list(order)], RULE), worth_binding(DRAWN, RULE)
    )
