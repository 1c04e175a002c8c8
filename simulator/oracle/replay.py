"""A world lived through once more from its parameters and its seed, without its paperwork."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.dekads import NEVER, Dekad, dekads, months
from simulator.draws import Draws, Ints
from simulator.oracle.latent import Present
from simulator.population import found
from simulator.preset import Parameter, Preset, PresetError, from_parameters
from simulator.society import Happenings, Society
from simulator.treatments import Assignments


@dataclass(frozen=True)
class World:
    """Where a simulated world lies, and what it was made from."""

    folder: Path
    preset: Preset
    seed: int

    def lived(self) -> tuple[int, int]:
        """First and last day of what is known of the world, as day numbers since 1970-01-01."""
        p = self.preset.world
        calendar = months(p.start, p.months + p.months_after)
        return calendar[0].first, calendar[-1].last

    def delivered(self) -> int:
        """The last day that is delivered, as a day number since 1970-01-01."""
        p = self.preset.world
        return months(p.start, p.months)[-1].last

    def group_ids(self) -> set[str]:
        """Keys of all groups that were simulated."""
        return {
            group
            for county in self.counties
            for group in found(self.preset, Draws(self.seed, county), county).ids()
        }

    @property
    def counties(self) -> list[int]:
        """The counties that were simulated; a world of one county has no numbered files."""
        files = sorted((self.folder / "truth").glob("gt_transfer-*.parquet"))
        return [int(file.stem.rpartition("-")[2]) for file in files] or [0]

    def suffix(self, county: int) -> str:
        """What the names of a county's files end with."""
        return f"-{county:03d}" if self.preset.population.counties > 1 else ""

    def truth(self, table: str, county: int) -> Path:
        """The file of a truth table."""
        return self.folder / "truth" / f"{table}{self.suffix(county)}.parquet"


@dataclass(frozen=True)
class Moment:
    """A dekad that was lived through again: what worked on groups in it, and what came of it."""

    dekad: Dekad
    society: Society
    happened: Happenings

    def present(self) -> Present:
        """How things stand at its end."""
        return self.society.present(self.dekad)


def open_world(truth: Path) -> World:
    """A world by its folder ``truth``.

    Raises:
        FileNotFoundError: No world is there.
        PresetError: It is damaged, or was made by another version of the simulator.
    """
    text = (truth / "gt_params.json").read_text(encoding="utf-8")
    try:
        told = json.loads(text)
    except ValueError as error:
        raise PresetError(f"{truth / 'gt_params.json'} is damaged ({error})") from None
    parameters = {name: Parameter(**entry) for name, entry in told["parameters"].items()}
    try:
        preset = from_parameters(told["preset"], parameters)
    except PresetError as error:
        raise PresetError(
            f"{truth} was made by another version of the simulator ({error}): make it again"
        ) from None
    return World(truth.parent, preset, told["seed"])


def replay(world: World, county: int) -> Iterator[Moment]:
    """Live through a county again, dekad by dekad; treatments at a dekad's end have been given."""
    society = Society(world.preset, world.seed, county)
    given = given_treatments(world, county, society.groups.ids())
    length = world.preset.world.months + world.preset.world.months_after
    for month in months(world.preset.world.start, length):
        for dekad in dekads(month):
            happened = society.step(dekad)
            if dekad.last in given:
                society.treat(given[dekad.last], society.present(dekad).risk(), dekad)
            yield Moment(dekad, society, happened)


def given_treatments(world: World, county: int, ids: list[str]) -> dict[int, Assignments]:
    """Treatments by the day on which they were given."""
    file = world.truth("gt_treatment", county)
    if not file.exists():
        return {}
    rows = pq.read_table(file)
    place = {group: n for n, group in enumerate(ids)}
    group = np.array([place[g] for g in rows["group_id"].to_pylist()], dtype=np.int64)
    day: Ints = pc.cast(rows["date"], "int32").to_numpy().astype(np.int64)
    action = rows["action_code"].to_pylist()
    return {
        int(when): Assignments(
            group[day == when], tuple(a for a, d in zip(action, day, strict=True) if d == when)
        )
        for when in np.unique(day)
    }


def moved_on(world: World, county: int, ids: list[str]) -> Ints:
    """The day on which each group moved; NEVER for those that did not."""
    rows = pq.read_table(world.truth("gt_transfer", county))
    days = pc.cast(rows["date"], "int32").to_pylist()
    moved = dict(zip(rows["group_id"].to_pylist(), days, strict=True))
    return np.array([moved.get(group, NEVER) for group in ids], dtype=np.int64)
