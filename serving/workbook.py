"""The risk list as a workbook that an account manager works from and sends back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]

from features.definition import Text
from serving.legend import legend
from serving.provenance import Provenance
from serving.recipients import recipients
from serving.risk_list import ListRules
from serving.scorecard import Scorecard
from serving.scorecard_words import spoken
from serving.sheets.cells import midnight, sheet_name
from serving.sheets.formats import Formats
from serving.sheets.group_sheet import page_title, write_group
from serving.sheets.headings import ENTRIES, actions_of, choices, headings, shown
from serving.sheets.legend_sheet import LEGEND_SHEET, keep_choices, write_legend
from serving.sheets.list_sheet import LIST_SHEET, ListSheet, fits_a_cell, list_name, write_list
from serving.sheets.scorecard_sheet import SCORECARD_SHEET, write_scorecard
from serving.words import Language, say


@dataclass(frozen=True)
class Names:
    """Words for ids and codes that the list itself does not spell out.

    Attributes:
        areas: Name of each area.
        actions: Every action that can be reported, by code; empty for those that the list names.
    """

    areas: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, Text] = field(default_factory=dict)


def workbook(
    rows: pd.DataFrame,
    scorecard: Scorecard | None,
    made: Provenance,
    rules: ListRules,
    language: Language = "zh",
    names: Names | None = None,
) -> bytes:
    """A list as .xlsx; the same bytes for the same arguments.

    Sheets: what became of past lists, the list, a page for each red group, the legend. Every text
    is written as text, whatever it looks like: no formulas, no links.

    Args:
        rows: The list of ``serving.risk_list`` or some of it, at least one row, in its order.
            Columns that it lacks are left out.
        scorecard: What became of past lists; None where there are none.
        made: Where it comes from, for the legend.
        rules: The limits it was drawn with, for the legend.
        language: Language of titles, codes and reasons.
        names: Words for ids and codes.
    """
    names = names or Names()
    texts = shown(rows, language, names.areas)
    columns = headings(rows)
    actions = names.actions or actions_of(rows)
    content = io.BytesIO()
    book = _book(content, rows["as_of"].iloc[0], language)
    formats = Formats(book, language)
    first = book.add_worksheet(say(SCORECARD_SHEET, language))
    write_scorecard(first, spoken(scorecard, language), formats, language)
    name = list_name(rows, language)
    sheet = book.add_worksheet(name)
    sheet.activate()
    _write_reds(book, texts, name, formats, language)
    last = book.add_worksheet(say(LEGEND_SHEET, language))
    write_legend(last, legend(rows, made, rules, columns, language), formats, language)
    offered = {
        entry.column: [say(text, language) for text in choices(entry, actions).values()]
        for entry in ENTRIES
    }
    long = {column: texts for column, texts in offered.items() if not fits_a_cell(texts or [""])}
    kept = keep_choices(last, long, formats)
    write_list(sheet, ListSheet(texts, columns, name, actions, kept), formats, language)
    book.close()
    return content.getvalue()


def workbooks(
    rows: pd.DataFrame,
    scorecard: Scorecard | None,
    made: Provenance,
    rules: ListRules,
    language: Language = "zh",
    names: Names | None = None,
) -> dict[str, bytes]:
    """A workbook a person and one a county, by a file name that every file system takes.

    Arguments as for ``workbook``; who gets which rows says ``serving.recipients``.
    """
    return {
        f"{name}.xlsx": workbook(some, scorecard, made, rules, language, names)
        for name, some in recipients(rows).items()
    }


def risk_workbook(
    rows: pd.DataFrame,
    made: Provenance,
    rules: ListRules,
    *,
    language: Language = "zh",
    area_names: Mapping[str, str] | None = None,
) -> bytes:
    """``workbook`` without a scorecard."""
    return workbook(rows, None, made, rules, language, Names(areas=area_names or {}))


def _book(content: io.BytesIO, day: date, language: Language) -> Workbook:
    book = xlsxwriter.Workbook(
        content,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    # Excel files carry their time of birth; a fixed one keeps the bytes the same.
    book.set_properties({"title": say(LIST_SHEET, language), "created": midnight(day)})
    return book


def _write_reds(
    book: Workbook, texts: pd.DataFrame, list_sheet: str, formats: Formats, language: Language
) -> None:
    taken = [sheet.get_name() for sheet in book.worksheets()] + [say(LEGEND_SHEET, language)]
    for row in texts[texts["level"] == "red"].to_dict("records"):
        name = sheet_name(page_title({str(k): v for k, v in row.items()}, language), taken)
        taken.append(name)
        write_group(
            book.add_worksheet(name),
            {str(k): v for k, v in row.items()},
            list_sheet,
            formats,
            language,
        )
