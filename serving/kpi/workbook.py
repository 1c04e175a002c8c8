"""The report as a workbook: a sheet an area, figures as numbers, every text as text."""

from __future__ import annotations

import io
from collections.abc import Iterable

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from serving.kpi import shown
from serving.kpi.lines import Line
from serving.kpi.page import LOOK
from serving.kpi.report import AreaReport, KpiReport
from serving.sheets.cells import Content, clean, height, midnight, sheet_name
from serving.sheets.formats import prepare_for_print, write
from serving.words import Language, say

FONT: dict[Language, str] = {"zh": "微软雅黑", "en": "Calibri"}
COLOURS = {"good": "#E2F0D9", "near": "#FFF3B0", "bad": "#F8CBC6", "": None}
WIDTHS = {"name": 34, "status": 15, "target": 11, "actual": 12, "forecast": 12}
_WIDTH = 10
_ACROSS = 11
"""Columns that sentences run across."""


class _Formats:
    """Formats, made when first asked for."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self._book = book
        self._plain = {"font_name": FONT[language], "font_size": 10, "valign": "vcenter"}
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, **looks: object) -> Format:
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({**self._plain, **looks})
        return self._made[key]

    def cell(self, number_format: str, look: str = "", *, words: bool = False) -> Format:
        looks: dict[str, object] = {"border": 1, "border_color": "#C9CED6"}
        looks |= {"num_format": number_format, "align": "left" if words else "right"}
        if COLOURS[look]:
            looks["bg_color"] = COLOURS[look]
        return self.of(**looks)


def workbook(report: KpiReport, language: Language = "zh") -> bytes:
    """The report as .xlsx; the same bytes for the same arguments. No formulas, no links."""
    content = io.BytesIO()
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
    book.set_properties({"title": say(shown.TITLE, language), "created": midnight(report.as_of)})
    formats = _Formats(book, language)
    taken: list[str] = []
    for area in report.areas:
        name = sheet_name(area.name or area.area_id, taken)
        taken.append(name)
        _write_area(book.add_worksheet(name), area, report, formats, language)
    legend = sheet_name("口径" if language == "zh" else "What it means", taken)
    _write_legend(book.add_worksheet(legend), formats, language)
    book.close()
    return content.getvalue()


def _write_area(
    sheet: Worksheet, area: AreaReport, report: KpiReport, formats: _Formats, language: Language
) -> None:
    sheet.hide_gridlines(2)
    heading = clean(f"{shown.heading(report, language)}  {say(shown.WHOLE, language)}: {area.name}")
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, heading, formats.of(bold=True, font_size=15, num_format="@"))
    quiet = formats.of(font_color="#5A6270", num_format="@")
    sheet.write_string(1, 0, shown.under_heading(report, language), quiet)
    number = 3
    if area.alarm:
        red = formats.of(bold=True, font_color="#C62828", font_size=12, num_format="@")
        sheet.write_string(number, 0, say(shown.ALARM, language), red)
        said = [say(area.alarm.headline, language)]
        said += [f"· {say(text, language)}" for text in area.alarm.evidence]
        number = _sentences(sheet, number + 1, said, formats, language, "#FDF0EF") + 1
    tables = shown.tables(area)
    sheet.set_column(0, _ACROSS - 1, _WIDTH)
    for lines, targeted in ((tables.targeted, True), (tables.watched, False)):
        if lines:
            number = _table(sheet, number, lines, formats, language, targeted) + 1
    if len(report.areas) > 1 and area is report.areas[0]:
        number = _grid(sheet, number, report, formats, language) + 1
    if tables.empty:
        names = ", ".join(say(one.name, language) for one in tables.empty)
        said = [f"{say(shown.WITHOUT_DATA, language)}: {names}"]
        number = _sentences(sheet, number, said, formats, language, None) + 1
    if area.loop:
        title = formats.of(bold=True, font_size=12, num_format="@")
        sheet.write_string(number, 0, say(shown.LOOP, language), title)
        said = [f"{name}: {text}" for name, text in shown.loop_facts(area.loop, language)]
        _sentences(sheet, number + 1, said, formats, language, None)
    prepare_for_print(sheet, heading, pages=1, landscape=True)


def _table(
    sheet: Worksheet,
    number: int,
    lines: tuple[Line, ...],
    formats: _Formats,
    language: Language,
    targeted: bool,
) -> int:
    bold = formats.of(bold=True, font_size=12, num_format="@")
    sheet.write_string(number, 0, shown.title(lines, language, targeted=targeted), bold)
    names = shown.columns(lines, targeted=targeted)
    for place, name in enumerate(names):
        if targeted or name == "name":
            sheet.set_column(place, place, WIDTHS.get(name, _WIDTH))
        _header(sheet, number + 1, place, say(shown.COLUMNS[name], language), formats)
    for row, one in enumerate(lines, number + 2):
        texts = shown.row(one, language)
        for place, name in enumerate(names):
            content, number_format = _content(one, name, texts[name])
            look = LOOK[one.status] if name in ("gap", "status") else ""
            cell = formats.cell(number_format, look, words=name in ("name", "status"))
            write(sheet, row, place, content, cell)
    return number + 2 + len(lines)


def _grid(
    sheet: Worksheet, number: int, report: KpiReport, formats: _Formats, language: Language
) -> int:
    """Every area's points, an area a column: there are more KPIs than areas."""
    bold = formats.of(bold=True, font_size=12, num_format="@")
    sheet.write_string(number, 0, say(shown.COUNTIES, language), bold)
    _header(sheet, number + 1, 0, say(shown.COLUMNS["name"], language), formats)
    for place, area in enumerate(report.areas, 1):
        _header(sheet, number + 1, place, area.name, formats)
    codes = shown.in_grid(report)
    for row, code in enumerate(codes, number + 2):
        for place, area in enumerate(report.areas, 1):
            one = next(each for each in area.lines if each.code == code)
            if place == 1:
                name = clean(say(one.name, language))
                write(sheet, row, 0, name, formats.cell("@", words=True))
            content, number_format = _content(one, "gap", shown.gap(one))
            write(sheet, row, place, content, formats.cell(number_format, LOOK[one.status]))
    return number + 2 + len(codes)


def _header(sheet: Worksheet, row: int, place: int, text: str, formats: _Formats) -> None:
    looks = {"bold": True, "bg_color": "#E8EDF5", "border": 1, "border_color": "#C9CED6"}
    align = "center" if place else "left"
    cell = formats.of(**looks, text_wrap=True, num_format="@", align=align)
    sheet.write_string(row, place, clean(text), cell)


def _content(one: Line, name: str, text: str) -> tuple[Content, str]:
    """What a cell holds and how it is formatted: a number where it is one."""
    numbers = {
        "target": one.target,
        "actual": one.actual,
        "forecast": one.forecast,
        "attainment": one.attainment,
        "gap": one.gap_points,
    }
    number = numbers.get(name)
    if number is None:
        return clean(text), "@"
    if name == "attainment":
        return number, "0.0%"
    if name == "gap":
        decimals = "0" * shown.gap_decimals(one)
        number = round(number, len(decimals)) + 0.0  # no minus before what is shown as nothing
        return number, f"+0.{decimals};-0.{decimals};0.{decimals}"
    decimals = "." + "0" * one.decimals if one.decimals else ""
    if one.shown == "percent":
        return number / 100, f"0{decimals}%"
    return shown.scaled(one, number), f"#,##0{decimals}"


def _sentences(
    sheet: Worksheet,
    number: int,
    said: Iterable[str],
    formats: _Formats,
    language: Language,
    colour: str | None,
) -> int:
    looks = {"bg_color": colour} if colour else {}
    cell = formats.of(text_wrap=True, num_format="@", **looks)
    width = WIDTHS["name"] + _WIDTH * (_ACROSS - 1)
    for row, text in enumerate(said, number):
        sheet.set_row(row, height([text], [width], language))
        sheet.merge_range(row, 0, row, _ACROSS - 1, "", cell)
        sheet.write_string(row, 0, clean(text), cell)
        number = row + 1
    return number


def _write_legend(sheet: Worksheet, formats: _Formats, language: Language) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 100)
    term = formats.of(bold=True, num_format="@", valign="top")
    cell = formats.of(text_wrap=True, num_format="@", valign="top")
    for row, (name, text) in enumerate(shown.LEGEND):
        sheet.set_row(row, height([say(text, language)], [100], language))
        sheet.write_string(row, 0, say(name, language), term)
        sheet.write_string(row, 1, say(text, language), cell)
