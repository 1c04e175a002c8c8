import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from serving.rules import EXCLUSIONS, LevelLimits, excluded, levels, room

LIMITS = LevelLimits(0.20, 0.10, 0.05, most_red=0.015, most_red_and_orange=0.05)
ROOMY = LevelLimits(0.20, 0.10, 0.05, most_red=1, most_red_and_orange=1)
LADDER = ["red", "orange", "yellow", "none"]


def scored(risks, method="model"):
    risk = sorted(risks, reverse=True)
    frame = pd.DataFrame({"rank": range(1, len(risk) + 1), "method": method})
    frame["probability"] = risk if method == "model" else None
    frame["points"] = None if method == "model" else risk
    return frame


def one_area(scores, area="county"):
    return pd.Series(area, index=scores.index)


def test_levels_begin_at_their_limits():
    scores = scored([0.2, 0.19, 0.1, 0.09, 0.05, 0.049])

    placed = levels(scores, one_area(scores), ROOMY)

    assert placed.to_list() == ["red", "orange", "orange", "yellow", "yellow", "none"]


def test_who_finds_no_room_stands_one_level_lower():
    scores = scored([0.9] * 200)

    placed = levels(scores, one_area(scores), LIMITS)

    # 1.5 % of 200 is 3 red; 5 % of 200 is 10 red or orange; all others are yellow.
    assert placed.to_list() == ["red"] * 3 + ["orange"] * 7 + ["yellow"] * 190


def test_every_area_has_its_own_caps_and_the_unknown_ones_share_theirs():
    scores = scored([0.9] * 400)
    area = pd.Series(["east"] * 200 + [None] * 200)

    placed = levels(scores, area, LIMITS)

    assert placed.eq("red").groupby(area.fillna("")).sum().to_dict() == {"east": 3, "": 3}


def test_points_of_rules_get_levels_under_the_same_caps():
    limits = LevelLimits(6, 4, 2, most_red=0.25, most_red_and_orange=0.5)
    scores = scored([8, 6, 4, 1], method="rules")

    placed = levels(scores, one_area(scores), limits)

    assert placed.to_list() == ["red", "orange", "yellow", "none"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from("ABC")), min_size=1, max_size=300),
    st.randoms(use_true_random=False),
)
def test_caps_hold_for_every_area_and_the_order_of_rows_does_not_matter(groups, random):
    risks, areas = zip(*sorted(groups, reverse=True), strict=True)
    scores, area = scored(risks), pd.Series(areas)

    placed = levels(scores, area, LIMITS)

    for _, found in placed.groupby(area):
        assert found.eq("red").sum() <= 0.015 * len(found)
        assert found.isin(["red", "orange"]).sum() <= 0.05 * len(found)
        assert found.map(LADDER.index).is_monotonic_increasing
    order = list(scores.index)
    random.shuffle(order)
    again = levels(scores.loc[order], area.loc[order], LIMITS)
    pd.testing.assert_series_equal(again.sort_index(), placed)


def test_room_is_not_lost_to_the_last_bit_of_a_product():
    assert 0.29 * 100 < 29
    assert room(0.29, 100) == 29


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"red": 0.05, "orange": 0.1}, "must fall"),
        ({"yellow": 0}, "above 0"),
        ({"most_red": 0.5}, "the second is not smaller"),
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong, what):
    sound = {
        "red": 0.2,
        "orange": 0.1,
        "yellow": 0.05,
        "most_red": 0.015,
        "most_red_and_orange": 0.05,
    }
    with pytest.raises(ValueError, match=what):
        LevelLimits(**{**sound, **wrong})


def test_the_lost_the_test_groups_and_the_empty_are_not_scored_and_the_unknown_are():
    groups = pd.DataFrame(
        {
            "group_id": ["kept", "unknown", "lost", "void", "test", "empty"],
            "lifecycle": ["in_use", "silent", "lost", "void", "in_use", "active"],
            "is_test": [False, None, True, False, True, False],
            "members": pd.array([5, None, 5, 5, 5, 0], dtype="Int64"),
        }
    )

    assert excluded(groups) == {
        "empty": "None of the group's members is on net any more.",
        "lost": "The group has already left, or its file is void.",
        "test": "The group exists only for tests.",
        "void": "The group has already left, or its file is void.",
    }


@pytest.mark.parametrize("rule", EXCLUSIONS, ids=lambda rule: rule.__name__)
def test_an_exclusion_is_one_sentence(rule):
    assert rule.__doc__.endswith(".")
    assert "\n" not in rule.__doc__
