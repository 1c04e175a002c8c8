"""A county with three planted causes, the same county without one of them, and what models say.

The random numbers of a world are keyed by who they are drawn for, so that a county without a cause
has the same groups and members, and differs only in what follows from the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from data_contracts.contract import source_tables
from features import Tables, group_features, on_duckdb
from features.catalog import FEATURES
from features.reasons import Reason
from models.explanation import contributions
from models.labels import group_transfer, matured
from models.outcomes import member_outcomes
from models.rows import Rows
from models.training import fit
from pipelines.storage import parquet, quote
from pipelines.training_table import TrainingTable
from pipelines.workplace import TIERS, Workplace, open_workplace
from simulator.preset import load
from simulator.world import simulate

PLANTED: Mapping[str, object] = {
    "population.groups": {"A": 0, "B": 4, "C": 1000},
    "world.months": 30,
    "attack.mult": 3,
    # A rival's tariff wins groups over and nothing else of his does; managers report what he does.
    "attack.levers_c.tariff_cut": 0.60,
    "attack.levers_c.tariff_subsidy": 0,
    "intent.b.C": 1.0,
    "intent.tariff_centre": 1.0,
    "intent.tariff_lever": 5.0,
    "intent.initial.C": 0,
    "fieldwork.report_managed": 0.9,
    "fieldwork.report_unmanaged": 0.9,
    # Yearly contracts bind two members of five and end together; then attacks come and groups go.
    "lock.mean.C": 0.4,
    "lock.terms_m": {12: 1.0},
    "lock.campaign_share": 0.95,
    "attack.expiry_month": 5.0,
    "transfer.expiry_month": 3.0,
    # In a group that wants to move, one member in five takes a second SIM each month.
    "member.adopt_intent": 0.2,
    # Some groups move for no visible reason, so that every county has moves to learn from.
    "transfer.background.C": 0.003,
}
WITHOUT: Mapping[str, Mapping[str, object]] = {
    "nothing": {},
    "price attacks": {"attack.levers_c.tariff_cut": 0},
    "endings": {"lock.expiry_effect": 0},
    "diversion": {"member.diversion": 0},
}
SEED = 1
OVER = date(2010, 7, 1)
"""The day after the world's last month."""
DAYS = [day.date() for day in pd.date_range("2008-08-13", OVER, freq=pd.DateOffset(months=1))]
"""A scoring day a month, on which last month's usage has just been delivered."""
FOLDS = 3
EXPLAINED = 4
"""Of the groups that stay, every so many rows are explained: their mean needs no more."""


@dataclass(frozen=True)
class Told:
    """What models said of group-days whose groups they had not seen, and what became of these.

    Attributes:
        added: What each feature added to each row's log-odds.
        moves: Whether the group transfers, by the label that models learn.
        driver: What makes the group move within the label's window, by the simulator's truth.
    """

    added: pd.DataFrame
    moves: pd.Series
    driver: pd.Series

    def strength(self, features: Collection[str]) -> float:
        """Log-odds by which ``features`` set the groups that move apart from those that stay."""
        told = self.added[list(features)].sum(axis=1)
        return float(told[self.moves].mean() - told[~self.moves].mean())

    def strongest(self, count: int) -> set[Reason]:
        """The reasons that set most apart."""
        strengths = pd.Series({reason: self.strength(self.of(reason)) for reason in Reason})
        return set(strengths.nlargest(count).index)

    def of(self, reason: Reason) -> list[str]:
        """Features that speak for ``reason``."""
        return [name for name in self.added if FEATURES[name].reason == reason]

    def before(self, driver: str, features: Collection[str]) -> float:
        """Log-odds that ``features`` add, on average, to groups about to move by ``driver``."""
        return float(self.added.loc[self.driver == driver, list(features)].sum(axis=1).mean())


County = Callable[[str], Told]


@pytest.fixture(scope="session")
def county_without(tmp_path_factory: pytest.TempPathFactory) -> County:
    """What is told of the county without one of its causes, or without ``nothing``."""
    place = open_workplace(tmp_path_factory.mktemp("recovery"))

    @cache
    def told(cause: str) -> Told:
        preset = load("county_xinxing_2009", {**PLANTED, **WITHOUT[cause]})
        with TemporaryDirectory() as folder:
            simulate(preset, SEED, Path(folder))
            return _told(place, Path(folder))

    return told


def _told(place: Workplace, world: Path) -> Told:
    frame = _training_frame(place, _tables(world / "landing"))
    table = TrainingTable(frame, "group_id", frozenset(place.settings.group_model.leave_out))
    rows = table.rows(table.days)
    moves = frame["label"] == 1
    wanted = moves | (frame.index % EXPLAINED == 0)
    added = pd.concat(_explained_unseen(place, rows, wanted.to_numpy())).sort_index()
    driver = _drivers(frame, pd.read_parquet(world / "truth" / "gt_transfer.parquet"))
    return Told(added, moves[wanted], driver[wanted])


def _tables(landing: Path) -> Tables:
    """The extracts as they landed: the simulator obeys the contracts, so nothing is checked."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET enable_progress_bar = false")
    frames = {}
    for name, table in source_tables().items():
        if files := sorted((landing / name).glob("*.parquet")):
            columns = ", ".join(quote(column) for column in table.names)
            relation = connection.sql(f"SELECT {columns} FROM {parquet(files)}")
            frames[name] = nw.from_native(relation)
    return on_duckdb(connection, frames)


def _training_frame(place: Workplace, tables: Tables) -> pd.DataFrame:
    rule, key = place.group_label, ["as_of", "group_id"]
    days = matured(DAYS, rule, OVER)
    labels = group_transfer(member_outcomes(tables, days, rule, tiers=TIERS), rule)
    features = group_features(tables, days, tiers=TIERS)
    frame = features.merge(labels[[*key, "label"]], on=key, validate="1:1")
    return frame.sort_values(key, ignore_index=True)


def _explained_unseen(
    place: Workplace, rows: Rows, wanted: np.ndarray[Any, Any]
) -> Iterator[pd.DataFrame]:
    """Contributions to the ``wanted`` rows, by models that have not seen their groups."""
    fold = np.unique(np.asarray(rows.cluster), return_inverse=True)[1] % FOLDS
    directions = {name: FEATURES[name].direction for name in rows.features}
    monotone = {name: sign for name, sign in directions.items() if sign}
    for unseen in range(FOLDS):
        seen = rows.take(fold != unseen)
        booster = fit(seen.features, seen.label, place.training, seen.weight, monotone)
        yield contributions(booster, rows.features[wanted & (fold == unseen)]).values


def _drivers(frame: pd.DataFrame, transfers: pd.DataFrame) -> pd.Series:
    """What makes each row's group move in the label's horizon; blank where it does not move."""
    moved = transfers.set_index("group_id")
    wait = pd.to_datetime(frame["group_id"].map(moved["date"])) - pd.to_datetime(frame["as_of"])
    driver = frame["group_id"].map(moved["driver"]).str.partition(":")[0]
    return driver.where((wait > timedelta(0)) & (wait <= timedelta(90)), "")
