"""The catalogue gives what the same features give that were written by hand in SQL and Polars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.peers.by_hand import bare_scan, sql_features, sql_names
from benchmarks.peers.polars_features import polars_features, polars_names
from features import Tables
from features.catalog import FEATURES
from features.compute import group_features, member_features
from pipelines.landed import landed
from pipelines.storage import connect

DAYS = [date(2009, 12, 13), date(2009, 10, 3), date(2009, 7, 23), date(2009, 4, 7)]
Made = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(landing_of_everything: Path) -> Tables:
    return landed(landing_of_everything, threads=2)


@pytest.fixture(scope="module")
def ours(tables: Tables) -> Made:
    return _ours(tables, sql_names())


@pytest.fixture(scope="module")
def by_sql(landing_of_everything: Path) -> Made:
    connection = connect(folders=[landing_of_everything])
    return _of_days(lambda day: sql_features(connection, landing_of_everything, day))


def test_the_script_makes_a_hundred_features_and_more_of_members_and_groups():
    made = [FEATURES[name].entity for name in sql_names()]

    assert made.count("member") >= 45
    assert made.count("group") >= 55


def test_every_member_has_the_same_features_as_by_hand_in_sql(ours: Made, by_sql: Made):
    assert _different(ours[0], by_sql[0], "user_id") == {}


def test_every_group_has_the_same_features_as_by_hand_in_sql(ours: Made, by_sql: Made):
    assert _different(ours[1], by_sql[1], "group_id") == {}


def test_what_is_compared_is_seldom_unknown_or_the_same_for_all(by_sql: Made):
    frames = [frame.select_dtypes("number") for frame in by_sql]
    dull = [name for frame in frames for name in frame if frame[name].nunique() < 2]

    assert len(dull) <= 0.1 * sum(frame.shape[1] for frame in frames), dull


def test_every_member_and_group_has_the_same_features_as_by_hand_in_polars(
    ours: Made, landing_of_everything: Path
):
    of_members, of_groups = _of_days(
        lambda day: tuple(
            frame.to_pandas() for frame in polars_features(landing_of_everything, day)
        )
    )

    assert set(polars_names()) <= {*of_members.columns, *of_groups.columns}
    assert _different(ours[0], of_members, "user_id") == {}
    assert _different(ours[1], of_groups, "group_id") == {}


def test_the_bare_scan_reads_rows_of_every_table_that_the_script_reads(landing_of_everything: Path):
    rows = bare_scan(connect(folders=[landing_of_everything]), landing_of_everything, DAYS[0])

    assert rows > 10_000


def _ours(tables: Tables, names: Sequence[str]) -> Made:
    asked = [FEATURES[name] for name in names]
    of_members = [feature for feature in asked if feature.entity == "member"]
    of_groups = [feature for feature in asked if feature.entity == "group"]
    return (
        member_features(tables, DAYS, of_members, tiers=None),
        group_features(tables, DAYS, of_groups, tiers=None),
    )


def _of_days(made: Callable[[date], Sequence[pd.DataFrame]]) -> Made:
    """What is made of each day, one below the other."""
    dated = [[frame.assign(as_of=day) for frame in made(day)] for day in DAYS]
    members, groups = (pd.concat(frames) for frames in zip(*dated, strict=True))
    return members, groups


def _different(ours: pd.DataFrame, theirs: pd.DataFrame, key: str) -> dict[str, list[str]]:
    """For each feature that differs, some whose value differs, ours first."""
    ours, theirs = (f.set_index(["as_of", key]).sort_index() for f in (ours, theirs))
    assert list(ours.index) == list(theirs.index)
    found = {}
    for name in (name for name in theirs.columns if name in FEATURES and name in ours):
        one, other = ours[name].to_numpy(float), theirs[name].astype(float).to_numpy()
        unlike = ~np.isclose(one, other, rtol=1e-9, atol=0, equal_nan=True)
        if unlike.any():
            some = np.flatnonzero(unlike)[:3]
            found[name] = [f"{ours.index[row]}: {one[row]} {other[row]}" for row in some]
    return found
