"""Who builds features in the benchmark, each from opening its connection to finished frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb
import narwhals as nw
import pandas as pd

from benchmarks.peers.by_hand import bare_scan, sql_features, sql_names
from benchmarks.peers.polars_features import polars_features, polars_names
from data_contracts.contract import source_tables
from features.cache import Cache
from features.catalog import FEATURES, GROUP_FEATURES, MEMBER_FEATURES
from features.compute import group_features, member_features
from features.definition import Feature
from features.duckdb_engine import on_duckdb
from features.tables import Tables
from pipelines.landed import landed_files
from pipelines.storage import connect, parquet, quote

EVERYTHING = (*MEMBER_FEATURES, *GROUP_FEATURES)
DAYS = 18


class Task(NamedTuple):
    """What is to be built, and with which means."""

    landing: Path
    day: date
    threads: int
    memory: str
    spill: Path


class Built(NamedTuple):
    """How much was built: rows read where nothing was."""

    features: int
    members: int
    groups: int


def by_sql(task: Task) -> Built:
    """The script by hand in SQL."""
    return _counted(*sql_features(_connection(task), task.landing, task.day))


def by_polars(task: Task) -> Built:
    """The part of it that is written in Polars."""
    members, groups = polars_features(task.landing, task.day)
    return _counted(members.to_pandas(), groups.to_pandas())


def by_scan(task: Task) -> Built:
    """The same columns of the same periods read and hashed: less than that nobody can do."""
    return Built(0, bare_scan(_connection(task), task.landing, task.day), 0)


def by_us(task: Task) -> Built:
    """The catalogue, asked for the features of the script."""
    return _ours(task, named_in_sql())


def by_us_as_polars(task: Task) -> Built:
    """The catalogue, asked for the features that are written in Polars."""
    return _ours(task, [FEATURES[name] for name in polars_names()])


def by_us_everything(task: Task) -> Built:
    """The whole catalogue."""
    return _ours(task, EVERYTHING)


def by_us_many_days(task: Task) -> Built:
    """The features of the script, for eighteen days in one call."""
    return _ours(task, named_in_sql(), days=_days_before(task.day))


def by_us_cached(task: Task) -> Callable[[], Built]:
    """The same days read back from where a first call has kept them."""
    folder = TemporaryDirectory()
    shelves = Cache(Path(folder.name), lambda day: hashlib.sha256(str(day).encode()).hexdigest())
    features, days = named_in_sql(), _days_before(task.day)
    _ours(task, features, days, shelves)

    def again() -> Built:
        with folder:
            return _ours(task, features, days, shelves)

    return again


@cache
def named_in_sql() -> list[Feature]:
    """The features that the script makes; to be asked for once before the clock runs."""
    return [FEATURES[name] for name in sql_names()]


def tables(connection: duckdb.DuckDBPyConnection, landing: Path, kept: Cache | None) -> Tables:
    """The tables of a landing on an open connection."""
    frames = {}
    for name, files in landed_files(landing).items():
        columns = ", ".join(quote(column) for column in source_tables()[name].names)
        frames[name] = nw.from_native(connection.sql(f"SELECT {columns} FROM {parquet(files)}"))
    return on_duckdb(connection, frames, cache=kept)


def _ours(
    task: Task,
    features: Sequence[Feature],
    days: Sequence[date] | None = None,
    kept: Cache | None = None,
) -> Built:
    days = days or [task.day]
    given = tables(_connection(task), task.landing, kept)
    of_members = [feature for feature in features if feature.entity == "member"]
    of_groups = [feature for feature in features if feature.entity == "group"]
    members = member_features(given, days, of_members, tiers=None)
    return _counted(members, group_features(given, days, of_groups, tiers=None))


def _counted(members: pd.DataFrame, groups: pd.DataFrame) -> Built:
    made = {name for frame in (members, groups) for name in frame.columns if name in FEATURES}
    return Built(len(made), len(members), len(groups))


def _connection(task: Task) -> duckdb.DuckDBPyConnection:
    return connect(
        folders=[task.landing],
        temp_directory=task.spill,
        memory_limit=task.memory,
        threads=task.threads,
    )


def _days_before(day: date) -> list[date]:
    """Eighteen days a dekad apart, the last of them ``day``."""
    return [day - timedelta(10 * back) for back in range(DAYS)]
