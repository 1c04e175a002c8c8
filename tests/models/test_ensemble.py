"""Boosters joined into one text say what their parts say, together and apart."""

from __future__ import annotations

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models.ensemble import Part, joined, member_margins
from models.errors import TrainingRefused
from models.training import TrainingConfig, fit

QUICK = TrainingConfig(seed=1, threads=1, rounds=6, leaves=4, minimum_rows_per_leaf=10)
NAMES = ["a", "b", "c"]


def _rows(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(rng.normal(size=(400, 3)), columns=NAMES)
    features[rng.random(features.shape) < 0.1] = np.nan
    label = (features["a"].fillna(0) - features["c"].fillna(0) + rng.normal(size=400) > 1).astype(
        int
    )
    return features, label.to_numpy()


def _margin(booster: lgb.Booster, features: pd.DataFrame) -> np.ndarray:
    return np.asarray(booster.predict(features, raw_score=True))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=4), st.integers(0, 99))
def test_the_margin_is_the_weighted_sum_of_the_parts(shares: list[float], seed: int) -> None:
    features, label = _rows(seed)
    boosters = [fit(features, label, replace(QUICK, seed=n)) for n in range(len(shares))]
    whole = joined([Part(b, s) for b, s in zip(boosters, shares, strict=True)], NAMES)
    expected = sum(s * _margin(b, features) for b, s in zip(boosters, shares, strict=True))
    assert np.abs(_margin(whole, features) - expected).max() < 1e-12


def test_parts_that_read_other_columns_in_another_order_find_theirs_by_name() -> None:
    features, label = _rows(0)
    narrow = fit(features[["c", "a"]], label, QUICK)
    whole = joined([Part(narrow, 1.0), Part(fit(features, label, QUICK), 0.5)], NAMES)
    expected = _margin(narrow, features[["c", "a"]]) + 0.5 * _margin(
        fit(features, label, QUICK), features
    )
    assert np.abs(_margin(whole, features) - expected).max() < 1e-12
    assert whole.feature_name() == NAMES


def test_contributions_of_the_whole_are_those_of_the_parts() -> None:
    features, label = _rows(3)
    one, other = fit(features, label, QUICK), fit(features, label, replace(QUICK, seed=2))
    whole = joined([Part(one, 0.25), Part(other, 0.75)], NAMES)
    explained = [np.asarray(b.predict(features, pred_contrib=True)) for b in (whole, one, other)]
    assert np.abs(explained[0] - 0.25 * explained[1] - 0.75 * explained[2]).max() < 1e-12


def test_each_bag_can_be_heard_alone_with_what_all_of_them_share() -> None:
    features, label = _rows(5)
    shared = fit(features, label, replace(QUICK, rounds=3))
    bags = [fit(features, label, replace(QUICK, seed=n)) for n in range(4)]
    whole = joined([Part(shared, 0.5), *(Part(bag, 1 / 4) for bag in bags)], NAMES)
    heard = member_margins(whole, features, members=4, first_tree=3)
    expected = np.column_stack(
        [0.5 * _margin(shared, features) + _margin(b, features) for b in bags]
    )
    assert np.abs(heard - expected).max() < 1e-12
    assert np.abs(heard.mean(axis=1) - _margin(whole, features)).max() < 1e-12


def test_the_text_survives_being_read_and_written_again() -> None:
    features, label = _rows(7)
    text = joined([Part(fit(features, label, QUICK), 1 / 3)], NAMES).model_to_string()
    assert lgb.Booster(model_str=text).model_to_string() == text


def test_a_part_that_reads_what_nobody_will_give_it_is_refused() -> None:
    features, label = _rows(9)
    with pytest.raises(TrainingRefused, match="reads what the others lack: c"):
        joined([Part(fit(features, label, QUICK), 1.0)], ["a", "b"])


def test_trees_that_are_no_equal_bags_are_refused() -> None:
    features, label = _rows(11)
    with pytest.raises(TrainingRefused, match="not 4 equal bags"):
        member_margins(fit(features, label, QUICK), features, members=4)
