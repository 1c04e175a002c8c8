"""The operator's tables, and the engine that they live on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
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
    ``first_loads`` tells when something of a table came first; what it lacks is looked up.
    """

    engine: str
    frames: Mapping[str, Frame]
    bring: Callable[[pa.Table], Frame]
    hold: Callable[[Frame], Frame]
    beside: Callable[[Frame, Sequence[Frame], Sequence[str]], Frame]
    holding: Callable[[], AbstractContextManager[None]]
    cache: Cache | None = None
    first_loads: dict[str, date] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.frames

    def __getitem__(self, name: str) -> Frame:
        return self.frames[name]

    def known_by(self, day: date) -> frozenset[str]:
        """Names of the tables of which something was loaded by the end of ``day``: to a day before
        its first delivery, a table is absent."""
        for name in self.frames.keys() - self.first_loads.keys():
            first = self.frames[name].select(nw.col("load_time").min()).collect("pyarrow").item()
            self.first_loads[name] = first.date() if first else date.max
        return frozenset(name for name in self.frames if self.first_loads[name] <= day)

    def size_of(self, name: str, of: str) -> int:
        """How many different values of the column ``of`` a table has; 0 for an absent table."""
        if name in self and name not in self._sizes:
            different = self.frames[name].select(nw.col(of).n_unique())
            self._sizes[name] = different.collect("pyarrow").item()
        return self._sizes.get(name, 0)

    def only(self, names: Collection[str]) -> Tables:
        """These tables without the others."""
        return replace(
            self, frames={name: self.frames[name] for name in self.frames if name in names}
        )

    def contract(self, name: str) -> Table:
        return source_tables()[name]


def as_pandas(rows: Frame, *key: str) -> pd.DataFrame:
    """The rows in memory, sorted by ``key``; ``as_of`` holds plain dates."""
    frame: pd.DataFrame = rows.sort(*key).collect("pandas").to_native()
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)
