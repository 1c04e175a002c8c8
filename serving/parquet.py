"""Published tables as Parquet: the contract's columns and types, always the same bytes."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import Kind, Table
from serving.errors import StoreError

_ARROW: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
ROWS_TOGETHER = 65_536


def to_parquet(frame: pd.DataFrame, table: Table) -> bytes:
    """The rows of ``frame`` as ``table`` promises them, sorted by its key.

    Raises:
        StoreError: Columns are missing or too many, or a column holds another type.
    """
    missing = [name for name in table.names if name not in frame.columns]
    surplus = sorted(set(frame.columns) - set(table.names))
    if missing or surplus:
        raise StoreError(
            f"table {table.name} may not be published: columns missing {missing}, not in its "
            f"contract {surplus}"
        )
    ordered = frame.sort_values(list(table.key), kind="stable")
    arrays = [_array(ordered[column.name], table, column.kind) for column in table.columns]
    sink = io.BytesIO()
    pq.write_table(
        pa.table(arrays, schema=_schema(table)),
        sink,
        row_group_size=ROWS_TOGETHER,
        compression="zstd",
        compression_level=3,
        version="2.6",
    )
    return sink.getvalue()


def from_parquet(content: bytes) -> pd.DataFrame:
    """The rows that ``to_parquet`` wrote; days as ``datetime.date``, missing numbers as NA."""
    frame: pd.DataFrame = pq.read_table(io.BytesIO(content)).to_pandas(
        date_as_object=True,
        types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get,
    )
    return frame


def _schema(table: Table) -> pa.Schema:
    return pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in table.columns])


def _array(column: pd.Series[Any], table: Table, kind: Kind) -> pa.Array:
    try:
        return pa.Array.from_pandas(column, type=_ARROW[kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise StoreError(
            f"table {table.name} may not be published: column {column.name} is no {kind} ({error})"
        ) from error
