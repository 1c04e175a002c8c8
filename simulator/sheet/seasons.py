"""The year in the members' usage, and what the hidden states of groups leave in it."""

from __future__ import annotations

from simulator.sheet.panel import MONTHS, Panel, key
from simulator.sheet.reading import World
from simulator.sheet.svg import BLUE, INK, SKY, SOFT, STATES, Drawing, Point, Scale

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside
WIDTH, HIGH, TALL = 1000.0, 236.0, 150.0
SHADES = ("#b9cfdd", SKY, BLUE, INK)
"""Of the years, the newest last."""


def seasons(world: World) -> str:
    """Minutes, V-net minutes and bills of a member by month, a line a year."""
    drawing = Drawing(WIDTH, HIGH, "Usage of a member by month of the year, one line a year")
    shown = (
        ("Outgoing minutes 主叫分钟", "a member", _by_year(world, "avg(mou_out_m)", "usage_month")),
        (
            "V-net minutes V网分钟",
            "a user",
            _by_year(
                world,
                "avg(vnet_out_m + vnet_in_m)",
                "usage_month SEMI JOIN (SELECT user_id FROM holding"
                " WHERE product LIKE 'vnet_%') AS h USING (user_id)",
            ),
        ),
        ("Bill ARPU", "yuan a member", _by_year(world, "avg(arpu_fen) / 100", "bill_month")),
    )
    years = sorted({year for _, _, lines in shown for year in lines})
    shade = dict(zip(reversed(years), reversed(SHADES), strict=False))
    for place, (title, unit, lines) in enumerate(shown):
        values = [y for line in lines.values() for _, y in line]
        low, high = min(values, default=0.0), max(values, default=1.0)
        left = 52 + place * 326
        pad = 0.12 * (high - low or 1)
        bottom = 30 + TALL
        panel = Panel(
            drawing, Scale(0.7, 12.3, left, left + 262), Scale(low - pad, high + pad, bottom, 30)
        )
        panel.heading(title, unit)
        panel.y_axis(4)
        for month in (1, 4, 7, 10):
            drawing.text((panel.x(month), bottom + 17), MONTHS[month - 1], SOFT, 11.5, "middle")
        if place == 0:
            panel.upright(2, "#8a949d", "Spring Festival 春节", stroke_dasharray="2 3")
        for year, line in lines.items():
            if year in shade:
                panel.line(line, shade[year])
    key(
        drawing,
        (52, HIGH - 10),
        [(str(year), shade[year]) for year in years if year in shade],
        "line",
    )
    return drawing.render()


def traces(world: World) -> str:
    """Rival share of minutes and calls to rivals' hotlines, by the hidden state of the group."""
    drawing = Drawing(WIDTH, HIGH, "What the hidden state of C groups leaves in their usage")
    x = Scale(world.start.toordinal(), world.end.toordinal(), 0, 1)
    shown = (
        (
            "Rival share of outgoing minutes 异网主叫占比",
            "C groups",
            "sum(mou_out_rival_m) / sum(mou_out_m)",
            True,
        ),
        (
            "Calls to rivals' hotlines 10000/10010",
            "a member a month",
            "sum(calls_10000_n + calls_10010_n) / count(calls_10000_n)",
            False,
        ),
    )
    for place, (title, unit, what, percent) in enumerate(shown):
        lines = _by_state(world, what)
        left = 60 + place * 490
        highest = max((y for line in lines.values() for _, y in line), default=1.0)
        bottom = 30 + TALL
        panel = Panel(
            drawing,
            Scale(x.low, x.high, left, left + 430),
            Scale(0, highest * 1.1, bottom, 30),
        )
        panel.heading(title, unit)
        panel.y_axis(4, percent=percent)
        panel.months(world.start, world.end)
        for state, line in lines.items():
            panel.line(line, _dark(state))
    key(drawing, (60, HIGH - 8), [(s, _dark(s)) for s in STATES if s != "resisted"], "line")
    return drawing.render()


def _dark(state: str) -> str:
    return "#7d8994" if state == "calm" else STATES[state]


def _by_year(world: World, what: str, table: str) -> dict[int, list[Point]]:
    lines: dict[int, list[Point]] = {}
    last = f"{world.end:%Y%m}"
    for month, value in world.ask(
        f"SELECT month, {what} FROM {table} WHERE version = 1 AND month < '{last}' GROUP BY 1"
        " ORDER BY 1"
    ):
        lines.setdefault(int(month[:4]), []).append((float(month[4:]), float(value)))
    return lines


def _by_state(world: World, what: str) -> dict[str, list[Point]]:
    """The rows of the newest membership of each user; who changed groups is a small part."""
    lines: dict[str, list[Point]] = {}
    for state, day, value in world.ask(
        f"""
        WITH owner AS (
            SELECT user_id, arg_max(group_id, valid_from) AS group_id FROM membership GROUP BY 1
        ), states AS (
            SELECT group_id, left(dekad, 6) AS month, state, date FROM gt_group_state
            JOIN groups USING (group_id) WHERE dekad LIKE '%3' AND tier = 'C'
        )
        SELECT state, date, {what} FROM usage_month JOIN owner USING (user_id)
            JOIN states USING (group_id, month)
        WHERE version = 1 AND state <> 'resisted' GROUP BY 1, 2 HAVING {what} IS NOT NULL
        ORDER BY 1, 2
        """
    ):
        lines.setdefault(state, []).append((day.toordinal() - 15.0, float(value)))
    return lines
