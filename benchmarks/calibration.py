"""The figures of the operator's documents beside those of many simulated worlds.

    .venv/bin/python -m benchmarks.calibration --seeds 20 --out /tmp/calibration
    .venv/bin/python -m benchmarks.calibration --preset city_2009 --seeds 2 --out /tmp/calibration

Counts are added up over the worlds, so that each figure is that of one large world; the standard
deviation between single worlds stands beside, since the documents speak of one county and one city.
A world that has been counted is kept in OUT and not made again.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from simulator.preset import load
from simulator.sheet.figure import Figure, pooled
from simulator.sheet.figures import figures
from simulator.world import simulate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--preset", default="county_xinxing_2009")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("calibration"))
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    counted = partial(_counted, given.preset, given.out)
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        _report(list(pool.map(counted, range(1, given.seeds + 1))))


def _counted(preset: str, out: Path, seed: int) -> list[Figure]:
    """The figures of one world, from OUT if they have been counted."""
    kept = out / f"{preset}-{seed}.json"
    if not kept.exists():
        with TemporaryDirectory() as folder:
            world = Path(folder) / "world"
            simulate(load(preset), seed, world)
            found = [asdict(figure) for figure in figures(world)]
        kept.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return [Figure(**entry) for entry in json.loads(kept.read_text(encoding="utf-8"))]


def _report(worlds: list[list[Figure]]) -> None:
    _say(f"{len(worlds)} worlds")
    _say(f"{'':5}{'figure':52}{'wanted':>9}{'pooled':>9}{'95 %':>18}{'sd of one':>10}  verdict")
    for figure in pooled(one for world in worlds for one in world):
        each = [f.measured for w in worlds for f in w if f.name == figure.name and f.denominator]
        low, high = figure.interval
        _say(
            f"{figure.number:5}{figure.name[:51]:52}{figure.wanted:>9.4g}{figure.measured:>9.4f}"
            f"{f'[{low:.4f}, {high:.4f}]':>18}{np.std(each):>10.4f}  {figure.verdict}"
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
