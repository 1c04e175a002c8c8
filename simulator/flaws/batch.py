"""One batch of rows on its way into a file, with the cells that will be wrong in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from simulator.delivery import deliver_whole
from simulator.draws import Ints

Form = Literal["parquet", "utf-8", "gb18030"]
"""Parquet, or CSV in one of two encodings."""


class Batch:
    """Rows in the order in which they will stand in the file.

    Args:
        rows: The rows as they should be.
        copies: How often each of them stands in the file: 0, 1, or 2 for a row and its copy.
        form: What kind of file.
    """

    def __init__(self, rows: pa.Table, copies: Ints, form: Form) -> None:
        self._rows = rows.combine_chunks()
        self._order = np.repeat(np.arange(rows.num_rows), copies)
        self._first = np.cumsum(copies) - copies
        self._form = form
        self._cells: dict[str, dict[int, Any]] = {}
        self._texts: dict[str, dict[int, str]] = {}
        self._torn: dict[int, int] = {}

    def place(self, row: int, copy: int = 0) -> int:
        """Where a row, or its copy, will stand in the file, from 0."""
        return int(self._first[row]) + copy

    def cell(self, row: int, column: str) -> Any:
        """The value that a row should have."""
        return self._rows[column][row].as_py()

    def change(self, place: int, cells: Mapping[str, Any], *, as_text: bool = False) -> None:
        """Give a place in the file other cells; ``as_text`` ones need a text file."""
        target = self._texts if as_text else self._cells
        for name, value in cells.items():
            target.setdefault(name, {})[place] = value

    def tear(self, place: int, cells: int) -> None:
        """Leave only the first cells of a row; needs a text file."""
        self._torn[place] = cells

    def write(self, target: Path) -> None:
        """Write the file; ``target`` is its path without an ending."""
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = _changed(self._rows.take(pa.array(self._order)), self._cells)
        if self._form == "parquet":
            deliver_whole(rows, target)
            return
        texts = _changed(_as_text(rows), self._texts)
        path = target.with_name(f"{target.name}.csv")
        path.write_bytes(_with_torn(_as_csv(texts), self._torn).encode(self._form))


def _changed(rows: pa.Table, changes: Mapping[str, Mapping[int, Any]]) -> pa.Table:
    for name, cells in changes.items():
        column = rows[name].combine_chunks()
        fresh = pa.array(list(cells.values()), column.type)
        source = np.arange(len(column))
        source[list(cells)] = len(column) + np.arange(len(fresh))
        place = rows.column_names.index(name)
        mixed = pa.concat_arrays([column, fresh]).take(pa.array(source))
        rows = rows.set_column(place, rows.schema.field(name), mixed)
    return rows


def _as_text(rows: pa.Table) -> pa.Table:
    return pa.table({name: _texts(rows[name]) for name in rows.column_names})


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = column.cast(pa.string())
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring_regex(texts, r"\.0+$", "")
    return texts


def _as_csv(texts: pa.Table) -> str:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(texts, sink, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return sink.getvalue().decode()


def _with_torn(content: str, torn: Mapping[int, int]) -> str:
    """The same lines, some of them ending too early; no cell of ours holds a line break."""
    if not torn:
        return content
    lines = content.splitlines(keepends=True)
    for place, kept in torn.items():
        cells = next(csv.reader([lines[1 + place]]))
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells[:kept])
        lines[1 + place] = line.getvalue()
    return "".join(lines)
