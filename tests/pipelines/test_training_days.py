"""A model learns from days on which its features are whole, and does without the others."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from features.catalog import FEATURES
from pipelines.training_days import plan, unknown_too_often

DAYS = [date(2010, 1, 3) + timedelta(10 * k) for k in range(10)]
ARPU, VISITS, TICKETS = FEATURES["arpu"], FEATURES["visits"], FEATURES["tickets"]


def test_days_that_a_feature_lacks_are_left_out():
    made = plan(DAYS, [ARPU, VISITS], {"arpu": date.min, "visits": DAYS[2]}, most_absent=0.2)

    assert made.days == DAYS[2:]
    assert made.features == (ARPU, VISITS)
    assert made.refused == {}


def test_a_feature_that_lacks_too_many_days_is_refused_and_costs_no_day():
    first = {"arpu": DAYS[1], "visits": DAYS[3], "tickets": date.max}

    made = plan(DAYS, [ARPU, VISITS, TICKETS], first, most_absent=0.2)

    assert made.days == DAYS[1:]
    assert made.features == (ARPU,)
    assert made.refused == {"visits": 0.3, "tickets": 1.0}  # 3 and 10 of 10 days


def test_a_feature_that_nobody_has_on_too_many_days_is_refused():
    table = pd.DataFrame(
        {
            "as_of": [day for day in DAYS for _ in range(2)],
            "arpu": [None, 1.0] * 10,  # half the groups, but on each day
            "visits": [None] * 6 + [1.0] * 14,  # nobody on 3 of 10 days
            "tickets": [None] * 4 + [1.0] * 16,  # nobody on 2 of 10 days
        }
    )

    found = unknown_too_often(table, ["arpu", "visits", "tickets"], most_absent=0.2)

    assert list(found) == ["visits"]
    assert round(found["visits"], 9) == 0.3
