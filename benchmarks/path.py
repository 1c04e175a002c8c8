"""Seconds, processor seconds and peak memory of each step from a simulated county to its list.

    .venv/bin/python -m benchmarks.path --preset county_xinxing_2009 --seed 1

Steps run one after another in this process, without Prefect, so that each can be told apart. The
timings of a shared machine are noisy: compare steps within one run, not runs of different days.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.ingest import ingest
from pipelines.publish import publish
from pipelines.score import score
from pipelines.simulate import simulate
from pipelines.train import train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--preset", default="county_xinxing_2009")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2011, 1, 3))
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        world, home = Path(folder) / "world", Path(folder) / "home"
        steps: dict[str, Callable[[], object]] = {
            "simulate": lambda: simulate(given.preset, given.seed, world),
            "ingest": lambda: ingest(world, home=home),
            "train": lambda: train(given.as_of, home=home),
            "score": lambda: score(given.as_of, home=home),
            "publish": lambda: publish(given.as_of, home=home),
        }
        _say(f"{'step':10}{'seconds':>10}{'cpu s':>10}{'peak MB':>10}")
        for name, step in steps.items():
            _say(f"{name:10}{_measured(step)}")


def _measured(step: Callable[[], object]) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{time.perf_counter() - wall:10.1f}{time.process_time() - cpu:10.1f}{peak:10}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
