"""What is kept, and who is left in peace, because of what was told of a group before."""

from datetime import date, datetime

import pandas as pd
import pytest
from level_world import DAY, NOTHING, RULES, facts_of, happened, scores_of

from serving.alerting.levels import levels

LIST_BEFORE = date(2010, 12, 23)


def listed(group_id, level, probability, **more):
    row = {
        "group_id": group_id,
        "as_of": LIST_BEFORE,
        "level": level,
        "probability": probability,
        "times_listed": 1,
        "first_listed": LIST_BEFORE,
    }
    return pd.DataFrame([{**row, **more}])


def closed(group_id, level, on, is_holdout=False):
    return pd.DataFrame(
        {
            "group_id": [group_id],
            "level": [level],
            "closed_time": [datetime.combine(on, datetime.min.time())],
            "is_holdout": [is_holdout],
        }
    )


def drawn(probability, facts=None, triggers=NOTHING, **more):
    """The row of one C group of this probability."""
    made = levels(
        scores_of({"g": probability}), facts_of({"g": facts or {}}), triggers, RULES, DAY, **more
    )
    return made.set_index("group_id").loc["g"]


def test_a_group_just_below_the_limit_is_kept_for_one_list():
    row = drawn(0.19, history=listed("g", "red", 0.22))

    # .19 is within 15 % of .20.
    assert (row["level"], row["level_before"], row["times_listed"]) == ("red", "red", 2)
    assert row["new_since"] == LIST_BEFORE
    assert row["level_why_en"] == "risk 19.00%, just below 20%: stays red for one more list"


@pytest.mark.parametrize(
    ("probability", "before", "level"),
    [
        (0.169, ("red", 0.22), "orange"),  # .17 is the margin
        (0.19, ("red", 0.19), "orange"),  # was kept on the list before
        (0.19, ("orange", 0.22), "orange"),  # stood lower, its county was full
        (0.09, ("red", 0.22), "orange"),  # two limits below: kept one level down
        (0.3, ("yellow", 0.06), "red"),  # rises at once
    ],
)
def test_a_group_is_kept_only_near_the_limit_that_it_reached(probability, before, level):
    assert drawn(probability, history=listed("g", *before))["level"] == level


def test_a_list_of_a_month_ago_keeps_nobody():
    row = drawn(0.19, history=listed("g", "red", 0.22, as_of=date(2010, 12, 3)))

    assert (row["level"], row["level_before"]) == ("orange", "red")


def test_only_the_newest_list_counts_and_none_of_later_days():
    past = pd.concat(
        [
            listed("g", "red", 0.3, as_of=date(2010, 12, 13)),
            listed("other", "red", 0.3),
            listed("g", "red", 0.3, as_of=date(2011, 1, 13)),
        ]
    )

    row = drawn(0.19, history=past)

    assert (row["level"], row["level_before"], row["times_listed"]) == ("orange", "none", 1)
    assert row["new_since"] == DAY


def test_a_group_that_filled_up_the_list_without_a_level_begins_a_new_run():
    row = drawn(0.06, history=listed("g", "none", 0.04))

    assert (row["level_before"], row["times_listed"], row["new_since"]) == ("none", 1, DAY)


def test_a_case_just_closed_is_left_in_peace_unless_the_level_rises():
    case = closed("g", "orange", date(2010, 12, 20))

    row = drawn(0.15, cases=case)

    assert (row["level"], row["times_listed"]) == ("none", 0)
    assert row["level_why_zh"] == "12月20日刚结案（橙），等级未上升，暂不再派单"
    assert drawn(0.25, cases=case)["level"] == "red"


@pytest.mark.parametrize(
    ("on", "level"), [(date(2010, 12, 4), "yellow"), (date(2010, 12, 5), "none")]
)
def test_the_peace_lasts_thirty_days(on, level):
    assert drawn(0.06, cases=closed("g", "yellow", on))["level"] == level


def test_what_happens_after_the_case_was_closed_ends_the_peace():
    case = closed("g", "orange", date(2010, 12, 20))

    before = happened(("g", "attack_open", "orange", date(2010, 12, 20)))
    after = happened(("g", "attack_open", "orange", date(2010, 12, 21)))

    assert drawn(0.01, triggers=before, cases=case)["level"] == "none"
    assert drawn(0.01, triggers=after, cases=case)["level"] == "orange"


def test_a_held_back_case_gives_no_peace_since_nobody_was_there():
    case = closed("g", "orange", date(2010, 12, 20), is_holdout=True)

    assert drawn(0.15, cases=case)["level"] == "orange"
