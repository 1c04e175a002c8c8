"""The same rows give the same features, bit by bit, whatever their order and the threads."""

from __future__ import annotations

from datetime import date

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from data_contracts.contract import source_tables
from features import group_features, member_features, on_duckdb
from pipelines.landed import landed_files
from pipelines.storage import parquet, quote

DAY = date(2009, 12, 13)


@pytest.fixture(scope="module")
def rows(landing_of_everything):
    """Every table, in memory."""
    connection = duckdb.connect()
    return {
        name: connection.sql(
            f"SELECT {', '.join(map(quote, source_tables()[name].names))} FROM {parquet(files)}"
        ).to_arrow_table()
        for name, files in landed_files(landing_of_everything).items()
    }


@pytest.fixture(scope="module")
def expected(rows):
    return known(rows, threads=1)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("repeat", range(5))
def test_features_do_not_depend_on_the_order_of_rows_or_on_threads(rows, expected, threads, repeat):
    random = np.random.default_rng([threads, repeat])
    shuffled = {name: t.take(random.permutation(len(t))) for name, t in rows.items()}

    for found, same in zip(known(shuffled, threads), expected, strict=True):
        pd.testing.assert_frame_equal(found, same, check_exact=True)


def known(rows, threads):
    connection = duckdb.connect(config={"threads": threads})
    frames = {name: nw.from_native(connection.from_arrow(table)) for name, table in rows.items()}
    tables = on_duckdb(connection, frames)
    return member_features(tables, [DAY]), group_features(tables, [DAY], tiers=None)
