"""How contracts hold groups, and what happens when many end together."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.sheet.panel import Panel, key
from simulator.sheet.reading import World
from simulator.sheet.svg import RED, SOFT, TIERS, Drawing, Point, Scale

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside
WIDTH, HIGH, TALL = 1000.0, 244.0, 150.0
AROUND = 6
"""Months before and after."""

EXPIRIES = """
    SELECT group_id, tier, year(date) * 12 + month(date) AS m
    FROM gt_group_state JOIN groups USING (group_id)
    WHERE expiring GROUP BY ALL
"""


def expiry(world: World) -> str:
    """Lock, attacks and moves by the months from a group's expiry month."""
    drawing = Drawing(WIDTH, HIGH, "Lock-in, attacks and moves around the expiry of contracts")
    lock = _lock(world)
    panel = _panel(drawing, 60, 400, max((y for _, line in lock for _, y in line), default=1.0))
    panel.heading("Members under contract 捆绑（Lock）", "weighted share")
    panel.y_axis(4, percent=True)
    for tier, line in lock:
        panel.line(line, TIERS[tier])
    shown = (
        ("Attacks 策反", "a month, of 100 C groups", _events(world, "gt_attack", 100, "")),
        (
            "Moves 转网",
            "a month, of 100 C groups that intend to",
            _events(world, "gt_transfer", 100, "AND was = 'intent'"),
        ),
    )
    for place, (title, unit, bars) in enumerate(shown):
        left = 530 + place * 240
        chart = _panel(drawing, left, 200, max((y for _, y in bars), default=1.0))
        chart.heading(title, "")
        drawing.text((left, 226), unit, SOFT, 11.5)
        chart.y_axis(3)
        for month, value in bars:
            width = chart.x(1) - chart.x(0)
            top = chart.y(value)
            colour = RED if month == 0 else "#e5b9a4"
            drawing.box(
                (chart.x(month) - width * 0.4, top), width * 0.8, chart.bottom - top, colour
            )
    key(drawing, (60, 226), [(f"tier {t}", TIERS[t]) for t in "CBA"], "line")
    return drawing.render()


def _panel(drawing: Drawing, left: float, width: float, highest: float) -> Panel:
    bottom = 30 + TALL
    x = Scale(-AROUND - 0.5, AROUND + 0.5, left, left + width)
    panel = Panel(drawing, x, Scale(0, highest * 1.1 or 1, bottom, 30))
    panel.upright(0, "#b5bdc4", stroke_dasharray="2 3")
    for month in range(-AROUND, AROUND + 1, 3):
        text = f"{month:+d}" if month else "expiry"
        drawing.text((panel.x(month), bottom + 17), text, SOFT, 11.5, "middle")
    return panel


def _lock(world: World) -> Sequence[tuple[str, list[Point]]]:
    lines: dict[str, list[Point]] = {}
    for tier, since, value in world.ask(
        f"""
        WITH expiries AS ({EXPIRIES}), held AS (
            SELECT group_id, year(date) * 12 + month(date) AS m,
                (CAST(right(dekad, 1) AS INTEGER) - 2) / 3 AS third, lock
            FROM gt_group_state WHERE state <> 'transferred' AND date < '{world.quiet_end}'
        )
        SELECT tier, held.m - e.m + third, avg(lock) FROM expiries AS e JOIN held USING (group_id)
        WHERE abs(held.m - e.m) <= {AROUND} GROUP BY ALL ORDER BY 1, 2
        """
    ):
        lines.setdefault(tier, []).append((float(since), float(value)))
    return list(lines.items())


def _events(world: World, table: str, per: int, only: str) -> list[Point]:
    """Events of C groups in each month from an expiry, by the groups that could have one."""
    rows = world.ask(
        f"""
        WITH expiries AS ({EXPIRIES}), held AS (
            SELECT group_id, date, year(date) * 12 + month(date) AS m, state,
                lag(state, 1, state) OVER (PARTITION BY group_id ORDER BY date) AS was
            FROM gt_group_state WHERE date < '{world.quiet_end}'
        ), events AS (
            SELECT DISTINCT group_id, year(date) * 12 + month(date) AS m, 1 AS happened FROM {table}
        ), there AS (
            SELECT group_id, m, count(*) / 3 AS months, any_value(was) AS was FROM held
            WHERE was <> 'transferred' {only} GROUP BY 1, 2
        )
        SELECT there.m - e.m AS since, {per} * count(happened) / sum(months)
        FROM expiries AS e JOIN there USING (group_id)
            LEFT JOIN events ON events.group_id = there.group_id AND events.m = there.m
        WHERE tier = 'C' AND abs(since) <= {AROUND} GROUP BY 1 ORDER BY 1
        """
    )
    return [(float(since), float(value)) for since, value in rows]
