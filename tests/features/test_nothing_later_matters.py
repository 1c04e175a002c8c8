"""Whatever is loaded after the day, however it changes, changes no feature by one bit."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from data_contracts.contract import source_tables
from features import group_features, member_features, on_duckdb
from pipelines.workplace import open_workplace

DAY = date(2010, 3, 13)
KEPT_GROUPS = 40
CHANGES = ("delete", "change", "add", "replace")


@pytest.fixture(scope="module")
def rows(trained_home):
    """Every table of the small world, as far as it tells of some of its groups."""
    tables = open_workplace(trained_home).tables
    frames = {name: frame.collect("pandas").to_native() for name, frame in tables.frames.items()}
    groups = sorted(set(frames["group_snapshot"]["group_id"]))[:KEPT_GROUPS]
    members = frames["membership_hist"]["user_id"][
        frames["membership_hist"]["group_id"].isin(groups)
    ]
    return {name: _of(frame, groups, set(members)) for name, frame in frames.items()}


@pytest.fixture(scope="module")
def as_it_was(rows):
    return known(rows)


def test_there_is_a_later_world_to_be_changed(rows):
    later = {name: int((frame["load_time"] >= after(DAY)).sum()) for name, frame in rows.items()}

    assert sum(later.values()) > 1000
    assert min(later[name] for name in ("usage_month", "bill_month", "visit", "contract")) > 0


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(change=st.sampled_from(CHANGES), seed=st.integers(0, 2**32 - 1))
def test_nothing_loaded_after_the_day_changes_a_feature(rows, as_it_was, change, seed):
    changed = {
        name: _change(frame, change, np.random.default_rng([seed, number]))
        for number, (name, frame) in enumerate(rows.items())
    }

    for found, expected in zip(known(changed), as_it_was, strict=True):
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_change_before_the_day_is_seen(rows, as_it_was):
    usage = rows["usage_month"]
    earlier = (usage["load_time"] < after(DAY)) & (usage["month"] == "201002")
    changed = usage.assign(mou_out_m=usage["mou_out_m"].where(~earlier, usage["mou_out_m"] + 1))

    members, _ = known({**rows, "usage_month": changed})

    assert not members["mou_out"].equals(as_it_was[0]["mou_out"])


def known(frames):
    """Member and group features of the day."""
    connection = duckdb.connect()
    relations = {
        name: nw.from_native(connection.from_arrow(_typed(name, frame)))
        for name, frame in frames.items()
    }
    tables = on_duckdb(connection, relations)
    return member_features(tables, [DAY]), group_features(tables, [DAY])


def after(day):
    return pd.Timestamp(day + timedelta(1))


def _of(frame, groups, members):
    for column, kept in (("user_id", members), ("group_id", groups)):
        if column in frame:
            frame = frame[frame[column].isin(kept) | frame[column].isna()]
    return frame.reset_index(drop=True)


def _change(frame, change, random):
    late = frame["load_time"] >= after(DAY)
    early, later = frame[~late], frame[late]
    if change == "delete":
        return early
    if change == "change":
        return pd.concat([early, _scrambled(later, random)], ignore_index=True)
    copied = frame.sample(frac=0.5, random_state=random)
    delays = pd.to_timedelta(random.integers(1, 400, len(copied)), unit="D")
    news = _scrambled(copied, random).assign(load_time=after(DAY) + delays)
    kept = early if change == "replace" else frame
    return pd.concat([kept, news], ignore_index=True)


def _scrambled(frame, random):
    """Other values in every column but the keys and the time of loading."""
    fixed = {"load_time", "user_id", "group_id", "month", "op"}
    return frame.assign(
        **{
            name: frame[name].to_numpy()[random.permutation(len(frame))]
            for name in frame.columns.difference(fixed)
        }
    )


_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def _typed(name, frame):
    columns = source_tables()[name].columns
    schema = pa.schema([(column.name, _ARROW[column.kind]) for column in columns])
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
