"""Which columns of a filled-in file are which, and which lists its ids belong to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date

from serving.errors import FilledInError
from serving.returned.answers import plain
from serving.returned.files import Cell, Table
from serving.sheets.headings import ENTRIES, HEADINGS

KEYS = ("case_id", "list_id", "group_id")
_DAY_FIRST = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})-")
HEADER_WITHIN = 20
"""Rows from the top in which the titles must stand."""
TITLES: Mapping[str, str] = {
    plain(title): heading.column
    for heading in HEADINGS
    for title in (heading.column, heading.title.zh, heading.title.en)
}
"""Column of each title, in both languages."""


def days_named(sheets: Sequence[Table]) -> set[date]:
    """The days of the lists that rows may belong to, as their ids tell."""
    found = set()
    for table in sheets:
        texts = {str(cell.value) for _, cells in table.rows for cell in cells if not cell.empty}
        for text in texts:
            if said := _DAY_FIRST.match(text.strip()):
                with suppress(ValueError):
                    found.add(date(*(int(part) for part in said.groups())))
    return found


def header(table: Table) -> int | None:
    """Where the titles stand, if the table is a list at all."""
    for place, (_, cells) in enumerate(table.rows[:HEADER_WITHIN]):
        names = {TITLES.get(plain(str(cell.value or ""))) for cell in cells}
        keyed = "case_id" in names or {"list_id", "group_id"} <= names
        if keyed and any(entry.column in names for entry in ENTRIES):
            return place
    return None


def columns(cells: tuple[Cell, ...], sheet: str) -> dict[str, int]:
    """Where each column that is read stands.

    Raises:
        FilledInError: One of them stands twice.
    """
    wanted = {*KEYS, *(entry.column for entry in ENTRIES)}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = TITLES.get(plain(str(cell.value or "")))
        if name not in wanted or name is None:
            continue
        if name in found:
            where = f" of sheet {sheet}" if sheet else ""
            raise FilledInError(f"the column {cell.value}{where} stands twice; delete one of them")
        found[name] = place
    return found


def same_group(written: str, group_id: str) -> bool:
    """Whether it is the group, also where Excel took the id for a number and lost its last digits.

    >>> same_group("8.91E+13", "89100000000002"), same_group("89100000000013", "89100000000002")
    (True, False)
    """
    text = written.strip()
    if text == group_id:
        return True
    digits = re.fullmatch(r"(\d)(?:\.(\d+))?E\+(\d+)", text)
    if digits is None or not group_id.isdecimal() or int(digits[3]) + 1 != len(group_id):
        return False
    places = len(digits[2] or "")
    return f"{float(group_id):.{places}E}" == text
