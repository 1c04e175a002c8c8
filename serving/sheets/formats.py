"""How cells look, and the one way in which they are written."""

from __future__ import annotations

from datetime import datetime

from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from features.definition import Text
from serving.sheets.cells import Content
from serving.sheets.headings import Shape
from serving.words import Language, say

COLOURS = {"red": "#F4A29B", "orange": "#FBCB8F", "yellow": "#FFF3B0", "blue": "#BDD7EE"}
"""A colour a level, light enough for black print."""
ENTRY = "#E2F0D9"
HEADER = "#D9E1F2"
LINES = "#BFBFBF"
GREY = "#7F7F7F"
FONT = Text("Microsoft YaHei", "Calibri")
A4 = 9
_LOOKS: dict[Shape, dict[str, object]] = {
    "text": {"num_format": "@", "text_wrap": True},
    "mark": {"num_format": "@", "bold": True, "align": "center"},
    "count": {"num_format": "0", "align": "center"},
    "share": {"num_format": "0.0%", "align": "center"},
    "yuan": {"num_format": "#,##0", "align": "right", "indent": 1},
    "day": {"num_format": "yyyy-mm-dd", "align": "center"},
    "entry": {"num_format": "@", "text_wrap": True, "bg_color": ENTRY},
    "entry_day": {"num_format": "yyyy-mm-dd", "align": "center", "bg_color": ENTRY},
    "id": {"num_format": "@", "font_color": GREY},
}


class Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self._book = book
        self._plain = {"font_name": say(FONT, language), "font_size": 10, "valign": "top"}
        self._lined = {**self._plain, "border": 1, "border_color": LINES}
        self._made: dict[tuple[Shape, str | None, bool], Format] = {}
        self.title = book.add_format(
            {**self._plain, "bold": True, "font_size": 12, "valign": "bottom", "num_format": "@"}
        )
        self.large = book.add_format(
            {**self._plain, "bold": True, "font_size": 16, "valign": "vcenter", "num_format": "@"}
        )
        self.plain = book.add_format({**self._plain, "text_wrap": True, "num_format": "@"})
        header = {**self._lined, "bold": True, "text_wrap": True, "num_format": "@"}
        self.header = book.add_format({**header, "bg_color": HEADER})
        self.entry_header = book.add_format({**header, "bg_color": "#A9D08E"})

    def of(self, shape: Shape, colour: str | None = None, *, left: bool = False) -> Format:
        """The format of a shape, on a colour of its own if there is one, ranged left if wanted."""
        if (shape, colour, left) not in self._made:
            looks = {**self._lined, **_LOOKS[shape]}
            looks |= {"bg_color": colour} if colour else {}
            looks |= {"align": "left", "indent": 0} if left else {}
            self._made[shape, colour, left] = self._book.add_format(looks)
        return self._made[shape, colour, left]


def write(sheet: Worksheet, row: int, place: int, content: Content, cell: Format) -> None:
    """Write a cell by the kind of its content; a text stays a text, whatever it looks like."""
    if content is None:
        sheet.write_blank(row, place, None, cell)
    elif isinstance(content, str):
        sheet.write_string(row, place, content, cell)
    elif isinstance(content, datetime):
        sheet.write_datetime(row, place, content, cell)
    else:
        sheet.write_number(row, place, content, cell)


def prepare_for_print(sheet: Worksheet, title: str, *, pages: int, landscape: bool) -> None:
    """One A4 page wide and ``pages`` long; 0 for as many as it takes."""
    sheet.set_paper(A4)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.4)
    sheet.fit_to_pages(1, pages)
    # An ampersand starts a code in a header.
    sheet.set_header(f"&L{title.replace('&', '&&')[:200]}&R&P/&N", {"margin": 0.3})
