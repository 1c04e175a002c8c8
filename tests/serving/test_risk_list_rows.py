from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from models.baseline import Rule
from serving.errors import ListError
from serving.risk_list import published_scores, risk_list
from serving.rules import LevelLimits
from serving.scoring import rule_scores


def test_a_list_holds_everybody_in_a_level_and_at_least_so_many(scores, facts, list_rules, made):
    alerted = published_scores(scores, facts, list_rules, made)["level"].ne("none").sum()
    nobody = replace(list_rules, levels=LevelLimits(1, 1, 1, 0.015, 0.05))

    assert len(risk_list(scores, facts, list_rules, made)) == alerted
    assert len(risk_list(scores, facts, nobody, made)) == 50
    assert len(risk_list(scores, facts, replace(list_rules, capacity=7), made)) == 7


def test_caps_hold_on_the_published_scores(scores, facts, list_rules, made):
    level = published_scores(scores, facts, list_rules, made)["level"]

    assert (level == "red").sum() == 6  # 1.5 % of 400
    assert level.isin(["red", "orange"]).sum() == 20  # 5 % of 400


def test_one_row_says_why_how_much_until_when_and_who(listed, scores, facts):
    first, scored = listed.iloc[0], scores.iloc[0]
    known = facts.set_index("group_id").loc[scored["group_id"]]

    assert (first["rank"], first["level"], first["group_id"]) == (1, "red", scored["group_id"])
    assert first["due_date"] == date(2011, 1, 6)  # 3 January + 3 days
    expected = scored["probability"] * 3 * 0.7 * known["monthly_revenue_fen"]
    assert first["revenue_at_risk_fen"] == round(expected)
    assert first["reason_1_code"] == "R01"
    assert first["reason_1_zh"].startswith("话务分流：")
    assert first["reason_1_en"].startswith("traffic diversion: ")
    assert first["owner_status"] in ("owned", "missing")
    assert first["confidence"] == "ok"


def test_a_rules_list_has_points_no_probability_and_says_so(
    feature_table, catalogue, facts, list_rules, made
):
    rules = [Rule("mou_out_fall", 3, "下降{value:.0%}", "a fall of {value:.0%}", at_least=0.5)]
    scores = rule_scores(rules, feature_table, catalogue)
    by_points = replace(list_rules, levels=LevelLimits(5, 3, 1, 0.015, 0.05))

    listed = risk_list(scores, facts, by_points, replace(made, few_positives=True))

    assert listed["method"].eq("rules").all()
    assert listed["probability"].isna().all()
    assert listed["revenue_at_risk_fen"].isna().all()
    assert listed["confidence"].eq("few_positives").all()
    assert listed["level"].value_counts().to_dict().get("orange") == 20  # 5 % of 400, none is red
    assert listed["reason_1_zh"].iloc[0].startswith("话务分流：下降")


def test_groups_of_a_late_area_are_flagged(scores, facts, list_rules, made):
    late = replace(made, stale_areas=frozenset({"P1"}))

    assert published_scores(scores, facts, list_rules, late)["stale"].all()
    assert risk_list(scores, facts, list_rules, late)["confidence"].eq("late_data").all()


def test_the_list_does_not_depend_on_the_order_of_its_sources(scores, facts, list_rules, made):
    one = risk_list(scores, facts, list_rules, made)
    other = risk_list(
        scores.sample(frac=1, random_state=1),
        facts.sample(frac=1, random_state=2),
        list_rules,
        made,
    )

    pd.testing.assert_frame_equal(other, one)


def test_a_list_with_other_content_has_another_id(listed, scores, facts, list_rules, made):
    other = risk_list(scores, facts, list_rules, replace(made, data_version="other"))

    assert listed["list_id"].nunique() == 1
    assert listed["list_id"].iloc[0].startswith("2011-01-03-")
    assert listed["list_id"].iloc[0] != other["list_id"].iloc[0]


def test_a_scored_group_without_a_snapshot_is_an_error(scores, facts, list_rules, made):
    with pytest.raises(ListError, match="1 scored groups have no snapshot, among them G0007"):
        risk_list(scores, facts[facts["group_id"] != "G0007"], list_rules, made)


def test_every_level_needs_a_due_day(list_rules):
    with pytest.raises(ValueError, match="due_days says nothing of the levels none, yellow"):
        replace(list_rules, due_days={"red": 3, "orange": 7})
