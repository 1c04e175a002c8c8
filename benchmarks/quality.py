"""How close to the best possible: models made as an operator would, beside the oracles.

    .venv/bin/python -m benchmarks.quality make --preset city_2009 --seeds 501-505 --out quality
    .venv/bin/python -m benchmarks.quality report --preset city_2009 --seeds 501-505 --out quality

Every third month a model is made from what was known by then (month-end slices, the operator's own
labels) and scores that month and the next two; whether a group truly moves within 90 days is what
counts. ``--prior FOLDER`` adds a model that starts from a pre-trained one (a bundle, as `groupchurn
pretrain` makes it); ``--pool`` a learner that was shown the true transfers of the worlds named
there, which stands for as much data as one could wish with these features (its promises are not to
be read: they are calibrated on what it has learnt from).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality_worlds import PLACE, counties, make, read
from features.catalog import FEATURES
from models import bundle
from models.baseline import rules_points
from models.bundle import Model
from models.errors import ModelsError
from models.fitting import Recipe, fit_and_calibrate
from models.logistic import fit_logistic
from models.metrics import Ranking, auc, average_precision, precision_at
from models.rows import Rows
from models.split import SplitRule, split_for_deployment
from models.training import slice_weights
from models.treated import treatment_weights
from models.trust import calibration_slope, expected_over_observed, expected_over_observed_in_top
from pipelines.recipes import directions

ORIGINS = (19, 22, 25, 28, 31)
EVERY = 3
DRIFT = 25
"""Month of the world from which the rival attacks otherwise; a month's window reaches 3 further."""
TOP = 0.02
WIDENED = {"interval_widening": PLACE.settings.group_model.interval_widening}
MODELS = ("model", "on prior", "prior")
COLUMNS = ("AUC", "AP", "top 2 %", "E/O", "E/O top 5 %", "slope")


def main() -> None:
    """Make worlds, or report on them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("do", choices=("make", "report"))
    parser.add_argument("--preset", default="county_xinxing_2009")
    parser.add_argument("--seeds", default="401-405")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prior", type=Path)
    parser.add_argument("--pool", nargs="*", default=[], metavar="PRESET:SEEDS")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    worlds = [(given.preset, seed) for seed in _seeds(given.seeds)]
    if given.do == "make":
        pieces = [county for world in worlds for county in counties(*world)]
        with ProcessPoolExecutor(given.workers) as pool:
            for _ in pool.map(partial(make, given.out), pieces):
                _say(f"{sum(piece.file(given.out).exists() for piece in pieces)}/{len(pieces)}")
        return
    prior = bundle.load(given.prior) if given.prior else None
    tenfold = _tenfold(given.out, given.pool) if given.pool else None
    scored = []
    for preset, seed in worlds:
        rows = read(given.out, preset, seed)
        scored.append(_scored(rows, prior, tenfold).assign(seed=seed))
        _say(f"{preset} {seed}: {len(scored[-1]):,} group-days judged")
    _report(pd.concat(scored, ignore_index=True))


def _scored(rows: pd.DataFrame, prior: Model | None, tenfold: Model | None) -> pd.DataFrame:
    """The judged rows with every scorer's chance."""
    parts = []
    for origin in ORIGINS:
        tested = rows["month"].between(origin, origin + EVERY - 1) & rows["o2"].notna()
        part = rows.loc[tested, ["as_of", "group_id", "month", "transfers", "o1", "o2"]].copy()
        known = rows[tested]
        day = rows.loc[rows["month"] == origin, "as_of"].iloc[0]
        for name, scorer in _made(rows, day, prior):
            part[name] = scorer.probability(known)
            if isinstance(scorer, Model):
                low, high = scorer.interval(known)
                part[f"{name} holds o2"] = part["o2"].between(low, high)
        if prior is not None:
            part["prior"] = prior.probability(known)
        if tenfold is not None:
            part["o3"] = tenfold.probability(known)
        part["rules"] = rules_points(known, PLACE.rules)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _made(rows: pd.DataFrame, origin: date, prior: Model | None) -> Iterator[tuple[str, Model]]:
    """What an operator could have made on a day, by name; what cannot be made is said."""
    told = rows[rows["label"].notna()]
    over = told["as_of"] + pd.Timedelta(days=PLACE.group_label.matures_after).to_pytimedelta()
    told = told[over <= origin]
    label = PLACE.settings.label
    rule = SplitRule(label.embargo_days, label.window_days, test_days=1, calibration_days=2)
    recipe = Recipe(
        name="group_transfer",
        label=PLACE.group_label.version,
        training=replace(PLACE.training, threads=1),
        isotonic_from=PLACE.settings.calibration.isotonic_from,
        monotone=directions(_features(rows)),
        prior_positives=PLACE.settings.calibration.prior_positives,
    )
    recipes = {"model": recipe}
    if prior is not None:
        recipes["on prior"] = replace(recipe, prior=prior)
    try:
        split = split_for_deployment(sorted(told["as_of"].unique()), origin, rule)
        learnt, later = (
            _rows(told[told["as_of"].isin(part)]) for part in (split.fit, split.calibrate)
        )
        for name, one in recipes.items():
            yield name, fit_and_calibrate(learnt, later, one, WIDENED)
        yield "logistic", fit_logistic(learnt)  # type: ignore[misc]
    except ModelsError as error:
        _say(f"{origin}: {error}")


def _rows(part: pd.DataFrame) -> Rows:
    """Rows to learn from, weighted as training tables are."""
    weight = treatment_weights(part, PLACE.treated)
    kept = part[weight > 0]
    ids = kept["group_id"].to_numpy()
    weights = slice_weights(ids) * weight[weight > 0]
    return Rows(kept[_features(part)], kept["label"].to_numpy(), ids, weights)


def _features(rows: pd.DataFrame) -> list[str]:
    hidden = set(PLACE.settings.group_model.leave_out)
    return [name for name in rows.columns if name in FEATURES and name not in hidden]


def _tenfold(out: Path, pool: list[str]) -> Model:
    """A learner of the true transfers of whole worlds, in every month."""
    worlds = [(name.split(":")[0], s) for name in pool for s in _seeds(name.split(":")[1])]
    rows = pd.concat([read(out, *world) for world in worlds], ignore_index=True)
    rows = rows[rows["transfers"].notna()]
    names = _features(rows)
    knobs = replace(PLACE.training, threads=2, rounds=600, leaves=15, learning_rate=0.03, bags=1)
    moves = rows["transfers"].astype(int)
    learnt = Rows(rows[names], moves, rows["group_id"])
    _say(f"o3: {len(rows):,} group-days of {len(worlds)} worlds, {int(moves.sum()):,} that move")
    recipe = Recipe("o3", "true transfers", knobs, 1000, directions(names))
    return fit_and_calibrate(learnt, learnt, recipe)


def _report(scored: pd.DataFrame) -> None:
    scorers = [n for n in ("o1", "o2", "o3", *MODELS, "logistic", "rules") if n in scored]
    spoken = scored[scorers].notna().all(axis=1)
    _say(f"{(~spoken).sum():,} group-days are left out: too few transfers were known for a model")
    scored = scored[spoken]
    periods = {
        "all months": scored["month"] > 0,
        "windows over before the drift": scored["month"] + EVERY < DRIFT,
        "from the drift on": scored["month"] >= DRIFT,
    }
    for title, inside in periods.items():
        part = scored[inside]
        _say(
            f"\n{title}: {part['seed'].nunique()} worlds, {len(part):,} group-days, "
            f"base rate {part['transfers'].mean():.4f}"
        )
        by_world = {
            scorer: np.array([_figures(world, scorer) for _, world in part.groupby("seed")])
            for scorer in scorers
        }
        _say(f"{'':10}" + "".join(f"{name:>22}" for name in COLUMNS))
        for scorer, found in by_world.items():
            _say(f"{scorer:10}" + "".join(f"{_mean(one):>22}" for one in found.T))
        for scorer in (name for name in MODELS if f"{name} holds o2" in part):
            held = [world.mean() for _, world in part.groupby("seed")[f"{scorer} holds o2"]]
            _say(f"{scorer:10} 80 % interval holds o2: {_mean(np.array(held))}")
        for scorer in scorers:
            shares = by_world[scorer][:, 1:3] / by_world["o2"][:, 1:3]
            _say(f"{scorer:10} / o2: AP {_mean(shares[:, 0])}, top 2 % {_mean(shares[:, 1])}")


def _figures(rows: pd.DataFrame, scorer: str) -> list[float]:
    steps = Ranking.of(rows["transfers"].astype(int), rows[scorer]).weighed()
    ranks = [auc(steps), average_precision(steps), precision_at(steps, TOP)]
    if scorer == "rules":
        return [*ranks, float("nan"), float("nan"), float("nan")]
    return [
        *ranks,
        expected_over_observed(steps),
        expected_over_observed_in_top(steps, 0.05),
        calibration_slope(steps),
    ]


def _mean(values: np.ndarray) -> str:
    """Mean over worlds with its standard error."""
    known = values[~np.isnan(values)]
    if not len(known):
        return "-"
    error = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else float("nan")
    return f"{known.mean():.3f} ({error:.3f})"


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
