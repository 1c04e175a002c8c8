"""Runs the script ``features.sql``, and the bare scan of the columns that it reads."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from pathlib import Path

import duckdb
import pandas as pd

from data_contracts.contract import Table, source_tables
from features.known import closed_periods
from pipelines.landed import landed_files
from pipelines.storage import literal, parquet, quote

SCRIPT = Path(__file__).with_name("features.sql").read_text(encoding="utf-8")
PERIODS_READ = {
    "usage_month": 7,
    "bill_month": 12,
    "usage_dekad": 12,
    "second_sim_ind": 12,
    "group_snapshot": 24,
}
"""How far back the script looks, in closed periods."""
_KEYS = ("user_id", "group_id", "tier")
_SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 4)",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


def sql_features(
    connection: duckdb.DuckDBPyConnection, landing: Path, day: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Member features and group features of one day, as the script computes them."""
    for name, files in landed_files(landing).items():
        columns = ", ".join(quote(column) for column in source_tables()[name].names)
        view = f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns} FROM {parquet(files)}"
        connection.execute(view)
    connection.execute(f"SET VARIABLE as_of = DATE {literal(day.isoformat())}")
    connection.execute(SCRIPT)
    return (
        connection.execute("FROM member_features").df(),
        connection.execute("FROM group_features").df(),
    )


def sql_names() -> list[str]:
    """The features that the script makes, found by running it on empty tables."""
    connection = duckdb.connect()
    for name, table in source_tables().items():
        columns = ", ".join(f"{quote(c.name)} {_SQL_TYPES[c.kind]}" for c in table.columns)
        connection.execute(f"CREATE TABLE {name} ({columns})")
    connection.execute("SET VARIABLE as_of = DATE '2010-01-03'")
    connection.execute(SCRIPT)
    made = [
        column
        for table in ("member_features", "group_features")
        for column, *_ in connection.execute(f"DESCRIBE {table}").fetchall()
    ]
    return [name for name in made if name not in _KEYS]


def bare_scan(connection: duckdb.DuckDBPyConnection, landing: Path, day: date) -> int:
    """Read the columns that the script names, of the periods that it looks at, and nothing else."""
    rows = 0
    for name, files in landed_files(landing).items():
        contract = source_tables()[name]
        read = _columns_read(contract)
        if read:
            hashes = ", ".join(f"bit_xor(hash({quote(column)}))" for column in read)
            query = f"SELECT count(*), {hashes} FROM {parquet(files)}{_closed(contract, day)}"
            rows += connection.execute(query).fetchall()[0][0]
    return rows


def _columns_read(contract: Table) -> list[str]:
    if not re.search(rf"\b(FROM|JOIN) {contract.name}\b", SCRIPT):
        return []
    words = set(re.findall(r"\w+", SCRIPT))
    return [column for column in contract.names if column in words]


def _closed(contract: Table, day: date) -> str:
    if contract.period is None:
        return ""
    periods = list(islice(closed_periods(contract, day), PERIODS_READ[contract.name]))
    return f" WHERE {contract.period} BETWEEN {literal(periods[-1])} AND {literal(periods[0])}"
