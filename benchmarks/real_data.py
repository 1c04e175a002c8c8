"""Real customers: ours beside what everybody else would take, on the same features and folds.

    .venv/bin/python -m pip install --no-deps --require-hashes -r requirements-peers.lock
    .venv/bin/python -m benchmarks.real_data --out real_data.md

Each data set goes through its mapping into our tables and from there to our features, which all
contenders read. Ours is made as ``groupchurn train`` makes it on a snapshot; the others keep their
defaults. Every customer is scored by models that have not seen him, figures are taken inside each
fold and averaged (models/folded.py says why), intervals come from drawing customers again, the same
draws for all. A difference is significant if its 95 % interval leaves out zero.

FLAML is given one dealing of the folds only, for its time; its difference is taken on that one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from benchmarks.real_peers import Contender, peers
from models import metrics
from models.bootstrap import Estimate, estimates
from models.folded import Held, WithinFolds, held_out
from models.out_of_fold import Fit
from models.rows import Rows
from models.split import stratified_folds
from pipelines.intake.ingestion import ingest
from pipelines.mapping import load_mapping
from pipelines.storage import Home
from pipelines.study import fit_of, folding_of, snapshot_of
from pipelines.workplace import Workplace, open_workplace

NAMES = ("member_panel", "b2b_bulgaria", "call_network")
OURS = "groupchurn"
FIGURES = {
    "AUC": metrics.auc,
    "average precision": metrics.average_precision,
    "lift in the top tenth": partial(metrics.lift_at, share=0.1),
}
ORDERED_BY = "AUC"
LOSS = "log loss"
Figures = Callable[[np.ndarray], dict[str, float]]
"""Weight of each customer → the figures by name."""
SMALLEST = 1e-6


@dataclass(frozen=True)
class Scored:
    """What a contender said of customers it had not seen, and how long it took a fold.

    Attributes:
        score: Repeats × rows; a contender may have been shown the first repeats only.
        parts: Who was held out together.
        seconds: Median time of a fold, fitting and scoring.
    """

    score: np.ndarray
    parts: Sequence[Held]
    seconds: float

    def figures(self, label: np.ndarray, repeats: int) -> Figures:
        """The figures of the first ``repeats`` as a function of the customers' weights."""
        score = self.score[:repeats]
        inside = WithinFolds.of(label, score, [one for one in self.parts if one.repeat < repeats])
        chance = np.clip(score, SMALLEST, 1 - SMALLEST)
        loss = -np.log(np.where(label == 1, chance, 1 - chance)).mean(axis=0)
        return lambda weight: {
            **inside.figures(FIGURES, weight),
            LOSS: float(weight @ loss / weight.sum()),
        }


def main() -> None:
    given = _arguments()
    lines: list[str] = []
    contenders, absent = peers(given.flaml_seconds)
    if absent:
        _say(lines, f"Not installed, so left out: {', '.join(absent)}.\n")
    for name in given.only:
        with TemporaryDirectory() as folder:
            place = _taken_in(given.data / name, Path(folder))
            rows, ours = _ours(place)
            folding = folding_of(place)
        deals = list(
            stratified_folds(
                rows.label, folds=folding.folds, repeats=given.repeats, seed=folding.seed
            )
        )
        scored = {
            who: scored_unseen(rows, one, who, deals, folding.folds)
            for who, one in {**ours, **contenders}.items()
        }
        _report(lines, name, rows, scored, given.draws, folding.seed)
    if given.out:
        given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--flaml-seconds", type=float, default=15)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _taken_in(folder: Path, home: Path) -> Workplace:
    ingest(folder, Home(home), load_mapping(folder.name), token_key=bytes(32))
    return open_workplace(home)


def _ours(place: Workplace) -> tuple[Rows, dict[str, Contender]]:
    """The snapshot's rows, and our model of them."""
    study = place.warehouse.study
    if study is None:
        raise SystemExit("The mapping names no [study].")
    snapshot = snapshot_of(place, date.fromisoformat(study.as_of))
    rows, recipe = snapshot.rows, snapshot.recipe
    return rows, {OURS: _contender(fit_of(place, recipe), rows)}


def _contender(fit: Fit, rows: Rows) -> Contender:
    cluster = pd.Series(np.asarray(rows.cluster), index=rows.features.index)

    def made(features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame) -> np.ndarray:
        model = fit(Rows(features, label, cluster.loc[features.index].to_numpy()))
        return model.probability(unseen)

    return made


def scored_unseen(
    rows: Rows,
    contender: Contender,
    who: str,
    deals: Sequence[tuple[np.ndarray, np.ndarray]],
    folds: int,
) -> Scored:
    """Fit on each training part, score who was held out; the same parts for everybody."""
    deals = deals[:folds] if who.startswith("FLAML") else deals
    parts = held_out(deals, folds)
    label = np.asarray(rows.label)
    score = np.empty((len(parts) // folds, len(label)))
    seconds = []
    for (kept, _), part in zip(deals, parts, strict=True):
        began = time.perf_counter()
        chance = contender(rows.features.iloc[kept], label[kept], rows.features.iloc[part.rows])
        seconds.append(time.perf_counter() - began)
        score[part.repeat, part.rows] = chance
    return Scored(score, parts, float(np.median(seconds)))


def _report(
    lines: list[str], name: str, rows: Rows, scored: Mapping[str, Scored], draws: int, seed: int
) -> None:
    label = np.asarray(rows.label)
    found = estimates(judged(label, scored), rows.cluster, draws=draws, seed=seed)
    order = sorted(scored, key=lambda who: -found[f"{who}: {ORDERED_BY}"].value)
    figures = [*FIGURES, LOSS]
    size = f"{len(label):,} customers, {int(label.sum()):,} left, {rows.features.shape[1]} features"
    _say(lines, f"### {name}: {size}\n")
    _table(
        lines,
        ["", *figures, "seconds a fold"],
        [
            [who, *(str(found[f"{who}: {one}"]) for one in figures), f"{scored[who].seconds:.2f}"]
            for who in order
        ],
    )
    _say(lines, f"\n{OURS} less each, same folds, same draws (log loss: below zero is better):\n")
    others = [who for who in order if who != OURS]
    _table(
        lines,
        ["", *figures],
        [[who, *(_marked(found[f"less {who}: {one}"]) for one in figures)] for who in others],
    )
    _say(lines, f"\n{_verdict(found, order)}\n")


def judged(label: np.ndarray, scored: Mapping[str, Scored]) -> Figures:
    """Everybody's figures, and ours less theirs on the repeats that they were shown."""
    shown = {who: len(one.score) for who, one in scored.items()}
    theirs = {who: one.figures(label, shown[who]) for who, one in scored.items()}
    ours = {repeats: scored[OURS].figures(label, repeats) for repeats in set(shown.values())}

    def figures(weight: np.ndarray) -> dict[str, float]:
        on_same = {repeats: one(weight) for repeats, one in ours.items()}
        found = {}
        for who, one in theirs.items():
            for name, value in one(weight).items():
                found[f"{who}: {name}"] = value
                found[f"less {who}: {name}"] = on_same[shown[who]][name] - value
        return found

    return figures


def _verdict(found: Mapping[str, Estimate], order: Sequence[str]) -> str:
    """First, or how far behind who is first by ``ORDERED_BY``."""
    first = order[0]
    if first == OURS:
        return f"First by {ORDERED_BY}: {OURS}."
    apart = found[f"less {first}: {ORDERED_BY}"]
    worse = "significantly" if apart.high < 0 else "not significantly"
    return f"First by {ORDERED_BY}: {first}; {OURS} is {worse} worse, {_marked(apart)}."


def _marked(apart: Estimate) -> str:
    """The difference with its sign, in bold where zero lies outside."""
    text = f"{apart.value:+.3f} [{apart.low:+.3f}, {apart.high:+.3f}]"
    return f"**{text}**" if apart.low > 0 or apart.high < 0 else text


def _table(lines: list[str], head: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    for cells in (head, ["---"] * len(head), *body):
        _say(lines, f"| {' | '.join(cells)} |")


def _say(lines: list[str], line: str) -> None:
    lines.append(line)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # scikit-learn's boosting has no other switch
    main()
