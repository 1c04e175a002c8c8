"""The figures of the operator's documents beside those of many simulated worlds.

    .venv/bin/python -m benchmarks.calibration --seeds 20 --out /tmp/calibration
    .venv/bin/python -m benchmarks.calibration --preset city_2009 --seeds 2 --out /tmp/calibration

Counts are added up over the worlds, so that each figure is that of one large world. A world that
has is kept in OUT and not made again. The deviation between single worlds stands beside,
since the document speaks of one county and one city.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from simulator.preset import load
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
    with ProcessPoolExecutor(given.workers) as pool:
        worlds = list(pool.map(counted, range(1, given.seeds + 1)))
    _report(worlds)


def _counted(preset: str, out: Path, seed: int) -> list[dict[str, Any]]:
    """The figures of one world, from OUT if they have been counted."""
    kept = out / f"{preset}-{seed}.json"
    if not kept.exists():
        with TemporaryDirectory() as folder:
            simulate(load(preset), seed, Path(folder) / "world")
            found = [asdict(figure) for figure in figures(Path(folder) / "world")]
        kept.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return list(json.loads(kept.read_text(encoding="utf-8")))


def _report(worlds: list[list[dict[str, Any]]]) -> None:
    _say(f"{'':4}{'figure':58}{'wanted':>9}{'pooled':>10}{'sd of one':>11}{'in range':>10}")
    for rows in zip(*worlds, strict=True):
        first = rows[0]
        top = sum(row["numerator"] for row in rows)
        bottom = sum(row["denominator"] for row in rows)
        pooled = top / bottom if bottom else float("nan")
        each = [r["numerator"] / r["denominator"] for r in rows if r["denominator"]]
        inside = first["low"] <= pooled <= first["high"]
        _say(
            f"{first['number']!s:4}{first['name'][:57]:58}{first['wanted']!s:>9}{pooled:>10.4f}"
            f"{np.std(each):>11.4f}{'yes' if inside else 'NO':>10}"
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
