"""The operator's tables, and the engine that they live on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import narwhals as nw
import pandas as pd
import pyarrow as pa

from data_contracts.contract import Table, source_tables

if TYPE_CHECKING:
    import duckdb


Frame: TypeAlias = "nw.LazyFrame[Any]"


@dataclass(frozen=True)
class Tables:
    """Source tables by name, as lazy frames of one engine.

    ``bring`` makes a frame of that engine from a small Arrow table; ``hold`` computes a lazy frame
    once, so that several queries can read the result. ``superseded`` is where ``features.known``
    keeps, table by table, the rows that a newer version replaced, and when.
    """

    frames: Mapping[str, Frame]
    bring: Callable[[pa.Table], Frame]
    hold: Callable[[Frame], Frame]
    superseded: dict[str, Frame] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.frames

    def __getitem__(self, name: str) -> Frame:
        return self.frames[name]

    def contract(self, name: str) -> Table:
        return source_tables()[name]


def on_duckdb(connection: duckdb.DuckDBPyConnection, frames: Mapping[str, Frame]) -> Tables:
    """Tables whose ``frames`` are relations of ``connection``; what is held is an Arrow table."""

    def bring(small: pa.Table) -> Frame:
        return nw.from_native(connection.from_arrow(small))

    def hold(frame: Frame) -> Frame:
        return bring(frame.collect("pyarrow").to_native())

    return Tables(frames, bring, hold)


def as_pandas(rows: Frame, *key: str) -> pd.DataFrame:
    """The rows in memory, sorted by ``key``; ``as_of`` holds plain dates."""
    frame: pd.DataFrame = rows.sort(*key).collect("pandas").to_native()
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)
