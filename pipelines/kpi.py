"""`groupchurn report kpi`: where each KPI stands beside the time that has passed (旬报)."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.workplace import Workplace, open_workplace
from serving.words import Language

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from serving.kpi.lines import Line
    from serving.kpi.report import AreaReport, KpiReport

COLOURS = {"ahead": "green", "met": "green", "level": "yellow", "near": "yellow"}
COLOURS |= {"behind": "red", "missed": "red"}


def report_kpi(
    *,
    as_of: date,
    area: str | None = None,
    language: Language = "zh",
    out: Path | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Told:
    """KPIs beside time progress (时间进度): attainment, gap, forecast, rank, and what they hide.

    It tells of the newest dekad that had ended by the day, from what had been loaded by then: the
    KPIs that the operator reports, and beside them those that the tables let us work out. Each is
    set beside the time that had passed on the day it was measured. A city's page comes first, then
    its counties. A KPI is never 0 for want of data.

    Args:
        as_of: Day of knowledge.
        area: Only this area and what lies in it; an id of dim_area.
        language: Language of the report.
        out: Folder to write it to as a page that prints (HTML) and as a workbook (.xlsx).

    Example:
        groupchurn report kpi --as-of 2010-10-03 --out reports
    """
    from features.known import Known
    from pipelines import console
    from serving.kpi.report import known_areas, kpi_report

    place = open_workplace(home, config)
    settings = place.settings.kpi
    definitions = settings.definitions()
    areas = known_areas(Known(place.tables, [as_of]))
    if area is not None and area not in areas.by_id:
        ids = ", ".join(areas.reported()) or "none is known by then"
        raise UsageError(f"There is no area {area!r}; areas with a report: {ids}.")
    with console.stage("KPIs"):
        report = kpi_report(
            place.tables,
            as_of,
            definitions,
            settings.reading(),
            settings.limits(),
            area_id=area,
            listed=_newest_list(place, as_of),
        )
    if not report.areas:
        raise UsageError(
            f"By {as_of} no table names an area: there is nothing to report on. "
            "`groupchurn contracts show dim_area` says what is needed."
        )
    files = _written(report, out, language) if out else []
    return Told(report, files, language)


class Told(dict[str, Any]):
    """The report; as JSON its figures, as a table what a director reads."""

    def __init__(self, report: KpiReport, files: list[Path], language: Language) -> None:
        fields = {f.name: getattr(report, f.name) for f in dataclasses.fields(report)}
        super().__init__({**fields, "files": files})
        self._report, self._language = report, language

    def __rich__(self) -> RenderableType:
        from rich.console import Group

        from serving.kpi import shown

        parts: list[RenderableType] = [
            f"[bold]{shown.heading(self._report, self._language)}[/bold]",
            shown.under_heading(self._report, self._language),
        ]
        for area in self._report.areas:
            parts += _area(area, self._language)
        parts += [str(path) for path in self["files"]]
        return Group(*parts)


def _area(area: AreaReport, language: Language) -> list[RenderableType]:
    from rich.text import Text

    from serving.kpi import shown
    from serving.words import say

    tables = shown.tables(area)
    parts: list[RenderableType] = ["", Text(f"{say(shown.WHOLE, language)}: {area.name}", "bold")]
    if area.alarm:
        parts.append(Text(f"⚠ {say(shown.ALARM, language)}", "bold red"))
        parts.append(Text(say(area.alarm.headline, language)))
        parts += [Text(f"  · {say(text, language)}") for text in area.alarm.evidence]
    if tables.targeted:
        parts.append(_table(tables.targeted, language, targeted=True))
    if tables.watched:
        parts.append(_table(tables.watched, language, targeted=False))
    if tables.empty:
        names = ", ".join(say(one.name, language) for one in tables.empty)
        parts.append(Text(f"{say(shown.WITHOUT_DATA, language)}: {names}"))
    if area.loop:
        facts = shown.loop_facts(area.loop, language)
        told = "; ".join(f"{title} {text}" for title, text in facts)
        parts.append(Text(f"{say(shown.LOOP, language)}: {told}"))
    return parts


def _table(lines: tuple[Line, ...], language: Language, *, targeted: bool) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from serving.kpi import shown
    from serving.words import say

    drawn = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=shown.title(lines, language, targeted=targeted),
        title_justify="left",
    )
    names = shown.columns(lines, targeted=targeted)
    for name in names:
        left = name in ("name", "status")
        drawn.add_column(
            say(shown.COLUMNS[name], language),
            justify="left" if left else "right",
            no_wrap=not left,
        )
    for one in lines:
        cells = shown.row(one, language)
        style = COLOURS.get(one.status, "")
        drawn.add_row(
            *(Text(cells[name], style if name in ("gap", "status") else "") for name in names)
        )
    return drawn


def _newest_list(place: Workplace, as_of: date) -> tuple[date, pd.DataFrame] | None:
    """The newest risk list of a day up to ``as_of``; None where none was published."""
    import pandas as pd

    days = [date.fromisoformat(day) for day in place.store.pointer()["by_as_of"]]
    past = [day for day in days if day <= as_of]
    if not past:
        return None
    batch = place.store.current(max(past))
    path = batch.folder / "risk_list.parquet"
    return (max(past), pd.read_parquet(path)) if path.exists() else None


def _written(report: KpiReport, out: Path, language: Language) -> list[Path]:
    from serving.files import put_file
    from serving.kpi.page import page
    from serving.kpi.workbook import workbook

    name = f"kpi_{report.day:%Y%m%d}_{language}"
    contents = {
        out / f"{name}.html": page(report, language),
        out / f"{name}.xlsx": workbook(report, language),
    }
    for path, content in contents.items():
        put_file(content, path)
    return list(contents)
