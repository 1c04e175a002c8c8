"""A home with planted versions of a model, and made-up days to judge them on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.catalog import FEATURES
from models.bundle import Model
from models.feature_version import feature_version
from models.fitting import Recipe, fit_and_calibrate
from models.rows import Rows
from models.training import TrainingConfig
from pipelines import judged_rows, later_days as gate_flow
from pipelines.training_table import TrainingTable
from pipelines.workplace import open_workplace

NAME = "group_transfer"
MADE, JUDGED, NEWEST = date(2010, 1, 3), date(2010, 1, 13), date(2010, 9, 13)
WEAK, STRONG, LEAKY = ("group_out_fall",), ("group_out_fall", "lock_share"), ("tickets",)
GROUPS, DAYS = 900, 8
RECIPE = Recipe(
    NAME,
    "to be set",
    TrainingConfig(seed=7, threads=1, rounds=60, leaves=7, minimum_rows_per_leaf=20),
    isotonic_from=100_000,
)


def world(days: int, first: date, seed: int) -> pd.DataFrame:
    """Groups with log-odds -3 + 1.3 (fall + lock); ``tickets`` knows the outcome."""
    rng = np.random.default_rng(seed)
    rows = days * GROUPS
    group = np.tile(np.arange(GROUPS), days)
    fall, lock = (rng.normal(size=GROUPS)[group] for _ in range(2))
    label = rng.random(rows) < 1 / (1 + np.exp(3 - 1.3 * (fall + lock)))
    return pd.DataFrame(
        {
            "as_of": [first + timedelta(10 * int(day)) for day in np.repeat(range(days), GROUPS)],
            "group_id": [f"g{number:04}" for number in group],
            "tier": "C",
            "group_out_fall": fall,
            "lock_share": lock,
            "tickets": label + rng.normal(0, 0.2, rows),
            "label": label.astype(int),
        }
    )


def fitted(reads: tuple[str, ...], label: str, **made_of: Any) -> Model:
    def rows(seed: int) -> Rows:
        table = world(6, date(2009, 1, 3), seed)
        return Rows(table[list(reads)], table["label"].to_numpy(), table["group_id"].to_numpy())

    known = {
        "as_of": MADE.isoformat(),
        "feature_version": feature_version(reads, FEATURES),
        **made_of,
    }
    return fit_and_calibrate(rows(1), rows(2), replace(RECIPE, label=label), known)


def fill(home: Path) -> None:
    """Three versions: 1 sees half of the risk, 2 all of it, 3 the outcome itself."""
    place = open_workplace(home)
    for reads in (WEAK, STRONG, LEAKY):
        place.registry.log(
            fitted(reads, place.group_label.version),
            experiment=NAME,
            params={},
            metrics={},
            tags={"as_of": MADE.isoformat()},
        )


def start_again(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Version 1 is champion, nothing was before it, and the judged days are made up."""
    registry = open_workplace(home).registry
    registry.set_alias(NAME, "champion", 1)
    registry._remember(NAME, [])
    judge_on(world(DAYS, JUDGED, seed=3), patch)
    patch.setattr(judged_rows, "known_facts", facts)


def judge_on(days: pd.DataFrame, patch: pytest.MonkeyPatch) -> None:
    table = TrainingTable(days, "group_id")
    patch.setattr(gate_flow, "training_tables", lambda place, as_of: (table, table))


def facts(place: object, rows: pd.DataFrame, day: date) -> pd.DataFrame:
    number = rows["group_id"].str[1:].astype(int).to_numpy()
    return pd.DataFrame(
        {
            "group_id": rows["group_id"].to_numpy(),
            "am_staff_id": [f"s{n % 60}" if n % 5 else None for n in number],
            "county_id": np.where(number % 2, "xinxing", "luoding"),
            "industry_l1": "trade",
            "members": 5 + number % 40,
            "monthly_revenue_fen": 10_000,
        }
    )


def champion(home: Path) -> int | None:
    return open_workplace(home).registry.champion(NAME)


def tags(home: Path, version: int) -> Mapping[str, str]:
    found = open_workplace(home).registry.versions(NAME)
    return next(one.tags for one in found if one.version == version)
