"""Tables on DuckDB, the embedded engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import narwhals as nw
import pyarrow as pa

from features.tables import Frame, Tables

if TYPE_CHECKING:
    import duckdb

    from features.cache import Cache

_NUMBERS = count()
"""Of what is held, so that several ``Tables`` can share a connection."""


def on_duckdb(
    connection: duckdb.DuckDBPyConnection,
    frames: Mapping[str, Frame],
    *,
    cache: Cache | None = None,
) -> Tables:
    """Tables whose ``frames`` are relations of ``connection``.

    What is held is a temporary table of the connection: it counts against its ``memory_limit`` and
    goes to its ``temp_directory`` where there is more.
    """
    held: list[str] = []

    def bring(small: pa.Table) -> Frame:
        return nw.from_native(connection.from_arrow(small))

    def hold(frame: Frame) -> Frame:
        return keep("FROM part_0", [frame])

    def beside(rows: Frame, parts: Sequence[Frame], on: Sequence[str]) -> Frame:
        key = ", ".join(on)
        joined = [f"LEFT JOIN part_{number} USING ({key})" for number in range(1, len(parts) + 1)]
        return keep(" ".join(["FROM part_0", *joined]), [rows, *parts])

    def keep(query: str, parts: Sequence[Frame]) -> Frame:
        name = f"held_{next(_NUMBERS)}"
        for number, part in enumerate(parts):
            connection.register(f"part_{number}", part.to_native())
        try:
            connection.execute(f"CREATE TEMP TABLE {name} AS {query}")
        finally:
            for number in range(len(parts)):
                connection.unregister(f"part_{number}")
        held.append(name)
        return nw.from_native(connection.table(name))

    @contextmanager
    def holding() -> Iterator[None]:
        before = len(held)
        try:
            yield
        finally:
            while len(held) > before:
                connection.execute(f"DROP TABLE {held.pop()}")

    return Tables("duckdb", frames, bring, hold, beside, holding, cache)
