"""What is kept, and who is left in peace, because of what was told of a group before."""

from datetime import date, datetime

import pandas as pd
import pytest

from serving.alerting.level_rules import (
    AssumedRisk,
    Hysteresis,
    LevelLimits,
    LevelRules,
    Limits,
    LossLimits,
)
from serving.alerting.levels import levels
from serving.alerting.triggers import COLUMNS

DAY = date(2011, 1, 3)
LIST_BEFORE = date(2010, 12, 23)
LOSS = LossLimits(months=3, revenue_share=0.7, least_red_fen=10_000, lift_fen=40_000)
RULES = LevelRules(
    small=LevelLimits(0.20, 0.10, 0.05, most_red=1, most_red_and_orange=1),
    large=Limits(6, 4, 3),
    loss=LOSS,
    key_diverted=0.10,
    hysteresis=Hysteresis(margin=0.15, most_days=15),
    cool_down_days=30,
    assumed_small=AssumedRisk(0.2, 0.1, 0.05, 0.005),
    assumed_large=AssumedRisk(0.05, 0.02, 0.01, 0.002),
)
NOTHING = pd.DataFrame(columns=COLUMNS)


def facts_of(groups):
    """Groups with revenue such that nothing is too little or very much: 3 x .7 x 1,000 yuan."""
    known = {
        "tier": "C",
        "county_id": "R1",
        "double_top100": False,
        "monthly_revenue_fen": 90_000,
        "key_members_diverting": 0,
    }
    return pd.DataFrame([{"group_id": name, **known, **own} for name, own in groups.items()])


def scores_of(probabilities, **points):
    rows = [(name, "model", p, None) for name, p in probabilities.items()]
    rows += [(name, "rules", None, p) for name, p in points.items()]
    return pd.DataFrame(rows, columns=["group_id", "method", "probability", "points"])


def happened(*rows):
    """Triggers as group, kind, level and day."""
    return pd.DataFrame(
        [(g, kind, level, on, f"{kind}了", f"{kind} on {on}", DAY) for g, kind, level, on in rows],
        columns=COLUMNS,
    )


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
