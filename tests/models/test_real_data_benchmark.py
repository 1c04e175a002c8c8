"""Everybody in the benchmark on real data is asked the same, and is judged on the same draws."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.real_data import OURS, judged, scored_unseen
from benchmarks.real_peers import peers
from models.rows import Rows
from models.split import stratified_folds

LABEL = np.array([1, 0] * 30)
ROWS = Rows(pd.DataFrame({"x": np.arange(60.0)}), LABEL, np.arange(60))
DEALS = list(stratified_folds(LABEL, folds=3, repeats=2, seed=1))


def asked(who: str) -> list[tuple[list[float], list[float]]]:
    """What a contender of that name is shown: rows to fit on and rows to score, fold by fold."""
    shown = []

    def contender(features, label, unseen):
        assert list(label) == list(LABEL[features.index])
        shown.append((list(features["x"]), list(unseen["x"])))
        return np.full(len(unseen), 0.5)

    scored_unseen(ROWS, contender, who, DEALS, 3)
    return shown


def test_everybody_is_given_the_same_folds_and_never_a_row_that_he_has_to_score():
    ours, theirs = asked(OURS), asked("XGBoost")

    assert ours == theirs
    assert len(ours) == 6
    assert all(not set(fitted) & set(unseen) for fitted, unseen in ours)
    assert all(len(fitted) + len(unseen) == 60 for fitted, unseen in ours)


def test_a_slow_search_is_given_the_first_dealing_of_the_same_folds():
    assert asked("FLAML, 10 s a fold") == asked(OURS)[:3]


def test_a_difference_is_ours_less_theirs_on_what_they_were_shown():
    """Ours knows everything in the first dealing (AUC 1) and nothing in the second (.5)."""
    calls = iter(range(6))

    def ours(features, label, unseen):
        return LABEL[unseen.index] * 0.8 + 0.1 if next(calls) < 3 else np.full(len(unseen), 0.5)

    def guess(features, label, unseen):
        return np.full(len(unseen), 0.5)

    found = judged(
        LABEL,
        {
            OURS: scored_unseen(ROWS, ours, OURS, DEALS, 3),
            "guess": scored_unseen(ROWS, guess, "guess", DEALS, 3),
            "FLAML": scored_unseen(ROWS, guess, "FLAML", DEALS, 3),
        },
    )(np.ones(60))

    assert found[f"{OURS}: AUC"] == pytest.approx((1 + 0.5) / 2)
    assert found["less guess: AUC"] == pytest.approx(0.75 - 0.5)
    assert found["less FLAML: AUC"] == pytest.approx(1 - 0.5)
    # Said .9 of what came and .1 of what did not: -ln .9; half and half: -ln .5.
    assert found["less FLAML: log loss"] == pytest.approx(np.log(0.5) - np.log(0.9))


def test_who_is_not_installed_is_named_and_left_out(monkeypatch):
    monkeypatch.setattr("benchmarks.real_peers.find_spec", lambda name: name == "lightgbm")

    there, absent = peers(10)

    assert list(there) == ["LightGBM, defaults"]
    assert {"XGBoost", "CatBoost", "FLAML, 10 s a fold"} <= set(absent)
