"""Probes of the register: consequences taken away, and more of them put in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_contracts.contract import source_tables
from features.audit.register import REGISTER, Entry
from features.audit.trial import Part, Probe

Mask = NDArray[np.bool_]


def probes_of_register(
    day: date, pools: Sequence[str] = (), entries: Sequence[Entry] = REGISTER
) -> list[Probe]:
    """No feature may change when consequences disappear, nor when there are more of them.

    Args:
        day: What had been loaded by then can be read.
        pools: Ids of managers to whom only lost groups are assigned.
        entries: The consequences to try.
    """
    without = tuple(
        Part(e.name, e.table, partial(_without, entry=e, day=day, pools=tuple(pools)), _seen(e))
        for e in entries
    )
    more = tuple(Part(e.name, e.table, partial(_with_more, entry=e), _seen(e)) for e in entries)
    return [Probe("consequences", without), Probe("consequences", more, adds=True)]


def _seen(entry: Entry) -> str:
    return f"it reads what follows from a loss ({entry.table}): {entry.why_en}"


def _without(table: pa.Table, entry: Entry, day: date, pools: tuple[str, ...]) -> pa.Table:
    mask = _matching(table, entry, pools)
    if not mask.any():
        return table
    if entry.rows == "keep":
        innocent = {name: pair[0] for name, pair in entry.cells.items()}
        return _set(table, innocent, mask)
    if entry.rows == "whole":
        mask = _same_key(table, entry.table, mask & _ended(table, day))
    return table.filter(pa.array(~mask))


def _with_more(table: pa.Table, entry: Entry) -> pa.Table:
    """Innocent rows made to tell: copies under new keys, or the rows themselves."""
    if not any(telling for _, telling in entry.cells.values()):
        return table
    telling = {name: pair[1] for name, pair in entry.cells.items()}
    if entry.rows == "keep":
        innocent = entry.where is None
        mask = np.ones(len(table), dtype=bool) if innocent else _innocent(table, entry)
        return _set(table, telling, mask)
    copies = table.filter(pa.array(~_matching(table, entry, ())))
    key = source_tables()[entry.table].key[0]
    renamed = pc.binary_join_element_wise(copies[key].cast(pa.string()), "again", "-")
    copies = _put(copies, key, renamed)
    return pa.concat_tables([table, _set(copies, telling, np.ones(len(copies), dtype=bool))])


def _matching(table: pa.Table, entry: Entry, pools: tuple[str, ...]) -> Mask:
    if entry.pool:
        columns = [name for name in ("am_staff_id", "staff_id") if name in table.column_names]
        return _any_of(table, dict.fromkeys(columns, pools))
    return np.ones(len(table), bool) if entry.where is None else _any_of(table, entry.where)


def _ended(table: pa.Table, day: date) -> Mask:
    """Of a group's own holdings, those known on the day to have ended."""
    known = pc.less(table["load_time"], datetime.combine(day + timedelta(1), time()))
    ended = pc.less_equal(table["valid_to"].cast(pa.date32()), pa.scalar(day, pa.date32()))
    return _filled(pc.and_(pc.and_(known, ended), table["user_id"].is_null()))


def _innocent(table: pa.Table, entry: Entry) -> Mask:
    same = {name: (str(innocent),) for name, (innocent, _) in entry.cells.items()}
    return _any_of(table, same)


def _any_of(table: pa.Table, where: Any) -> Mask:
    mask = np.ones(len(table), dtype=bool)
    for name, values in where.items():
        mask &= _filled(pc.is_in(table[name].cast(pa.string()), pa.array(values, pa.string())))
    return mask


def _same_key(table: pa.Table, name: str, mask: Mask) -> Mask:
    key = source_tables()[name].key[0]
    return _filled(pc.is_in(table[key], table[key].filter(pa.array(mask)).combine_chunks()))


def _set(table: pa.Table, cells: Any, mask: Mask) -> pa.Table:
    for name, value in cells.items():
        kind = table.schema.field(name).type
        new = pc.if_else(pa.array(mask), pa.scalar(value).cast(kind), table[name])
        table = _put(table, name, new)
    return table


def _put(table: pa.Table, name: str, values: Any) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), values)


def _filled(values: Any) -> Mask:
    return np.asarray(pc.fill_null(values, False)).astype(bool)
