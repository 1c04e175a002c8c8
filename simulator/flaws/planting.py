"""Batches on their way to the warehouse: which are hit by which flaw, and the list of it all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import LOAD_TIME, source_tables
from simulator.cells import moments
from simulator.delays import DAY
from simulator.draws import Draws
from simulator.flaws.batch import Form
from simulator.flaws.breaking import Breaker
from simulator.flaws.listing import Notes, Planted, as_table
from simulator.flaws.rows import RowFlaws
from simulator.observation import Flaws

BY_PERIOD = ("month", "dekad")
ENDINGS = {"parquet": ".parquet", "utf-8": ".csv", "gb18030": ".csv"}


class Planter:
    """Writes batches with flaws in them, and lists what it planted.

    Whole batches of tables by month or dekad can be missing, late or cut off, except each table's
    first; single rows of all tables can be missing, doubled or broken. What hits a batch depends on
    the seed, the table and the name of its file.
    """

    def __init__(self, flaws: Flaws, draws: Draws) -> None:
        self._flaws, self._draws = flaws, draws
        self._delivered: dict[str, int] = {}
        self._breakers: dict[str, Breaker] = {}
        self._list: list[Planted] = []

    def deliver(self, rows: pa.Table, target: Path) -> None:
        """Write a batch, or lose it.

        Args:
            rows: As they should be.
            target: Path of the file without its ending; the folder is named after the table.
        """
        table = source_tables()[target.parent.name]
        number = self._delivered[table.name] = self._delivered.get(table.name, 0) + 1
        form = self._form(target)
        notes = Notes(table.name, f"{table.name}/{target.name}{ENDINGS[form]}")
        reaches: pa.Table | None = rows
        if number > 1 and table.grain in BY_PERIOD:
            reaches = self._on_the_way(rows, number, target, notes)
        if reaches is not None:
            if form != "parquet":
                notes.note("text_batch", "parquet", f"csv in {form}")
            breaker = self._breakers.setdefault(table.name, Breaker(table))
            rows_flawed = RowFlaws(self._flaws, self._draws, table, breaker, notes)
            rows_flawed.plant(reaches, form).write(target)
        self._list += notes.planted

    def write(self, path: Path) -> None:
        """Write the list of what was planted as Parquet."""
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(as_table(self._list), path)

    def _form(self, target: Path) -> Form:
        if not self._hits("text", self._flaws.text_batch, target):
            return "parquet"
        return "gb18030" if self._hits("gb18030", self._flaws.gb18030, target) else "utf-8"

    def _on_the_way(
        self, rows: pa.Table, number: int, target: Path, notes: Notes
    ) -> pa.Table | None:
        """What is left of the ``number``-th batch of a table; None if it never arrives."""
        p = self._flaws
        if self._hits("missing", p.missing_batch, target):
            notes.note("missing_batch", str(rows.num_rows), "0", lost=rows.num_rows)
            return None
        if self._hits("late", p.late_batch, target):
            return _later(rows, p.late_days, number, notes)
        if self._hits("truncated", p.truncated_batch, target):
            lost = int(np.ceil(rows.num_rows * p.truncated_share))
            kept = rows.num_rows - lost
            notes.note("truncated_batch", str(rows.num_rows), str(kept), lost=lost)
            return rows.slice(0, kept)
        return rows

    def _hits(self, what: str, probability: float, target: Path) -> bool:
        process = f"flaws.{what}.{target.parent.name}/{target.name}"
        return bool(self._draws.happens(process, probability, 0)[0])


def _later(rows: pa.Table, days: int, number: int, notes: Notes) -> pa.Table:
    """All rows loaded days later; odd microseconds keep them apart from what came meanwhile."""
    load = rows[LOAD_TIME].to_numpy().astype("datetime64[us]").astype(np.int64)
    later = load + days * DAY + number
    was, delivered = (str(np.datetime64(int(t.min()), "us")) for t in (load, later))
    notes.note("late_batch", was, delivered, column=LOAD_TIME)
    place = rows.column_names.index(LOAD_TIME)
    return rows.set_column(place, rows.schema.field(LOAD_TIME), moments(later))
