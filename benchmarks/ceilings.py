"""How much can be known: the oracles, a model of many counties, and the rules, on the same days.

    .venv/bin/python -m benchmarks.ceilings --counties 8 --out /tmp/ceilings
    .venv/bin/python -m benchmarks.ceilings --counties 8 --out /tmp/ceilings --exact

Every county is a world of its own. The model learns true transfers, which no operator knows, from
the other half of the counties: it stands for what the features can tell at best. With --exact
whatever O2 leaves out is switched off, so that nothing may beat it but by chance. A county that has
been made is kept in OUT and not made again; over 60 minutes' work can be taken up where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from features import group_features
from features.catalog import GROUP_FEATURES
from models.baseline import rules_points
from models.metrics import Ranking, auc, average_precision, precision_at, recall_at
from models.training import fit
from pipelines import settings
from pipelines.landed import landed
from pipelines.storage import Home
from pipelines.workplace import Workplace
from simulator.dekads import months
from simulator.oracle.replay import open_world
from simulator.oracle.score import oracle_scores
from simulator.preset import load
from simulator.world import simulate

EPOCH = date(1970, 1, 1)
FIRST_MONTH = 14
EXACT = {
    "attack.park_transfer": 1,
    "transfer.park_transfer": 0,
    "circle.tie_hazard": 1,
    "intent.key_person_lost": 0,
    "member.adopt_key_person_lost": 1,
    "population.park_theta_corr": 0,
    "usage.intent_vnet": 1,
    "usage.dekads_from": 1,
    "treatment.logged": 0,
    "treatment.random": 0,
    "drift.month": 0,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--counties", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("ceilings"))
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    make = partial(_county, given.out, EXACT if given.exact else {})
    with ProcessPoolExecutor(given.workers) as pool:
        counties = list(pool.map(make, range(1, given.counties + 1)))
    rows = pd.concat(counties, ignore_index=True)
    rows["model"] = _by_other_counties(rows)
    _report(rows)


def _county(out: Path, overrides: dict[str, object], seed: int) -> pd.DataFrame:
    """Scores, features and fates of one county's C groups at the month ends."""
    kept = out / f"{'exact' if overrides else 'county'}-{seed}.parquet"
    if not kept.exists():
        preset = load("county_xinxing_2009", overrides)
        days = [m.last + 3 for m in months(preset.world.start, preset.world.months)[FIRST_MONTH:]]
        with TemporaryDirectory() as folder:
            world = Path(folder) / "world"
            simulate(preset, seed, world)
            scores = oracle_scores(open_world(world / "truth"), days)
            known = group_features(landed(world / "landing", 1), _dates(days), tiers=("C",))
        known["as_of"] = [(day - EPOCH).days for day in known["as_of"]]
        found = scores.merge(known.drop(columns="tier"), on=["as_of", "group_id"])
        found.assign(county=seed).to_parquet(kept, index=False)
    return pd.read_parquet(kept)


def _dates(days: list[int]) -> list[date]:
    return [EPOCH + timedelta(day) for day in days]


def _by_other_counties(rows: pd.DataFrame) -> np.ndarray:
    """Margins of two models, each learnt from the half of the counties that it does not score."""
    place = Workplace(Home(Path("nowhere")), settings.load(None))
    names = [feature.name for feature in GROUP_FEATURES]
    directions = {f.name: f.direction for f in GROUP_FEATURES if f.direction}
    margin = np.empty(len(rows))
    for half in (0, 1):
        unseen = (rows["county"] % 2 == half).to_numpy()
        seen = rows[~unseen]
        weight = np.ones(len(seen))
        booster = fit(
            seen[names], seen["transfers"].astype(int), place.training, weight, directions
        )
        margin[unseen] = booster.predict(rows.loc[unseen, names], raw_score=True)
    return margin


def _report(rows: pd.DataFrame) -> None:
    rows["rules"] = rules_points(rows, Workplace(Home(Path("nowhere")), settings.load(None)).rules)
    base = rows["transfers"].mean()
    _say(f"{rows['county'].nunique()} counties, {len(rows):,} group-days, base rate {base:.4f}")
    _say(f"{'':8}{'mean p/base':>12}{'AUC':>8}{'AP':>8}{'top 10 % r/p':>16}{'top 2 % r/p':>16}")
    for name in ("o1", "o2", "model", "rules"):
        steps = Ranking.of(rows["transfers"], rows[name]).weighed()
        promised = f"{rows[name].mean() / base:.3f}" if name in ("o1", "o2") else ""
        tops = [
            f"{recall_at(steps, share):.3f} / {precision_at(steps, share):.3f}"
            for share in (0.10, 0.02)
        ]
        _say(
            f"{name:8}{promised:>12}{auc(steps):>8.3f}{average_precision(steps):>8.3f}"
            f"{tops[0]:>16}{tops[1]:>16}"
        )
    for one, other in (("o1", "o2"), ("o2", "model")):
        gap, error = _auc_gap(rows, one, other)
        _say(f"AUC {one} − {other}: {gap:.4f}, standard error {error:.4f} (groups drawn again)")


def _auc_gap(rows: pd.DataFrame, one: str, other: str, draws: int = 200) -> tuple[float, float]:
    rankings = [Ranking.of(rows["transfers"], rows[name]) for name in (one, other)]
    cluster = rows["county"].astype(str) + rows["group_id"]
    codes = np.unique(cluster, return_inverse=True)[1]
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(draws):
        times = np.bincount(
            rng.integers(0, codes.max() + 1, codes.max() + 1), minlength=codes.max() + 1
        )
        weight = times[codes].astype(np.float64)
        gaps.append(np.subtract(*(auc(ranking.weighed(weight)) for ranking in rankings)))
    return float(np.subtract(*(auc(r.weighed()) for r in rankings))), float(np.std(gaps))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
