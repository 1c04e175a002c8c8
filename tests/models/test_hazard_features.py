"""What member scores say of a group: exact to the bit, unknown where nothing is known, in words."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from features import on_duckdb
from features.catalog import FEATURES
from models.errors import FeatureError
from models.hazard_features import HAZARD_FEATURES, group_hazards

DAY = date(2010, 5, 3)


@pytest.fixture(scope="module")
def tables():
    return on_duckdb(duckdb.connect(), {})


def scores(*rows) -> pd.DataFrame:
    """A group, and churn, divert and diverted of a member of it."""
    frame = pd.DataFrame(list(rows), columns=["group_id", "churn", "divert", "diverted"])
    users = [f"u{number}" for number in range(len(frame))]
    return frame.assign(as_of=DAY, user_id=users)


def test_a_group_gets_the_averages_of_its_members(tables):
    found = group_hazards(
        tables,
        scores(
            ("g1", 0.01, 0.10, 0.9),
            ("g1", 0.03, 0.20, 0.1),
            ("g1", 0.02, 0.00, 0.2),
            ("g1", 0.02, 0.10, 0.4),
            ("g2", 0.05, 0.50, 0.0),
        ),
    ).set_index("group_id")

    g1 = found.loc["g1"]
    assert g1["member_churn_mean"] == pytest.approx((0.01 + 0.03 + 0.02 + 0.02) / 4)
    assert g1["member_divert_mean"] == pytest.approx((0.10 + 0.20 + 0.00 + 0.10) / 4)
    assert g1["member_diverted_mean"] == pytest.approx((0.9 + 0.1 + 0.2 + 0.4) / 4)
    assert g1["member_diverted_foremost"] == pytest.approx((0.9 + 0.4 + 0.2) / 3)
    assert found.loc["g2", "member_diverted_foremost"] == 0.0


def test_members_without_a_score_are_not_taken_for_safe(tables):
    found = group_hazards(
        tables,
        scores(
            ("g1", np.nan, 0.2, 0.6),
            ("g1", np.nan, np.nan, np.nan),
            ("g2", np.nan, np.nan, np.nan),
        ),
    ).set_index("group_id")

    assert found.loc["g1", "member_divert_mean"] == pytest.approx(0.2)
    assert found.loc["g1", "member_diverted_foremost"] == pytest.approx(0.6)
    assert np.isnan(found.loc["g1", "member_churn_mean"])
    assert found.loc["g2", list(HAZARD_FEATURES)].isna().all()


def test_the_order_of_members_changes_no_bit(tables):
    rng = np.random.default_rng(4)
    some = pd.DataFrame(rng.random((5000, 3)), columns=["churn", "divert", "diverted"])
    some = some.assign(
        as_of=DAY,
        user_id=[f"u{number}" for number in range(5000)],
        group_id=rng.integers(0, 40, 5000).astype(str),
    )
    one = group_hazards(tables, some)
    other = group_hazards(tables, some.sample(frac=1, random_state=1))

    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_every_feature_of_hazards_can_be_put_into_words_and_is_none_of_the_catalogue():
    assert not HAZARD_FEATURES.keys() & FEATURES.keys()
    said = {name: feature.sentence(0.1234, 1.0) for name, feature in HAZARD_FEATURES.items()}

    assert said["member_diverted_mean"].en.startswith("an estimated 12.3% of the members")
    assert said["member_diverted_foremost"].zh == "最可疑的三名成员已分流的平均概率为12%"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (scores(("g1", 1.2, 0.1, 0.1)), "outside 0 to 1"),
        (scores(("g1", 0.1, 0.1, 0.1)).drop(columns="diverted"), "diverted missing"),
    ],
)
def test_what_is_no_score_is_refused(tables, wrong, said):
    with pytest.raises(FeatureError, match=said):
        group_hazards(tables, wrong)
