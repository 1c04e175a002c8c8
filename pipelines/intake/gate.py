"""The gate: Great Expectations must agree that the good rows are good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import Table
from pipelines.errors import ContractBrokenError
from pipelines.intake.checking import related_rows
from pipelines.storage import parquet, quote

ROWS_AT_ONCE = 500_000


def pass_gate(
    connection: duckdb.DuckDBPyConnection, table: Table, new: Sequence[Path], stored: Sequence[Path]
) -> None:
    """Hold the good rows, with the stored ones they may clash with, against the whole contract.

    Raises:
        ContractBrokenError: A rule is broken, which DuckDB had not seen (exit code 4).
    """
    # Great Expectations takes seconds to import and only an ingest with good rows needs it.
    from data_contracts.expectations import validate

    for frame in _frames(connection, table, new, stored):
        verdict = validate(table, frame)
        if not verdict.success:
            raise ContractBrokenError(
                f"Table {table.name}: the good rows break {', '.join(verdict.failed)} by the "
                "verdict of Great Expectations, though not by that of DuckDB. Nothing was stored. "
                "This is a fault of groupchurn: please report the rule and the type of its columns."
            )


def _frames(
    connection: duckdb.DuckDBPyConnection, table: Table, new: Sequence[Path], stored: Sequence[Path]
) -> Iterator[pd.DataFrame]:
    """All rows, in frames that never part rows of one key, nor overlapping intervals."""
    columns = ", ".join(quote(name) for name in table.names)
    rows = f"SELECT {columns} FROM {parquet(new)}"
    if stored:
        rows += f" UNION ALL SELECT {columns} FROM ({related_rows(table, stored, f'({rows})')})"
    together = any(rule.kind == "no_overlap" for rule in table.rules)
    count = sum(pq.read_metadata(path).num_rows for path in new)
    parts = 1 if together else -(-count // ROWS_AT_ONCE)
    key = ", ".join(quote(name) for name in table.key)
    for part in range(parts):
        where = f"hash({key}) % {parts} = {part}"
        yield _frame(connection.sql(f"SELECT * FROM ({rows}) WHERE {where}").to_arrow_table())


def _frame(rows: pa.Table) -> pd.DataFrame:
    """Numbers as float64, which the gate reads four times faster than pandas' nullable integers."""
    numbers = pa.schema(
        field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field
        for field in rows.schema
    )
    known: dict[pa.DataType, pd.BooleanDtype] = {pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = rows.cast(numbers).to_pandas(date_as_object=False, types_mapper=known.get)
    return frame
