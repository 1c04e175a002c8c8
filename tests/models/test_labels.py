"""A group has transferred when enough of its members are lost or diverted in the window."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from label_rule import RULE

from models.labels import (
    group_lost,
    group_transfer,
    matured,
    member_churn,
    member_silent,
)

DAY = date(2010, 5, 13)


@pytest.mark.parametrize(
    ("onsets", "label"),
    [
        ([20, 50, 100, None, None], 1),  # 3 of 5
        ([20, 50, None, None, None], 0),  # 2 are fewer than 3
        ([20, 50, 90, None, None, None, None], 1),  # 3 of 7 is 43 %
        ([20, 50, 90, None, None, None, None, None], 0),  # 3 of 8 is 38 %
        ([10, 50, 90, None], 0),  # day 10 is still the gap
        ([11, 50, 100, None], 1),
        ([20, 50, 101, None], 0),  # day 101 is beyond the horizon
    ],
)
def test_the_share_the_count_and_the_window_decide(onsets, label):
    labels = group_transfer(outcomes(acme=onsets), RULE)

    assert labels["label"].tolist() == [label]


def test_who_was_diverted_before_the_day_is_not_at_risk():
    found = group_transfer(outcomes(acme=[-5, 20, 50, 90, None, None]), RULE).iloc[0]

    assert (found["at_risk"], found["lost"], found["label"]) == (5, 3, 1)


def test_small_groups_and_groups_that_have_gone_already_are_out_of_the_risk_set():
    labels = group_transfer(
        outcomes(
            tiny=[None, None],
            gone=[-5, -5, None, None, None],  # 2 of 5 gone is 40 %
            going=[-5, None, None, None],  # 1 of 4 is not
        ),
        RULE,
    )

    assert labels["group_id"].tolist() == ["going"]


def test_a_label_matures_when_its_window_and_the_wait_are_over():
    known = DAY + timedelta(10 + 90 + 70)

    assert matured([DAY, DAY + timedelta(1)], RULE, known) == [DAY]


def test_a_member_churns_who_is_lost_not_who_is_diverted():
    members = outcomes(acme=[20, 20, 5, None]).assign(lost_onset=[20, None, 5, None])

    churned = member_churn(members, RULE)

    assert dict(zip(churned["user_id"], churned["label"], strict=True)) == {
        "acme-0": 1,
        "acme-1": 0,
        "acme-3": 0,  # acme-2 was gone within the gap: nobody could have acted
    }


def test_a_silent_member_has_neither_minutes_nor_data_in_the_month(drawn):
    tables = drawn(
        member="""
        user_id
        ann
        bob
        cat
        """,
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | data_kb | load_time
        ann     | 201005 | 0         | 0        |         | 2010-06-05
        bob     | 201005 | 0         | 0        | 7       | 2010-06-05
        cat     | 201005 | 1         | 0        |         | 2010-06-05
        """,
    )

    labels = member_silent(tables, DAY, "201005", date(2010, 7, 30))

    assert dict(zip(labels["user_id"], labels["label"], strict=True)) == {
        "ann": 1,
        "bob": 0,
        "cat": 0,
    }


def test_a_lost_group_is_lost_in_the_later_snapshot(drawn):
    tables = drawn(
        group_snapshot="""
        group_id | month  | lifecycle | load_time
        acme     | 201004 | in_use    | 2010-05-05
        bolt     | 201004 | in_use    | 2010-05-05
        acme     | 201005 | lost      | 2010-06-05
        bolt     | 201005 | in_use    | 2010-06-05
        """
    )

    labels = group_lost(tables, DAY, date(2010, 6, 30))

    assert labels["label"].tolist() == [1, 0]


def outcomes(**groups):
    """Members with these days of onset (None: they stay), as ``member_outcomes`` gives them."""
    rows = [
        (DAY, f"{group}-{number}", group, not (onset is not None and onset <= 0), onset)
        for group, onsets in groups.items()
        for number, onset in enumerate(onsets)
    ]
    frame = pd.DataFrame(rows, columns=["as_of", "user_id", "group_id", "undiverted", "onset"])
    onset = frame["onset"].astype("float64")
    nothing = float("nan")
    return frame.assign(
        onset=onset,
        state=onset.notna().map({True: "diverted", False: "stay"}),
        value=100.0,
        observed=RULE.window_days,
        lost_onset=nothing,
        deep_onset=nothing,
    )
