"""Which group's life tells most: attacked, reported, at an expiry, key persons lost, moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from simulator.sheet.reading import World

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside


@dataclass(frozen=True)
class Chosen:
    """A group that moved to the rival after an attack: who, when, and how."""

    group: str
    industry: str
    park: str
    size: int
    attacked: date
    moved: date
    driver: str


def choose(world: World) -> Chosen | None:
    """The C group of 12 to 60 members whose story has most in it; None if nobody's has.

    It must lie half a year inside the world on both sides.
    """
    found = world.ask(
        f"""
        WITH stories AS (
            SELECT t.group_id, t.date AS moved, driver, max(a.date) AS attacked,
                max_by(event_id, a.date) AS event
            FROM gt_transfer AS t JOIN gt_attack AS a USING (group_id) JOIN groups USING (group_id)
            WHERE tier = 'C' AND intent AND a.date < t.date AND driver LIKE 'attack:%'
                AND a.date > DATE '{world.start}' + 180 AND t.date < DATE '{world.end}' - 180
            GROUP BY 1, 2, 3
        ), people AS (
            SELECT s.group_id, h.user_id, member_role = 'key_person' AS leads
            FROM stories AS s JOIN membership AS h USING (group_id)
            WHERE valid_from <= attacked AND valid_to > attacked
        ), losses AS (
            SELECT group_id, count(DISTINCT user_id) AS size,
                count(DISTINCT user_id) FILTER (state = 'dual') AS dual,
                bool_or(leads AND state <> 'sole' AND date BETWEEN attacked AND moved + 60) AS lead
            FROM people JOIN stories USING (group_id) LEFT JOIN (
                FROM gt_member_state SELECT * WHERE date > '{world.start}'
            ) USING (user_id) GROUP BY 1
        ), expiries AS (
            SELECT DISTINCT s.group_id FROM stories AS s JOIN gt_group_state AS g USING (group_id)
            WHERE expiring AND date BETWEEN attacked AND moved + 10
        )
        SELECT s.group_id, industry, park, size, attacked, moved, driver
        FROM stories AS s JOIN losses USING (group_id) JOIN groups USING (group_id)
        WHERE size BETWEEN 12 AND 60 AND dual > 0
        ORDER BY 2 * CAST(event IN (SELECT event_id FROM rival_event) AS INTEGER)
            + 2 * CAST(lead AS INTEGER) + CAST(s.group_id IN (FROM expiries) AS INTEGER)
            + CAST(moved - attacked > 30 AS INTEGER) + least(dual / size, 0.6) DESC, s.group_id
        LIMIT 1
        """
    )
    return Chosen(*found[0]) if found else None
