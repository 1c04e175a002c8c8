"""One sentence on what changed since the last list."""

import math

import pandas as pd
import pytest

from features.catalog import FEATURES
from features.reasons import Reason
from serving.why.changes import Added, changed
from serving.why.reasons import SpokenReason, to_json


def reason(code: Reason, contribution: float, feature: str, value: float) -> SpokenReason:
    said = FEATURES[feature].sentence(value, contribution)
    return SpokenReason(code.code, code.zh, code.en, contribution, feature, value, said.zh, said.en)


def diverted(contribution: float, share: float) -> SpokenReason:
    return reason(Reason.DIVERSION, contribution, "one_sided_share", share)


def locked(contribution: float, share: float) -> SpokenReason:
    return reason(Reason.LOCK_IN, contribution, "lock_share", share)


def listed(probability, *reasons: SpokenReason, method="model", group_id="G1") -> pd.DataFrame:
    row = {"group_id": group_id, "method": method, "probability": probability}
    return pd.DataFrame([{**row, "reasons": to_json(reasons)}])


def said(now: pd.DataFrame, before: pd.DataFrame | None, added=None) -> tuple[str, str, float]:
    (row,) = changed(now, before, FEATURES, added).to_dict("records")
    return row["changed_zh"], row["changed_en"], row["probability_before"]


def test_the_reason_that_moved_most_is_named_with_its_numbers_of_both_days():
    now = listed(0.23, diverted(0.9, 0.38), locked(0.45, 0.1))
    before = listed(0.12, diverted(0.2, 0.10), locked(0.3, 0.2))

    zh, en, was = said(now, before)

    assert zh == (
        "转网概率由12.0%升至23.0%（+11.0个百分点）；“话务分流”的影响由+0.20升至+0.90："
        "38%的成员打出大降而打入未降（上期：10%）。"
    )
    assert en == (
        "Risk up from 12.0% to 23.0% (+11.0 points); traffic diversion went up from +0.20 to "
        "+0.90: 38% of the members call out far less but are still called (last time: 10%)."
    )
    assert was == 0.12


def test_of_reasons_that_moved_both_ways_the_one_that_goes_with_the_risk_is_named():
    now = listed(0.10, diverted(0.9, 0.38), locked(0.2, 0.4))
    before = listed(0.12, diverted(0.2, 0.10), locked(0.3, 0.2))

    zh, _, _ = said(now, before)

    assert "由12.0%降至10.0%（-2.0个百分点）" in zh
    assert "“捆绑与到期”的影响由+0.30降至+0.20：40%的成员有生效合约（上期：20%）。" in zh


def test_a_reason_that_was_not_published_before_gets_no_made_up_number():
    now, before = listed(0.2, diverted(0.9, 0.38)), listed(0.1, locked(0.3, 0.2))

    zh, en, _ = said(now, before)

    assert "“话务分流”新列入原因（+0.90）：38%的成员打出大降而打入未降。" in zh
    assert "traffic diversion is new among the reasons shown (+0.90): 38%" in en

    zh, en, _ = said(before.assign(probability=0.05), now)
    assert "“话务分流”不再列入原因（上期+0.90）：上期：38%的成员打出大降而打入未降。" in zh
    assert "traffic diversion is no longer among the reasons shown (it was +0.90)" in en


def test_with_all_that_features_added_every_move_is_exact():
    now, before = listed(0.2, diverted(0.9, 0.38)), listed(0.1, locked(0.3, 0.2))
    rows = pd.DataFrame(
        [
            ("G1", "one_sided_share", 0.38, 0.6),
            ("G1", "group_out_fall", 0.52, 0.3),
            ("G1", "lock_share", 0.2, 0.1),
        ],
        columns=["group_id", "feature", "value", "contribution"],
    )
    earlier = rows.assign(value=[0.33, 0.5, 0.2], contribution=[0.5, 0.3, 0.3])

    zh, _, _ = said(now, before, Added(now=rows, before=earlier))

    # Diversion: 0.5 + 0.3 before, 0.6 + 0.3 now.
    assert "“话务分流”的影响由+0.80升至+0.90：" in zh
    assert zh.endswith("（上期：33%）。")


def test_the_background_is_told_only_where_nothing_else_moved():
    def size(contribution, members):
        return reason(Reason.SIZE, contribution, "members", members)

    zh, _, _ = said(
        listed(0.2, size(0.9, 14), locked(0.3, 0.1)), listed(0.1, size(0.2, 15), locked(0.2, 0.2))
    )
    assert "“捆绑与到期”" in zh

    zh, _, _ = said(listed(0.2, size(0.9, 14)), listed(0.1, size(0.2, 15)))
    assert "“规模与变化”的影响由+0.20升至+0.90：在网成员14人（上期：15）。" in zh


def test_where_another_feature_spoke_last_time_its_words_stand_beside():
    now = listed(0.2, diverted(0.9, 0.38))
    before = listed(0.1, reason(Reason.DIVERSION, 0.2, "group_out_fall", 0.12))

    zh, _, _ = said(now, before)

    assert zh.endswith("38%的成员打出大降而打入未降（上期：集团人均打出比前三月下降12%）。")


def test_a_group_without_a_score_last_time_is_new_on_the_list():
    now = listed(0.2, diverted(0.9, 0.38))

    for before in (None, listed(0.2, group_id="G2")):
        zh, en, was = said(now, before)
        assert zh.startswith("新进名单")
        assert en.startswith("New on the list")
        assert math.isnan(was)


def test_a_list_of_rules_and_one_of_a_model_are_not_compared():
    zh, _, was = said(listed(0.2, diverted(0.9, 0.38)), listed(None, method="rules"))

    assert "不可比" in zh
    assert math.isnan(was)


def test_two_lists_of_rules_are_compared_by_their_points_alone():
    now = listed(None, diverted(3.0, 0.38), method="rules")
    before = listed(None, diverted(2.0, 0.10), method="rules")

    zh, _, was = said(now, before)

    assert zh.startswith("与上期规则清单相比；“话务分流”的影响由+2.00升至+3.00：")
    assert math.isnan(was)


def test_nothing_that_moved_is_told_as_nothing():
    one = listed(0.2, diverted(0.9, 0.38))

    assert said(one, one) == ("转网概率保持20.0%。", "Risk unchanged at 20.0%.", 0.2)


def test_neither_list_needs_an_order(scores, catalogue):
    before = scores.assign(probability=scores["probability"] * 0.9)

    one = changed(scores, before, catalogue)
    other = changed(scores, before.sample(frac=1, random_state=1), catalogue)

    pd.testing.assert_frame_equal(one, other)
    assert one["group_id"].to_list() == scores["group_id"].to_list()
    assert one["probability_before"].to_list() == pytest.approx(list(before["probability"]))
