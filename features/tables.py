"""The operator's tables, and the engine that they live on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import narwhals as nw
import pandas as pd
import pyarrow as pa

from data_contracts.contract import Table, source_tables

if TYPE_CHECKING:
    from features.cache import Cache

Frame: TypeAlias = "nw.LazyFrame[Any]"


@dataclass(frozen=True)
class Tables:
    """Source tables by name, as lazy frames of one ``engine``.

    ``bring`` makes a frame of that engine from a small Arrow table; ``hold`` computes a lazy frame
    once, so that several queries can read the result, which is let go of when the block of
    ``holding`` ends; ``beside`` joins the columns of several frames to the rows of a first, which
    have their key once. ``cache`` is where finished features are kept, if anywhere.
    """

    engine: str
    frames: Mapping[str, Frame]
    bring: Callable[[pa.Table], Frame]
    hold: Callable[[Frame], Frame]
    beside: Callable[[Frame, Sequence[Frame], Sequence[str]], Frame]
    holding: Callable[[], AbstractContextManager[None]]
    cache: Cache | None = None

    def __contains__(self, name: str) -> bool:
        return name in self.frames

    def __getitem__(self, name: str) -> Frame:
        return self.frames[name]

    def contract(self, name: str) -> Table:
        return source_tables()[name]


def as_pandas(rows: Frame, *key: str) -> pd.DataFrame:
    """The rows in memory, sorted by ``key``; ``as_of`` holds plain dates."""
    frame: pd.DataFrame = rows.sort(*key).collect("pandas").to_native()
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)
