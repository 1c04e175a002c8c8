"""Rows treated in their label window are left out; the untreated who were like them count more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from label_rule import RULE

from models.treated import TreatedRule, treated_rows, treatment_weights

DAY = date(2010, 5, 13)
WEIGHT = TreatedRule("weight", 5.0, ("retention",))
HEADER = "treatment_id | group_id | assign_time | arm | propensity | assigned_by | delivered"
GROUPS = ["acme", "bolt", "cask"]


@pytest.fixture
def told(drawn):
    """What is told of three groups of the day, none of which transferred unless ``onset`` says."""

    def rows(*log, onset=(np.nan, np.nan, np.nan), **others):
        lines = [f"{number} | {line}" for number, line in enumerate(log)]
        tables = drawn(treatment="\n".join([f"{HEADER} | load_time", *lines]), **others)
        labels = pd.DataFrame({"as_of": DAY, "group_id": GROUPS, "onset": onset})
        return treated_rows(tables, labels, RULE, WEIGHT)

    return rows


def assigned(group, day, arm, propensity, *, by="AM", delivered="yes", loaded=None):
    return f"{group} | {day} | {arm} | {propensity} | {by} | {delivered} | {loaded or day}"


def test_only_what_was_done_after_the_day_and_within_the_window_is_a_treatment(told):
    found = told(
        assigned("acme", "2010-05-14", "treat", 0.1),
        assigned("bolt", "2010-05-13", "treat", 0.1),  # the day itself: known, no new treatment
        assigned("cask", "2010-08-22", "treat", 0.1),  # day 101 is beyond the window of 100
    )

    assert found["treated"].tolist() == [1, 0, 0]


def test_a_treatment_after_the_loss_does_not_count(told):
    found = told(
        assigned("acme", "2010-06-22", "treat", 0.1),  # day 40
        assigned("bolt", "2010-06-22", "treat", 0.1),
        onset=(39.0, 41.0, np.nan),
    )

    assert found["treated"].tolist() == [0, 1, 0]


def test_what_failed_to_reach_a_group_or_came_too_late_to_be_known_is_no_treatment(told):
    found = told(
        assigned("acme", "2010-06-01", "treat", 0.1, delivered="no"),
        assigned("bolt", "2010-06-01", "treat", 0.1, loaded="2010-10-31"),  # day 171, mature at 170
        assigned("cask", "2010-06-01", "treat", 0.1, loaded="2010-10-30"),
    )

    assert found["treated"].tolist() == [0, 0, 1]


def test_visits_to_retain_and_actions_on_cases_are_treatments_too(told):
    found = told(
        visit="""
        visit_id | group_id | visit_date | type      | load_time
        1        | acme     | 2010-06-01 | retention | 2010-06-02
        2        | bolt     | 2010-06-01 | routine   | 2010-06-02
        """,
        alert_case="""
        case_id | group_id | action_time         | load_time
        1       | cask     | 2010-06-01T10:00:00 | 2010-06-02
        """,
    )

    assert found["treated"].tolist() == [1, 0, 1]
    assert found["propensity"].isna().all()


def test_a_chance_is_that_of_all_rounds_scaled_to_as_many_treatments_as_there_were(told):
    # Two rounds. By the log bolt has .2 in each and cask .1; acme has no control row: their mean,
    # .15. Until the first treatment they expect .15 (acme, treated in the first) + .4 + .2 = .75
    # treatments; there was 1, so that all chances are higher by 1 / .75.
    found = told(
        assigned("acme", "2010-06-01", "treat", 0.9),
        assigned("bolt", "2010-06-01", "control", 0.2, delivered="no"),
        assigned("cask", "2010-06-11", "control", 0.1, delivered="no"),
    )

    once = np.array([0.15, 0.2, 0.1]) / 0.75
    assert found["propensity"].tolist() == pytest.approx((1 - (1 - once) ** 2).tolist())


def test_who_left_between_two_rounds_could_be_treated_in_one_only(told):
    found = told(
        assigned("acme", "2010-06-01", "treat", 0.2),
        assigned("bolt", "2010-06-01", "control", 0.2, delivered="no"),
        assigned("bolt", "2010-06-11", "control", 0.2, delivered="no"),
        onset=(np.nan, 20.0, np.nan),  # before the second round, which is day 29
    )

    # expected until the first treatment: .2 + .2 + .4 = .8 for 1 treatment
    assert found["propensity"].tolist() == pytest.approx([1 - 0.75**2, 0.25, 1 - 0.75**2])


def test_each_mode_counts_rows_its_own_way():
    rows = pd.DataFrame(
        {"treated": [1, 0, 0, 0], "holdout": [0, 0, 1, 0], "propensity": [0.2, 0.2, 0.2, 0.99]}
    )

    assert treatment_weights(rows, replace(WEIGHT, mode="keep")).tolist() == [1, 1, 1, 1]
    assert treatment_weights(rows, replace(WEIGHT, mode="exclude")).tolist() == [0, 1, 1, 1]
    # 1 / (1 - .2) = 1.25; the holdout stands for itself; 1 / (1 - .99) = 100 is cut to 5
    assert treatment_weights(rows, WEIGHT).tolist() == pytest.approx([0, 1.25, 1, 5])


@pytest.mark.parametrize("mode", ["exclude", "weight"])
def test_the_holdout_is_never_left_out(told, mode):
    rows = told(
        assigned("acme", "2010-05-20", "holdout", 0.1, delivered="no"),
        assigned("acme", "2010-07-20", "treat", 0.1),
        assigned("bolt", "2010-07-20", "treat", 0.1),
    )

    weights = treatment_weights(rows, replace(WEIGHT, mode=mode))

    assert rows["holdout"].tolist() == [1, 0, 0]
    assert (weights[0], weights[1]) == (1, 0)


def test_weights_take_away_what_choosing_the_endangered_does_to_the_rate():
    # Half of the groups are in danger (40 % go) and treated with .5, the others (10 %) with .1.
    # Untreated they lose (.4 + .1) / 2 = 25 %.
    draws = np.random.default_rng(1)
    danger = draws.random(200_000) < 0.5
    chance = np.where(danger, 0.5, 0.1)
    goes = draws.random(200_000) < np.where(danger, 0.4, 0.1)
    treated = draws.random(200_000) < chance
    rows = pd.DataFrame({"treated": treated.astype(int), "holdout": 0, "propensity": chance})

    excluded = treatment_weights(rows, replace(WEIGHT, mode="exclude"))
    weighted = treatment_weights(rows, WEIGHT)

    # (.5 * .4 + .9 * .1) / 1.4 = 20.7 %
    assert np.average(goes, weights=excluded) == pytest.approx(0.207, abs=0.005)
    assert np.average(goes, weights=weighted) == pytest.approx(0.25, abs=0.005)
