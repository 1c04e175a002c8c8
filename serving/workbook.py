"""The risk list as a workbook that an account manager works from and sends back."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from features.definition import Text
from serving import words
from serving.legend import legend
from serving.provenance import Provenance
from serving.risk_list import ListRules
from serving.words import Language, say

Shape = Literal["text", "mark", "count", "share", "yuan", "day", "entry"]
Content = str | float | datetime | None


@dataclass(frozen=True)
class Heading:
    """One column of the sheet: the list's column it shows, how, and what an empty cell says."""

    column: str
    title: Text
    width: int
    shape: Shape
    codes: Mapping[str, Text] | None = None
    empty: Text | None = None


HEADINGS: tuple[Heading, ...] = (
    Heading("rank", Text("排名", "Rank"), 6, "count"),
    Heading("level", Text("预警等级", "Level"), 8, "mark", words.LEVEL),
    Heading("group_id", Text("集团编号", "Group"), 16, "text"),
    Heading("group_name", Text("集团名称", "Name"), 14, "text"),
    Heading("due_date", Text("处理截止日", "Due by"), 12, "day"),
    Heading("probability", Text("转网概率", "Risk"), 8, "share"),
    Heading("rules_points", Text("规则得分", "Points"), 8, "count"),
    Heading("reason_1", Text("原因一", "Reason 1"), 22, "text"),
    Heading("reason_2", Text("原因二", "Reason 2"), 22, "text"),
    Heading("reason_3", Text("原因三", "Reason 3"), 22, "text"),
    Heading("protective", Text("保护因素", "What holds it"), 19, "text"),
    Heading("monthly_revenue_fen", Text("月收入(元)", "Monthly yuan"), 9, "yuan"),
    Heading("last_visit_date", Text("最近走访", "Last visit"), 12, "day"),
    Heading("contact_can_sign", Text("能否签约", "Can sign"), 9, "text", words.CAN_SIGN),
    Heading("am_staff_id", Text("客户经理", "Manager"), 9, "text", None, words.NO_OWNER),
    Heading("feedback", Text("反馈", "Feedback"), 13, "entry", words.FEEDBACK),
    Heading("notes", Text("备注", "Notes"), 18, "entry"),
    Heading("revenue_at_risk_fen", Text("风险收入(元)", "Yuan at risk"), 10, "yuan"),
    Heading("members", Text("成员数", "Members"), 9, "count"),
    Heading("key_members", Text("关键成员", "Key members"), 9, "count"),
    Heading("lock_share", Text("捆绑率", "Locked in"), 9, "share"),
    Heading("next_expiry_date", Text("最近到期", "Next expiry"), 12, "day"),
    Heading("tier", Text("等级", "Tier"), 6, "text"),
    Heading("area_id", Text("区域", "Area"), 14, "text"),
    Heading("industry_l1", Text("行业", "Industry"), 16, "text", words.INDUSTRY),
    Heading("confidence", Text("可信度", "Confidence"), 12, "text", words.CONFIDENCE),
    Heading("method", Text("清单类型", "Kind of list"), 12, "text", words.METHOD),
    Heading("list_id", Text("清单编号", "List"), 22, "text"),
)
"""What a visit needs comes first, then the room for its outcome, then what is looked up."""
ONLY_OF_MODELS = {"probability", "protective", "revenue_at_risk_fen"}
ONLY_OF_RULES = {"rules_points"}
STAYS_IN_SIGHT = "group_name"
LAST_ON_PAPER = "notes"
"""More columns than these would print too small to read."""

LIST_SHEET = Text("风险清单", "Risk list")
LEGEND_SHEET = Text("说明", "Legend")
CHOOSE = Text(
    "请从列表中选择，其他内容写在备注中。", "Choose from the list; write the rest in the notes."
)
COLOURS = {"red": "#F4A29B", "orange": "#FBCB8F", "yellow": "#FFF3B0"}
LINES = "#BFBFBF"
LINE = 15
TALLEST = 409
LEGEND_WIDTHS = (28, 88)
A4 = 9
FONT = Text("Microsoft YaHei", "Calibri")
SIGNS_TO_A_WIDTH: Mapping[Language, float] = {"zh": 1.0, "en": 1.3}
"""Calibri is the narrower font."""


def risk_workbook(
    rows: pd.DataFrame,
    made: Provenance,
    rules: ListRules,
    *,
    language: Language = "zh",
    area_names: Mapping[str, str] | None = None,
) -> bytes:
    """The list and its legend as .xlsx; the same bytes for the same arguments.

    Every text is written as text, whatever it looks like: no formulas, no links.

    Args:
        rows: The list of ``serving.risk_list``, in its order; at least one row.
        made: Where it comes from, for the legend.
        rules: The limits it was drawn with, for the legend.
        language: Language of titles, codes and reasons.
        area_names: Names to show in place of ids of areas.
    """
    as_of: date = rows["as_of"].iloc[0]
    shown = rows.assign(notes=None, area_id=rows["area_id"].replace(dict(area_names or {})))
    for reason in ("reason_1", "reason_2", "reason_3", "protective"):
        shown[reason] = rows[f"{reason}_{language}"]
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    # Excel files carry their time of birth; a fixed one keeps the bytes the same.
    book.set_properties({"title": say(LIST_SHEET, language), "created": _midnight(as_of)})
    headings = _headings(str(rows["method"].iloc[0]))
    formats = _Formats(book, say(FONT, language))
    _write_list(book.add_worksheet(_name(rows, language)), shown, headings, formats, language)
    lines = legend(rows, made, rules, headings, language)
    _write_legend(book.add_worksheet(say(LEGEND_SHEET, language)), lines, formats, language)
    book.close()
    return content.getvalue()


def _headings(method: str) -> tuple[Heading, ...]:
    hidden = ONLY_OF_MODELS if method == "rules" else ONLY_OF_RULES
    return tuple(heading for heading in HEADINGS if heading.column not in hidden)


def _name(rows: pd.DataFrame, language: Language) -> str:
    """Name of the list's sheet: what is no list by a model says so before it is read."""
    method = str(rows["method"].iloc[0])
    name = say(LIST_SHEET, language)
    return name if method == "model" else f"{name} - {say(words.METHOD[method], language)}"


def _write_list(
    sheet: Worksheet,
    rows: pd.DataFrame,
    headings: tuple[Heading, ...],
    formats: _Formats,
    language: Language,
) -> None:
    sheet.set_row(0, 2 * LINE)
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, heading.width)
        sheet.write_string(0, place, say(heading.title, language), formats.header)
    widths = [heading.width for heading in headings]
    for number, (_, row) in enumerate(rows.iterrows(), start=1):
        contents = [_content(row[heading.column], heading, language) for heading in headings]
        sheet.set_row(number, _height(contents, widths, language))
        for place, (content, heading) in enumerate(zip(contents, headings, strict=True)):
            colour = COLOURS.get(row["level"]) if heading.column == "level" else None
            _write(sheet, number, place, content, formats.of(heading.shape, colour))
    _make_handy(sheet, [heading.column for heading in headings], len(rows), language)
    _prepare_for_print(sheet, f"{_name(rows, language)} {rows['list_id'].iloc[0]}", pages=0)


def _make_handy(sheet: Worksheet, columns: list[str], rows: int, language: Language) -> None:
    """What helps to work with the list, on the screen and on paper."""
    sheet.freeze_panes(1, columns.index(STAYS_IN_SIGHT) + 1)
    sheet.autofilter(0, 0, rows, len(columns) - 1)
    choices = {
        "validate": "list",
        "source": [say(text, language) for text in words.FEEDBACK.values()],
        "error_message": say(CHOOSE, language),
    }
    feedback = columns.index("feedback")
    sheet.data_validation(1, feedback, rows, feedback, choices)
    sheet.print_area(0, 0, rows, columns.index(LAST_ON_PAPER))
    sheet.repeat_rows(0)
    sheet.set_landscape()


def _content(value: Any, heading: Heading, language: Language) -> Content:
    if heading.shape == "entry":
        return None
    if value is None or pd.isna(value):
        return say(heading.empty, language) if heading.empty else None
    if isinstance(value, date):
        return _midnight(value)
    if isinstance(value, str):
        text = heading.codes.get(value) if heading.codes else None
        return say(text, language) if text else value
    return float(value) / 100 if heading.shape == "yuan" else float(value)


def _write(sheet: Worksheet, row: int, place: int, content: Content, cell: Format) -> None:
    if content is None:
        sheet.write_blank(row, place, None, cell)
    elif isinstance(content, str):
        sheet.write_string(row, place, content, cell)
    elif isinstance(content, datetime):
        sheet.write_datetime(row, place, content, cell)
    else:
        sheet.write_number(row, place, content, cell)


def _prepare_for_print(sheet: Worksheet, title: str, *, pages: int) -> None:
    """One page wide and ``pages`` long; 0 for as many as it takes."""
    sheet.set_paper(A4)
    sheet.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.4)
    sheet.fit_to_pages(1, pages)
    sheet.set_header(f"&L{title}&R&P/&N", {"margin": 0.3})


def _write_legend(
    sheet: Worksheet, lines: list[tuple[str, ...]], formats: _Formats, language: Language
) -> None:
    """A line of one cell is a heading; the others stand under it, levels in their colours."""
    sheet.hide_gridlines(2)
    for place, width in enumerate(LEGEND_WIDTHS):
        sheet.set_column(place, place, width)
    colours = {say(words.LEVEL[level], language): colour for level, colour in COLOURS.items()}
    for number, (first, *meaning) in enumerate(lines):
        if meaning:
            sheet.set_row(number, _height([first, *meaning], LEGEND_WIDTHS, language))
            sheet.write_string(number, 0, first, formats.of("text", colours.get(first)))
            sheet.write_string(number, 1, *meaning, formats.of("text"))
        else:
            sheet.set_row(number, 2 * LINE)
            sheet.write_string(number, 0, first, formats.title)
    _prepare_for_print(sheet, say(LEGEND_SHEET, language), pages=1)


class _Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: Workbook, font: str) -> None:
        self._book = book
        self._plain = {"font_name": font, "font_size": 10, "valign": "top"}
        self._lined = {**self._plain, "border": 1, "border_color": LINES}
        self._made: dict[tuple[Shape, str | None], Format] = {}
        self.title = book.add_format(
            {**self._plain, "bold": True, "font_size": 12, "valign": "bottom"}
        )
        self.header = book.add_format(
            {**self._lined, "bold": True, "bg_color": "#D9E1F2", "text_wrap": True}
        )

    def of(self, shape: Shape, colour: str | None = None) -> Format:
        if (shape, colour) not in self._made:
            looks = {**self._lined, **_LOOKS[shape], **({"bg_color": colour} if colour else {})}
            self._made[shape, colour] = self._book.add_format(looks)
        return self._made[shape, colour]


_LOOKS: dict[Shape, dict[str, object]] = {
    "text": {"num_format": "@", "text_wrap": True},
    "mark": {"num_format": "@", "bold": True, "align": "center"},
    "count": {"num_format": "0", "align": "center"},
    "share": {"num_format": "0.0%", "align": "center"},
    "yuan": {"num_format": "#,##0", "align": "right", "indent": 1},
    "day": {"num_format": "yyyy-mm-dd", "align": "center"},
    "entry": {"num_format": "@", "text_wrap": True, "bg_color": "#E2F0D9"},
}


def _height(contents: Iterable[Content], widths: Iterable[int], language: Language) -> int:
    """Points that the longest text of a row needs; not every program works that out itself."""
    signs = SIGNS_TO_A_WIDTH[language]
    cells = zip(contents, widths, strict=True)
    lines = [_lines(text, int(width * signs)) for text, width in cells if isinstance(text, str)]
    return min(LINE * max(lines), TALLEST)


def _lines(text: str, width: int) -> int:
    """Lines of a text in a column; Chinese characters are two Latin ones wide."""
    wide = (sign * (2 if unicodedata.east_asian_width(sign) in "WF" else 1) for sign in text)
    return len(textwrap.wrap("".join(wide), width))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
