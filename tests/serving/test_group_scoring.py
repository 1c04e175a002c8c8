import math

import numpy as np
import pandas as pd
import pytest

from models.baseline import Rule
from serving.errors import ScoringError
from serving.scoring import group_scores, member_scores, ranked_members, rule_scores
from serving.why.reasons import from_json


def test_published_reasons_add_up_to_the_margin(scores):
    for _, row in scores.iterrows():
        reasons = from_json(row["reasons"])
        total = row["base_margin"] + math.fsum(reason.contribution for reason in reasons)
        assert total == pytest.approx(row["margin"], abs=1e-6)
    assert scores["additivity_gap"].between(0, 1e-6).all()


def test_probability_is_calibrated_from_the_margin_and_keeps_its_order(scores, model):
    np.testing.assert_array_equal(
        scores["probability"], model.calibration.probability(scores["margin"])
    )
    assert scores["margin"].is_monotonic_decreasing
    assert scores["probability"].is_monotonic_decreasing
    assert scores["rank"].to_list() == list(range(1, 401))


def test_ties_are_broken_by_id(model, feature_table, catalogue):
    twins = pd.concat([feature_table.head(1)] * 3, ignore_index=True)
    twins["group_id"] = ["G3", "G1", "G2"]

    scores = group_scores(model, twins, catalogue)

    assert scores["group_id"].to_list() == ["G1", "G2", "G3"]


def test_neither_the_order_of_rows_nor_of_columns_changes_a_score(
    model, feature_table, catalogue, scores
):
    shuffled = feature_table.sample(frac=1, random_state=3)[feature_table.columns[::-1]]

    pd.testing.assert_frame_equal(group_scores(model, shuffled, catalogue), scores)


def test_rules_give_points_and_no_probability(feature_table, catalogue):
    rules = [
        Rule("mou_out_fall", 3, "打出下降{value:.0%}", "a fall of {value:.0%}", at_least=0.5),
        Rule("lock_share", 2, "仅{value:.0%}在约", "{value:.0%} locked in", at_most=0.2),
    ]

    scores = rule_scores(rules, feature_table, catalogue)

    assert set(scores["points"]) == {3 + 2, 3, 2, 0}
    assert scores["points"].is_monotonic_decreasing
    assert scores[["margin", "probability", "base_margin"]].isna().all(axis=None)
    first = scores.iloc[0]
    assert sum(reason.contribution for reason in from_json(first["reasons"])) == first["points"]
    assert from_json(scores.iloc[-1]["reasons"]) == ()


def test_members_are_ranked_without_reasons(model, feature_table):
    members = feature_table.assign(user_id=[f"U{n:04d}" for n in range(len(feature_table))])

    scores = member_scores(model, members)

    assert scores["margin"].is_monotonic_decreasing
    assert scores["method"].eq("model").all()
    assert "reasons" not in scores


def test_scores_made_out_of_fold_are_ranked_and_named_so(day):
    members = pd.DataFrame({"as_of": day, "user_id": ["a", "b", "c"], "group_id": None})

    scores = ranked_members(
        members, np.array([0.0, 2.0, 2.0]), np.array([0.5, 0.9, 0.9]), "out_of_fold"
    )

    assert scores[["user_id", "rank", "method"]].values.tolist() == [
        ["b", 1, "out_of_fold"],
        ["c", 2, "out_of_fold"],
        ["a", 3, "out_of_fold"],
    ]


def test_what_cannot_be_scored_is_refused_with_what_to_do(model, feature_table, catalogue):
    with pytest.raises(ScoringError, match=r"nobody to score.*doctor"):
        group_scores(model, feature_table.head(0), catalogue)
    with pytest.raises(ScoringError, match="group_id stands more than once: G0000"):
        group_scores(model, pd.concat([feature_table.head(1)] * 2), catalogue)
    with pytest.raises(ScoringError, match=r"lock_share; the model or the rules.*train again"):
        group_scores(
            model, feature_table, {n: f for n, f in catalogue.items() if n != "lock_share"}
        )
