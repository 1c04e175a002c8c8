"""dim_area: the county, its areas, parks and streets."""

from __future__ import annotations

import numpy as np

from simulator.cells import pick
from simulator.dekads import Dekad, Month
from simulator.draws import Ints
from simulator.office import Office, midnight
from simulator.society import Happenings

COUNTY = "R00"


def area_ids(count: int) -> list[str]:
    """Keys of the areas of a county."""
    return [f"R{a + 1:02d}" for a in range(count)]


def park_ids(areas: int, parks: int) -> list[str]:
    """Keys of the parks, area by area."""
    return [f"R{a + 1:02d}P{p + 1}" for a in range(areas) for p in range(parks)]


class Areas:
    """Sends the list of areas in full every month."""

    def __init__(self, office: Office) -> None:
        self._office = office
        p = office.preset.population
        areas, parks = area_ids(p.areas), park_ids(p.areas, p.parks_per_area)
        self._ids = [COUNTY, *areas, *parks]
        self._parents = np.array(
            [-1, *([0] * p.areas), *np.repeat(np.arange(1, p.areas + 1), p.parks_per_area)]
        )
        self._kinds = ["county", *(["town"] * p.areas), *(["park"] * len(parks))]

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
            "parent_area_id": pick(self._ids, self._parents),
            "area_type": self._kinds,
            "name": self._ids,
            "urban_rural": pick(["U", "T", "R"], draws.choice("area.kind", [0.4, 0.3, 0.3], who)),
            "ct_presence_idx": np.round(draws.uniform("area.telecom", who), 4),
            "cu_presence_idx": np.round(draws.uniform("area.unicom", who), 4),
        }
        event = np.full(len(who), midnight(np.array(start)))
        self._office.send("dim_area", rows, event, load, source="BI")
