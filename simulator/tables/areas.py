"""dim_area: the county, its areas, parks and streets."""

from __future__ import annotations

import numpy as np

from simulator.cells import pick
from simulator.dekads import Dekad, Month
from simulator.draws import Ints
from simulator.office import Office, midnight
from simulator.society import Happenings

CITY = "R000"


def county_id(county: int) -> str:
    """Key of a county, which counts from 0."""
    return f"R{county + 1:03d}"


def area_ids(county: int, count: int) -> list[str]:
    """Keys of the areas of a county."""
    return [f"{county_id(county)}A{a + 1}" for a in range(count)]


def park_ids(county: int, areas: int, parks: int) -> list[str]:
    """Keys of the parks of a county, area by area."""
    return [f"{area}P{p + 1}" for area in area_ids(county, areas) for p in range(parks)]


class Areas:
    """Sends the list of areas in full every month."""

    def __init__(self, office: Office) -> None:
        self._office = office
        p = office.preset.population
        county = office.society.groups.county
        areas = area_ids(county, p.areas)
        parks = park_ids(county, p.areas, p.parks_per_area)
        self._ids = [county_id(county), *areas, *parks]
        above = np.repeat(np.arange(p.areas), p.parks_per_area)
        self._parents: list[str | None] = [
            CITY if p.counties > 1 else None,
            *([self._ids[0]] * p.areas),
            *(areas[a] for a in above),
        ]
        self._kinds = ["county", *(["town"] * p.areas), *(["park"] * len(parks))]
        if p.counties > 1 and county == 0:
            self._ids.append(CITY)
            self._parents.append(None)
            self._kinds.append("city")

    def begin(self) -> None:
        """Send the first list."""
        who = np.arange(len(self._ids))
        self._send(who, self._office.first_load(who))

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Areas do not change within a month."""

    def month(self, month: Month) -> None:
        """Send the list again."""
        who = np.arange(len(self._ids))
        last = np.full(len(who), month.last)
        self._send(who, self._office.load("reference", who, last, month.index))

    def _send(self, who: Ints, load: Ints) -> None:
        draws, start = self._office.draws, self._office.society.start
        rows = {
            "area_id": self._ids,
            "parent_area_id": self._parents,
            "area_type": self._kinds,
            "name": self._ids,
            "urban_rural": pick(["U", "T", "R"], draws.choice("area.kind", [0.4, 0.3, 0.3], who)),
            "ct_presence_idx": np.round(draws.uniform("area.telecom", who), 4),
            "cu_presence_idx": np.round(draws.uniform("area.unicom", who), 4),
        }
        event = np.full(len(who), midnight(np.array(start)))
        self._office.send("dim_area", rows, event, load, source="BI")
