"""Deliveries as Parquet that SQL can read, whatever they came as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from data_contracts.contract import Table
from data_contracts.predicates import ROW
from pipelines.errors import ContractBrokenError
from pipelines.intake.deliveries import Delivery
from pipelines.intake.plain_numbers import (
    FILE_STEP,
    refuse_plain_numbers,
    refuse_torn_plain_numbers,
    text_columns,
)
from pipelines.intake.reading import LINE, CsvRows, csv_columns
from pipelines.storage import parquet, quote

FAILED = "_failed"
"""Column of a mapped file: names of the columns whose expression failed on the row."""


@dataclass(frozen=True)
class Staged:
    """One delivery, readable: ``path`` is Parquet, ``raw_types`` the types of its columns.

    ``torn`` are lines that are no rows of a table at all, as (line, text). ``place`` is the number
    of the file among those of its table, from which the number of each of its rows follows.
    """

    delivery: Delivery
    path: Path
    raw_types: Mapping[str, str]
    rows: int
    torn: tuple[tuple[int, str], ...] = ()
    place: int = 0

    @property
    def rows_in(self) -> int:
        return self.rows + len(self.torn)

    @property
    def own_columns(self) -> list[str]:
        """The delivered columns, without those that staging added."""
        return [name for name in self.raw_types if name not in (LINE, FAILED)]


@dataclass(frozen=True)
class Source:
    """Files of one table that have equal columns, as one relation with ``_row`` and ``_line``."""

    table: Table
    files: tuple[Staged, ...]

    @property
    def raw_types(self) -> Mapping[str, str]:
        return self.files[0].raw_types

    @property
    def names(self) -> dict[int, str]:
        """Name of each file by its place."""
        return {file.place: file.delivery.name for file in self.files}

    @property
    def query(self) -> str:
        """Query in parentheses: every column of the contract, absent ones as NULL."""
        line = LINE if LINE in self.raw_types else "file_row_number + 1"
        failed = FAILED if FAILED in self.raw_types else "CAST([] AS VARCHAR[])"
        cells = ", ".join(self._cell(name) for name in self.table.names)
        return f"""(
            SELECT
                ({self.files[0].place} + file_index) * {FILE_STEP} + file_row_number + 1 AS {ROW},
                {line} AS {LINE}, {failed} AS {FAILED}, {cells}
            FROM {parquet(file.path for file in self.files)})"""

    def refuse_plain_numbers(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Raise PlainNumberError if a text column holds a phone or ID number."""
        columns = text_columns(self.table, self.raw_types)
        refuse_plain_numbers(connection, self.table, self.query, self.names, columns)

    def _cell(self, name: str) -> str:
        value = quote(name) if name in self.raw_types else "CAST(NULL AS VARCHAR)"
        return f"{value} AS {quote(name)}"


def delivered_columns(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> dict[str, str]:
    """DuckDB type of each column of a delivery in our own format; text for CSV."""
    if delivery.path.suffix == ".csv":
        return dict.fromkeys(csv_columns(delivery.path, delivery.name), "VARCHAR")
    return _parquet_columns(connection, delivery.path, delivery.name)


def stage_parquet(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> Staged:
    """A Parquet delivery, which is read where it lies."""
    raw_types = _parquet_columns(connection, delivery.path, delivery.name)
    return Staged(delivery, delivery.path, raw_types, pq.read_metadata(delivery.path).num_rows)


def stage_text(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    delivery: Delivery,
    given: CsvRows,
    path: Path,
) -> Staged:
    """Rows that were read as text, written to ``path`` once they hold no plain number."""
    refuse_torn_plain_numbers(table, given.torn, delivery.name)
    connection.register("given", given.rows)
    source = f"(SELECT *, {LINE} AS {ROW} FROM given)"
    columns = text_columns(table, given.rows.column_names)
    refuse_plain_numbers(connection, table, source, {0: delivery.name}, columns)
    connection.unregister("given")
    pq.write_table(given.rows, path)
    raw_types = _parquet_columns(connection, path, delivery.name)
    return Staged(delivery, path, raw_types, given.rows.num_rows, given.torn)


def in_places(staged: Iterable[Staged]) -> list[Staged]:
    """Files with equal columns side by side, each with its place."""
    ordered = sorted(staged, key=lambda file: (_columns(file), file.delivery.name))
    return [replace(file, place=place) for place, file in enumerate(ordered)]


def sources(table: Table, staged: Iterable[Staged]) -> Iterator[Source]:
    """Few relations for many files; ``staged`` is as ``in_places`` left it."""
    for _, files in groupby(staged, key=_columns):
        yield Source(table, tuple(files))


def _columns(file: Staged) -> tuple[tuple[str, str], ...]:
    return tuple(file.raw_types.items())


def _parquet_columns(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str
) -> dict[str, str]:
    query = f"DESCRIBE SELECT * FROM {parquet([path])}"
    try:
        return {row[0]: row[1] for row in connection.execute(query).fetchall()}
    except duckdb.Error as error:
        raise ContractBrokenError(
            f"{name} cannot be read as Parquet; it may have been cut off on the way. Deliver it "
            "again."
        ) from error
