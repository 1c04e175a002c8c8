"""Probes of time: rows loaded later, files delivered later, cells that tell of the future."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_contracts.contract import DELIVERY, LOAD_TIME, Table, source_tables
from features.audit.register import PLANNED
from features.audit.sample import Rows
from features.audit.trial import Part, Probe

Mask = NDArray[np.bool_]
Days = NDArray[np.datetime64]

_ADDED_AT_MOST = 20_000
_IDS = {"user_id", "group_id", LOAD_TIME, DELIVERY, "op"}


def probes_of_time(rows: Rows, day: date, seed: int = 0) -> list[Probe]:
    """Changes that cannot matter to a feature that looks at what was known on ``day``."""
    return [
        _deleted(rows, day),
        _changed(rows, day, seed),
        _late_files(rows, day),
        *_future(rows, day),
    ]


def _deleted(rows: Rows, day: date) -> Probe:
    seen = f"it changes when rows loaded after {day} are deleted"
    change = partial(_known, day=day)
    return Probe("later rows", tuple(Part(name, name, change, seen) for name in rows))


def _changed(rows: Rows, day: date, seed: int) -> Probe:
    seen = f"it changes when rows loaded after {day} are changed, doubled, or newer ones come"
    parts = (
        Part(name, name, partial(_rewritten, day=day, name=name, seed=seed), seen) for name in rows
    )
    return Probe("later rows", tuple(parts), adds=True)


def _late_files(rows: Rows, day: date) -> Probe:
    seen = f"it reads rows delivered after {day}, or before they happened, as if known by then"
    parts = (
        Part(name, name, partial(_without_late_files, day=day, name=name), seen) for name in rows
    )
    return Probe("late files", tuple(parts))


def _future(rows: Rows, day: date) -> list[Probe]:
    """Cells of known rows that tell of a day after ``as_of`` or after their own loading."""
    cells = [
        (name, column.name)
        for name in rows
        for column in source_tables()[name].columns
        if column.kind in ("date", "timestamp") and column.name not in PLANNED
    ]
    column = "it reads the column, which tells of days that had not come"
    row = "it reads rows that were written later than they say, as the column shows"
    name = "content from the future"
    blanked = (
        Part(f"{table}.{cell}", table, partial(_blanked, name=cell, day=day), column)
        for table, cell in cells
    )
    exchanged = (
        Part(f"{table}.{cell}", table, partial(_exchanged, name=cell, day=day, of=table), row)
        for table, cell in cells
    )
    return [Probe(name, tuple(blanked)), Probe(name, tuple(exchanged), adds=True)]


def _known(table: pa.Table, day: date) -> pa.Table:
    return _kept(table, _loaded_by(table, day))


def _rewritten(table: pa.Table, day: date, name: str, seed: int) -> pa.Table:
    """Later rows with other content, twice, and new versions of rows known already."""
    random = np.random.default_rng([seed, len(name), *name.encode()])
    known = _loaded_by(table, day)
    early, later = _kept(table, known), _kept(table, ~known)
    contract = source_tables()[name]
    copies = min(len(early), max(len(early) // 2, 1), _ADDED_AT_MOST)
    again = _reloaded(early.take(random.permutation(len(early))[:copies]), day, random)
    twice = _reloaded(later, day, random)
    parts = [_scrambled(part, contract, random) for part in (later, twice, again)]
    return pa.concat_tables([early, *parts])


def _reloaded(table: pa.Table, day: date, random: np.random.Generator) -> pa.Table:
    start = np.datetime64(day + timedelta(1), "us")
    delays = random.integers(1, 400 * 86_400, len(table)).astype("timedelta64[s]")
    return _with(table, LOAD_TIME, pa.array(start + delays, pa.timestamp("us")))


def _scrambled(table: pa.Table, contract: Table, random: np.random.Generator) -> pa.Table:
    """Other values in every column but ids, keys and the time of loading."""
    fixed = {*_IDS, *contract.key}
    for name in table.column_names:
        if name not in fixed:
            table = _with(table, name, table[name].take(random.permutation(len(table))))
    return table


def _without_late_files(table: pa.Table, day: date, name: str) -> pa.Table:
    loaded = _days(table, LOAD_TIME)
    impossible = np.zeros(len(table), dtype=bool)
    if DELIVERY in table.column_names:
        batch = table[DELIVERY].cast(pa.string())
        readable = pc.match_substring_regex(batch, r"^\d{6}[123]?$")
        number = min((day.day - 1) // 10, 2) + 1
        impossible |= _mask(pc.and_(readable, pc.greater(batch, f"{day:%Y%m}{number}")))
    if "event_time" in table.column_names:
        impossible |= _days(table, "event_time") > loaded
    contract = source_tables()[name]
    if contract.period:
        impossible |= _ends(table[contract.period]) > loaded
    return _kept(table, ~(impossible & _loaded_by(table, day)))


def _blanked(table: pa.Table, name: str, day: date) -> pa.Table:
    mask = _of_the_future(table, name, day)
    if not mask.any():
        return table
    return _with(table, name, pc.if_else(pa.array(mask), None, table[name]))


def _exchanged(table: pa.Table, name: str, day: date, of: str) -> pa.Table:
    """Rows that were written later than they say, with the content of other rows."""
    told = _of_the_future(table, name, day)
    others = np.flatnonzero(~told)
    if not told.any() or not len(others):
        return table
    fixed = {*_IDS, *source_tables()[of].key}
    place = np.arange(len(table))
    place[told] = others[np.resize(np.random.default_rng(0).permutation(len(others)), told.sum())]
    for column in table.column_names:
        if column not in fixed:
            table = _with(table, column, table[column].take(pa.array(place)))
    return table


def _of_the_future(table: pa.Table, name: str, day: date) -> Mask:
    if name not in table.column_names:
        return np.zeros(len(table), dtype=bool)
    told = _days(table, name)
    ahead = (told > np.datetime64(day)) | (told > _days(table, LOAD_TIME))
    return ahead & _loaded_by(table, day)


def _loaded_by(table: pa.Table, day: date) -> Mask:
    return _days(table, LOAD_TIME) <= np.datetime64(day)


def _days(table: pa.Table, name: str) -> Days:
    """The days of a column; unknown ones compare as neither before nor after."""
    moments: Days = table[name].cast(pa.timestamp("us")).to_numpy()
    return moments.astype("datetime64[D]")


def _ends(periods: pa.ChunkedArray) -> Days:
    """Last days of months (YYYYMM) or dekads (YYYYMMn)."""
    coded = periods.cast(pa.string()).combine_chunks().dictionary_encode()
    ends = np.array([_end(code) for code in coded.dictionary.to_pylist()], "datetime64[D]")
    places = coded.indices.to_numpy(zero_copy_only=False)
    return ends[places] if len(ends) else np.empty(0, "datetime64[D]")


def _end(period: str) -> date:
    year, month = int(period[:4]), int(period[4:6])
    last = calendar.monthrange(year, month)[1]
    return date(year, month, {"1": 10, "2": 20}.get(period[6:], last))


def _kept(table: pa.Table, mask: Mask) -> pa.Table:
    return table if mask.all() else table.filter(pa.array(mask))


def _mask(values: pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(values, False)).astype(bool)


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), values.cast(table.schema.types[place]))
