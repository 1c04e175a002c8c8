from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from models.baseline import Rule
from serving.alerting.holdout import HoldoutRule, arms
from serving.errors import ListError
from serving.risk_list import alerts, published_scores, risk_list, to_list
from serving.scoring import rule_scores

DAY = date(2011, 1, 3)


@pytest.fixture
def make(told, list_rules, made):
    """The list of what is told, as the field gets it."""

    def listed(given=told, rules=list_rules, by=made, held_out=()):
        return risk_list(to_list(given.levels, set(held_out), rules.at_least), given, rules, by)

    return listed


def test_a_list_holds_everybody_on_a_level_and_at_least_so_many(make, told, list_rules):
    alerted = told.levels["level"].ne("none").sum()

    assert len(make()) == max(alerted, 50)
    assert len(make(rules=replace(list_rules, at_least=0))) == alerted
    assert len(make(rules=replace(list_rules, at_least=399))) == 399


def test_the_graver_level_comes_first_and_ranks_are_gapless(make):
    listed = make()

    grave = listed["level"].map({"red": 0, "orange": 1, "yellow": 2, "blue": 3, "none": 4})
    assert grave.is_monotonic_increasing
    assert listed["rank"].tolist() == list(range(1, len(listed) + 1))


def test_on_a_level_whom_a_visit_saves_most_of_comes_first(make, told):
    net = dict.fromkeys(told.levels["group_id"], 0) | {make().iloc[-1]["group_id"]: 9_000}
    actions = pd.DataFrame({"group_id": list(net), "net_fen": list(net.values())})

    listed = make(replace(told, actions=actions))

    saved = next(group for group, fen in net.items() if fen)
    row = listed[listed["group_id"] == saved].iloc[0]
    assert row["rank"] == listed.loc[listed["level"] == row["level"], "rank"].min()
    assert set(listed["group_id"]) == set(make()["group_id"])


def test_published_scores_carry_the_level_of_their_group(told, scores, facts, list_rules, made):
    published = published_scores(scores, facts, told.levels, list_rules, made)

    level = published["level"]
    assert (level == "red").sum() <= 6  # 1.5 % of 400
    assert level.isin(["red", "orange"]).sum() == 20  # 5 % of 400
    by_group = told.levels.set_index("group_id")["level"]
    assert level.tolist() == by_group.loc[published["group_id"]].tolist()


def test_one_row_says_why_how_much_until_when_and_who(make, scores, facts):
    first = make().iloc[0]
    scored = scores.set_index("group_id").loc[first["group_id"]]
    known = facts.set_index("group_id").loc[first["group_id"]]

    assert (first["rank"], first["level"], first["change"]) == (1, "red", "new")
    # given out at noon on 5 January, and red is to be contacted within 24 hours
    assert first["due_date"] == date(2011, 1, 6)
    assert first["case_id"] == f"20110103-{first['group_id']}"
    expected = scored["probability"] * 3 * 0.7 * known["monthly_revenue_fen"]
    assert first["revenue_at_risk_fen"] == round(expected)
    assert first["reason_1_code"] == "R01"
    assert first["reason_1_zh"].startswith("话务分流：")
    assert first["reason_1_en"].startswith("traffic diversion: ")
    assert first["changed_en"] == "New on the list: it had no score last time."
    assert (first["first_listed"], first["times_listed"]) == (DAY, 1)
    assert first["confidence"] == "ok"


def test_who_is_held_out_is_on_no_list_but_among_the_alerts_with_the_chance_of_the_draw(make, told):
    drawn = arms(told.levels, None, DAY, HoldoutRule(share=0.5, seed="s", hold_days=100))
    held_out = set(drawn.loc[drawn["arm"].eq("holdout"), "group_id"])

    listed, everybody = make(held_out=held_out), alerts(told, drawn)

    assert held_out
    assert not held_out & set(listed["group_id"])
    alerted = told.levels.loc[told.levels["level"].ne("none"), "group_id"]
    assert set(everybody["group_id"]) == set(alerted)
    assert set(everybody.loc[everybody["arm"].eq("holdout"), "group_id"]) == held_out
    assert set(everybody.loc[everybody["arm"].eq("holdout"), "propensity"]) == {0.5}
    assert held_out <= set(everybody.loc[everybody["level"].isin(["orange", "yellow"]), "group_id"])


def test_a_rules_list_has_points_no_probability_and_says_so(
    feature_table, catalogue, facts, level_limits, tell, make, made
):
    rules = [Rule("mou_out_fall", 3, "下降{value:.0%}", "a fall of {value:.0%}", at_least=0.5)]
    scores = rule_scores(rules, feature_table, catalogue)
    limits = replace(level_limits.small, red=5, orange=3, yellow=1)
    by_points = replace(level_limits, small=limits)

    listed = make(tell(scores, facts, by_points), by=replace(made, few_positives=True))

    assert listed["method"].eq("rules").all()
    assert listed["probability"].isna().all()
    assert listed["revenue_at_risk_fen"].isna().all()
    assert listed["confidence"].eq("few_positives").all()
    assert listed["level"].value_counts().to_dict().get("orange") == 20  # 5 % of 400, none is red
    assert listed["reason_1_zh"].iloc[0].startswith("话务分流：下降")


def test_groups_of_a_late_area_are_flagged(make, told, scores, facts, list_rules, made):
    late = replace(made, stale_areas=frozenset({"P1"}))

    assert published_scores(scores, facts, told.levels, list_rules, late)["stale"].all()
    assert make(by=late)["confidence"].eq("late_data").all()


def test_the_list_does_not_depend_on_the_order_of_its_sources(
    make, tell, scores, facts, level_limits
):
    mixed = tell(
        scores.sample(frac=1, random_state=1), facts.sample(frac=1, random_state=2), level_limits
    )

    pd.testing.assert_frame_equal(make(mixed), make())


def test_a_list_with_other_content_has_another_id(make, made):
    one, other = make(), make(by=replace(made, data_version="other"))

    assert one["list_id"].nunique() == 1
    assert one["list_id"].iloc[0].startswith("2011-01-03-")
    assert one["list_id"].iloc[0] != other["list_id"].iloc[0]


def test_a_listed_group_without_a_snapshot_is_an_error(make, told, facts, list_rules):
    gone = told.levels["group_id"].iloc[0]
    without = replace(told, facts=facts[facts["group_id"] != gone])

    with pytest.raises(ListError, match=f"1 groups are not among the facts, such as {gone}"):
        make(without, replace(list_rules, at_least=400))
