"""Figures of a ranking, for rows that may count any number of times.

Rows are sorted once; each figure is then read off running sums, so a bootstrap draw costs one
pass. Rows tied in score are one step, and a cut through a step takes its part of the step, so
the order of tied rows never matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.frames import Floats


@dataclass(frozen=True)
class Ranking:
    """Rows sorted from the highest score down, tied rows together.

    Attributes:
        order: Row numbers, highest score first.
        last: Position in ``order`` of the last row of each step.
        label: 0 or 1 in that order.
        score: Scores in that order.
    """

    order: NDArray[np.intp]
    last: NDArray[np.intp]
    label: Floats
    score: Floats

    @staticmethod
    def of(label: ArrayLike, score: ArrayLike) -> Ranking:
        """Sort rows by score, highest first."""
        labels = np.asarray(label, dtype=np.float64)
        scores = np.asarray(score, dtype=np.float64)
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
        return Ranking(order, last, labels[order], ranked)

    def weighed(self, weight: Floats | None = None) -> Steps:
        """The running sums when each row counts ``weight`` times; once each if not given."""
        weights = np.ones(len(self.order)) if weight is None else weight[self.order]
        rows = np.append(0.0, np.cumsum(weights)[self.last])
        positives = np.append(0.0, np.cumsum(weights * self.label)[self.last])
        # Step by step, not row by row: else the order of tied rows would show in the last bits.
        expected = np.append(0.0, np.cumsum(np.diff(rows) * self.score[self.last]))
        return Steps(rows, positives, expected, self.score[self.last])


@dataclass(frozen=True)
class Steps:
    """Running sums from the highest score down, after each step; the first entry is 0.

    Attributes:
        rows: Weight of the rows so far.
        positives: Weight of the positive rows so far.
        expected: Weighted sum of the scores so far.
        score: Score of each step, one entry less.
    """

    rows: Floats
    positives: Floats
    expected: Floats
    score: Floats


def auc(steps: Steps) -> float:
    """Chance that a positive scores above a negative, ties half; NaN with a single class."""
    positives, negatives = steps.positives[-1], steps.rows[-1] - steps.positives[-1]
    if positives <= 0 or negatives <= 0:
        return float("nan")
    below = np.diff(steps.rows - steps.positives)
    found = (steps.positives[1:] + steps.positives[:-1]) / 2
    return float((below * found).sum() / (positives * negatives))


def average_precision(steps: Steps) -> float:
    """Precision averaged over the positives as they are found; NaN without positives.

    Source: the step sum of scikit-learn's ``average_precision_score``, not the trapezoid.
    """
    if steps.positives[-1] <= 0:
        return float("nan")
    rows = steps.rows[1:]
    precision = np.divide(steps.positives[1:], rows, out=np.zeros_like(rows), where=rows > 0)
    return float((np.diff(steps.positives) * precision).sum() / steps.positives[-1])


def found_in_top(steps: Steps, share: float) -> float:
    """Positives among the top ``share`` of rows; a step that is cut gives its part."""
    return float(np.interp(share * steps.rows[-1], steps.rows, steps.positives))


def precision_at(steps: Steps, share: float) -> float:
    """Share of positives among the top ``share`` of rows, ``share`` in (0, 1]."""
    return ratio(found_in_top(steps, share), share * steps.rows[-1])


def recall_at(steps: Steps, share: float) -> float:
    """Share of all positives that the top ``share`` of rows holds; NaN without positives."""
    return ratio(found_in_top(steps, share), steps.positives[-1])


def lift_at(steps: Steps, share: float) -> float:
    """How many times more often the top ``share`` is positive than the average row.

    1 is chance, ``min(1 / share, 1 / base rate)`` a perfect ranking, NaN without positives.

    Example:
        >>> lift_at(Ranking.of([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1]).weighed(), 0.5)
        2.0

    Source:
        Neslin et al. (2006), Defection Detection, Journal of Marketing Research 43(2).
    """
    return ratio(recall_at(steps, share), share)


def ratio(part: float, whole: float) -> float:
    """Part of the whole, NaN where the whole is nothing."""
    return float(part / whole) if whole > 0 else float("nan")


def weighted_median(values: Floats, weight: Floats) -> float:
    """The median of values that count ``weight`` times each; NaN of none."""
    order = np.argsort(values, kind="stable")
    ranked, below = values[order], np.cumsum(weight[order])
    if not len(below) or below[-1] <= 0:
        return float("nan")
    half = below[-1] / 2
    lower = ranked[np.searchsorted(below, half, side="left")]
    upper = ranked[np.searchsorted(below, half, side="right")]
    return float((lower + upper) / 2)
