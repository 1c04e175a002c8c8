"""Tables drawn as text, so that a test reads like a worked example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
import pytest

from data_contracts.contract import Table, source_tables
from features import Tables, on_duckdb

Drawn = Callable[..., Tables]

_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "decimal": float,
    "boolean": lambda text: text == "yes",
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
_UNSAID = {
    "load_time": "2008-01-01",
    "op": "I",
    "status": "active",
    "valid_to": "9999-12-31",
    "tier": "C",
    "lifecycle": "in_use",
    "member_role": "ordinary",
}
"""What a drawing may leave out; all other cells that are not drawn are unknown."""


@pytest.fixture
def drawn() -> Drawn:
    """Tables from drawings: a header and rows with ``|`` between cells, a blank cell unknown."""

    def tables(**drawings: str) -> Tables:
        connection = duckdb.connect()
        frames = {
            name: nw.from_native(connection.from_arrow(_arrow(source_tables()[name], drawing)))
            for name, drawing in drawings.items()
        }
        return on_duckdb(connection, frames)

    return tables


def _arrow(table: Table, drawing: str) -> pa.Table:
    header, *lines = (
        [cell.strip() for cell in line.split("|")] for line in drawing.strip().splitlines()
    )
    assert set(header) <= set(table.names), set(header) - set(table.names)
    rows = [dict(zip(header, cells, strict=True)) for cells in lines]
    return pa.table(
        {
            column.name: pa.array(
                [_cell(row, column.name, _READ[column.kind]) for row in rows], _ARROW[column.kind]
            )
            for column in table.columns
        }
    )


def _cell(row: dict[str, str], name: str, read: Callable[[str], Any]) -> Any:
    text = row.get(name, _UNSAID.get(name, ""))
    return read(text) if text else None
