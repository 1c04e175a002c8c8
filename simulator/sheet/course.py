"""What happened in the course of a world: attacks, moves, arrivals, departures.

Each function gives rows (numerator, denominator), one for each group or event.
"""

# ruff: noqa: S608 - writing SQL is the purpose; dates and numbers come from the world itself
from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from simulator.sheet.reading import Row, World

OCTOBER = 10


def intent(world: World) -> list[Row]:
    """Attacks on C groups, and those after which the group intended to move."""
    return world.ask(
        f"""
        SELECT CAST(intent AS INTEGER), 1 FROM gt_attack JOIN groups USING (group_id)
        WHERE tier = 'C' AND date < '{world.quiet_end}'
        """
    )


def kept(world: World, last_month: int, which: str) -> list[Row]:
    """Groups that were there in January, and those of them that still are at a month's end."""
    rows: list[Row] = []
    for until in world.month_ends(last_month):
        since = max(date(until.year, 1, 1), world.start)
        rows += world.ask(
            f"""
            SELECT CAST(date IS NULL OR date >= '{until}' AS INTEGER), 1
            FROM groups LEFT JOIN gt_transfer USING (group_id)
            WHERE {which} AND (date IS NULL OR date >= '{since}')
            """
        )
    return rows


def joins(world: World) -> list[Row]:
    """New members, and members at the beginning of each month, group by group."""
    return world.ask(
        f"""
        WITH entered AS (
            SELECT group_id, count(*) AS n FROM (
                SELECT user_id, arg_min(group_id, valid_from) AS group_id FROM membership
                GROUP BY user_id HAVING min(valid_from) >= '{world.start}'
                    AND min(valid_from) < '{world.quiet_end}'
            ) GROUP BY group_id
        )
        SELECT coalesce(n, 0), months FROM ({_member_months(world)}) LEFT JOIN entered
        USING (group_id)
        """
    )


def dual(world: World) -> list[Row]:
    """First moves of members of groups that moved to the rival, while others follow theirs."""
    days = 10 * (int(world.parameter("transfer.follow_dekads")) + 1)
    return world.ask(
        f"""
        WITH moves AS (
            SELECT *, lag(state) OVER (PARTITION BY user_id ORDER BY date) AS earlier
            FROM gt_member_state
        )
        SELECT count(*) FILTER (state = 'dual'), count(*)
        FROM gt_transfer JOIN membership USING (group_id) JOIN moves USING (user_id)
        WHERE driver <> 'background' AND earlier = 'sole' AND state <> 'sole'
            AND moves.date BETWEEN gt_transfer.date - 9 AND gt_transfer.date + {days}
            AND valid_from <= gt_transfer.date AND valid_to > gt_transfer.date
        GROUP BY group_id
        """
    )


def hard_churn(world: World) -> list[Row]:
    """C members who left the net, and member-months, group by group."""
    return world.ask(
        f"""
        WITH gone AS (
            SELECT group_id, count(*) AS n
            FROM gt_member_state AS m ASOF JOIN membership AS h
                ON m.user_id = h.user_id AND m.date >= h.valid_from
            WHERE state = 'gone' AND m.date < '{world.quiet_end}' GROUP BY group_id
        )
        SELECT coalesce(n, 0), months
        FROM ({_member_months(world)}) JOIN groups USING (group_id) LEFT JOIN gone USING (group_id)
        WHERE tier = 'C'
        """
    )


def _a_year_on(world: World, later: str, earlier: str, table: str, base: str = "") -> list[Row]:
    day = world.report_day(OCTOBER)
    if day.replace(year=day.year - 1) <= world.start:
        return []
    now = (day - timedelta(1)).strftime("%Y%m")
    then = f"{int(now[:4]) - 1}{now[4:]}"
    both = f"SELECT {{}} FROM {table} WHERE version = 1 AND month = '{{}}' {base}"
    one, other = (
        world.one(both.format(part, month))[0] for part, month in ((later, now), (earlier, then))
    )
    return [(one, other)]


def arpu(world: World) -> list[Row]:
    """The mean bill of members of last year's snapshot, and that of all a year before."""
    base = ""
    if world.has("snapshot_base"):
        year = world.report_day(OCTOBER).year - 1
        base = (
            f"AND user_id IN (SELECT entity_id FROM snapshot_base WHERE base_id = 'members_{year}')"
        )
    return _a_year_on(world, "avg(arpu_fen)", "avg(arpu_fen)", "bill_month", base)


def onnet(world: World) -> list[Row]:
    """The on-net share of outgoing minutes, and that of a year before."""
    share = "sum(mou_out_onnet_m) / sum(mou_out_m)"
    return _a_year_on(world, share, share, "usage_month")


def price(world: World) -> list[Row]:
    """Attacks by the tariff, against those by the most frequent of the other levers."""
    counts = world.lookup(
        f"""
        SELECT lever, count(*) FROM gt_attack JOIN groups USING (group_id)
        WHERE tier = 'C' AND date < '{world.quiet_end}' GROUP BY lever
        """
    )
    price = counts.pop("tariff_cut", 0)
    return [(price, max(counts.values(), default=0))]


def together(world: World) -> list[Row]:
    """The part of the variance of the month of the first rival SIM that lies between groups."""
    moves = world.columns(
        f"""
        SELECT group_id, min(date_diff('day', DATE '{world.start}', m.date)) / 30.44 AS month
        FROM gt_member_state AS m ASOF JOIN membership AS h
            ON m.user_id = h.user_id AND m.date >= h.valid_from
        WHERE state = 'dual' AND m.date > '{world.start}' GROUP BY group_id, m.user_id
        """
    )
    _, group = np.unique(np.asarray(moves["group_id"], dtype=str), return_inverse=True)
    month = np.asarray(moves["month"], dtype=np.float64)
    size = np.bincount(group)
    many = size[group] > 1
    if not many.any():
        return []
    mean = np.bincount(group, month) / size
    of_many = size > 1
    groups, n = int(of_many.sum()), int(many.sum())
    grand = month[many].mean()
    between = (size * (mean - grand) ** 2)[of_many].sum() / max(groups - 1, 1)
    within = ((month - mean[group]) ** 2)[many].sum() / max(n - groups, 1)
    usual = (n - (size[of_many] ** 2).sum() / n) / max(groups - 1, 1)
    return [(between - within, between + (usual - 1) * within)]


def transfer_90(world: World) -> list[Row]:
    """Ends of months of C groups that had not moved, and moves in the 90 days after them."""
    return world.ask(
        f"""
        SELECT count(*) FILTER (t.date <= s.date + 90), count(*)
        FROM gt_group_state AS s JOIN groups USING (group_id)
            LEFT JOIN gt_transfer AS t USING (group_id)
        WHERE tier = 'C' AND s.dekad LIKE '%3' AND (t.date IS NULL OR t.date > s.date)
            AND s.date + 90 < '{world.quiet_end}'
        GROUP BY group_id
        """
    )


def _member_months(world: World) -> str:
    """Query for members of each group, added up over the first days of all months."""
    return f"""
        SELECT group_id, count(*) AS months FROM membership, (
            SELECT unnest(generate_series(DATE '{world.start}', DATE '{world.quiet_end}' - 1,
                INTERVAL 1 MONTH)) AS day
        ) WHERE valid_from <= day AND valid_to > day GROUP BY group_id
    """
