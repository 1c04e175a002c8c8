"""Seconds and peak memory of one day's features, beside the same by hand in SQL and in Polars.

    .venv/bin/python -m benchmarks.feature_speed --landing world/landing --as-of 2010-07-03

Each contender runs in a process of its own, one after the other, round after round, so that what
else the machine does hits all alike. Seconds are those of the clock from opening the connection to
finished frames; beside them processor seconds, which a busy machine disturbs less. Memory is the
largest resident set of the process. ``ours`` computes what the script in SQL does, ``ours as
Polars`` what is written in Polars, ``catalogue`` everything; ``scan`` only reads and hashes the
columns that the script reads, of the periods that it looks at.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

Run = dict[str, Any]
NAMES = {
    "scan": "bare scan",
    "sql": "SQL by hand",
    "ours": "ours",
    "polars": "Polars by hand",
    "ours_polars": "ours as Polars",
    "catalogue": "catalogue",
    "days": "ours, 18 days",
    "cached": "18 days, cached",
}
ASKED = {
    "scan": ("scan",),
    "sql": ("sql",),
    "ours": ("ours",),
    "polars": ("polars", "ours_polars"),
    "catalogue": ("catalogue",),
    "days": ("days", "cached"),
}
_NOT_ONE_DAY = ("scan", "days", "cached")
"""Whose rows are not the members of one day."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--landing", type=Path, action="append", required=True)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2010, 7, 3))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="3GB", help="DuckDB's memory_limit")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peers", default=",".join(ASKED), help="of " + ",".join(ASKED))
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _say(json.dumps(_measured(given)))
        return
    contenders = [name for peer in given.peers.split(",") for name in ASKED[peer]]
    middles = [_middle(_runs(landing, given, contenders)) for landing in given.landing]
    for landing, middle in zip(given.landing, middles, strict=True):
        _report(landing, middle, given.repeat)
    _growth(middles)


def _runs(landing: Path, given: argparse.Namespace, contenders: list[str]) -> dict[str, list[Run]]:
    """Every contender once in each round."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for round_ in range(1, given.repeat + 1):
        for name in contenders:
            runs[name].append(_in_a_process(name, landing, given))
            seconds, cpu = runs[name][-1]["seconds"], runs[name][-1]["cpu"]
            _tell(f"round {round_} of {given.repeat}: {NAMES[name]:16}{seconds:8.1f} s{cpu:8.1f}")
    return runs


def _in_a_process(name: str, landing: Path, given: argparse.Namespace) -> Run:
    command = [sys.executable, "-m", "benchmarks.feature_speed", "--one", name]
    command += ["--landing", str(landing), "--as-of", given.as_of.isoformat()]
    command += ["--threads", str(given.threads), "--memory", given.memory]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(given.threads)}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    run: Run = json.loads(done.stdout.splitlines()[-1])
    return run


def _measured(given: argparse.Namespace) -> Run:
    from benchmarks.peers import contenders as by

    work: dict[str, Callable[[by.Task], by.Built]] = {
        "scan": by.by_scan,
        "sql": by.by_sql,
        "ours": by.by_us,
        "polars": by.by_polars,
        "ours_polars": by.by_us_as_polars,
        "catalogue": by.by_us_everything,
        "days": by.by_us_many_days,
    }
    by.named_in_sql()
    with TemporaryDirectory() as spill:
        task = by.Task(given.landing[0], given.as_of, given.threads, given.memory, Path(spill))
        if given.one == "cached":
            again = by.by_us_cached(task)
            return _timed(again)
        return _timed(lambda: work[given.one](task))


def _timed(work: Callable[[], Any]) -> Run:
    wall, cpu = time.perf_counter(), time.process_time()
    features, members, groups = work()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "features": features,
        "members": members,
        "groups": groups,
    }


def _middle(runs: dict[str, list[Run]]) -> dict[str, Run]:
    return {
        name: {key: median(run[key] for run in of_one) for key in of_one[0]}
        for name, of_one in runs.items()
    }


def _report(landing: Path, middle: dict[str, Run], repeats: int) -> None:
    _say(f"\n{landing}: medians of {repeats}")
    _say(
        f"{'':17}{'features':>9}{'rows':>9}{'seconds':>9}{'cpu s':>8}{'peak MB':>9}"
        f"{'x SQL':>7}{'cpu':>6}{'x scan':>8}{'cpu':>6}"
    )
    for name, of_one in middle.items():
        ratios = "".join(
            f"{_ratio(of_one, middle.get(peer), key)}"
            for peer in ("sql", "scan")
            for key in ("seconds", "cpu")
        )
        _say(
            f"{NAMES[name]:17}{of_one['features']:9.0f}{of_one['members']:9.0f}"
            f"{of_one['seconds']:9.1f}{of_one['cpu']:8.1f}{of_one['peak']:9.0f}{ratios}"
        )
    _say(_days_beside_one(middle))


def _ratio(of_one: Run, peer: Run | None, key: str) -> str:
    width = 7 if key == "seconds" else 6
    return f"{of_one[key] / peer[key]:{width}.1f}" if peer else " " * width


def _days_beside_one(middle: dict[str, Run]) -> str:
    if not {"ours", "days", "cached"} <= middle.keys():
        return ""
    one, many, again = (middle[name] for name in ("ours", "days", "cached"))
    return (
        f"18 days in one call take {many['seconds'] / one['seconds']:.1f} times one day "
        f"(processor {many['cpu'] / one['cpu']:.1f}); read back from the cache "
        f"{again['seconds']:.1f} s, {again['seconds'] / many['seconds']:.0%} of that"
    )


def _growth(middles: list[dict[str, Run]]) -> None:
    """Whether the cost grows as the members do, from the smallest world to the largest."""
    if len(middles) < 2:
        return
    small, large = (f(middles, key=_members) for f in (min, max))
    more = _members(large) - _members(small)
    for name in middles[0]:
        cost = (large[name]["cpu"] - small[name]["cpu"]) / more if more else 0.0
        fixed = small[name]["cpu"] - cost * _members(small)
        _say(f"{NAMES[name]:17}{cost * 1e6:8.0f} us of processor a member and {fixed:.1f} s")


def _members(middle: dict[str, Run]) -> float:
    return max(run["members"] for name, run in middle.items() if name not in _NOT_ONE_DAY)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
