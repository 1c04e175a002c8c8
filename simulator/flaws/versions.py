"""Rows of a batch that hang together: intervals of one owner, versions of one key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.contract import LOAD_TIME, Table
from simulator.draws import Flags, Ints

NEWER = "U"
"""The ``op`` of newer versions; where no row has it there is nothing to look for."""

_ROW = "_row"


def alone(table: Table, rows: pa.Table) -> Flags:
    """Rows that can be changed, doubled or lost without another row's breaking a rule by it.

    Where intervals of one owner must not overlap, the end of one makes room for the next: so only
    rows whose owners have no other row in the batch are alone.
    """
    flags = np.ones(rows.num_rows, dtype=bool)
    for rule in table.rules:
        if rule.kind == "no_overlap":
            flags &= _sole(rows, rule.columns[2:])
    return flags


def overtaken(table: Table, rows: pa.Table) -> tuple[Ints, Ints]:
    """Pairs of versions of one key in a batch that could have been loaded the other way round.

    Both had happened before either was loaded, and their owners have no further row in the batch.
    """
    none = np.zeros(0, dtype=np.int64)
    if not pc.any(pc.equal(rows["op"], NEWER)).as_py():
        return none, none
    firsts, lasts = _of_count(rows, table.key, 2)
    for rule in table.rules:
        if rule.kind == "no_overlap":
            pairs = set(
                zip(*(p.tolist() for p in _of_count(rows, rule.columns[2:], 2)), strict=True)
            )
            whole = [p in pairs for p in zip(firsts.tolist(), lasts.tolist(), strict=True)]
            firsts, lasts = firsts[whole], lasts[whole]
    load, event = _micros(rows, LOAD_TIME), _micros(rows, "event_time")
    earliest = np.minimum(load[firsts], load[lasts])
    possible = np.maximum(event[firsts], event[lasts]) <= earliest
    possible &= load[firsts] != load[lasts]
    order = np.argsort(firsts[possible], kind="stable")
    return firsts[possible][order], lasts[possible][order]


def _sole(rows: pa.Table, owner: Sequence[str]) -> Flags:
    flags = np.zeros(rows.num_rows, dtype=bool)
    flags[_of_count(rows, owner, 1)[0]] = True
    for name in owner:
        flags |= rows[name].is_null().to_numpy()
    return flags


def _of_count(rows: pa.Table, columns: Sequence[str], count: int) -> tuple[Ints, Ints]:
    """The first and last row of each value of ``columns`` that stands in so many rows."""
    numbered = rows.select(list(columns)).append_column(_ROW, pa.array(np.arange(rows.num_rows)))
    found = numbered.group_by(list(columns)).aggregate(
        [(_ROW, "count"), (_ROW, "min"), (_ROW, "max")]
    )
    found = found.filter(pc.equal(found[f"{_ROW}_count"], count))
    return found[f"{_ROW}_min"].to_numpy(), found[f"{_ROW}_max"].to_numpy()


def _micros(rows: pa.Table, name: str) -> Ints:
    return np.asarray(rows[name].to_numpy(), dtype="datetime64[us]").astype(np.int64)
