"""Pre-training: worlds of different laws, kept when made, and a model that training starts from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines import settings
from pipelines.pretrain import fitted
from pipelines.pretraining_worlds import pretraining_rows, varied
from pipelines.recipes import recipe_of
from pipelines.storage import Home
from pipelines.training_table import TrainingTable
from pipelines.workplace import PRIOR_MODEL, Workplace
from simulator.preset import load

LAWS = ("attack.mult", "emission.hotline", "fieldwork.report_managed")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("pretraining")
    config = folder / "one_world.toml"
    config.write_text('[pretraining]\npreset = "toy"\nworlds = 1\nfirst_month = 16\nrounds = 60\n')
    return Workplace(Home(folder / "home"), settings.load(config))


@pytest.fixture(scope="module")
def rows(place: Workplace) -> pd.DataFrame:
    return pretraining_rows(place)


def test_each_law_is_multiplied_by_a_factor_of_its_own() -> None:
    preset = load("toy")
    other = varied(preset, 0.3, LAWS, np.random.default_rng(1))
    times = other.attack.mult / preset.attack.mult
    assert times != 1
    hotline = [
        new / old for new, old in zip(other.emission.hotline, preset.emission.hotline, strict=True)
    ]
    assert hotline == pytest.approx([hotline[0]] * 3)
    assert hotline[0] != pytest.approx(times)


def test_a_probability_stays_one_whatever_the_factor() -> None:
    for seed in range(20):
        other = varied(load("toy"), 3.0, LAWS, np.random.default_rng(seed))
        assert 0 <= other.fieldwork.report_managed <= 1


def test_without_spread_the_laws_are_those_of_the_preset() -> None:
    preset = load("toy")
    assert varied(preset, 0.0, LAWS, np.random.default_rng(1)).parameters == preset.parameters


def test_rows_hold_what_the_operator_would_know_and_the_true_risk(rows: pd.DataFrame) -> None:
    assert rows["chance"].between(0, 1).all()
    assert not rows.duplicated(["world", "as_of", "group_id"]).any()
    assert {"hotline_excess", "rival_pull", "undiverted_members"} <= set(rows.columns)
    assert "transfers" not in rows.columns


def test_a_world_that_was_made_is_not_made_again(
    place: Workplace, rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> pd.DataFrame:
        raise AssertionError("a world was made again")

    monkeypatch.setattr("pipelines.pretraining_worlds._world", never)
    pd.testing.assert_frame_equal(pretraining_rows(place), rows)


def test_training_starts_from_the_pre_trained_model_if_its_features_are_there(
    place: Workplace, rows: pd.DataFrame
) -> None:
    available = ["hotline_excess", "rival_pull", "undiverted_members"]
    frame = rows[["as_of", "group_id", *available]].assign(label=0)
    table = TrainingTable(frame, "group_id")
    assert recipe_of(place, table).prior is None
    model = fitted(place, rows, available)
    logged = place.registry.log(model, experiment=PRIOR_MODEL, params={}, metrics={}, tags={})
    place.registry.set_alias(PRIOR_MODEL, "champion", logged.version)
    prior = recipe_of(place, table).prior
    assert prior is not None
    assert (prior.margin(rows) == model.margin(rows)).all()
    lacking = TrainingTable(frame.drop(columns="rival_pull"), "group_id")
    assert recipe_of(place, lacking).prior is None


def test_the_prior_ranks_by_the_risk_that_it_was_taught(
    place: Workplace, rows: pd.DataFrame
) -> None:
    names = ["hotline_excess", "rival_pull", "undiverted_members", "lock_share"]
    margin = pd.Series(fitted(place, rows, names).margin(rows))
    assert margin.corr(rows["chance"].reset_index(drop=True), method="spearman") > 0.2
