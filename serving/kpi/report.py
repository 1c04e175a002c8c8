"""The KPI report (旬报): every area's KPIs, what they hide, and what the loop did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.definition import Text
from features.known import Known
from features.tables import Tables, as_pandas
from serving.kpi.alarm import Alarm, AtRisk, alarm
from serving.kpi.areas import Area, Areas
from serving.kpi.formulas import dekad_before, time_progress
from serving.kpi.lines import Line, line, ranked
from serving.kpi.loop import Loop, loop, read_cases
from serving.kpi.reported import Reported, read_reported
from serving.kpi.terms import Definitions, Kind, Kpi, Limits, Reading
from serving.kpi.worked import Worked


@dataclass(frozen=True)
class AreaReport:
    """One area's page: its lines in the order of the definitions."""

    area_id: str
    name: str
    kind: str
    lines: tuple[Line, ...]
    alarm: Alarm | None
    loop: Loop | None


@dataclass(frozen=True)
class KpiReport:
    """The report as known on a day.

    Attributes:
        as_of: Day of knowledge.
        day: The day it tells of: the end of the newest dekad that had ended.
        dekad: That dekad, in words.
        time_progress: The share of the year that had passed on ``day``, 0 to 1.
        areas: The whole first, then what lies in it.
    """

    as_of: date
    day: date
    dekad: Text
    time_progress: float
    areas: tuple[AreaReport, ...]


def kpi_report(
    tables: Tables,
    as_of: date,
    definitions: Definitions,
    reading: Reading,
    limits: Limits,
    *,
    area_id: str | None = None,
    listed: tuple[date, pd.DataFrame] | None = None,
) -> KpiReport:
    """The report as known on a day.

    Args:
        tables: The operator's tables; whatever is missing leaves its KPIs without data.
        definitions: The KPIs, in the order of the report. What the operator sets or reports and
            nobody defined is shown after them under its code.
        area_id: The area to report on, with what lies in it; None for everything.
        listed: Day and rows of the newest risk list published by then: ``group_id,
            revenue_at_risk_fen``.
    """
    day = dekad_before(as_of)
    with tables.holding():
        known = Known(tables, [as_of])
        areas, reported = known_areas(known), read_reported(known, day.year)
        worked = Worked(known, reading, areas, day, reported.days(day))
        shown = _areas(areas, reported, area_id)
        cases = read_cases(known, reading, worked.groups, day)
        at_risk = _at_risk(listed, worked.groups, areas, shown)
        lines = _lines(definitions, reported, worked, areas, shown, day, limits)
        pages = []
        for area in shown:
            found = areas.by_id.get(area, Area(area, None, "", area))
            own = tuple(of_kpi[area] for of_kpi in lines)
            said = alarm(area, own, worked, at_risk.get(area), limits)
            done = loop(cases, areas, area, reading, limits.fewest_holdout) if cases else None
            pages.append(AreaReport(area, found.name, found.kind, own, said, done))
    passed = time_progress(day, limits.progress, limits.working)
    return KpiReport(as_of, day, dekad_in_words(day), float(passed), tuple(pages))


def known_areas(known: Known) -> Areas:
    """The tree of areas as known on the day; empty without a table of them."""
    if "dim_area" not in known.tables:
        return Areas({})
    rows = as_pandas(known.rows("dim_area"), "area_id")
    rows = rows[["area_id", "parent_area_id", "area_type", "name"]]
    found = rows.astype(object).where(rows.notna(), None).itertuples(index=False, name=None)
    return Areas({a: Area(a, parent, kind, name or a) for a, parent, kind, name in found})


def dekad_in_words(day: date) -> Text:
    """The dekad (旬) that ends on ``day``."""
    part = min((day.day - 1) // 10, 2)
    return Text(
        f"{day.month}月{'上中下'[part]}旬", f"{('first', 'second', 'last')[part]} dekad of {day:%B}"
    )


def _areas(areas: Areas, reported: Reported, wanted: str | None) -> tuple[str, ...]:
    """Areas with rows of their own; without a table of areas those that the operator names."""
    if areas.by_id:
        return areas.reported(wanted)
    named = sorted({area for _, area in (*reported.targets, *reported.actuals)})
    return (wanted,) if wanted else tuple(named)


def _lines(
    definitions: Definitions,
    reported: Reported,
    worked: Worked,
    areas: Areas,
    shown: tuple[str, ...],
    day: date,
    limits: Limits,
) -> list[Mapping[str, Line]]:
    kpis = [*definitions.values(), *_undefined(reported, definitions)]
    return [
        ranked(
            {
                area: line(kpi, area, areas.below(area, shown), day, reported, worked, limits)
                for area in shown
            },
            areas,
        )
        for kpi in kpis
    ]


def _undefined(reported: Reported, definitions: Definitions) -> list[Kpi]:
    """KPIs that the operator sets or reports and that nobody defined: by their codes."""
    found = []
    for code in sorted(reported.codes - definitions.keys()):
        units = [target.unit for (kpi, _), target in reported.targets.items() if kpi == code]
        unit = units[0] if units else "count"
        kind: Kind = "flow" if unit == "yuan" else "level"
        decimals = 0 if unit == "count" else 2
        found.append(Kpi(code, Text(code, code), kind, "higher", unit, unit, decimals))
    return found


def _at_risk(
    listed: tuple[date, pd.DataFrame] | None,
    groups: pd.DataFrame,
    areas: Areas,
    shown: tuple[str, ...],
) -> dict[str, AtRisk]:
    """What the newest list says of each area."""
    if listed is None or not {"group_id", "revenue_at_risk_fen"} <= set(listed[1].columns):
        return {}
    rows = listed[1].dropna(subset="revenue_at_risk_fen")
    area = dict(zip(groups["group_id"], groups["area_id"], strict=True))
    leaves = rows["group_id"].map(area).fillna("")
    found = {}
    for each in shown:
        here = rows[[each in areas.above(str(leaf)) for leaf in leaves]]
        if len(here):
            found[each] = AtRisk(listed[0], len(here), int(here["revenue_at_risk_fen"].sum()))
    return found
