"""The report as an HTML page that prints well: no script, nothing from elsewhere."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from serving.kpi import shown
from serving.kpi.formulas import Status
from serving.kpi.lines import Line
from serving.kpi.report import AreaReport, KpiReport
from serving.words import Language, say

FONT: dict[Language, str] = {
    "zh": "Microsoft YaHei, Noto Sans CJK SC, PingFang SC",
    "en": "Segoe UI, Arial, Liberation Sans, DejaVu Sans",
}
LOOK: dict[Status, str] = {
    "ahead": "good",
    "met": "good",
    "level": "near",
    "near": "near",
    "behind": "bad",
    "missed": "bad",
    "no_target": "",
    "no_data": "",
}
FILL = {"good": "#66a96a", "near": "#e0b040", "bad": "#d9635c", "": "#9aa5b5"}
_BAR = 136
"""Width of a bar, in its own units."""
_ROOM = 0.25
"""Room left of the lowest figure of a retention, as a share of what is lost."""
_YEAR = 1000
_BAR_TITLE = {"zh": "进度", "en": "Progress"}


def page(report: KpiReport, language: Language = "zh") -> bytes:
    """The report as one page, the whole first; the same bytes for the same arguments."""
    html = _template().render(
        lang="zh-CN" if language == "zh" else "en",
        font=FONT[language],
        title=shown.heading(report, language),
        under=shown.under_heading(report, language),
        year=round(_YEAR * report.time_progress),
        areas=[_area(area, report, language) for area in report.areas],
        words={
            "alarm": say(shown.ALARM, language),
            "counties": say(shown.COUNTIES, language),
            "empty": say(shown.WITHOUT_DATA, language),
            "loop": say(shown.LOOP, language),
        },
        legend=[(say(term, language), say(text, language)) for term, text in shown.LEGEND],
    )
    return html.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("serving"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("kpi_report.html.j2")


def _area(area: AreaReport, report: KpiReport, language: Language) -> dict[str, object]:
    tables = shown.tables(area)
    alarm = area.alarm
    return {
        "title": f"{say(shown.WHOLE, language)}: {area.name}",
        "alarm": alarm
        and {
            "headline": say(alarm.headline, language),
            "evidence": [say(text, language) for text in alarm.evidence],
        },
        "grid": _grid(area, report, language),
        "tables": [
            [_table(lines, names, language) for lines in halves if lines]
            for halves, names in (
                ((tables.targeted,), shown.columns(tables.targeted, targeted=True)),
                (_halves(tables.watched), shown.columns(tables.watched, targeted=False)),
            )
        ],
        "titles": [
            shown.title(tables.targeted, language, targeted=True),
            shown.title(tables.watched, language, targeted=False),
        ],
        "empty": ", ".join(say(one.name, language) for one in tables.empty),
        "loop": shown.loop_facts(area.loop, language) if area.loop else None,
    }


def _grid(area: AreaReport, report: KpiReport, language: Language) -> dict[str, object] | None:
    """On the first of several pages: every area's points, KPI by KPI."""
    if len(report.areas) < 2 or area is not report.areas[0]:
        return None
    codes = shown.in_grid(report)
    names = {one.code: one.name for one in area.lines}
    return {
        "titles": [say(names[code], language) for code in codes],
        "rows": [
            {
                "name": each.name,
                "alarm": each.alarm is not None,
                "cells": [
                    {"text": shown.gap(one), "look": LOOK[one.status]}
                    for one in each.lines
                    if one.code in codes
                ],
            }
            for each in report.areas
        ],
    }


def _table(lines: tuple[Line, ...], names: list[str], language: Language) -> dict[str, object]:
    columns = [{"name": name, "title": say(shown.COLUMNS[name], language)} for name in names]
    place = names.index("actual") + 1 if "target" in names else None
    if place is not None:
        columns.insert(place, {"name": "bar", "title": _BAR_TITLE[language]})
    rows = []
    for one in lines:
        cells = shown.row(one, language)
        row: list[dict[str, object]] = [
            {
                "name": name,
                "text": cells[name],
                "look": LOOK[one.status] if name in ("gap", "status") else "",
                "bar": None,
            }
            for name in names
        ]
        if place is not None:
            row.insert(place, {"name": "bar", "text": "", "look": "", "bar": _bar(one, cells)})
        rows.append(row)
    return {"columns": columns, "rows": rows}


def _halves(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Narrow tables stand side by side."""
    middle = (len(lines) + 1) // 2
    return lines[:middle], lines[middle:]


def _bar(one: Line, cells: dict[str, str]) -> dict[str, object] | None:
    """What is in hand, and a line where it should be by now."""
    if one.actual is None or one.target is None or one.gap_points is None:
        return None
    if one.kind == "retention" and one.pace is not None:
        least = min(one.actual, one.pace, one.target)
        low, high = least - _ROOM * (100 - least) - 1e-9, 100.0
        reached, due = one.actual, one.pace
    elif one.kind == "flow" and one.attainment is not None and one.passed is not None:
        low, reached, due = 0.0, one.attainment, one.passed
        high = max(1.0, reached, due)
    else:
        low, reached, due = 0.0, one.actual, one.target
        high = 100.0 if one.shown == "percent" else max(reached, due) or 1.0
    return {
        "fill": _place(reached, low, high),
        "tick": min(_place(due, low, high), _BAR - 2),
        "colour": FILL[LOOK[one.status]],
        "label": f"{cells['actual']} / {cells['target']}, {cells['gap']}",
    }


def _place(value: float, low: float, high: float) -> float:
    return round(_BAR * min(max((value - low) / (high - low), 0.0), 1.0), 1)
