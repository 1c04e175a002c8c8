"""A small world in which the risk is known, and a model of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.bundle import Model
from models.fitting import Recipe, fit_and_calibrate
from models.rows import Rows
from models.training import TrainingConfig

QUICK = TrainingConfig(seed=7, threads=1, rounds=20, leaves=7, minimum_rows_per_leaf=20)
RECIPE = Recipe("group_transfer", "L_transfer_90", QUICK, isotonic_from=1000)


def world(size: int, seed: int) -> Rows:
    """Groups whose log-odds of leaving are rival_share * 2 - 2; two features say nothing."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(
        rng.normal(size=(size, 3)), columns=["rival_share", "lock_in_days", "noise"]
    )
    chance = 1 / (1 + np.exp(2 - 2 * features["rival_share"]))
    features.loc[::11, "rival_share"] = np.nan
    return Rows(
        features,
        (rng.random(size) < chance).to_numpy(dtype=float),
        np.array([f"g{number}" for number in range(size)]),
    )


@pytest.fixture
def config() -> TrainingConfig:
    return QUICK


@pytest.fixture
def recipe() -> Recipe:
    return RECIPE


@pytest.fixture(scope="session")
def fit_rows() -> Rows:
    return world(1500, seed=1)


@pytest.fixture(scope="session")
def later_rows() -> Rows:
    return world(1500, seed=2)


@pytest.fixture(scope="session")
def model(fit_rows: Rows, later_rows: Rows) -> Model:
    return fit_and_calibrate(fit_rows, later_rows, RECIPE, metadata={"origin": "2011-01-03"})
