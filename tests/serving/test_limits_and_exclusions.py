import pandas as pd
import pytest

from serving.alerting.level_rules import LevelLimits, room
from serving.rules import EXCLUSIONS, excluded


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
