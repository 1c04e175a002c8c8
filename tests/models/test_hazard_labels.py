"""What member models learn: also who has diverted, which shows only later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from label_rule import RULE

from models.hazard_labels import already_diverted, hazard_labels, member_hazards

JANUARY, FEBRUARY, MARCH = date(2010, 1, 3), date(2010, 2, 3), date(2010, 3, 3)
CHURN = replace(RULE, name="L_member_churn_30", version="L_member_churn_30/2", horizon_days=30)
WIDE = replace(CHURN, horizon_days=60)
BACK = 56


def outcomes(*rows) -> pd.DataFrame:
    """A day, a member, whether undiverted on the day, what became of him and when."""
    columns = ["as_of", "user_id", "undiverted", "state", "onset"]
    frame = pd.DataFrame(list(rows), columns=columns).astype({"onset": float})
    lost = frame["onset"].where(frame["state"].eq("lost"))
    deep = frame["onset"].where(frame["state"].eq("diverted"))
    return frame.assign(group_id="g1", observed=70, lost_onset=lost, deep_onset=deep)


def test_who_had_diverted_by_a_day_is_told_from_those_who_had_not_some_time_before():
    # from 3 January to 3 March are 59 days
    found = already_diverted(
        outcomes(
            (JANUARY, "by_then", True, "diverted", 59),
            (JANUARY, "later", True, "diverted", 60),
            (JANUARY, "before", False, "diverted", 5),
            (JANUARY, "gone", True, "lost", 59),
            (JANUARY, "goes", True, "lost", 60),
            (JANUARY, "stays", True, "stay", np.nan),
        ),
        [MARCH],
        BACK,
    )

    assert dict(zip(found["user_id"], found["label"], strict=True)) == {
        "by_then": 1,
        "later": 0,
        "goes": 0,
        "stays": 0,
    }
    assert set(found["as_of"]) == {MARCH}


def test_the_newest_day_that_lies_far_enough_back_tells():
    known = outcomes(
        (JANUARY, "ann", True, "diverted", 40), (FEBRUARY, "ann", True, "stay", np.nan)
    )

    on = {day: already_diverted(known, [day], BACK)["label"].tolist() for day in (MARCH, FEBRUARY)}

    assert on == {MARCH: [1], FEBRUARY: []}  # from 3 February to 3 March are 28 days, fewer than 56


def test_each_label_is_known_when_what_it_is_read_off_has_matured():
    hazards = {hazard.name: hazard for hazard in member_hazards(CHURN, WIDE, BACK)}

    # gap 10 + horizon 60 + maturity 70; what lies 56 days back is known 56 days earlier
    assert {name: hazard.matures_after for name, hazard in hazards.items()} == {
        "churn": 140,
        "divert": 140,
        "diverted": 84,
    }
    assert hazards["divert"].label == "L_member_divert_60/2"
    assert hazards["churn"].label == "L_member_churn_30/2"


def test_labels_stand_side_by_side_and_are_unknown_where_a_member_was_not_at_risk():
    labels = hazard_labels(
        outcomes(
            (JANUARY, "churns", True, "lost", 11),
            (JANUARY, "diverts", True, "diverted", 70),
            (JANUARY, "diverted", False, "stay", np.nan),
        ),
        [JANUARY, MARCH],
        CHURN,
        WIDE,
        BACK,
    ).set_index(["as_of", "user_id"])

    assert labels.loc[(JANUARY, "churns"), "churn"] == 1
    assert labels.loc[(JANUARY, "diverts")].tolist() == pytest.approx([0, 1, np.nan], nan_ok=True)
    assert labels.loc[(JANUARY, "diverted")].tolist() == pytest.approx(
        [0, np.nan, np.nan], nan_ok=True
    )
    # diverts on 14 March, eleven days after
    assert labels.loc[(MARCH, "diverts")].tolist() == pytest.approx(
        [np.nan, np.nan, 0], nan_ok=True
    )
    assert (MARCH, "churns") not in labels.index  # gone on 14 January
