"""Scores of the same rows beside each other, and beside the best that anyone could give."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.evaluation import Estimate, evaluate
from models.frames import Floats

SHARES = (0.02, 0.10)
BAND_EDGES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.10, 0.20, 1.0)
SMALLEST = 1e-9


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
