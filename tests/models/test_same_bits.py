"""Is the whole model the same to the bit wherever, and however often, it is made?"""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.bundle import save
from models.fitting import fit_and_calibrate
from models.rows import Rows


@pytest.fixture(scope="module")
def wide_rows() -> tuple[Rows, Rows]:
    """Rows of two periods, so many and so wide that threads would share the work."""
    rng = np.random.default_rng(4)
    return tuple(_rows(rng, 12_000) for _ in range(2))


def _rows(rng, size: int) -> Rows:
    names = [f"feature_{number}" for number in range(30)]
    features = pd.DataFrame(rng.normal(size=(size, 30)), columns=names)
    features[rng.random(features.shape) < 0.1] = np.nan
    chance = 1 / (1 + np.exp(3 - 2 * features["feature_0"].fillna(0) - features["feature_1"] ** 2))
    label = (rng.random(size) < chance.fillna(0.02)).to_numpy(dtype=float)
    return Rows(features, label, np.arange(size) // 4, rng.random(size) + 0.5)


@pytest.fixture
def thrifty(recipe):
    """Everything that draws or sums: bags, sampled features, weights, an isotonic curve."""
    knobs = replace(recipe.training, rounds=15, bags=3, feature_fraction=0.5)
    return replace(recipe, training=knobs, isotonic_from=500, monotone={"feature_0": 1})


def saved(folder, rows, recipe) -> tuple[str, dict]:
    """The two files of a model: trees, and the rest as JSON."""
    save(fit_and_calibrate(*rows, recipe), folder)
    text, sidecar = (folder / name for name in ("model.txt", "model.json"))
    return text.read_text(), json.loads(sidecar.read_text())


@pytest.mark.parametrize("threads", [2, 4])
def test_a_model_is_the_same_at_one_two_and_four_threads(tmp_path, wide_rows, thrifty, threads):
    alone = replace(thrifty, training=replace(thrifty.training, threads=1))
    shared = replace(thrifty, training=replace(thrifty.training, threads=threads))

    text, sidecar = saved(tmp_path / "alone", wide_rows, alone)
    text_again, sidecar_again = saved(tmp_path / "shared", wide_rows, shared)

    assert text_again == text
    assert sidecar_again["calibration"] == sidecar["calibration"]
    assert sidecar_again["golden"] == sidecar["golden"]
    assert sidecar_again == sidecar


def test_the_comparison_would_notice_another_seed(tmp_path, wide_rows, thrifty):
    other = replace(thrifty, training=replace(thrifty.training, seed=8))

    text, sidecar = saved(tmp_path / "one", wide_rows, thrifty)
    other_text, other_sidecar = saved(tmp_path / "other", wide_rows, other)

    assert other_text != text
    assert other_sidecar["calibration"] != sidecar["calibration"]


def test_rows_that_came_in_another_order_and_were_sorted_make_the_same_model(
    tmp_path, wide_rows, thrifty
):
    """Rows come sorted by day and id: order is part of what makes a fit repeatable."""
    fit_rows, later = wide_rows
    shuffled = fit_rows.take(np.random.default_rng(0).permutation(len(fit_rows.features)))
    back = shuffled.take(np.argsort(shuffled.features.index.to_numpy()))

    text, sidecar = saved(tmp_path / "sorted", wide_rows, thrifty)
    text_again, sidecar_again = saved(tmp_path / "again", (back, later), thrifty)

    assert (text_again, sidecar_again) == (text, sidecar)


def test_scores_and_reasons_of_a_group_do_not_depend_on_who_stands_beside_it(wide_rows, thrifty):
    model = fit_and_calibrate(*wide_rows, thrifty)
    everybody = wide_rows[1].features
    order = np.random.default_rng(1).permutation(len(everybody))

    whole, mixed = model.contributions(everybody), model.contributions(everybody.iloc[order])
    alone = model.contributions(everybody.iloc[[7]])

    np.testing.assert_array_equal(mixed.values, whole.values.iloc[order])
    np.testing.assert_array_equal(mixed.margin, whole.margin[order])
    np.testing.assert_array_equal(alone.values, whole.values.iloc[[7]])
    np.testing.assert_array_equal(alone.margin, whole.margin[[7]])
    np.testing.assert_array_equal(
        model.probability(everybody.iloc[order]), model.probability(everybody)[order]
    )
