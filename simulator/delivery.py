"""Rows become batch files: one Parquet file for each table and month or dekad of loading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import Table, source_tables
from simulator.cells import Cells, moments, pick
from simulator.dekads import dekad_codes, month_codes
from simulator.delays import DAY
from simulator.draws import Ints

TYPES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
BY_DEKAD = frozenset(
    {
        "alert_case",
        "auth_letter",
        "contract",
        "member",
        "membership_hist",
        "product_holding",
        "rival_event",
        "treatment",
        "usage_dekad",
        "visit",
    }
)
"""Tables whose extracts come every dekad; those of the others come once a month."""
LOADED = ("event_time", "load_time", "batch_id", "op", "src_system")

Deliver = Callable[[pa.Table, Path], None]
"""Writes a batch into a folder named after its table; the path is without an ending."""


def deliver_whole(rows: pa.Table, target: Path) -> None:
    """Write a batch as it should be, as Parquet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, target.with_name(f"{target.name}.parquet"), compression="zstd")


class Landing:
    """Collects rows and writes those of a batch once no more of them can come.

    The contract of each table decides its columns, their order and their types; nullable columns
    that are not given are unknown in every row.

    Args:
        folder: Gets ``<table>/<batch><suffix>.parquet``.
        suffix: Tells the files of several counties apart.
        deliver: How a batch becomes a file; see ``flaws.planting`` for another way.
    """

    def __init__(self, folder: Path, suffix: str = "", deliver: Deliver = deliver_whole) -> None:
        self._folder, self._suffix, self._deliver = folder, suffix, deliver
        self._waiting: dict[tuple[str, int], list[pa.Table]] = {}
        self._written = 0
        self._schemas: dict[str, pa.Schema] = {}

    def add(
        self, name: str, rows: Mapping[str, Any], event: Ints, load: Ints, op: str, source: str
    ) -> None:
        """Take rows of table ``name``.

        Args:
            rows: Columns by name: arrays, or one value for every row.
            event, load: Microseconds since 1970.
            op: I for new rows, U for newer versions.
            source: The operator's system that the rows come from.

        Raises:
            ValueError: A column the contract does not have, a required one missing, or a row that
                belongs to a file already written.
        """
        if not len(load):
            return
        batch = (dekad_codes if name in BY_DEKAD else month_codes)(load // DAY)
        if int(batch.min()) <= _last_of(name, self._written):
            raise ValueError(f"{name}: rows loaded in {batch.min()} come after that batch's file")
        codes, place = np.unique(batch, return_inverse=True)
        given = {
            **rows,
            "event_time": moments(event),
            "load_time": moments(load),
            "batch_id": pick([str(code) for code in codes], place),
            "op": op,
            "src_system": source,
        }
        table = self._conform(source_tables()[name], given, len(load))
        for number, code in enumerate(codes):
            part = table if len(codes) == 1 else table.filter(pa.array(place == number))
            self._waiting.setdefault((name, int(code)), []).append(part)

    def flush(self, through: int) -> None:
        """Write every batch that ends by the dekad ``through`` (YYYYMMd); it takes no more rows."""
        for name, code in sorted(k for k in self._waiting if k[1] <= _last_of(k[0], through)):
            target = self._folder / name / f"{code}{self._suffix}"
            self._deliver(pa.concat_tables(self._waiting.pop((name, code))), target)
        self._written = max(self._written, through)

    def _conform(self, contract: Table, given: Mapping[str, Any], count: int) -> pa.Table:
        if contract.name not in self._schemas:
            self._schemas[contract.name] = pa.schema(
                [pa.field(c.name, TYPES[c.kind]) for c in contract.columns]
            )
        strangers = sorted(given.keys() - set(contract.names))
        if strangers:
            raise ValueError(f"{contract.name} has no column {', '.join(strangers)}")
        columns = []
        for column in contract.columns:
            if column.required and column.name not in given:
                raise ValueError(f"{contract.name}.{column.name} is required and was not given")
            columns.append(_cells(given.get(column.name), TYPES[column.kind], count))
        return pa.table(columns, schema=self._schemas[contract.name])


def _last_of(name: str, dekad: int) -> int:
    """The newest batch of a table that ends by a dekad (YYYYMMd)."""
    month, third = divmod(dekad, 10)
    return dekad if name in BY_DEKAD else month - (third < 3)


def _cells(value: Any, kind: pa.DataType, count: int) -> Cells:
    if value is None or isinstance(value, (str, int, float, bool)):
        return pa.repeat(pa.scalar(value, kind), count)
    array = value if isinstance(value, (pa.Array, pa.ChunkedArray)) else pa.array(value)
    if len(array) != count:
        raise ValueError(f"a column has {len(array)} cells, {count} were expected")
    return array if array.type == kind else array.cast(kind)
