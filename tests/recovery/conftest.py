"""A county with three planted causes, the same county without one of them, and what models say.

The random numbers of a world are keyed by who they are drawn for, so that a county without a cause
has the same groups and members, and differs only in what follows from the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import Tables
from features.catalog import FEATURES
from features.reasons import Reason
from models.explanation import contributions
from models.metrics import Ranking, auc
from models.rows import Rows
from models.training import fit
from pipelines import settings
from pipelines.landed import landed
from pipelines.storage import Home
from pipelines.training_table import training_tables
from pipelines.workplace import Workplace
from simulator.preset import load
from simulator.world import simulate

PLANTED: Mapping[str, object] = {
    "population.groups": {"A": 0, "B": 4, "C": 1000},
    "world.months": 30,
    "attack.mult": 3,
    # A rival's tariff wins groups over, and nothing else that he does.
    "attack.levers_c.tariff_cut": 0.60,
    "attack.levers_c.tariff_subsidy": 0,
    "intent.b.C": 1.0,
    "intent.tariff_centre": 1.0,
    "intent.tariff_lever": 5.0,
    "intent.initial.C": 0,
    # Yearly contracts bind two members of five and end together; then attacks come and groups go.
    "lock.mean.C": 0.4,
    "lock.terms_m": {12: 1.0},
    "lock.campaign_share": 0.95,
    "attack.expiry_month": 5.0,
    "transfer.expiry_month": 3.0,
    # In a group that wants to move, one member in ten takes a second SIM each month.
    "member.adopt_intent": 0.1,
    # Managers hear of attacks; nobody treats anybody, friends do not count, the rival's ways stay.
    "fieldwork.report_managed": 0.9,
    "fieldwork.report_unmanaged": 0.6,
    "treatment.logged": 0,
    "treatment.random": 0,
    "circle.tie_hazard": 1,
    "drift.month": 0,
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
LAST_DAY = date(2010, 6, 13)
"""When the models are made: days before it are learnt from once their labels have matured."""
MONTHLY = "[study]\nslide_dekads = 3\n"
FOLDS = 3
EXPLAINED = 4
"""Of the rows of groups that stay, one in so many is explained: their mean needs no more."""


@dataclass(frozen=True)
class Told:
    """What models said of group-days whose groups they had not seen, and what became of these.

    Attributes:
        added: What each feature added to each row's log-odds.
        moves: Whether the group transfers, by the label that models learn.
        driver: What makes the group move within the label's horizon, by the simulator's truth.
        features: What was known of each row's group.
        intends: Whether the group intended to move at the last dekad's end, by the truth.
    """

    added: pd.DataFrame
    moves: pd.Series
    driver: pd.Series
    features: pd.DataFrame
    intends: pd.Series

    def tells_intent(self, feature: str) -> float:
        """How well one feature tells groups that intend to move from the others: an AUC."""
        known = self.features[feature].notna()
        ranking = Ranking.of(self.intends[known], self.features.loc[known, feature])
        return auc(ranking.weighed())

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


@dataclass(frozen=True)
class Landed(Workplace):
    """A workplace that reads extracts as they landed: the simulator obeys the contracts."""

    landing: Path

    @cached_property
    def tables(self) -> Tables:
        return landed(self.landing, threads=2)


@pytest.fixture(scope="session")
def county_without(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Told]:
    """What is told of the county without one of its causes, or without ``nothing``."""

    @cache
    def told(cause: str) -> Told:
        world = tmp_path_factory.mktemp("county")
        simulate(load("county_xinxing_2009", {**PLANTED, **WITHOUT[cause]}), SEED, world)
        return told_of(world)

    return told


def told_of(world: Path) -> Told:
    config = world / "monthly.toml"
    config.write_text(MONTHLY, encoding="utf-8")
    place = Landed(Home(world / "home"), settings.load(config), world / "landing")
    table, _ = training_tables(place, LAST_DAY)
    moves = table.frame["label"] == 1
    wanted = moves | (table.frame.index % EXPLAINED == 0)
    rows = table.rows(table.days)
    added = pd.concat(explained_unseen(place, rows, wanted.to_numpy())).sort_index()
    transfers = pd.read_parquet(world / "truth" / "gt_transfer.parquet")
    horizon = timedelta(place.group_label.horizon_days)
    kept = table.frame[wanted]
    states = pd.read_parquet(world / "truth" / "gt_group_state.parquet")
    return Told(
        added, moves[wanted], drivers(kept, transfers, horizon), kept, intending(kept, states)
    )


def intending(rows: pd.DataFrame, states: pd.DataFrame) -> pd.Series:
    """Whether each row's group intended to move when the last dekad before the row's day ended."""
    wants = states.loc[states["state"] == "intent", ["group_id", "date"]]
    days = np.sort(pd.to_datetime(states["date"]).unique())
    ended = pd.to_datetime(rows["as_of"])
    dekad = pd.Series(days[np.searchsorted(days, ended) - 1], index=rows.index)
    told = set(zip(wants["group_id"], pd.to_datetime(wants["date"]), strict=False))
    return pd.Series(
        [pair in told for pair in zip(rows["group_id"], dekad, strict=False)], index=rows.index
    )


def explained_unseen(
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


def drivers(rows: pd.DataFrame, transfers: pd.DataFrame, horizon: timedelta) -> pd.Series:
    """What makes each row's group move within the horizon; blank where it does not move."""
    moved = transfers.set_index("group_id")
    wait = pd.to_datetime(rows["group_id"].map(moved["date"])) - pd.to_datetime(rows["as_of"])
    driver = rows["group_id"].map(moved["driver"]).str.partition(":")[0]
    return driver.where((wait > timedelta(0)) & (wait <= horizon), "")
