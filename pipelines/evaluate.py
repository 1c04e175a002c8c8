"""Evaluate: in a simulated world, what the scores are worth beside the best possible ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import console
from pipelines.errors import GateError, UsageError
from pipelines.orchestration import step
from pipelines.results import Evaluated
from pipelines.workplace import GROUP_MODEL, Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd

    from models.comparison import Compared
    from simulator.oracle.replay import World

EPOCH = date(1970, 1, 1)
DAYS_OF_GRACE = 10
"""After the last delivered day, before further dekads would be missed."""
SCORERS = ("model", "rules", "o1", "o2")


def evaluate(
    truth: Path,
    as_of: list[date] | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
    model_version: int | None = None,
) -> Evaluated:
    """Set model and rules beside the two oracles of a simulated world, on the same group-days.

    What is judged is whether a C group truly moves within 90 days; groups that have moved by the
    day, seen or not, are left out. O1 sees every hidden state, O2 the operator's tables as loaded
    by the day and the world's laws: nobody without them can do better than O2 but by chance.

    Args:
        truth: Folder TRUTH of the simulated world, beside its LANDING.
        as_of: Day to judge, given several times for several; left out, every published day.
        model_version: Version of the group model for days that are not published; left out, the
            champion.

    Example:
        groupchurn evaluate --truth extracts/truth
    """
    place, world = open_workplace(home, config), _world(truth)
    days = _judged(as_of or _published(place), world)
    scored = step("model and rules", _scored, place, days, model_version)
    if strangers := sorted(set(scored["group_id"]) - world.group_ids()):
        raise UsageError(
            f"{len(strangers):,} scored groups, such as {strangers[0]}, are not in the world of "
            f"{truth}: is {home} made from its landing files?"
        )
    oracles = step("oracles", _oracles, world, days)
    rows = scored.merge(oracles, on=["as_of", "group_id"], how="inner")
    console.say(
        f"{len(rows):,} group-days of {len(days)} days; {len(scored) - len(rows):,} scored ones "
        "are left out because the group had moved"
    )
    return step("comparison", _compared, place, _told_of_by_all(rows))


def _world(truth: Path) -> World:
    from simulator.oracle.replay import open_world

    try:
        world = open_world(truth)
    except FileNotFoundError:
        raise UsageError(
            f"{truth} holds no truth of a simulated world (no gt_params.json): give the folder "
            "'truth' that `groupchurn simulate` wrote."
        ) from None
    if any(truth.glob("flaws*.parquet")):
        raise UsageError(
            f"{truth} is of a world delivered with flaws, and the oracles read its files as they "
            "landed. Simulate it without --flaws, the truth is the same, and give that folder."
        )
    return world


def _published(place: Workplace) -> list[date]:
    days = sorted(map(date.fromisoformat, place.store.pointer()["by_as_of"]))
    if not days:
        raise UsageError("Nothing is published yet: run `groupchurn run --as-of DAY`, or --as-of.")
    return days


def _judged(days: Sequence[date], world: World) -> list[date]:
    """Days whose tables are delivered and whose 90 days lie within what is known of the world."""
    from simulator.oracle.latent import HORIZON_DAYS

    first, end = (EPOCH + timedelta(day) for day in world.lived())
    delivered = EPOCH + timedelta(world.delivered() + DAYS_OF_GRACE)
    last = min(end - timedelta(HORIZON_DAYS), delivered)
    inside = [day for day in sorted(set(days)) if first <= day <= last]
    for day in sorted(set(days) - set(inside)):
        console.say(f"{day} is left out: days from {first} to {last} can be judged")
    if not inside:
        raise UsageError(f"No day to judge: days from {first} to {last} can be judged.")
    return inside


def _told_of_by_all(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that every scorer speaks of; a scorer that speaks of none is left out."""
    silent = [name for name in SCORERS if rows[name].isna().all()]
    for name in silent:
        console.say(f"{name} is left out: it has no scores on these days")
    kept = rows.drop(columns=silent).dropna(subset=[n for n in SCORERS if n not in silent])
    if len(kept) < len(rows):
        console.say(f"{len(rows) - len(kept):,} group-days are left out: not all scorers speak")
    return kept


def _scored(place: Workplace, days: Sequence[date], model_version: int | None) -> pd.DataFrame:
    import pandas as pd

    with console.progress("model and rules") as tell:
        frames = []
        for done, day in enumerate(days, start=1):
            frames.append(_scored_on(place, day, model_version))
            tell(done, len(days))
    return _with_rates(place, pd.concat(frames, ignore_index=True), days[0], model_version)


def _scored_on(place: Workplace, day: date, model_version: int | None) -> pd.DataFrame:
    """Probability of the model, where there is one, and points of the rules."""
    import pandas as pd

    from models.baseline import rules_points
    from pipelines.score import as_read_by, eligible, model_of

    features, _ = eligible(place, day)
    points = pd.Series(list(rules_points(features, place.rules)), index=features["group_id"])
    published = day.isoformat() in place.store.pointer()["by_as_of"]
    if published and model_version is None:
        frame = place.store.current(day).frame("group_score")
        scores = frame.loc[frame["method"] == "model", ["group_id", "probability"]]
    elif version := model_of(place, GROUP_MODEL, day, model_version):
        model = place.registry.load(GROUP_MODEL, version.version)
        chance = model.probability(as_read_by(place, model, features))
        scores = pd.DataFrame({"group_id": features["group_id"], "probability": chance})
    else:
        scores = pd.DataFrame({"group_id": [], "probability": []})
    risk = scores.set_index("group_id")["probability"].reindex(points.index)
    rows = pd.DataFrame({"model": risk, "points": points}).rename_axis("group_id").reset_index()
    return rows.assign(as_of=(day - EPOCH).days)


def _with_rates(
    place: Workplace, scored: pd.DataFrame, day: date, model_version: int | None
) -> pd.DataFrame:
    """Turn points into the rates that they had on the days that the model learnt from."""
    import numpy as np

    from models.baseline import rules_points
    from models.calibration import fit_calibration
    from models.errors import TrainingRefused
    from pipelines.score import model_of
    from pipelines.training_table import training_tables

    version = model_of(place, GROUP_MODEL, day, model_version)
    known = date.fromisoformat(version.tags["as_of"]) if version else day
    try:
        table, _ = training_tables(place, known)
    except GateError:
        console.say("rules have no rates yet: too little history to learn them from")
        return scored.assign(rules=np.nan)
    points = np.asarray(rules_points(table.frame, place.rules), dtype=np.float64)
    try:
        curve = fit_calibration(points, table.frame["label"], isotonic_from=10**9)
    except TrainingRefused:
        return scored.assign(rules=float(table.frame["label"].mean()))
    return scored.assign(rules=curve.probability(scored["points"]))


def _oracles(world: World, days: Sequence[date]) -> pd.DataFrame:
    from simulator.oracle.score import oracle_scores

    with console.progress("oracles") as tell:
        return oracle_scores(world, [(day - EPOCH).days for day in days], progress=tell)


def _compared(place: Workplace, rows: pd.DataFrame) -> Evaluated:
    from models.comparison import compare

    scores = {name: rows[name] for name in SCORERS if name in rows}
    drawn = place.settings.evaluation
    found = compare(
        rows["transfers"],
        scores,
        rows["group_id"],
        best="o2",
        draws=drawn.draws,
        seed=drawn.seed,
    )
    folder = place.home.path / "evaluation" / _named_after(rows)
    picture = _drawn(rows, found, folder)
    console.say(f"Picture: {picture}")
    return Evaluated(found)


def _named_after(rows: pd.DataFrame) -> str:
    first, last = (
        EPOCH + timedelta(int(day)) for day in (rows["as_of"].min(), rows["as_of"].max())
    )
    content = rows[["as_of", "group_id"]].to_csv(index=False).encode()
    return f"{first}-{last}-{hashlib.sha256(content).hexdigest()[:8]}"


def _drawn(rows: pd.DataFrame, found: Mapping[str, Compared], folder: Path) -> Path:
    from models.plots import ceilings

    folder.mkdir(parents=True, exist_ok=True)
    scores: dict[str, Any] = {name: rows[name] for name in found}
    bands = {name: one.bands for name, one in found.items()}
    return ceilings(rows["transfers"], scores, bands, folder / "oracles.png")
