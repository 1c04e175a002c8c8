"""Seconds and peak memory of SHAP values: ours beside LightGBM's own and the shap package.

    .venv/bin/python -m benchmarks.explanation_speed

Every contender explains the same rows of the same booster, in a process of its own, on one thread,
one after the other and round after round, so that what else the machine does hits all alike. Data
are made up: 130 features, a tenth of them unknown.

``values`` are seconds from the booster in memory to values in memory; ``checked`` the same with
LightGBM's raw margin of the rows, to which they must add up: what a list needs. Seconds are the
process's own, which a busy machine disturbs least; ``clock`` is that of ``checked``. ``MB`` is the
memory that the values need beyond that of the rows. A peer that would take longer than --patience
on all rows explains 9,600, and its time is scaled up (marked ~): its work is proportional to rows.
``apart`` is the largest distance to LightGBM's values on 500 rows. The shap package hands such a
booster over to LightGBM; ``shap`` is its own code, as it runs for other trees.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

Run = dict[str, Any]
MODELS = {"150 x 5": (150, 5), "1500 x 5": (1500, 5), "300 x 31": (300, 31)}
"""Trees and leaves: as shipped, as ten bags of it, and much deeper."""
ROWS = {"city": 9_600, "province": 141_000}
CONTENDERS = ("ours", "lightgbm", "shap")
FEATURES = 130
FIGURES = ("values", "checked", "clock", "memory")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for a peer's run")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        contender, booster, rows = given.one
        print(json.dumps(measured(contender, Path(booster), int(rows))))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; one thread each", flush=True)
    with TemporaryDirectory() as folder:
        for model in given.models.split(","):
            booster = fitted(*MODELS[model], Path(folder) / "model.txt")
            for place in given.rows.split(","):
                report(model, place, runs(booster, ROWS[place], given))


def runs(booster: Path, rows: int, given: argparse.Namespace) -> dict[str, Run]:
    """For each contender the middle of its rounds."""
    found: dict[str, list[Run]] = {name: [] for name in CONTENDERS}
    for _ in range(given.repeat):
        for name in CONTENDERS:
            found[name].append(patiently(name, booster, rows, found[name], given.patience))
    return {name: middle(some) for name, some in found.items()}


def middle(some: list[Run]) -> Run:
    return {**some[0], **{figure: median(run[figure] for run in some) for figure in FIGURES}}


def patiently(name: str, booster: Path, rows: int, before: list[Run], patience: float) -> Run:
    few = min(rows, ROWS["city"])
    scaled = bool(before and before[0]["scaled"])
    if before and not scaled:
        return in_a_process(name, booster, rows)
    run = in_a_process(name, booster, few)
    if few == rows:
        return run
    factor = rows / few
    if not scaled and (name == "ours" or run["clock"] * factor <= patience):
        return in_a_process(name, booster, rows)
    times = {figure: run[figure] * factor for figure in ("values", "checked", "clock")}
    return {**run, **times, "scaled": True}


def in_a_process(name: str, booster: Path, rows: int) -> Run:
    command = [sys.executable, "-m", "benchmarks.explanation_speed", "--one", name]
    done = subprocess.run(
        [*command, str(booster), str(rows)],
        env={**os.environ, **dict.fromkeys(THREADS, "1")},
        stdout=subprocess.PIPE,
        check=True,
    )
    return {"scaled": False, **json.loads(done.stdout.splitlines()[-1])}


def measured(name: str, file: Path, rows: int) -> Run:
    import lightgbm as lgb

    from models.explanation import contributions, raw_margin

    booster, features = lgb.Booster(model_file=str(file)), table(rows, seed=2)
    explain = {"ours": ours, "lightgbm": by_lightgbm, "shap": by_shap}[name]
    explain(booster, features.head(10))  # imports, and whatever is made once in a process
    raw_margin(booster, features.head(10))
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the largest resident set so far
    cpu = time.process_time()
    values = explain(booster, features)
    alone = time.process_time() - cpu
    grown = memory("VmHWM") - before
    cpu, clock = time.process_time(), time.perf_counter()
    if name == "ours":
        contributions(booster, features)
    else:
        base = explain(booster, features).sum(axis=1)
        np.ptp(raw_margin(booster, features) - base)
    return {
        "values": alone,
        "checked": time.process_time() - cpu,
        "clock": time.perf_counter() - clock,
        "memory": grown,
        "apart": float(np.abs(values[:500] - by_lightgbm(booster, features.head(500))).max()),
    }


def memory(of: str) -> float:
    """Megabytes of this process: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{of}:"))


def ours(booster: Any, features: pd.DataFrame) -> np.ndarray:
    from models.shapley import tables_of
    from models.tree_text import trees_of

    return tables_of(trees_of(booster)).values(features.to_numpy())


def by_lightgbm(booster: Any, features: pd.DataFrame) -> np.ndarray:
    return np.asarray(booster.predict(features, pred_contrib=True, num_threads=1))[:, :-1]


def by_shap(booster: Any, features: pd.DataFrame) -> np.ndarray:
    import shap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
        explainer.model.model_type = "internal"  # else it asks LightGBM
        values = explainer.shap_values(features.to_numpy(), check_additivity=False)
    return np.asarray(values)


def fitted(trees: int, leaves: int, file: Path) -> Path:
    from models.training import TrainingConfig, fit

    rows = table(30_000, seed=1)
    score = rows["f0"].fillna(0) * rows["f1"].fillna(1) + rows["f2"].gt(1) + rows["f3"].isna()
    chance = 1 / (1 + np.exp(4 - score))
    label = (np.random.default_rng(3).random(len(rows)) < chance).astype(float)
    config = TrainingConfig(
        seed=1, threads=1, rounds=trees, leaves=leaves, learning_rate=0.03, feature_fraction=0.4
    )
    fit(rows, label, config).save_model(str(file))
    return file


def table(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, FEATURES)).round(4)
    values[rng.random(values.shape) < 0.1] = np.nan
    return pd.DataFrame(values, columns=[f"f{number}" for number in range(FEATURES)])


def report(model: str, place: str, found: dict[str, Run]) -> None:
    print(f"\n{model} leaves, {place}: {ROWS[place]:,} rows")
    heads = ("values s", "x ours", "checked s", "x ours", "clock s", "MB", "apart")
    print(f"{'':10}" + "".join(f"{head:>10}" for head in heads))
    for name, run in found.items():
        mark = "~" if run["scaled"] else ""
        cells = []
        for figure in ("values", "checked"):
            cells += [f"{mark}{run[figure]:.2f}", f"{run[figure] / found['ours'][figure]:.1f}"]
        cells += [f"{mark}{run['clock']:.2f}", "" if mark else f"{run['memory']:.0f}"]
        cells += [f"{run['apart']:.0e}"]
        print(f"{name:10}" + "".join(f"{cell:>10}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
