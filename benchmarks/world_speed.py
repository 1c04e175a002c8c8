"""Rows a second, peak memory and size on disk of simulated worlds, from a county to a province.

    .venv/bin/python -m benchmarks.world_speed
    .venv/bin/python -m benchmarks.world_speed --edges      # a city with 24 months of call edges

Each world is made in a process of its own; memory is the largest resident set of the process and
of any of its workers. Timings of a shared machine are noisy: compare rows of one run.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from simulator.preset import load
from simulator.world import simulate

WORLDS = (
    ("county_xinxing_2009", "0", 1),
    ("city_2009", "0,1", 2),
    ("city_2009", "0,1,2,3", 2),
    ("city_2009", "0,1,2,3,4,5,6,7", 2),
    ("province", "8,9,10,11", 2),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--edges", action="store_true")
    parser.add_argument("--one", nargs=3, metavar=("PRESET", "COUNTIES", "WORKERS"))
    given = parser.parse_args()
    if given.one:
        preset, counties, workers = given.one
        _measure(preset, [int(c) for c in counties.split(",")], int(workers), edges=given.edges)
        return
    _say(
        f"{'world':22}{'counties':>9}{'workers':>8}{'M rows':>8}{'seconds':>9}"
        f"{'M rows/s':>10}{'peak MB':>9}{'GB':>7}"
    )
    for preset, counties, workers in WORLDS[3:4] if given.edges else WORLDS:
        command = [sys.executable, "-m", "benchmarks.world_speed", "--one", preset, counties]
        edges = ["--edges"] if given.edges else []
        subprocess.run([*command, str(workers), *edges], check=True)


def _measure(name: str, counties: list[int], workers: int, *, edges: bool) -> None:
    preset = load(name, {"circle.edges_months": 24} if edges else {})
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        simulate(preset, 1, Path(folder) / "world", counties=counties, workers=workers)
        seconds = time.perf_counter() - start
        files = list((Path(folder) / "world" / "landing").rglob("*.parquet"))
        rows = sum(pq.read_metadata(file).num_rows for file in files) / 1e6
        size = sum(file.stat().st_size for file in files) / 1e9
    who = resource.RUSAGE_CHILDREN if workers > 1 and len(counties) > 1 else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss // 1024
    _say(
        f"{name:22}{len(counties):>9}{workers:>8}{rows:>8.1f}{seconds:>9.1f}"
        f"{rows / seconds:>10.2f}{peak:>9}{size:>7.2f}"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
