"""A value means something beside those of comparable groups."""

import json

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from features.catalog import FEATURES
from serving.why.figures import compared, figure
from serving.why.peers import peers_risk, with_peers
from serving.why.reasons import SpokenReason, from_json, to_json
from serving.why.stability import ReasonRule

LOCKED = [0.1, 0.2, 0.3, 0.4, 0.5]


def reason(feature: str, value: float) -> str:
    said = FEATURES[feature].sentence(value, 1.0)
    return to_json(
        [SpokenReason("R04", "捆绑与到期", "lock-in", 0.5, feature, value, said.zh, said.en)]
    )


def county(values: list[float], **columns: list[object]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and facts of groups G0, G1, … of trade in county K1, where nothing else is said."""
    ids = [f"G{number}" for number in range(len(values))]
    facts = {"tier": "C", "county_id": "K1", "industry_l1": "trade", **columns}
    return (
        pd.DataFrame({"group_id": ids, "lock_share": values}),
        pd.DataFrame({"group_id": ids, **facts}),
    )


def beside(features, facts, group_id: str, feature="lock_share", fewest=2) -> SpokenReason:
    value = float(features.set_index("group_id").loc[group_id, feature])
    scores = pd.DataFrame({"group_id": [group_id], "reasons": [reason(feature, value)]})
    rule = ReasonRule(0.8, 0.05, fewest_peers=fewest)
    found = with_peers(scores, features, facts, FEATURES, rule)
    return from_json(found["reasons"].iloc[0])[0]


def test_a_value_is_set_beside_the_median_of_the_others():
    features, facts = county(LOCKED)

    found = beside(features, facts, "G0")

    # The others of G0: 20, 30, 40 and 50 %.
    assert (found.peer_median, found.peers) == (pytest.approx((0.3 + 0.4) / 2), 4)
    assert found.said.zh == "10%的成员有生效合约（同区县批发零售C类集团4家的中位数：35%）"
    assert found.said.en == (
        "10% of the members are under contract (median of 4 C groups in trade of the county: 35%)"
    )


def test_a_number_that_is_the_peers_too_says_so():
    features, facts = county([0.1, 0.1, 0.1])

    assert beside(features, facts, "G0").peers_zh == "同区县批发零售C类集团2家的中位数同为10%"


def test_where_the_nearest_circle_is_too_small_the_next_one_is_asked():
    industries = ["trade", "trade", "tax", "tax", "tax"]
    features, facts = county(LOCKED, industry_l1=industries)

    assert beside(features, facts, "G0", fewest=2).peers_en.startswith(
        "median of 4 C groups of the"
    )
    assert beside(features, facts, "G2", fewest=2).peers == 2

    counties = ["K1", "K2", "K2", "K3", "K3"]
    features, facts = county(LOCKED, county_id=counties)
    assert beside(features, facts, "G0", fewest=2).peers_zh.startswith("C类集团4家")


def test_without_enough_groups_nothing_is_compared():
    features, facts = county(LOCKED)

    found = beside(features, facts, "G0", fewest=5)

    assert (found.peers, found.peer_median, found.peers_zh) == (None, None, None)
    assert found.said.zh == "10%的成员有生效合约"


def test_groups_of_another_tier_and_those_who_do_not_know_are_no_peers():
    features, facts = county([0.1, 0.2, float("nan"), 0.9], tier=["C", "C", "C", "B1"])

    found = beside(features, facts, "G0", fewest=1)

    assert (found.peer_median, found.peers) == (0.2, 1)


def test_of_a_yes_or_no_it_is_told_how_many_are_alike():
    features, facts = county(LOCKED)
    features["managed"] = [0.0, 0.0, 0.0, 1.0, 1.0]

    found = beside(features, facts, "G0", feature="managed")

    assert found.said.zh == "无客户经理看管（同区县批发零售C类集团4家中50%也是如此）"


def test_a_score_that_nobody_reads_is_told_by_its_place():
    features, facts = county(LOCKED)
    features["rival_pull_level"] = [0.9, 0.1, 0.2, 1.0, 0.3]

    found = beside(features, facts, "G0", feature="rival_pull_level")

    assert found.peers_en == "higher than 75% of 4 C groups in trade of the county"


def test_a_change_the_other_way_is_said_to_be_one():
    fall = FEATURES["group_out_fall"]

    assert compared(fall, 0.52, 0.03).zh == "3%"
    assert compared(fall, 0.52, -0.03).zh == "反方向3%"
    assert compared(fall, 0.52, -0.03).en == "3% the other way"
    assert compared(fall, 0.52, -0.001).zh == "0%"
    assert compared(fall, -0.1, -0.03).zh == "3%"


@pytest.mark.parametrize(
    ("feature", "value", "zh", "en"),
    [
        ("days_since_visit", 41.0, "41天", "41 days"),
        ("group_arpu", 7650.0, "76元", "76 yuan"),
        ("group_rival_rise", 0.042, "4.2个百分点", "4.2 points"),
        ("hotline_rate", 0.1, "10", "10"),
        ("members", 14.0, "14", "14"),
        ("lock_share", -0.0, "0%", "0%"),
    ],
)
def test_a_figure_has_the_form_of_the_features_own_sentence(feature, value, zh, en):
    found = figure(FEATURES[feature], value)

    assert (found.zh, found.en) == (zh, en)


def test_reasons_without_a_feature_stay_as_they_are():
    rest = to_json([SpokenReason("R00", "其余", "rest", 0.1, None, None, "合计", "together")])
    features, facts = county(LOCKED)
    scores = pd.DataFrame({"group_id": ["G0"], "reasons": [rest]})

    found = with_peers(scores, features, facts, FEATURES, ReasonRule(0.8, 0.05, 2))

    assert found["reasons"].to_list() == [rest]


def test_reasons_of_batches_before_stability_and_peers_are_still_read():
    old = {"code": "R04", "name_zh": "捆", "name_en": "lock", "contribution": 0.5}
    old |= {"feature": "lock_share", "value": 0.1, "text_zh": "一成", "text_en": "a tenth"}

    (found,) = from_json(json.dumps([old]))

    assert (found.stability, found.peers, found.said.en) == (None, None, "a tenth")


def test_the_average_risk_of_the_peers_leaves_the_group_out():
    _, facts = county(LOCKED)
    scores = pd.DataFrame({"group_id": facts["group_id"], "probability": [0.5, 0.1, 0.2, 0.3, 0.4]})

    found = peers_risk(scores, facts, ReasonRule(0.8, 0.05, 2)).set_index("group_id")

    assert found.loc["G0", "peers_probability"] == pytest.approx((0.1 + 0.2 + 0.3 + 0.4) / 4)
    assert found.loc["G0", "peers"] == 4
    only = peers_risk(scores, facts, ReasonRule(0.8, 0.05, 2), only="G3")
    assert only["group_id"].to_list() == ["G3"]


@given(st.lists(st.floats(0, 1), min_size=3, max_size=12), st.integers(0, 100))
def test_the_median_is_that_of_all_others_whatever_the_order_of_rows(values, seed):
    features, facts = county(values)
    shuffled = features.sample(frac=1, random_state=seed)

    found = beside(shuffled, facts.sample(frac=1, random_state=seed + 1), "G0")

    assert found.peer_median == pytest.approx(pd.Series(values[1:]).median())
    assert found == beside(features, facts, "G0")
