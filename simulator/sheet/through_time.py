"""The rivalry through time: campaigns, attacks, groups that intend to move, moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from simulator.sheet.panel import Panel, key
from simulator.sheet.reading import World
from simulator.sheet.svg import CAMPAIGN, INK, SOFT, TIERS, Drawing, Point, Scale

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside
WIDTH, LEFT, RIGHT, TALL = 1000.0, 64.0, 985.0, 104.0
SMALL, LARGE = "tier C", "tiers A and B"
COLOURS = {SMALL: TIERS["C"], LARGE: TIERS["B"]}
KEY = [(SMALL, COLOURS[SMALL]), (f"{LARGE}, mean of three months", COLOURS[LARGE])]
WHICH = f"if(tier = 'C', '{SMALL}', '{LARGE}')"
Lines = Mapping[str, list[Point]]


def through_time(world: World) -> str:
    """Four panels over the same months."""
    areas = [row[0] for row in world.ask("SELECT DISTINCT area FROM groups ORDER BY area")]
    strip = max(min(13.0, 78 / len(areas)), 2.0)
    height = 60 + strip * len(areas) + 3 * (TALL + 44) + 30
    drawing = Drawing(WIDTH, height, "Campaigns, attacks, intent and moves to the rival by month")
    x = Scale(world.start.toordinal(), world.end.toordinal(), LEFT, RIGHT)
    _campaigns(drawing, world, areas, x, strip)
    top = 34 + strip * len(areas) + 50
    shown = (
        ("Attacks 策反", "a month, of 100 groups", _rates(world, "gt_attack", 100), 1.0),
        ("Groups that intend to move 转网意向存量", "of 100 groups", _intent(world), 1.0),
        (
            "Moves to the rival 转网",
            "a month, of 1,000 groups",
            _rates(world, "gt_transfer", 1000),
            1.0,
        ),
    )
    for place, (title, unit, lines, least) in enumerate(shown):
        highest = max([least, *(y for line in lines.values() for _, y in line if y == y)])
        bottom = top + TALL + place * (TALL + 44)
        panel = Panel(drawing, x, Scale(0, highest * 1.08, bottom, bottom - TALL))
        panel.heading(title, unit)
        panel.y_axis()
        panel.months(world.start, world.end, labels=place == 2)
        for which, line in lines.items():
            panel.line(line, COLOURS[which], 2.2 if which == SMALL else 1.6)
        if world.drift:
            text = "the rival's policy changes 策略变化" if place == 0 else ""
            panel.upright(world.drift.toordinal(), INK, text, stroke_dasharray="3 3")
    key(drawing, (RIGHT - 330, 20), KEY, "line")
    return drawing.render()


def _campaigns(drawing: Drawing, world: World, areas: list[str], x: Scale, strip: float) -> None:
    """One strip an area, dark while the rival's campaign runs there."""
    top = 34.0
    drawing.text(
        (LEFT, top - 14), "Rival campaigns by area 竞争对手营销活动", INK, 13, font_weight=600
    )
    running = world.ask(
        """
        SELECT DISTINCT area, date FROM gt_group_state JOIN groups USING (group_id)
        WHERE campaign ORDER BY 1, 2
        """
    )
    for place, area in enumerate(areas):
        y = top + place * strip
        drawing.box((LEFT, y), RIGHT - LEFT, strip - 1.5, "#f2f4f5")
        if strip >= 10:
            drawing.text((LEFT - 8, y + strip - 3.5), area, SOFT, 10.5, "end")
        for start, end in _spells([day for where, day in running if where == area], world.end):
            left, right = x(start), x(end)
            drawing.box((left, y), right - left, strip - 1.5, CAMPAIGN)
    if world.drift:
        change = x(world.drift.toordinal())
        drawing.line(
            (change, top - 4), (change, top + strip * len(areas)), INK, stroke_dasharray="3 3"
        )


def _spells(ends: list[date], last: date) -> list[tuple[float, float]]:
    """Runs of dekads, each known by its last day, as pairs of day numbers."""
    spells: list[tuple[float, float]] = []
    for day in ends:
        if day >= last:
            continue
        first = day.replace(day=1 + min((day.day - 1) // 10, 2) * 10).toordinal()
        end = day.toordinal() + 1
        if spells and first - spells[-1][1] < 1:
            spells[-1] = (spells[-1][0], end)
        else:
            spells.append((first, end))
    return spells


def _rates(world: World, table: str, per: int) -> Lines:
    """Events of each month, by groups that had not moved before it."""
    return _lines(
        world,
        f"""
        WITH there AS (
            SELECT month, {WHICH} AS which, count(*) AS n
            FROM ({_months(world)}), groups LEFT JOIN gt_transfer AS t USING (group_id)
            WHERE t.date IS NULL OR t.date >= month GROUP BY ALL
        ), events AS (
            SELECT CAST(date_trunc('month', date) AS DATE) AS month, {WHICH} AS which, count(*) AS e
            FROM {table} JOIN groups USING (group_id) GROUP BY ALL
        )
        SELECT which, month, {per} * coalesce(e, 0) / n
        FROM there LEFT JOIN events USING (month, which) ORDER BY 1, 2
        """,
    )


def _intent(world: World) -> Lines:
    """Groups in that state at each month's end, of those that have not moved."""
    return _lines(
        world,
        f"""
        SELECT {WHICH} AS which, CAST(date_trunc('month', date) AS DATE) AS month,
            100 * count(*) FILTER (state = 'intent') / count(*)
        FROM gt_group_state JOIN groups USING (group_id)
        WHERE dekad LIKE '%3' AND state <> 'transferred' AND date < '{world.end}'
        GROUP BY ALL ORDER BY 1, 2
        """,
    )


def _lines(world: World, query: str) -> Lines:
    lines: dict[str, list[Point]] = {name: [] for name in COLOURS}
    for which, month, value in world.ask(query):
        lines[which].append((month.toordinal() + 15.0, float(value)))
    # A county has so few of them that single months jump between none and several.
    return {SMALL: lines[SMALL], LARGE: _smooth(lines[LARGE])}


def _smooth(line: list[Point]) -> list[Point]:
    """The mean of each month and its neighbours."""
    near = [line[max(i - 1, 0) : i + 2] for i in range(len(line))]
    return [
        (x, sum(y for _, y in some) / len(some)) for (x, _), some in zip(line, near, strict=True)
    ]


def _months(world: World) -> str:
    first, last = f"DATE '{world.start}'", f"DATE '{world.end}' - 1"
    return (
        f"SELECT CAST(unnest(generate_series({first}, {last}, INTERVAL 1 MONTH)) AS DATE) AS month"
    )
