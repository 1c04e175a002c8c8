"""What the gate asks, and of which rows: slices, days, another metric, a first model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from planted_models import (
    KNOWN,
    RULE,
    candidate,
    failed,
    good,
    judge,
    knowing_only,
    later_days,
    of_champion,
)

from models.errors import EvaluationError
from models.gate import decide


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    return later_days()


def test_a_model_that_is_better_on_the_whole_but_fails_a_county_is_refused(judged):
    east = (judged["county"] == "east").to_numpy()
    chances = good(judged)
    chances[east] = np.random.default_rng(5).permutation(chances[east])

    decision = judge(judged, chances)

    assert list(failed(decision)) == ["slice county east", *_promises(decision)]
    assert "this slice is surely worse off" in failed(decision)["slice county east"]
    few = judge(judged, chances, replace(RULE, slice_positives=10_000))
    assert "slice county east" not in {one.name for one in few.criteria}


def _promises(decision):
    return [name for name in failed(decision) if "promises" in name]


def test_a_slice_is_counted_by_groups_not_by_rows(judged):
    positive = judged["label"] == 1
    groups = judged[positive & (judged["county"] == "east")]["group_id"].nunique()
    rows = int((positive & (judged["county"] == "east")).sum())
    assert groups < rows

    heard = judge(judged, good(judged), replace(RULE, slice_positives=groups))
    unheard = judge(judged, good(judged), replace(RULE, slice_positives=groups + 1))

    assert "slice county east" in {one.name for one in heard.criteria}
    assert "slice county east" not in {one.name for one in unheard.criteria}


def test_too_few_later_days_are_refused(judged):
    few = judged[judged["as_of"] < date(2011, 2, 13)]  # 13 and 23 January, 2 and 12 February

    decision = judge(few, good(few))

    assert list(failed(decision)) == ["later days"]
    assert "4 later days" in decision.reasons[0]


def test_days_on_which_nobody_left_decide_nothing(judged):
    nobody = judged.assign(label=0)

    assert "later days" in failed(judge(nobody, good(nobody)))


def test_models_judged_on_other_rows_are_not_compared(judged):
    champion = candidate("version 1", judged, of_champion(judged))
    turned = judged[::-1]

    with pytest.raises(EvaluationError, match="not judged on the same days"):
        decide(candidate("version 2", turned, good(turned)), champion, KNOWN, RULE)


def test_the_first_champion_must_beat_the_rules(judged):
    first = candidate("version 1", judged, good(judged))
    weak = (judged["noise"] > 1).astype(float) * 3

    assert decide(first, None, KNOWN, RULE, points=weak).passed
    refused = decide(first, None, KNOWN, RULE, points=judged["label"])  # rules that always know
    assert list(failed(refused)) == ["better than the rules baseline"]


def test_a_first_model_may_start_unless_it_is_refused_or_surely_worse_than_the_rules(judged):
    bold = candidate("version 1", judged, np.minimum(2 * good(judged), 0.999))
    constant = candidate("version 1", judged, np.full(len(judged), 0.07))
    weak = (judged["noise"] > 1).astype(float) * 3
    alike = decide(bold, None, KNOWN, RULE, points=good(judged))

    assert not alike.passed
    assert alike.may_start  # as good as the rules; that it promises too many is a warning
    assert "too many are promised" in " ".join(alike.reasons)
    assert not decide(bold, None, KNOWN, RULE, points=judged["label"]).may_start
    assert not decide(constant, None, KNOWN, RULE, points=weak).may_start
    assert decide(bold, None, KNOWN, RULE).may_start


@pytest.mark.parametrize("metric", ["value_recall_at_capacity", "average_precision"])
def test_another_metric_can_decide(judged, metric):
    decision = judge(judged, good(judged), replace(RULE, metric=metric))

    assert decision.passed, decision.reasons


def test_rows_that_nobody_works_are_judged_without_capacity(judged):
    rows = judged.drop(columns=["owner", "county", "value"])
    rule = replace(RULE, metric="average_precision", slots=None, slices=())

    assert judge(rows, good(rows), rule).passed


def test_the_same_rows_give_the_same_decision(judged):
    assert judge(judged, good(judged)) == judge(judged, good(judged))


def test_a_slice_that_chance_could_have_made_worse_is_no_bar(judged):
    shaken = knowing_only(judged["seen"].to_numpy() + 0.3 * judged["noise"].to_numpy())

    decision = judge(judged, shaken, replace(RULE, slices=("owner",), slice_positives=3))

    slices = [one for one in decision.criteria if one.name.startswith("slice owner")]
    worse = [one for one in slices if one.figure.value < -RULE.slice_loss]
    by_chance = [one for one in worse if one.figure.high >= 0]
    assert by_chance
    assert all(one.passed for one in by_chance)


def test_a_slice_that_loses_little_is_no_bar(judged):
    east = (judged["county"] == "east").to_numpy()
    chances = good(judged)
    chances[east] = np.random.default_rng(5).permutation(chances[east])

    decision = judge(judged, chances, replace(RULE, slice_loss=0.9))

    (slice_of_east,) = [one for one in decision.criteria if one.name == "slice county east"]
    assert slice_of_east.figure.high < 0
    assert slice_of_east.passed


def test_a_slice_of_which_nobody_is_worked_any_more_is_worse_off(judged):
    number = judged["group_id"].str[1:].astype(int)
    rows = judged.assign(owner="s" + (number % 7).astype(str))  # each owner has both counties
    east = (rows["county"] == "east").to_numpy()

    decision = judge(rows, np.where(east, 1e-4 * good(rows), good(rows)))

    assert "slice county east" in failed(decision)


def test_a_champion_of_another_label_does_not_bar_its_successors_and_the_rules_are_the_rival(
    judged,
):
    old = replace(candidate("version 1", judged, of_champion(judged)), label_version="L/0")
    points = np.zeros(len(judged))

    decision = decide(candidate("version 2", judged, good(judged)), old, KNOWN, RULE, points)

    said = {one.name: one.sentence for one in decision.criteria}
    assert "the rules baseline is the rival instead" in said["the champion"]
    assert "better than the rules baseline" in said
    assert "better than the champion" not in said


def test_a_champion_without_scores_does_not_bar_its_successors(judged):
    silent = candidate("version 1", judged, np.full(len(judged), np.nan))

    decision = decide(candidate("version 2", judged, good(judged)), silent, KNOWN, RULE)

    assert decision.passed
