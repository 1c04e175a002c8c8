"""Single rows of a batch that are missing, doubled, broken, cut or out of order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from data_contracts.contract import LOAD_TIME, Table
from simulator.draws import Draws, Ints
from simulator.flaws.batch import Batch, Form
from simulator.flaws.breaking import Breaker, Cells
from simulator.flaws.listing import Notes
from simulator.flaws.versions import alone, overtaken
from simulator.observation import Flaws

MISSING, DUPLICATE, CONTRADICTION, MALFORMED, TORN, CUT, WHOLE = range(7)
SET_ASIDE = np.array([0, 1, 2, 1, 1, 0, 0])
"""How many rows of the file each of them makes break a rule."""

SHAPE = ".shape"
"""After the table's name: the rule that a line has as many cells as the header."""
KEY = ".key"

MANY = 1_000_000
WIDEST_MISS = 60


class RowFlaws:
    """Plants flaws in the rows of one batch.

    Args:
        flaws: How often.
        draws: Of the county.
        table: The contract.
        breaker: Of the same table.
        notes: Takes what was planted.
    """

    def __init__(
        self, flaws: Flaws, draws: Draws, table: Table, breaker: Breaker, notes: Notes
    ) -> None:
        self._flaws, self._draws, self._table = flaws, draws, table
        self._breaker, self._notes = breaker, notes
        self._cut: set[str] = set()

    def plant(self, rows: pa.Table, form: Form) -> Batch:
        """The batch with its flaws."""
        rows = rows.combine_chunks()
        fate = self._fates(rows, text=form != "parquet")
        others = self._contradictions(rows, fate)
        fate[[row for row, cells in others.items() if cells is None]] = WHOLE
        copies = np.where(fate == MISSING, 0, np.isin(fate, (DUPLICATE, CONTRADICTION)) + 1)
        batch = Batch(rows, copies, form)
        for row in np.flatnonzero(fate == MISSING).tolist():
            self._notes.note("missing_row", key=self._key(batch, row), lost=1)
        for row in np.flatnonzero(fate == DUPLICATE).tolist():
            self._duplicate(batch, row)
        for row, cells in others.items():
            if cells is not None:
                self._contradict(batch, row, cells)
        for row in np.flatnonzero(fate == MALFORMED).tolist():
            self._break(batch, row, text=form != "parquet")
        for row in np.flatnonzero(fate == TORN).tolist():
            self._tear(batch, row)
        for row in np.flatnonzero(fate == CUT).tolist():
            self._shorten(batch, row)
        for first, last in zip(*self._disordered(rows, fate), strict=True):
            self._swap(batch, int(first), int(last))
        return batch

    def _fates(self, rows: pa.Table, *, text: bool) -> Ints:
        """What befalls each row; not more rows are broken than the preset allows a batch."""
        p = self._flaws
        torn = p.torn_row if text else 0.0
        shares = [p.missing_row, p.duplicate, p.contradiction, p.malformed, torn, p.cut_text]
        chance = self._draws.uniform(self._process("fate"), np.arange(rows.num_rows))
        fate = np.searchsorted(np.cumsum(shares), chance, side="right")
        fate[~alone(self._table, rows)] = WHOLE
        weight = SET_ASIDE[fate]
        too_many = np.cumsum(weight) > int(p.most_broken * rows.num_rows)
        fate[too_many & (weight > 0)] = WHOLE
        return fate

    def _contradictions(self, rows: pa.Table, fate: Ints) -> dict[int, Cells | None]:
        def other(row: int) -> Cells | None:
            return self._breaker.contradict(
                lambda name: rows[name][row].as_py(),
                self._number("contradiction", row),
                self._nudge(row),
            )

        return {row: other(row) for row in np.flatnonzero(fate == CONTRADICTION).tolist()}

    def _duplicate(self, batch: Batch, row: int) -> None:
        place, rule = batch.place(row, copy=1), f"{self._table.name}{KEY}"
        self._notes.note("duplicate", row=place + 1, key=self._key(batch, row), rule=rule)

    def _contradict(self, batch: Batch, row: int, cells: Cells) -> None:
        """Nobody can say which of the two is right, so the original is lost with its copy."""
        batch.change(batch.place(row, copy=1), cells)
        for copy, delivered in enumerate(({name: batch.cell(row, name) for name in cells}, cells)):
            self._say(batch, row, "contradiction", delivered, f"{self._table.name}{KEY}", copy)

    def _break(self, batch: Batch, row: int, *, text: bool) -> None:
        damage = self._breaker.damage(
            lambda name: batch.cell(row, name),
            self._number("kind", row),
            self._number("rule", row),
            self._nudge(row),
            text=text,
        )
        if damage is not None:
            batch.change(batch.place(row), damage.cells, as_text=damage.as_text)
            self._say(batch, row, "malformed", damage.cells, damage.rule)

    def _tear(self, batch: Batch, row: int) -> None:
        cells = 1 + self._number("torn", row) % (len(self._table.names) - 1)
        place = batch.place(row)
        batch.tear(place, cells)
        self._notes.note(
            "torn_row",
            f"{len(self._table.names)} cells",
            f"{cells} cells",
            row=place + 1,
            key=self._key(batch, row),
            rule=f"{self._table.name}{SHAPE}",
            lost=1,
        )

    def _shorten(self, batch: Batch, row: int) -> None:
        """No two rows of a batch are shortened to one key."""
        cells = self._breaker.cut(
            lambda name: batch.cell(row, name), self._number("cut", row), self._nudge(row)
        )
        if cells is None:
            return
        key = "|".join(
            _text(cells.get(name, batch.cell(row, name))) or "" for name in self._table.physical_key
        )
        if key not in self._cut:
            self._cut.add(key)
            batch.change(batch.place(row), cells)
            self._say(batch, row, "cut_text", cells)

    def _disordered(self, rows: pa.Table, fate: Ints) -> tuple[Ints, Ints]:
        firsts, lasts = overtaken(self._table, rows)
        hit = self._draws.happens(self._process("order"), self._flaws.out_of_order, firsts)
        hit = hit[: len(firsts)] & (fate[firsts] == WHOLE) & (fate[lasts] == WHOLE)
        return firsts[hit], lasts[hit]

    def _swap(self, batch: Batch, first: int, last: int) -> None:
        """The older version loaded when the newer one should have been, and the other way round."""
        for row, other in ((first, last), (last, first)):
            cells = {LOAD_TIME: batch.cell(other, LOAD_TIME)}
            batch.change(batch.place(row), cells)
            self._say(batch, row, "out_of_order", cells)

    def _say(
        self, batch: Batch, row: int, kind: str, cells: Cells, rule: str = "", copy: int = 0
    ) -> None:
        self._notes.note(
            kind,
            _joined([batch.cell(row, name) for name in cells]),
            _joined(list(cells.values())),
            row=batch.place(row, copy) + 1,
            key=self._key(batch, row),
            column="|".join(cells),
            rule=rule,
            lost=int(bool(rule) and not copy),
        )

    def _key(self, batch: Batch, row: int) -> str:
        return "|".join(_text(batch.cell(row, name)) or "" for name in self._table.physical_key)

    def _number(self, what: str, row: int) -> int:
        return int(self._draws.whole(self._process(what), 0, MANY, row)[0])

    def _nudge(self, row: int) -> int:
        return int(self._draws.whole(self._process("nudge"), 1, WIDEST_MISS, row)[0])

    def _process(self, what: str) -> str:
        return f"flaws.{what}.{self._notes.file.rpartition('.')[0]}"


def _joined(cells: list[Any]) -> str | None:
    texts = [_text(cell) for cell in cells]
    return None if all(text is None for text in texts) else "|".join(text or "" for text in texts)


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
