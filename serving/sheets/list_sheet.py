"""The sheet with the list itself, from which a person works and which comes back filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from features.definition import Text
from serving import words
from serving.sheets.cells import LINE, height
from serving.sheets.formats import COLOURS, Formats, prepare_for_print, write
from serving.sheets.headings import Heading, choices, content, list_method
from serving.words import Language, say

LIST_SHEET = Text("风险清单", "Risk list")
STAYS_IN_SIGHT = "group_name"
LAST_ON_PAPER = "notes"
"""More columns than these would print too small to read."""
LONGEST_CHOICES = 255
"""Signs of choices that a cell keeps itself; more are kept on the sheet of the legend."""
MOST_COST = 1_000_000
"""Yuan; what the table of treatments holds at most."""
CHOOSE = Text(
    "请从列表中选择，其他内容写在备注中。", "Choose from the list; write the rest in the notes."
)
WRONG_DAY = Text("请填日期，例如2011-01-06。", "Write a day, such as 2011-01-06.")
WRONG_COST = Text("请填金额（元），不带单位。", "Write yuan, a number alone.")


@dataclass(frozen=True)
class ListSheet:
    """What the sheet shows.

    Attributes:
        rows: From ``serving.sheets.headings.shown``.
        headings: Its columns, in order.
        name: Name of the sheet.
        actions: What may be chosen as the action that was taken.
        kept_choices: Range of the choices that are too long for a cell, by column.
    """

    rows: pd.DataFrame
    headings: tuple[Heading, ...]
    name: str
    actions: Mapping[str, Text]
    kept_choices: Mapping[str, str]


def write_list(sheet: Worksheet, made: ListSheet, formats: Formats, language: Language) -> None:
    """Fill the sheet."""
    sheet.set_row(0, 2 * LINE)
    for place, heading in enumerate(made.headings):
        sheet.set_column(place, place, heading.width)
        header = formats.entry_header if heading.is_entry else formats.header
        sheet.write_string(0, place, say(heading.title, language), header)
    widths = [heading.width for heading in made.headings]
    for number, row in enumerate(made.rows.to_dict("records"), start=1):
        contents = [content(row.get(h.column), h, language) for h in made.headings]
        sheet.set_row(number, height(contents, widths, language))
        for place, (cell, heading) in enumerate(zip(contents, made.headings, strict=True)):
            colour = COLOURS.get(row["level"]) if heading.column == "level" else None
            write(sheet, number, place, cell, formats.of(heading.shape, colour))
    _make_handy(sheet, made, language)


def _make_handy(sheet: Worksheet, made: ListSheet, language: Language) -> None:
    """What helps to work with the list, on the screen and on paper."""
    columns, rows = [heading.column for heading in made.headings], len(made.rows)
    sheet.freeze_panes(1, columns.index(STAYS_IN_SIGHT) + 1)
    sheet.autofilter(0, 0, rows, len(columns) - 1)
    for place, heading in enumerate(made.headings):
        rule = _rule(heading, made, language)
        if rule and rows:
            sheet.data_validation(1, place, rows, place, rule)
    sheet.print_area(0, 0, rows, columns.index(LAST_ON_PAPER))
    sheet.repeat_rows(0)
    lists = made.rows["list_id"].dropna().unique()
    title = f"{made.name} {lists[0]}" if len(lists) else made.name
    prepare_for_print(sheet, title, pages=0, landscape=True)


def _rule(heading: Heading, made: ListSheet, language: Language) -> dict[str, object] | None:
    """What Excel lets a person fill in; a file from elsewhere is checked when it comes back."""
    if heading.shape == "entry_day":
        first = made.rows["as_of"].iloc[0]
        return {
            "validate": "date",
            "criteria": ">=",
            "value": first,
            "error_message": say(WRONG_DAY, language),
        }
    if heading.column == "cost_yuan":
        return {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": MOST_COST,
            "error_message": say(WRONG_COST, language),
        }
    offered = [say(text, language) for text in choices(heading, made.actions).values()]
    if not heading.is_entry or not offered:
        return None
    return {
        "validate": "list",
        "source": made.kept_choices.get(heading.column, offered),
        "error_message": say(CHOOSE, language),
    }


def fits_a_cell(offered: list[str]) -> bool:
    """Whether a cell can keep the choices itself: in one line, with a comma between them."""
    line = ",".join(offered)
    return len(line) <= LONGEST_CHOICES and line.count(",") == len(offered) - 1


def list_name(rows: pd.DataFrame, language: Language) -> str:
    """Name of the list's sheet: what is no list by a model says so before it is read."""
    method = list_method(rows)
    name = say(LIST_SHEET, language)
    return name if method == "model" else f"{name} - {say(words.METHOD[method], language)}"
