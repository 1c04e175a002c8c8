"""The first sheet: what became of past lists."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from features.definition import Text
from serving import words
from serving.scorecard_words import BY_LEVEL, BY_LIST, Spoken
from serving.sheets.cells import LINE, height
from serving.sheets.formats import COLOURS, Formats, prepare_for_print
from serving.words import Language, say

SCORECARD_SHEET = Text("往期成绩单", "Past lists")
WIDTHS = (16, 12, 12, 12, 16, 22, 16)


def write_scorecard(sheet: Worksheet, card: Spoken, formats: Formats, language: Language) -> None:
    """Fill the sheet: the sentences, then a table by level and one by list."""
    sheet.hide_gridlines(2)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 2 * LINE)
    sheet.write_string(0, 0, card.title, formats.large)
    number = 1
    for sentence in card.sentences:
        sheet.set_row(number, height([sentence], [sum(WIDTHS)], language) + 4)
        sheet.merge_range(number, 0, number, len(WIDTHS) - 1, "", formats.plain)
        sheet.write_string(number, 0, sentence, formats.plain)
        number += 1
    for title, table in ((BY_LEVEL, card.by_level), (BY_LIST, card.by_list)):
        if table:
            sheet.set_row(number, 2 * LINE)
            sheet.write_string(number, 0, say(title, language), formats.title)
            number = _write_table(sheet, number + 1, table, formats, language)
    prepare_for_print(sheet, card.title, pages=1, landscape=True)


def _write_table(
    sheet: Worksheet,
    first: int,
    table: Sequence[Sequence[str]],
    formats: Formats,
    language: Language,
) -> int:
    colours = {say(words.LEVEL[level], language): colour for level, colour in COLOURS.items()}
    for number, row in enumerate(table, start=first):
        for place, text in enumerate(row):
            cell = formats.header if number == first else formats.of("mark", colours.get(text))
            sheet.write_string(number, place, text, cell)
    return first + len(table)
