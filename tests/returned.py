"""What people do to a list before they send it back, for tests of what comes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from filled_list import full_list, made_by_model, rules_of_list
from openpyxl import Workbook, load_workbook

from features.definition import Text
from serving.returned.issued import IssuedLists
from serving.sheets.headings import ENTRIES
from serving.words import Language, say
from serving.workbook import Names, workbook

ACTIONS = {
    "KEY_VISIT": Text("关键人拜访", "visit the decision maker"),
    "DEP_BONUS": Text("存费送费", "deposit bonus"),
    "VERIFY": Text("核实资料、指定客户经理", "check the file, appoint a manager"),
}
KEY_TITLES = ("集团编号", "清单编号", "工单编号")
VISITED_TITLES = tuple(entry.title.zh for entry in ENTRIES)
TITLE = {entry.column: entry.title for entry in ENTRIES}


def lists() -> IssuedLists:
    return IssuedLists([full_list()], [])


@cache
def sent(language: Language = "zh") -> bytes:
    """The workbook as it was sent out."""
    names = Names(actions=ACTIONS)
    return workbook(full_list(), None, made_by_model(), rules_of_list(), language, names)


def grid(content: bytes) -> list[list[Any]]:
    """The cells of the list, titles first."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[1]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def filled(answers: Mapping[str, Mapping[str, Any]], language: Language = "zh") -> list[list[Any]]:
    """The cells with answers filled in: by group, what to write under the title of a column."""
    cells = grid(sent(language))
    header = cells[0]
    group = header.index("集团编号" if language == "zh" else "Group")
    for row in cells[1:]:
        for column, value in answers.get(row[group], {}).items():
            row[header.index(say(TITLE[column], language))] = value
    return cells


def as_workbook(cells: Sequence[Sequence[Any]], sheet: str = "Sheet1") -> bytes:
    """The cells as another program saves them: every text a text."""
    book = Workbook()
    for row_number, row in enumerate(cells, start=1):
        for place, value in enumerate(row, start=1):
            cell = book.active.cell(row_number, place)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.active.title = sheet
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_csv(cells: Sequence[Sequence[Any]], encoding: str = "gbk", delimiter: str = ",") -> bytes:
    """The cells as Excel saves them as CSV: days as 2011/1/6."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([_csv(value) for value in row] for row in cells)
    return text.getvalue().encode(encoding)


def without(cells: Sequence[Sequence[Any]], *titles: str) -> list[list[Any]]:
    """The cells after somebody has deleted columns."""
    gone = {cells[0].index(title) for title in titles}
    return [[v for place, v in enumerate(row) if place not in gone] for row in cells]


def _csv(value: Any) -> str:
    if isinstance(value, datetime | date):
        return f"{value.year}/{value.month}/{value.day}"
    return "" if value is None else str(value)
