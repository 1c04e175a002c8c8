"""On which level a group stands, and what is told of why."""

import pandas as pd
import pytest
from level_world import DAY, LOSS, NOTHING, RULES, facts_of, happened, scores_of

from serving.alerting.level_rules import LevelLimits, LevelRules
from serving.alerting.levels import expected_loss, levels
from serving.errors import ListError


def drawn(probability, facts=None, triggers=NOTHING, **more):
    """The row of one C group of this probability."""
    made = levels(
        scores_of({"g": probability}), facts_of({"g": facts or {}}), triggers, RULES, DAY, **more
    )
    return made.set_index("group_id").loc["g"]


@pytest.mark.parametrize(
    ("probability", "level"),
    [(0.2, "red"), (0.199, "orange"), (0.1, "orange"), (0.05, "yellow"), (0.049, "none")],
)
def test_a_level_begins_at_its_limit(probability, level):
    assert drawn(probability)["level"] == level


def test_the_reason_has_the_risk_and_the_limit():
    row = drawn(0.131)

    assert row["level_why_zh"] == "转网概率13.1%，达到橙色线10%"
    assert row["level_why_en"] == "risk 13.1%, orange begins at 10%"
    assert drawn(0.01)["level_why_en"] is None


def test_expected_loss_is_probability_times_the_revenue_that_goes():
    scores = pd.DataFrame({"probability": [0.2, 0.2], "share_lost": [None, 0.5]})

    found = expected_loss(scores, pd.Series([100_000, 100_000]), LOSS)

    # .2 x 3 months x 100,000 fen x .7, and x .5 where the model knows the share.
    assert found == pytest.approx([42_000, 30_000])


def test_who_has_little_to_lose_is_orange_not_red():
    # .25 x 3 x .7 x 150 yuan = 78.75 yuan, below 100.
    row = drawn(0.25, {"monthly_revenue_fen": 15_000})

    assert row["level"] == "orange"
    assert "79 yuan is below 100 yuan" in row["level_why_en"]


def test_a_very_large_loss_lifts_one_level():
    # .03 x 3 x .7 x 7,000 yuan = 441 yuan, over 400.
    row = drawn(0.03, {"monthly_revenue_fen": 700_000})

    assert row["level"] == "yellow"
    assert row["level_why_en"].endswith("441 yuan reaches 400 yuan: one level higher")


def test_unknown_revenue_neither_lowers_nor_lifts():
    assert drawn(0.25, {"monthly_revenue_fen": None})["level"] == "red"


def test_a_diverted_key_member_makes_ten_percent_red():
    assert drawn(0.10, {"key_members_diverting": 1})["level"] == "red"
    assert drawn(0.099, {"key_members_diverting": 1})["level"] == "yellow"
    assert drawn(0.10, {"key_members_diverting": None})["level"] == "orange"


def test_what_happened_overrides_the_score():
    told = happened(("g", "attack_intent", "red", DAY), ("g", "letter_ending", "blue", DAY))

    row = drawn(0.01, triggers=told)

    assert (row["level"], row["method"], row["trigger"]) == ("red", "trigger", "attack_intent")
    assert row["level_why_zh"] == "attack_intent了"


def test_a_trigger_below_the_score_changes_nothing_but_is_told():
    row = drawn(0.25, triggers=happened(("g", "rival_mentioned", "yellow", DAY)))

    assert (row["level"], row["method"], row["trigger"]) == ("red", "model", "rival_mentioned")


def test_what_is_due_is_blue_and_only_without_a_risk():
    due = happened(("g", "letter_ending", "blue", DAY))

    assert drawn(0.01, triggers=due)["level"] == "blue"
    assert drawn(0.06, triggers=due)["level"] == "yellow"


def test_large_groups_are_judged_by_points_and_never_by_the_model():
    facts = facts_of(
        {
            "a": {"tier": "A1"},
            "b": {"tier": "B2"},
            "top": {"double_top100": True},
            "quiet": {"tier": "B1"},
        }
    )
    scores = scores_of({"top": 0.9, "b": 0.9}, a=6, b=3)

    made = levels(scores, facts, NOTHING, RULES, DAY).set_index("group_id")

    assert made["level"].to_dict() == {"a": "red", "b": "yellow", "top": "none", "quiet": "none"}
    assert set(made["method"]) == {"rules"}
    assert made.loc["a", "level_why_en"] == "6 points, red begins at 6"


def test_large_groups_take_no_room_from_the_county():
    tight = LevelRules(**{**vars(RULES), "small": LevelLimits(0.2, 0.1, 0.05, 0.5, 0.5)})
    facts = facts_of({"a": {"tier": "A1"}, "g": {}, "h": {}})

    made = levels(scores_of({"g": 0.3, "h": 0.2}, a=9), facts, NOTHING, tight, DAY)

    # Half of the county's two C groups is one: the one with more to lose.
    assert made["level"].to_list() == ["red", "red", "yellow"]
    assert made["level_why_zh"].iloc[2].endswith("本区县红色名额已满，按黄色处理")


def test_more_money_of_the_same_level_comes_first_and_no_money_lifts_over_a_level():
    facts = facts_of(
        {
            "rich": {"monthly_revenue_fen": 180_000},
            "poor": {},
            "red": {"monthly_revenue_fen": 60_000},
        }
    )

    made = levels(scores_of({"rich": 0.06, "poor": 0.09, "red": 0.2}), facts, NOTHING, RULES, DAY)

    # 37,800 x .06 = 2,268 yuan of the same 3 x .7 against 1,890 x .09: rich before poor.
    assert made.sort_values("priority", ascending=False)["group_id"].to_list() == [
        "red",
        "rich",
        "poor",
    ]


def test_a_group_without_facts_or_twice_in_the_scores_is_refused():
    with pytest.raises(ListError, match="without a snapshot: h"):
        levels(scores_of({"h": 0.1}), facts_of({"g": {}}), NOTHING, RULES, DAY)
    twice = pd.concat([scores_of({"g": 0.1}), scores_of({"g": 0.2})])
    with pytest.raises(ListError, match="more than once: g"):
        levels(twice, facts_of({"g": {}}), NOTHING, RULES, DAY)


def test_a_c_group_that_was_not_scored_gets_no_level():
    told = happened(("left_out", "attack_intent", "red", DAY))

    made = levels(scores_of({"g": 0.1}), facts_of({"g": {}, "left_out": {}}), told, RULES, DAY)

    assert made["group_id"].to_list() == ["g"]
