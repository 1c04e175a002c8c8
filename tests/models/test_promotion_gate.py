"""Planted models, good and bad, before the gate: each is told what speaks against it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_models import (
    KNOWN,
    READS,
    RULE,
    candidate,
    failed,
    good,
    judge,
    knowing_only,
    later_days,
    of_champion,
    risk,
)

from models.errors import TrainingRefused
from models.fitting import fit_and_calibrate
from models.gate import decide
from models.rows import Rows


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    return later_days()


def test_a_model_that_sees_more_and_keeps_its_promises_is_promoted(judged):
    decision = judge(judged, good(judged))

    assert decision.passed, decision.reasons
    assert decision.reasons == ()
    better = next(one for one in decision.criteria if one.name == "better than the champion")
    assert better.figure.low > 0
    assert better.sentence.endswith("surely better.")
    names = [one.name for one in decision.criteria]
    assert {"slice county east", "slice county west", "sharpness of promises"} <= set(names)
    assert "slice tier C" not in names  # all rows are no slice
    assert all(one.sentence.endswith(".") for one in decision.criteria)


def test_a_leaky_model_is_refused_before_it_is_compared(judged):
    knows = np.where(judged["label"] == 1, 0.9, 0.01) + 0.001 * judged["noise"].rank(pct=True)

    decision = judge(judged, knows)

    assert list(failed(decision)) == ["no leak"]
    assert "a leak until somebody explains it" in decision.reasons[0]
    assert "better than the champion" not in {one.name for one in decision.criteria}


def test_a_worse_model_is_refused(judged):
    blind = knowing_only(np.random.default_rng(3).permutation(judged["seen"].to_numpy()))

    assert (
        "worse, and by more than chance" in failed(judge(judged, blind))["better than the champion"]
    )


def test_the_same_model_again_is_refused(judged):
    assert (
        "no different at all"
        in failed(judge(judged, of_champion(judged)))["better than the champion"]
    )


def test_a_model_that_chance_could_have_made_better_is_refused(judged):
    a_little_more = knowing_only((judged["seen"] + 0.02 * judged["hidden"]).to_numpy())

    decision = judge(judged, a_little_more)

    better = next(one for one in decision.criteria if one.name == "better than the champion")
    assert better.figure.value > 0  # it is better on these days
    assert better.figure.low <= 0
    assert "chance could have done it" in failed(decision)["better than the champion"]


def test_a_model_that_promises_too_many_is_refused_though_it_is_better(judged):
    decision = judge(judged, np.minimum(1.5 * good(judged), 0.999))

    assert "too many are promised" in failed(decision)["promises kept, all"]
    assert "better than the champion" not in failed(decision)


def test_a_model_whose_risks_lie_too_far_apart_is_refused_though_it_is_better(judged):
    log_odds = -3.2 + judged["seen"] + judged["hidden"]
    bold = risk(2 * log_odds + 2.7).to_numpy()  # as many are promised as come: E/O 1.0

    decision = judge(judged, bold)

    assert (
        "outside 0.8 to 1.2: high and low risks lie too far apart"
        in failed(decision)["sharpness of promises"]
    )
    assert "better than the champion" not in failed(decision)


def test_a_model_that_promises_too_many_at_the_top_only_is_refused(judged):
    chances = good(judged)
    top = chances >= np.quantile(chances, 0.97)

    decision = judge(judged, np.where(top, np.minimum(chances * 1.8, 0.99), chances))

    assert "promises kept, the riskiest 5%" in failed(decision)


@pytest.mark.parametrize(
    ("same", "said"),
    [
        (0.0, "the risk zero: it would list nobody"),
        (0.074, "about the base rate"),
        (0.9, "the same risk 90.00%"),
    ],
)
def test_a_constant_model_is_refused(judged, same, said):
    decision = judge(judged, np.full(len(judged), same))

    assert list(failed(decision)) == ["spread of version 2"]
    assert said in decision.reasons[0]


def test_a_model_with_unknown_scores_is_refused(judged):
    chances = good(judged)
    chances[:7] = np.nan

    decision = judge(judged, chances)

    assert list(failed(decision)) == ["scores of version 2"]
    assert "for 7 it is unknown (NaN)" in decision.reasons[0]


def test_a_model_whose_scores_are_no_probabilities_is_refused(judged):
    assert "no probabilities" in failed(judge(judged, 3 * judged["seen"]))["spread of version 2"]


@pytest.mark.parametrize("part", ["fit", "calibration"])
@pytest.mark.parametrize("positives", [0, 2000])
def test_a_model_trained_on_one_class_is_refused(judged, part, positives):
    rows = {f"{part}_rows": 2000, f"{part}_positives": positives}

    decision = judge(judged, good(judged), **rows)

    assert list(failed(decision)) == [f"classes of {part}"]
    assert "of one class alone nothing can be learnt" in decision.reasons[0]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (np.nan, "label: "),
        (0.0, "all 1500 rows are 0; a model needs both classes"),
        (1.0, "all 1500 rows are 1; a model needs both classes"),
    ],
)
def test_nan_or_one_class_labels_are_refused_at_training_already(
    fit_rows, later_rows, recipe, label, said
):
    spoilt = Rows(fit_rows.features, np.full(len(fit_rows.features), label), fit_rows.cluster)

    with pytest.raises(TrainingRefused) as refused:
        fit_and_calibrate(spoilt, later_rows, recipe)
    assert said in str(refused.value)
    with pytest.raises(TrainingRefused):  # and so is a calibration on them
        fit_and_calibrate(fit_rows, replace(later_rows, label=spoilt.label), recipe)


def test_a_model_of_another_label_is_refused(judged):
    champion = candidate("version 1", judged, of_champion(judged))
    other = replace(candidate("version 2", judged, good(judged)), label_version="L_transfer_30/1")

    decision = decide(other, champion, KNOWN, RULE)

    assert "learnt L_transfer_30/1, but L_transfer_90/1 is judged by" in decision.reasons[0]


def test_a_model_that_reads_an_unknown_feature_is_refused(judged):
    champion = candidate("version 1", judged, of_champion(judged))
    other = replace(candidate("version 2", judged, good(judged)), features=("rumours", *READS))

    decision = decide(other, champion, KNOWN, RULE)

    assert "features that the catalogue does not know: rumours" in decision.reasons[0]


@pytest.mark.parametrize("made_of", ["0" * 64, None])
def test_a_model_whose_features_are_computed_otherwise_today_is_refused(judged, made_of):
    decision = judge(judged, good(judged), feature_version=made_of)

    assert list(failed(decision)) == ["features of version 2"]
    assert "its scores would not mean what they meant" in decision.reasons[0]
