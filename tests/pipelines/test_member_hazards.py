"""Member hazards of a home: looked at month by month, never by a model that knew the month."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from models.hazard_features import HAZARD_FEATURES
from pipelines.errors import GateError
from pipelines.hazards import (
    LearntHazards,
    carried,
    config_of,
    hazards_on,
    learn_hazards,
    member_days,
)
from pipelines.member_sections import Severity
from pipelines.workplace import Workplace, open_workplace

TODAY = date(2010, 7, 3)
FEBRUARY, MARCH = date(2010, 2, 3), date(2010, 3, 3)


def said(*rows) -> pd.DataFrame:
    """A day, a group and what is said of it, the same by every feature."""
    frame = pd.DataFrame(list(rows), columns=["as_of", "group_id", "said"])
    return frame.assign(**dict.fromkeys(HAZARD_FEATURES, frame["said"])).drop(columns="said")


def test_a_day_takes_what_was_said_on_the_newest_day_up_to_it():
    monthly = said((FEBRUARY, "g1", 0.1), (MARCH, "g1", 0.2), (MARCH, "g2", 0.3))

    on = carried(monthly, [date(2010, 1, 23), date(2010, 2, 23), MARCH, date(2010, 3, 13)])

    told = on.set_index(["as_of", "group_id"])["member_churn_mean"].to_dict()
    assert told == {
        (date(2010, 2, 23), "g1"): 0.1,
        (MARCH, "g1"): 0.2,
        (MARCH, "g2"): 0.3,
        (date(2010, 3, 13), "g1"): 0.2,
        (date(2010, 3, 13), "g2"): 0.3,
    }


def test_limits_of_the_severity_table_must_rise():
    with pytest.raises(ValueError, match="limits must rise"):
        Severity(feature="members", limits=(6, 4), prior_groups=2, fewest_groups=1)


@pytest.fixture(scope="module")
def place(trained_home: Path) -> Workplace:
    return open_workplace(trained_home)


@pytest.fixture(scope="module")
def learnt(place: Workplace) -> LearntHazards:
    return learn_hazards(place, TODAY)


@pytest.mark.slow
def test_members_are_looked_at_when_a_months_last_dekad_is_known(place):
    days = member_days(place, TODAY)

    assert {day.day for day in days} == {3}  # the last day of a month, and three more
    assert days[-1] == TODAY
    assert pd.Series(days).diff().dropna().max() <= timedelta(31)


@pytest.mark.slow
def test_a_training_made_earlier_said_the_same_of_the_days_that_it_knew(place, learnt):
    earlier = learn_hazards(place, FEBRUARY)

    pd.testing.assert_frame_equal(
        earlier.groups, learnt.groups.iloc[: len(earlier.groups)], check_exact=True
    )


@pytest.mark.slow
def test_the_newest_models_know_the_newest_labels_and_speak_of_every_group(place, learnt):
    today = hazards_on(place, learnt.models, TODAY)

    known = {name: model.metadata["last_day"] for name, model in learnt.models.items()}
    # 140 days before 3 July is 13 February; what lies 56 days back is known up to 10 April
    assert known == {"churn": "2010-02-03", "divert": "2010-02-03", "diverted": "2010-04-03"}
    assert today["as_of"].eq(TODAY).all()
    assert today[list(HAZARD_FEATURES)].notna().all(axis=None)
    assert len(today) == learnt.groups["as_of"].eq(TODAY).sum()


@pytest.mark.slow
def test_without_a_month_that_has_matured_it_says_so(place):
    with pytest.raises(GateError, match="bring a longer history"):
        learn_hazards(place, date(2008, 7, 3))


@pytest.mark.slow
def test_the_settings_say_how_members_are_learnt_from(place):
    config = config_of(place)

    assert (config.refit_days, config.negatives_per_row) == (90, 4)
    assert config.training.leaves == 15
    assert config.directions["evidence_twin"] == 1
