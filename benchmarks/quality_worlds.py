"""Simulated worlds for measuring models: what is known, what came of it, and the oracles' risks.

A county is a piece of work of its own and is kept when done, so that hours of work can be taken up
where they stopped. A city's counties are put together when they are read.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from features import Tables, group_features
from models.labels import group_transfer, matured
from models.outcomes import member_outcomes
from models.treated import treated_rows
from pipelines import settings
from pipelines.hazards import learn_hazards
from pipelines.landed import landed
from pipelines.storage import Home
from pipelines.workplace import TIERS, Workplace
from simulator.dekads import months
from simulator.oracle.replay import open_world
from simulator.oracle.score import oracle_scores
from simulator.preset import load
from simulator.world import simulate

EPOCH = date(1970, 1, 1)
FIRST_MONTH = 7
"""Month of the world at whose end groups are first looked at."""
KEY = ["as_of", "group_id"]
PLACE = Workplace(Home(Path("nowhere")), settings.load(None))


@dataclass(frozen=True)
class County:
    """One county of a world."""

    preset: str
    seed: int
    number: int

    def file(self, out: Path) -> Path:
        """Where its rows are kept."""
        return out / f"{self.preset}-{self.seed}-{self.number}.parquet"


def counties(preset: str, seed: int) -> list[County]:
    """All counties of a world."""
    count = load(preset, {}).population.counties
    return [County(preset, seed, number) for number in range(count)]


def make(out: Path, county: County) -> None:
    """Make a county's rows at month ends, unless they are there.

    A row is a C group on a day: all group features, ``label`` (the operator's, NaN where it had not
    matured by the end of the world), ``treated``, ``holdout``, ``propensity``, and of the truth
    ``transfers``, ``o1`` and ``o2`` (NaN where 90 days later the world had ended); ``month`` counts
    from 1.
    """
    kept = county.file(out)
    if kept.exists():
        return
    preset = load(county.preset, {})
    folder = out / kept.stem
    shutil.rmtree(folder, ignore_errors=True)
    simulate(preset, county.seed, folder, counties=[county.number])
    ends = months(preset.world.start, preset.world.months)[FIRST_MONTH - 1 :]
    numbers = {EPOCH + timedelta(end.last + 3): end.index + 1 for end in ends}
    world = open_world(folder / "truth")
    truth = oracle_scores(world, [(day - EPOCH).days for day in numbers])
    truth["as_of"] = [EPOCH + timedelta(int(day)) for day in truth["as_of"]]
    tables = landed(folder / "landing", 1)
    rows = group_features(tables, list(numbers), tiers=TIERS)
    told = matured(list(numbers), PLACE.group_label, EPOCH + timedelta(world.delivered() + 10))
    moved = group_transfer(
        member_outcomes(tables, told, PLACE.group_label, tiers=TIERS), PLACE.group_label
    )
    given = treated_rows(tables, moved, PLACE.group_label, PLACE.treated)
    labels = moved[[*KEY, "label"]].merge(given, on=KEY, validate="1:1")
    rows = rows.merge(_hazards(tables, list(numbers)), how="left", on=KEY, validate="1:1")
    rows = rows.merge(labels, how="left", on=KEY, validate="1:1").merge(
        truth[[*KEY, "transfers", "o1", "o2"]], how="left", on=KEY, validate="1:1"
    )
    draft = kept.with_suffix(".draft")
    rows.assign(month=rows["as_of"].map(numbers), county=county.number).to_parquet(draft)
    draft.rename(kept)
    shutil.rmtree(folder)


def _hazards(tables: Tables, days: list[date]) -> pd.DataFrame:
    """What member models say of groups, each day's by models that knew neither it nor a later."""
    place = Workplace(Home(Path("nowhere")), PLACE.settings)
    place.__dict__["tables"] = tables
    return learn_hazards(place, days[-1]).on(days)


def read(out: Path, preset: str, seed: int) -> pd.DataFrame:
    """A world's rows, of all its counties, sorted by day and group; months in order."""
    frames = [pd.read_parquet(county.file(out)) for county in counties(preset, seed)]
    rows = pd.concat(frames, ignore_index=True)
    rows["group_id"] = rows["county"].astype(str) + "/" + rows["group_id"]
    return rows.sort_values(KEY, ignore_index=True)
