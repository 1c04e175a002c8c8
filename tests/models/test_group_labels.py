"""What is told of a group beside its transfer, each by its own horizon."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from label_rule import RULE

from models.labels import BesideRule, group_labels, group_transfer, member_churn, member_divert

DAY = date(2010, 5, 13)
BESIDE = BesideRule(soon_days=30, divert_days=60, silent_share=0.15, hard_share=0.05)
STAYS = ("stay", None)


def test_the_shares_of_value_count_bills_not_heads():
    # 300 + 100 of 1,000 fen go, which is .4
    found = told([("diverted", 50, 300), ("lost", 20, 100), ("stay", None, 600)])

    assert found["share_lost"] == pytest.approx(0.4)
    assert (found["lost"], found["label"]) == (2, 0)


def test_a_member_without_a_bill_is_worth_what_his_colleagues_are():
    # 100 and 300 are known, the third counts 200: 200 of 600
    found = told([("lost", 20, None), ("stay", None, 100), ("stay", None, 300)])

    assert found["share_lost"] == pytest.approx(1 / 3)


def test_where_no_bills_are_known_all_members_are_worth_the_same():
    found = told([("lost", 20, None), ("stay", None, None), ("stay", None, None)])

    assert found["share_lost"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("diverted", "lost", "silent"),
    [(15, 0, 1), (14, 0, 0), (15, 4, 1), (15, 5, 0)],  # of 100 fen; the limits are .15 and .05
)
def test_a_loss_is_silent_that_is_diverted_and_hardly_leaves(diverted, lost, silent):
    rest = 100 - diverted - lost
    found = told([("diverted", 20, diverted), ("lost", 20, lost), ("stay", None, rest)])

    assert found["label_silent"] == silent


def test_the_early_transfer_ends_sixty_days_before_the_primary_one():
    early = told([("lost", 20, 1), ("lost", 30, 1), ("lost", 40, 1), ("stay", None, 1)])
    late = told([("lost", 20, 1), ("lost", 30, 1), ("lost", 41, 1), ("stay", None, 1)])

    assert (early["label"], early["label_30"]) == (1, 1)
    assert (late["label"], late["label_30"]) == (1, 0)  # day 41 is beyond 10 + 30


def test_a_group_has_transferred_with_the_loss_that_makes_it_so():
    # of 8 members 40 % are 3.2, so that the fourth loss counts
    found = told([("lost", day, 1) for day in (60, 20, 80, 40, 90)] + [("stay", None, 1)] * 3)

    assert (found["label"], found["onset"]) == (1, 80)


def test_who_is_back_or_left_against_his_will_makes_no_transfer():
    states = [("lost", 20, 1), ("diverted", 30, 1), ("rotated", 40, 1), ("involuntary", 50, 1)]
    found = told(states)

    assert (found["at_risk"], found["lost"], found["label"]) == (4, 2, 0)
    assert found["share_lost"] == 0.5


def test_who_merely_shrank_makes_no_transfer():
    assert told([("shrunk_unknown", 20, 1)] * 4)["lost"] == 0


def test_churn_and_deep_diversion_are_counted_within_their_own_horizons():
    frame = outcomes([("lost", 40, 1), ("lost", 41, 1), ("rotated", 20, 1), ("stay", None, 1)])
    frame["deep_onset"] = [70.0, 71.0, np.nan, 10.0]  # within (10, 70] is the first alone

    found = group_labels(frame, RULE, BESIDE).iloc[0]

    assert (found["churned_30"], found["diverted_60"]) == (1, 1)


def test_a_label_that_has_not_matured_is_unknown_and_never_a_no():
    frame = outcomes([("lost", 20, 1)] * 3).assign(observed=45)  # 10 + 30 are observed, not 10 + 60

    found = group_labels(frame, RULE, BESIDE).iloc[0]

    assert found[["label_30", "churned_30"]].tolist() == [1, 3]
    assert found[["label", "label_silent", "share_lost", "diverted_60"]].isna().all()


def test_members_whose_window_has_not_matured_have_no_label():
    frame = outcomes([("lost", 20, 1), ("stay", None, 1)])
    frame["observed"] = [99, 100]

    assert member_churn(frame, RULE)["user_id"].tolist() == ["m1"]
    assert member_divert(frame, RULE)["user_id"].tolist() == ["m1"]


def test_who_is_back_under_a_new_number_has_not_churned():
    frame = outcomes([("lost", 20, 1), ("rotated", 20, 1), ("involuntary", 20, 1)])

    assert member_churn(frame, RULE)["label"].tolist() == [1, 0, 0]


def test_who_has_diverted_already_can_divert_no_more():
    frame = outcomes([("stay", None, 1)] * 4)
    frame["deep_onset"] = [50.0, 10.0, np.nan, 50.0]
    frame["undiverted"] = [True, True, True, False]

    found = member_divert(frame, RULE)

    assert dict(zip(found["user_id"], found["label"], strict=True)) == {"m0": 1, "m2": 0}


def test_the_frame_has_the_rows_and_the_label_of_the_transfer():
    frame = pd.concat([outcomes([(*STAYS, 1)] * 3, "b"), outcomes([(*STAYS, 1)] * 5, "a")])

    both = group_labels(frame, RULE, BESIDE)

    own = group_transfer(frame, RULE)
    pd.testing.assert_frame_equal(both[list(own)], own)
    assert both["group_id"].tolist() == ["a", "b"]


def told(members):
    return group_labels(outcomes(members), RULE, BESIDE).iloc[0]


def outcomes(members, group="acme"):
    """Members with these states, days of onset and bills, as ``member_outcomes`` gives them."""
    frame = pd.DataFrame(members, columns=["state", "onset", "value"]).astype(
        {"onset": "float64", "value": "float64"}
    )
    gone = frame["state"].isin(["lost", "rotated", "involuntary"])
    return frame.assign(
        as_of=DAY,
        user_id=[f"m{number}" for number in range(len(frame))],
        group_id=group,
        undiverted=True,
        observed=RULE.window_days,
        lost_onset=frame["onset"].where(gone),
        deep_onset=np.nan,
    )
