"""Scores of the same rows beside each other, and beside the best that anyone could give."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.bootstrap import Estimate, estimates
from models.errors import EvaluationError
from models.evaluation import evaluate
from models.frames import Floats
from models.judged import Judged, Terms

SHARES = (0.02, 0.10)
BAND_EDGES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.10, 0.20, 1.0)
SMALLEST = 1e-9
OF_ANY_SCORE = (
    "precision_at_capacity",
    "value_recall_at_capacity",
    "average_precision",
    "precision_at_2pct",
    "lift_at_10pct",
    "auc",
    "empb_per_head_fen",
)
"""Figures that any score has, be it a risk or points of a rules list."""


@dataclass(frozen=True)
class Compared:
    """What one scorer is worth on the rows that all scorers share.

    Attributes:
        figures: As ``evaluation.evaluate`` gives them, at 2 % and 10 % of the list.
        log_loss: Mean negative log-likelihood, in nats a row.
        regret: Mean Kullback-Leibler divergence from the best scorer, in nats a row.
        bands: One row a band of the scorer's own risk: low, high, n, promised and observed rate.
    """

    figures: Mapping[str, Estimate]
    log_loss: float
    regret: float
    bands: pd.DataFrame


def compare(
    label: ArrayLike,
    scores: Mapping[str, ArrayLike],
    cluster: ArrayLike,
    *,
    best: str,
    draws: int,
    seed: int,
) -> dict[str, Compared]:
    """Set probabilities of the same rows beside each other.

    Args:
        label: 0 or 1 for each row.
        scores: Probability of each row by scorer.
        cluster: Id of each row's group.
        best: The scorer that regret is measured from.
        draws, seed: Of the cluster bootstrap.

    Raises:
        EvaluationError: No rows, lengths differ, or a label or score is unknown.

    Example:
        >>> found = compare([1, 0], {"a": [0.8, 0.2], "b": [0.5, 0.5]}, [1, 2], best="a",
        ...                 draws=5, seed=0)
        >>> round(found["b"].log_loss, 3), round(found["a"].regret, 3)
        (0.693, 0.0)
    """
    labels = np.asarray(label, dtype=np.float64)
    ideal = np.asarray(scores[best], dtype=np.float64)
    compared = {}
    for name, score in scores.items():
        chance = np.asarray(score, dtype=np.float64)
        figures = evaluate(labels, chance, cluster, draws=draws, seed=seed, shares=SHARES)
        compared[name] = Compared(
            figures,
            _cross_entropy(labels, chance),
            _cross_entropy(ideal, chance) - _cross_entropy(ideal, ideal),
            calibration_bands(labels, chance),
        )
    return compared


def gains(
    rows: pd.DataFrame,
    scores: Mapping[str, ArrayLike],
    terms: Terms,
    *,
    first: str,
    draws: int,
    seed: int,
    figures: Sequence[str] = OF_ANY_SCORE,
) -> pd.DataFrame:
    """Scorers of the same judged rows, each with its distance from the first, in the same draws.

    Args:
        rows: Judged rows; see ``models.judged``. Their own probability is not read.
        scores: Score of each row by scorer: the model, the champion, the rules, a regression.
        terms: By what they are judged.
        first: The scorer that the others are set against.
        draws, seed: Of the cluster bootstrap.
        figures: Names as ``judge_rows`` gives them, of those that any score has.

    Returns:
        A row a scorer and figure: scorer, figure, value, low, high, and gain, gain_low, gain_high:
        the figure of ``first`` less this one. A gain_low above 0: the first is surely better.

    Raises:
        EvaluationError: No such scorer or figure, or as ``Judged.of``.
    """
    if first not in scores:
        raise EvaluationError(f"comparison: there is no scorer {first}, only {', '.join(scores)}")
    sorted_by = {
        name: Judged.of(
            rows.assign(score=np.asarray(score)), terms, score="score", calibrated=False
        )
        for name, score in scores.items()
    }

    def read(weight: Floats) -> dict[str, float]:
        each = {name: judged.read(weight) for name, judged in sorted_by.items()}
        if unknown := [figure for figure in figures if figure not in each[first]]:
            raise EvaluationError(f"comparison: there are no such figures: {', '.join(unknown)}")
        pairs = [(name, figure) for name in each for figure in figures]
        found = {f"{name} {figure}": each[name][figure] for name, figure in pairs}
        for name, figure in pairs:
            found[f"- {name} {figure}"] = each[first][figure] - each[name][figure]
        return found

    found = estimates(read, rows["group_id"], draws=draws, seed=seed)
    table = []
    for name in scores:
        for figure in figures:
            it, gain = found[f"{name} {figure}"], found[f"- {name} {figure}"]
            table.append((name, figure, it.value, it.low, it.high, gain.value, gain.low, gain.high))
    names = ["scorer", "figure", "value", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(table, columns=names)


def calibration_bands(label: Floats, chance: Floats) -> pd.DataFrame:
    """Promised and observed rate in each band of risk."""
    band = np.digitize(chance, BAND_EDGES[1:-1])
    rows = []
    for number, (low, high) in enumerate(itertools.pairwise(BAND_EDGES)):
        inside = band == number
        size = int(inside.sum())
        promised = float(chance[inside].mean()) if size else float("nan")
        observed = float(label[inside].mean()) if size else float("nan")
        rows.append((low, high, size, promised, observed))
    return pd.DataFrame(rows, columns=["low", "high", "n", "promised", "observed"])


def _cross_entropy(truth: Floats, chance: Floats) -> float:
    bounded = np.clip(chance, SMALLEST, 1.0 - SMALLEST)
    return float(-(truth * np.log(bounded) + (1.0 - truth) * np.log1p(-bounded)).mean())
