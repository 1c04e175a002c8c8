"""What is asked for amiss is refused in words, and what is meant is understood."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from features import group_features, member_features
from features.errors import FeatureError

DAY = date(2010, 4, 3)


@pytest.fixture
def tables(drawn):
    return drawn(
        member="""
        user_id | open_date  | load_time
        ann     | 2009-01-01 | 2009-01-02
        """,
        membership_hist="""
        user_id | group_id | valid_from | load_time
        ann     | acme     | 2009-01-01 | 2009-01-02
        """,
        group_snapshot="""
        group_id | month  | tier | load_time
        acme     | 201002 | C    | 2010-03-05
        """,
    )


@pytest.mark.parametrize(
    "moment", [datetime(2010, 4, 3, 9, tzinfo=UTC), pd.Timestamp("2010-04-03")]
)
def test_a_moment_is_its_day(tables, moment):
    expected = member_features(tables, [DAY], ["tenure_days"])

    pd.testing.assert_frame_equal(member_features(tables, [moment], ["tenure_days"]), expected)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ([], "at least one"),
        (DAY, "a list, even of one"),
        (["2010-04-03"], "'2010-04-03' is not a date"),
        ([date(2005, 1, 1)], "nothing had been loaded by 2005-01-01"),
    ],
)
def test_days_that_are_none_are_refused(tables, days, message):
    with pytest.raises(FeatureError, match=message):
        group_features(tables, days)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (["tenure_day"], "there is no feature 'tenure_day': did you mean tenure_days"),
        (["members"], "members is a feature of a group: ask group_features"),
        ("tenure_days", "a list, even of one"),
    ],
)
def test_features_that_are_none_are_refused(tables, features, message):
    with pytest.raises(FeatureError, match=message):
        member_features(tables, [DAY], features)


@pytest.mark.parametrize("tiers", ["C", ("A",), ()])
def test_tiers_that_are_none_are_refused(tables, tiers):
    with pytest.raises(FeatureError, match="give some of A1, A2, B1, B2, C, D"):
        group_features(tables, [DAY], tiers=tiers)
