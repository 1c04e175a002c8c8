"""What every action would change for every C group of a simulated county, list by list: the truth.

A list is made some days after a month has ended, and is worked until the end of the next dekad.
What a visit then changes is known in a simulated world alone: the chance to move within 90 days
without it, and with each action, by the oracle that sees the hidden states (O1). A group that has
moved by then is visited in vain.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality_worlds import EPOCH, County
from features.known import Known
from features.tables import as_pandas
from models.response_evidence import responses_known
from pipelines.landed import landed
from simulator.dekads import months
from simulator.oracle.replay import Moment, World, moved_on, open_world, replay
from simulator.preset import load
from simulator.rivalry import LEVERS
from simulator.treatments import RESPONSES
from simulator.world import simulate

SMALL = 2
LAG_DAYS = 3
"""From the end of a month to the day of its list."""
LOOKBACK_DAYS = 730
LEVER_DAYS = 180
KNOWN = ["accepted", "refused", "since_accepted", "reports"]
"""What the log and reports told of a group's responses and of what the rival offers it."""
FIRST_MONTH = 19
"""Month of the world, from 1, of the first list whose truth is told."""


def file_of(out: Path, county: County) -> Path:
    """Where a county's truth is kept."""
    return out / f"truth-{county.preset}-{county.seed}-{county.number}.parquet"


def make(out: Path, county: County) -> pd.DataFrame:
    """The truth of a county, made unless it is kept.

    Returns:
        One row a month and C group on the operator's books: ``month`` (from 1), ``group_id``,
        ``moved_days`` (days from its move to the day of the list; NaN for who had not moved),
        ``gone`` (moved before it could be visited) and, of who had not moved by the end of the
        month (NaN of others), ``p0``, one column an action (chance to move if it is taken),
        ``lever`` (the rival's last one; empty if none), ``response`` (its kind of response),
        ``price`` and ``never_met`` (what that hangs on). And what was known on the day of the list:
        ``struck_off`` (the books say that it is lost), offers ``accepted`` and ``refused``, days
        ``since_accepted``, and ``reports`` of the rival (levers:age in days, joined by semicolons).
    """
    kept = file_of(out, county)
    if kept.exists():
        return pd.read_parquet(kept)
    folder = out / f"world-{kept.stem}"
    shutil.rmtree(folder, ignore_errors=True)
    simulate(load(county.preset, {}), county.seed, folder, counties=[county.number])
    world = open_world(folder / "truth")
    truth = pd.concat(_lists(world, county.number), ignore_index=True)
    told = _told(world, county.number, truth["month"].unique().tolist())
    found = told.merge(truth, how="left", on=["month", "group_id"], validate="1:1")
    found["gone"] = found["p0"].isna() | found["gone"].eq(True)
    draft = kept.with_suffix(".draft")
    found.to_parquet(draft, index=False)
    draft.rename(kept)
    for rest in (folder / "landing", *_not_wanted(folder / "truth")):
        shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    return found


def world_of(out: Path, county: County) -> World:
    """The world of a county whose truth was made, with the treatments that its operator gave."""
    return open_world(out / f"world-{file_of(out, county).stem}" / "truth")


def _not_wanted(truth: Path) -> Iterator[Path]:
    return (file for file in truth.iterdir() if file.stem[:9] not in ("gt_params", "gt_treatm"))


def _lists(world: World, county: int) -> Iterator[pd.DataFrame]:
    last = world.preset.world.months
    here = np.zeros(0, dtype=bool)
    for moment in replay(world, county):
        dekad, society = moment.dekad, moment.society
        month = dekad.month.index + 1
        if dekad.first == dekad.month.first and FIRST_MONTH < month <= last + 1 and len(here):
            yield _truth(moment, here, month - 1)
        if dekad.last == dekad.month.last:
            here = (society.groups.tier == SMALL) & ~society.rivalry.moved


def _told(world: World, county: int, numbers: list[int]) -> pd.DataFrame:
    """What the books told of each C group on the days of some months' lists; if it had moved."""
    ends = {month.index + 1: month.last for month in months(world.preset.world.start, 40)}
    days = {EPOCH + timedelta(ends[n] + LAG_DAYS): n for n in numbers}
    tables, key = landed(world.folder / "landing", 1), ["as_of", "group_id"]
    known = Known(tables, list(days))
    books = as_pandas(known.groups().select(*key, "tier", "lifecycle"), *key)
    books = books[books["tier"] == "C"]
    reports = known.rows("rival_event", LEVER_DAYS)
    rows = as_pandas(reports.select(*key, "event_id", "lever", "age"), *key, "event_id")
    levers = rows["lever"] + ":" + rows["age"].astype(str)
    levers = levers.groupby([rows[name] for name in key]).agg(";".join).rename("reports")
    offers = responses_known(tables, list(days), LOOKBACK_DAYS)
    found = books.merge(offers, how="left", on=key).merge(levers, how="left", on=key)
    ids = found["group_id"].tolist()
    ago = np.array([(day - EPOCH).days for day in found["as_of"]]) - moved_on(world, county, ids)
    return found.assign(
        month=found["as_of"].map(days),
        struck_off=found["lifecycle"].isin(["lost", "void"]),
        moved_days=np.where(ago >= 0, ago, np.nan),
    )[["month", "group_id", "moved_days", "struck_off", *KNOWN]].fillna(
        {"accepted": 0, "refused": 0, "reports": ""}
    )


def _truth(moment: Moment, here: np.ndarray, month: int) -> pd.DataFrame:
    society = moment.society
    groups, rivalry, p = society.groups, society.rivalry, society.preset.treatment
    now = moment.present()
    risk = now.risk()
    some = np.flatnonzero(here)
    lever = np.where(rivalry.lever >= 0, np.array(LEVERS)[rivalry.lever], "")
    draws = society.draws
    never = draws.happens("response.never", p.never_met, groups.index) & ~groups.managed
    return pd.DataFrame(
        {
            "month": month,
            "group_id": np.array(groups.ids(), dtype=object)[some],
            "gone": rivalry.moved[some],
            "p0": risk[some],
            **{name: now.risk_if(name, risk)[some] for name in sorted(p.mix_c)},
            "lever": lever[some],
            "response": np.array(RESPONSES)[society.treatments.responses(risk)][some],
            "price": draws.happens("response.price", p.price_driven, groups.index)[some],
            "never_met": never[some],
        }
    )
