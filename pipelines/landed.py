"""A simulated operator's tables as they landed: it obeys the contracts, nothing need be checked."""

from __future__ import annotations

from pathlib import Path

import duckdb
import narwhals as nw

from data_contracts.contract import source_tables
from features import Tables, on_duckdb
from pipelines.storage import parquet, quote


def landed(landing: Path, threads: int) -> Tables:
    """The tables of a folder ``landing``, those that were delivered, on DuckDB."""
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("SET enable_progress_bar = false")
    frames = {}
    for name, files in landed_files(landing).items():
        columns = ", ".join(quote(column) for column in source_tables()[name].names)
        frames[name] = nw.from_native(connection.sql(f"SELECT {columns} FROM {parquet(files)}"))
    return on_duckdb(connection, frames)


def landed_files(landing: Path) -> dict[str, list[Path]]:
    """The files of each table that was delivered."""
    found = {name: sorted((landing / name).glob("*.parquet")) for name in source_tables()}
    return {name: files for name, files in found.items() if files}
