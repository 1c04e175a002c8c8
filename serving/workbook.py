"""The risk list as a workbook that an account manager works from and sends back."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Mapping
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

Shape = Literal["text", "wrapped", "count", "share", "points", "yuan", "day", "entry"]


@dataclass(frozen=True)
class Heading:
    """One column of the sheet: the list's column it shows, and how."""

    column: str
    title: Text
    width: int
    shape: Shape
    codes: Mapping[str, Text] | None = None


HEADINGS: tuple[Heading, ...] = (
    Heading("rank", Text("排名", "Rank"), 6, "count"),
    Heading("band", Text("预警等级", "Band"), 9, "text", words.BAND),
    Heading("group_id", Text("集团编号", "Group"), 17, "text"),
    Heading("group_name", Text("集团名称", "Name"), 20, "wrapped"),
    Heading("due_date", Text("处理截止日", "Due"), 11, "day"),
    Heading("probability", Text("转网概率", "Risk"), 9, "share"),
    Heading("rules_points", Text("规则得分", "Points"), 9, "points"),
    Heading("reason_1", Text("原因一", "Reason 1"), 34, "wrapped"),
    Heading("reason_2", Text("原因二", "Reason 2"), 34, "wrapped"),
    Heading("reason_3", Text("原因三", "Reason 3"), 34, "wrapped"),
    Heading("protective", Text("保护因素", "What holds it"), 28, "wrapped"),
    Heading("monthly_revenue_fen", Text("月收入(元)", "Monthly yuan"), 12, "yuan"),
    Heading("revenue_at_risk_fen", Text("风险收入(元)", "Yuan at risk"), 12, "yuan"),
    Heading("members", Text("成员数", "Members"), 8, "count"),
    Heading("key_members", Text("关键成员", "Key members"), 9, "count"),
    Heading("lock_share", Text("捆绑率", "Locked in"), 8, "share"),
    Heading("next_expiry_date", Text("最近到期", "Next expiry"), 11, "day"),
    Heading("contact_can_sign", Text("联系人可签约", "Can sign"), 13, "text", words.CAN_SIGN),
    Heading("am_staff_id", Text("客户经理", "Manager"), 13, "text"),
    Heading("owner_status", Text("看管状态", "Owner"), 12, "text", words.OWNER),
    Heading("last_visit_date", Text("最近走访", "Last visit"), 11, "day"),
    Heading("tier", Text("等级", "Tier"), 6, "text"),
    Heading("area_id", Text("区域", "Area"), 14, "text"),
    Heading("industry_l1", Text("行业", "Industry"), 13, "text", words.INDUSTRY),
    Heading("confidence", Text("可信度", "Confidence"), 11, "text", words.CONFIDENCE),
    Heading("feedback", Text("反馈", "Feedback"), 18, "entry", words.FEEDBACK),
    Heading("notes", Text("备注", "Notes"), 30, "entry"),
    Heading("method", Text("清单类型", "Kind of list"), 11, "text", words.METHOD),
    Heading("list_id", Text("清单编号", "List"), 20, "text"),
)
ONLY_OF_MODELS = {"probability", "revenue_at_risk_fen"}
ONLY_OF_RULES = {"rules_points"}
STAYS_IN_SIGHT = 4

LIST_SHEET = Text("风险清单", "Risk list")
LEGEND_SHEET = Text("说明", "Legend")
COLOURS = {"red": "#F8CBAD", "orange": "#FFE0A3", "yellow": "#FFF9C4"}
FONT = Text("Microsoft YaHei", "Calibri")
LINE = 16


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
    _write_list(book, shown, headings, language)
    _write_legend(book, legend(rows, made, rules, headings, language), language)
    book.close()
    return content.getvalue()


def _headings(method: str) -> tuple[Heading, ...]:
    hidden = ONLY_OF_MODELS if method == "rules" else ONLY_OF_RULES
    return tuple(heading for heading in HEADINGS if heading.column not in hidden)


def _write_list(
    book: Workbook, rows: pd.DataFrame, headings: tuple[Heading, ...], language: Language
) -> None:
    sheet = book.add_worksheet(say(LIST_SHEET, language))
    formats = _Formats(book, say(FONT, language))
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, heading.width)
        sheet.write_string(0, place, say(heading.title, language), formats.header)
    for number, (_, row) in enumerate(rows.iterrows(), start=1):
        sheet.set_row(number, LINE * _lines(row, headings))
        for place, heading in enumerate(headings):
            colour = COLOURS.get(row["band"]) if heading.column == "band" else None
            _write(sheet, number, place, row[heading.column], heading, formats, colour, language)
    last = len(rows), len(headings) - 1
    sheet.freeze_panes(1, STAYS_IN_SIGHT)
    sheet.autofilter(0, 0, *last)
    _offer_choices(sheet, headings, len(rows), language)
    _prepare_for_print(sheet, say(words.METHOD[rows["method"].iloc[0]], language))


def _write(
    sheet: Worksheet,
    row: int,
    place: int,
    value: Any,
    heading: Heading,
    formats: _Formats,
    colour: str | None,
    language: Language,
) -> None:
    cell = formats.of(heading.shape, colour)
    if value is None or pd.isna(value) or heading.shape == "entry":
        sheet.write_blank(row, place, None, cell)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, _midnight(value), cell)
    elif isinstance(value, str):
        text = heading.codes.get(value) if heading.codes else None
        sheet.write_string(row, place, say(text, language) if text else value, cell)
    else:
        number = float(value) / 100 if heading.shape == "yuan" else float(value)
        sheet.write_number(row, place, number, cell)


def _offer_choices(
    sheet: Worksheet, headings: tuple[Heading, ...], rows: int, language: Language
) -> None:
    place = [heading.column for heading in headings].index("feedback")
    choices = [say(text, language) for text in words.FEEDBACK.values()]
    sheet.data_validation(1, place, rows, place, {"validate": "list", "source": choices})


def _prepare_for_print(sheet: Worksheet, kind: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L{kind}&R&P/&N")


def _write_legend(book: Workbook, lines: list[tuple[str, ...]], language: Language) -> None:
    """A line of one cell is a heading; the others stand under it."""
    sheet = book.add_worksheet(say(LEGEND_SHEET, language))
    formats = _Formats(book, say(FONT, language))
    for place, width in enumerate((24, 90)):
        sheet.set_column(place, place, width)
    for number, cells in enumerate(lines):
        cell = formats.header if len(cells) == 1 else formats.of("wrapped", None)
        for place, text in enumerate(cells):
            sheet.write_string(number, place, text, cell)
        if len(cells) > 1:
            sheet.set_row(number, LINE * max(1, math.ceil(_width(cells[1]) / 90)))
    sheet.freeze_panes(1, 0)


class _Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: Workbook, font: str) -> None:
        self._book = book
        self._plain = {"font_name": font, "font_size": 10, "valign": "top", "border": 1}
        self._made: dict[tuple[Shape, str | None], Format] = {}
        self.header = book.add_format(
            {**self._plain, "bold": True, "bg_color": "#D9E1F2", "text_wrap": True}
        )

    def of(self, shape: Shape, colour: str | None) -> Format:
        if (shape, colour) not in self._made:
            looks = {**self._plain, **_LOOKS[shape], **({"bg_color": colour} if colour else {})}
            self._made[shape, colour] = self._book.add_format(looks)
        return self._made[shape, colour]


_LOOKS: dict[Shape, dict[str, object]] = {
    "text": {"num_format": "@"},
    "wrapped": {"num_format": "@", "text_wrap": True},
    "count": {"num_format": "0"},
    "share": {"num_format": "0.0%"},
    "points": {"num_format": "0"},
    "yuan": {"num_format": "#,##0"},
    "day": {"num_format": "yyyy-mm-dd"},
    "entry": {"num_format": "@", "text_wrap": True, "bg_color": "#F2F2F2"},
}


def _lines(row: pd.Series[Any], headings: tuple[Heading, ...]) -> int:
    """Lines that the longest wrapped text of the row needs."""
    wrapped = [heading for heading in headings if heading.shape == "wrapped"]
    return max(
        math.ceil(_width(str(row[heading.column] or "")) / heading.width) or 1
        for heading in wrapped
    )


def _width(text: str) -> int:
    """Width in Latin letters; Chinese characters are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
