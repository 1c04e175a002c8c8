"""What is told of one group: states, events, contracts, members and their usage."""

from __future__ import annotations

from collections import Counter
from datetime import date

from simulator.sheet.choosing import Chosen
from simulator.sheet.reading import Row, World
from simulator.sheet.svg import Point

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside
LEFT_GROUP = "left the group"
NOT_YET = "not yet"

Dekad = tuple[float, float, str, bool]
"""First day, day after the last, state of the group, whether a campaign ran in its area."""


class Story:
    """Asks a world about one group; days are given as ordinals (``date.toordinal``)."""

    def __init__(self, world: World, chosen: Chosen) -> None:
        self._world, self.chosen = world, chosen
        self._mine = f"group_id = '{chosen.group}'"

    def states(self) -> list[Dekad]:
        """What each dekad was like."""
        rows = self._ask(f"SELECT date, state, campaign FROM gt_group_state WHERE {self._mine}")
        return [
            (_first_of_dekad(day), day.toordinal() + 1.0, state, bool(campaign))
            for day, state, campaign in rows
        ]

    def attacks(self) -> list[tuple[float, str]]:
        """Day and lever of each attack."""
        rows = self._ask(f"SELECT date, lever FROM gt_attack WHERE {self._mine}")
        return [(day.toordinal(), lever) for day, lever in rows]

    def reports(self) -> list[tuple[float, float]]:
        """Of each report the day it is about, or was written on, and the day it was loaded."""
        rows = self._ask(
            f"""
            SELECT coalesce(event_date, report_date), CAST(load_time AS DATE)
            FROM rival_event WHERE {self._mine}
            """
        )
        return [(about.toordinal(), loaded.toordinal()) for about, loaded in rows]

    def visits(self) -> list[float]:
        """Days of visits."""
        rows = self._ask(f"SELECT visit_date FROM visit WHERE {self._mine}")
        return [day.toordinal() for (day,) in rows]

    def treatments(self) -> list[tuple[float, str]]:
        """Day and action of each treatment."""
        if not self._world.has("gt_treatment"):
            return []
        rows = self._ask(f"SELECT date, action_code FROM gt_treatment WHERE {self._mine}")
        return [(day.toordinal(), action) for day, action in rows]

    def key_persons_lost(self) -> list[tuple[float, str]]:
        """Day on which each key person took a rival SIM or left, and which of the two."""
        rows = self._ask(
            f"""
            SELECT m.date, state FROM gt_member_state AS m JOIN membership USING (user_id)
            WHERE {self._mine} AND member_role = 'key_person' AND state <> 'sole'
                AND valid_from <= m.date AND valid_to >= m.date AND m.date > '{self._world.start}'
            """
        )
        return [(day.toordinal(), state) for day, state in rows]

    def lock(self) -> list[Point]:
        """Share of members under contract each dekad."""
        rows = self._ask(f"SELECT date, lock FROM gt_group_state WHERE {self._mine}")
        return [(day.toordinal(), float(value)) for day, value in rows]

    def expiries(self) -> list[tuple[float, float]]:
        """Dekads of months in which much of what is under contract ends."""
        rows = self._ask(f"SELECT date FROM gt_group_state WHERE {self._mine} AND expiring")
        return [(_first_of_dekad(day), day.toordinal() + 1.0) for (day,) in rows]

    def members(self) -> list[tuple[float, Counter[str]]]:
        """Each dekad's end: where the members of the day of the attack stand."""
        people: dict[str, list[tuple[date, str]]] = {}
        for user, day, state in self._world.ask(
            f"""
            WITH cohort AS ({self._cohort()})
            SELECT user_id, greatest(date, since), state FROM cohort JOIN gt_member_state
                USING (user_id)
            UNION ALL SELECT user_id, until, '{LEFT_GROUP}' FROM cohort
            UNION ALL SELECT user_id, DATE '0001-01-01', '{NOT_YET}' FROM cohort
            ORDER BY 1, 2
            """
        ):
            people.setdefault(user, []).append((day, state))
        days = [day for (day,) in self._ask(f"SELECT date FROM gt_group_state WHERE {self._mine}")]
        return [(day.toordinal(), Counter(_at(p, day) for p in people.values())) for day in days]

    def minutes(self) -> list[Point]:
        """Outgoing minutes a member by month, against C groups; before the attack 100."""
        ours = self._by_month("sum(mou_out_m) / count(*)")
        means = "SELECT month, avg(mou_out_m) FROM usage_month WHERE version = 1 GROUP BY month"
        everybody = self._world.lookup(means)
        part = [(x, y / everybody[month]) for month, x, y in ours if everybody.get(month)]
        attack = self.chosen.attacked.toordinal()
        before = [y for x, y in part if attack - 110 < x < attack - 15] or [1.0]
        usual = sum(before) / len(before) or 1.0
        return [(x, 100 * y / usual) for x, y in part]

    def rival_share(self) -> list[Point]:
        """Rivals' part of outgoing minutes by month."""
        shares = self._by_month("sum(mou_out_rival_m) / nullif(sum(mou_out_m), 0)")
        return [(x, y) for _, x, y in shares]

    def _by_month(self, what: str) -> list[tuple[str, float, float]]:
        """A value of the members of each month, placed in its middle."""
        rows = self._world.ask(
            f"""
            WITH people AS (
                SELECT user_id, min(valid_from) AS since, max(valid_to) AS until
                FROM membership WHERE {self._mine} GROUP BY 1
            ), used AS (
                SELECT *, strptime(month, '%Y%m') AS first FROM usage_month
                SEMI JOIN people USING (user_id) WHERE version = 1
            )
            SELECT month, CAST(first AS DATE), {what} FROM used JOIN people USING (user_id)
            WHERE since <= first AND until > first GROUP BY 1, 2
            HAVING {what} IS NOT NULL ORDER BY 1
            """
        )
        return [(month, day.toordinal() + 15.0, float(value)) for month, day, value in rows]

    def _cohort(self) -> str:
        day = self.chosen.attacked
        return f"""
            SELECT user_id, min(valid_from) AS since, max(valid_to) AS until FROM membership
            WHERE {self._mine} GROUP BY user_id
            HAVING min(valid_from) <= '{day}' AND max(valid_to) > '{day}'
        """

    def _ask(self, query: str) -> list[Row]:
        """Rows in order of their first column, up to the end of what was delivered."""
        rows = self._world.ask(f"{query} ORDER BY 1")
        return [row for row in rows if row[0] < self._world.end]


def _at(changes: list[tuple[date, str]], day: date) -> str:
    """Where somebody stands on a day; who is gone has not left the group besides."""
    so_far = [state for when, state in changes if when <= day]
    return "gone" if "gone" in so_far else so_far[-1]


def _first_of_dekad(last: date) -> float:
    return float(last.replace(day=1 + 10 * min((last.day - 1) // 10, 2)).toordinal())
