"""Who is there on a day: the people of a county by role, and who stands in where one is missing."""

from __future__ import annotations

from datetime import date

import pandas as pd

from features.definition import Text
from serving.facts import counties

ROLE: dict[str, Text] = {
    "AM": Text("客户经理", "account manager"),
    "AM_lead": Text("客户经理主管", "lead of the account managers"),
    "chief_AM": Text("首席客户经理", "chief account manager"),
    "county_mgr": Text("区县经理", "county manager"),
    "service": Text("中小企业服务台", "SME desk"),
    "branch": Text("公司领导", "leader of the branch"),
}
UPWARD: dict[str, tuple[str, ...]] = {
    "service": ("service", "AM_lead", "county_mgr"),
    "AM_lead": ("AM_lead", "county_mgr", "chief_AM"),
    "county_mgr": ("county_mgr", "chief_AM"),
    "branch": ("chief_AM", "county_mgr"),
}
"""Who is asked for a role, one after the other, in the county and then in each area above it."""


class Staffing:
    """The people as known on a day.

    Args:
        staff: Table staff; None where the operator has none, and then everybody named is there.
        areas: Table dim_area; None where there is none.
        facts: Of ``serving.facts``: of whom the table names no area, the county of most of his
            groups is his; where all groups are of one county, that one.
        as_of: The day.
    """

    def __init__(
        self,
        staff: pd.DataFrame | None,
        areas: pd.DataFrame | None,
        facts: pd.DataFrame,
        as_of: date,
    ) -> None:
        self._above = _parents(areas)
        self._left: dict[str, date] = {}
        self._people: dict[tuple[str, str], list[str]] = {}
        if staff is None:
            return
        county, homes = counties(areas), _homes(facts)
        there = facts["county_id"].dropna().unique()
        only = str(there[0]) if len(there) == 1 else ""
        starts, ends = (_days(staff[name]) for name in ("start_date", "end_date"))
        people = zip(
            staff["staff_id"], staff["role"], staff["org_area_id"], starts, ends, strict=True
        )
        for person, role, area, start, end in sorted(people, key=lambda one: str(one[0])):
            if end is not None and end <= as_of:
                self._left[person] = end
            elif start is None or start <= as_of:
                home = homes.get(person, only)
                place = county.get(area, area) if isinstance(area, str) else home
                self._people.setdefault((place, role), []).append(person)

    def left_on(self, person: str) -> date | None:
        """The first day on which a person was no longer there; None for who is."""
        return self._left.get(person)

    def is_there(self, person: object) -> bool:
        """Whether a person is named and has not left; one whom the table lacks has not."""
        return isinstance(person, str) and person != "" and person not in self._left

    def of_county(self, county: str, role: str) -> list[str]:
        """Everybody of a role in a county, by id."""
        return list(self._people.get((county, role), ()))

    def asked_for(
        self, role: str, county: str, but: tuple[str | None, ...] = ()
    ) -> tuple[str, str] | None:
        """The person for a role, and the role that he really has; None where nobody is found.

        Args:
            role: A key of ``UPWARD``.
            county: Where; the areas above it are asked after it.
            but: Who has the row already.
        """
        place: str | None = county
        seen: set[str] = set()
        while place is not None and place not in seen:
            seen.add(place)
            for held in UPWARD[role]:
                for person in self.of_county(place, held):
                    if person not in but:
                        return person, held
            place = self._above.get(place)
        return None


def _homes(facts: pd.DataFrame) -> dict[str, str]:
    """For each manager and chief the county of most of his groups, of several the first by id."""
    pairs = [
        facts[["county_id", column]].set_axis(["county", "person"], axis=1)
        for column in ("am_staff_id", "chief_staff_id")
    ]
    counted = pd.concat(pairs).dropna().value_counts().reset_index()
    ordered = counted.sort_values(["person", "count", "county"], ascending=[True, False, True])
    first = ordered.drop_duplicates("person")
    return dict(zip(first["person"], first["county"], strict=True))


def _parents(areas: pd.DataFrame | None) -> dict[str, str]:
    if areas is None:
        return {}
    named = areas.dropna(subset=["parent_area_id"])
    return dict(zip(named["area_id"], named["parent_area_id"], strict=True))


def _days(moments: pd.Series[pd.Timestamp]) -> list[date | None]:
    days = pd.to_datetime(moments).astype("datetime64[us]")
    return [None if pd.isna(day) else day.date() for day in days]
