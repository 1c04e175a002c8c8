"""The last sheet: how to read the list, and the choices that are too long for a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_rowcol_to_cell  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from features.definition import Text
from serving import words
from serving.sheets.cells import LINE, clean, height
from serving.sheets.formats import COLOURS, Formats, prepare_for_print
from serving.words import Language, say

LEGEND_SHEET = Text("说明", "Legend")
WIDTHS = (28, 88)
CHOICES = 3
"""The column right of the legend, beside which choices are kept."""


def write_legend(
    sheet: Worksheet, lines: Sequence[tuple[str, ...]], formats: Formats, language: Language
) -> None:
    """A line of one cell is a heading; the others stand under it, levels in their colours."""
    sheet.hide_gridlines(2)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    colours = {say(words.LEVEL[level], language): colour for level, colour in COLOURS.items()}
    for number, (first, *meaning) in enumerate(lines):
        cells = [clean(text) for text in (first, *meaning)]
        if meaning:
            sheet.set_row(number, height(cells, WIDTHS, language))
            sheet.write_string(number, 0, cells[0], formats.of("text", colours.get(first)))
            sheet.write_string(number, 1, cells[1], formats.of("text"))
        else:
            sheet.set_row(number, 2 * LINE)
            sheet.write_string(number, 0, cells[0], formats.title)
    sheet.print_area(0, 0, max(len(lines) - 1, 0), len(WIDTHS) - 1)
    prepare_for_print(sheet, say(LEGEND_SHEET, language), pages=1, landscape=False)


def keep_choices(
    sheet: Worksheet, offered: Mapping[str, Sequence[str]], formats: Formats
) -> dict[str, str]:
    """Write choices beside the legend, a column each; returns the range of each."""
    ranges = {}
    for place, (column, texts) in enumerate(sorted(offered.items()), start=CHOICES):
        sheet.set_column(place, place, 24)
        for number, text in enumerate(texts):
            sheet.write_string(number, place, text, formats.of("text"))
        first = xl_rowcol_to_cell(0, place, row_abs=True, col_abs=True)
        last = xl_rowcol_to_cell(len(texts) - 1, place, row_abs=True, col_abs=True)
        ranges[column] = f"='{sheet.get_name()}'!{first}:{last}"
    return ranges
