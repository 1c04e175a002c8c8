"""Scores that models of many folds gave to rows they had not seen: how to judge, how to list them.

Every fold has a model of its own, and their scores do not share a scale. Laid in one heap, two
customers of whom the models know the same are told apart by the fold that held them out, and on
the wrong side: where a fold holds more leavers of a kind, its model saw fewer of that kind and
thinks less of it. A signal of few levels loses most. So order is judged inside each fold, where
one model scored everybody, and a list first brings the folds onto one scale.

Source:
    Forman and Scholz (2010), Apples-to-apples in cross-validation studies, SIGKDD Explorations
    12(1); Airola et al. (2011), An experimental comparison of cross-validation techniques for
    estimating the area under the ROC curve, Computational Statistics & Data Analysis 55(4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.bootstrap import Weighed
from models.frames import Floats
from models.metrics import Ranking, Steps

Metric = Callable[[Steps], float]
Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Held:
    """Rows that one model was shown after it was fitted without them.

    Attributes:
        repeat: Number of the dealing, from 0.
        rows: Their positions in the table.
    """

    repeat: int
    rows: Positions


def held_out(deals: Sequence[tuple[Positions, Positions]], folds: int) -> list[Held]:
    """Who was held out, fold by fold, from pairs (to train on, held out) repeat by repeat."""
    return [Held(number // folds, rows) for number, (_, rows) in enumerate(deals)]


@dataclass(frozen=True)
class WithinFolds:
    """Scores ranked inside each fold.

    A figure is the mean over folds and repeats of the fold's own figure, so it says what one model
    is worth on customers that it has not seen. A row's weight is the same in every repeat.
    """

    parts: Sequence[tuple[Ranking, Positions]]

    @staticmethod
    def of(label: ArrayLike, score: Floats, parts: Sequence[Held]) -> WithinFolds:
        """Rank each fold by itself.

        Args:
            label: 0 or 1 for each row.
            score: Repeats × rows.
            parts: Who was held out together.
        """
        labels = np.asarray(label, dtype=np.float64)
        return WithinFolds(
            [
                (Ranking.of(labels[part.rows], score[part.repeat, part.rows]), part.rows)
                for part in parts
            ]
        )

    def each(self, metrics: Mapping[str, Metric], weight: Floats) -> dict[str, Floats]:
        """Every figure of every fold, in the order of the parts."""
        steps = [ranking.weighed(weight[rows]) for ranking, rows in self.parts]
        return {name: np.array([metric(one) for one in steps]) for name, metric in metrics.items()}

    def figures(self, metrics: Mapping[str, Metric], weight: Floats) -> dict[str, float]:
        """Every figure, the mean over the folds in which it is defined.

        Example:
            >>> from models.metrics import auc
            >>> score = np.array([[0.9, 0.8, 0.2, 0.1]])  # the second fold's model thinks less
            >>> parts = [Held(0, np.array([0, 1])), Held(0, np.array([2, 3]))]
            >>> found = WithinFolds.of([1, 0, 1, 0], score, parts)
            >>> found.figures({"auc": auc}, np.ones(4))
            {'auc': 1.0}
        """
        return {name: _mean(values) for name, values in self.each(metrics, weight).items()}

    def figure(self, metric: Metric) -> Weighed:
        """One figure as a function of the rows' weights, as the bootstrap reads it."""
        return lambda weight: self.figures({"it": metric}, weight)["it"]


def on_one_scale(score: Floats, parts: Sequence[Held]) -> Floats:
    """Scores of all folds as if one model had given them.

    A row takes the score that its place among those held out with it has on average over all
    folds. Folds are dealt by chance, so their customers are alike and equal places mean equal
    danger. The order inside a fold stays, ties included, and so does the mean of all scores. A
    place is found without any label; what is averaged moves everybody's scores alike.

    Args:
        score: Repeats × rows.
        parts: Who was held out together, every row once a repeat.

    Returns:
        Repeats × rows.

    Example:
        >>> parts = [Held(0, np.array([0, 1])), Held(0, np.array([2, 3]))]
        >>> on_one_scale(np.array([[0.9, 0.7, 0.3, 0.1]]), parts)
        array([[0.6, 0.4, 0.6, 0.4]])

    Source:
        Bolstad et al. (2003), A comparison of normalization methods for high density
        oligonucleotide array data, Bioinformatics 19(2): quantile normalisation.
    """
    places = np.concatenate([_places(len(part.rows)) for part in parts])
    grid = np.unique(places)
    common = np.mean([np.interp(grid, *_curve(score, part)) for part in parts], axis=0)
    scaled = np.empty_like(score)
    for part in parts:
        own = score[part.repeat, part.rows]
        scaled[part.repeat, part.rows] = _shared_by_ties(own, common, grid)
    return scaled


def _curve(score: Floats, part: Held) -> tuple[Floats, Floats]:
    return _places(len(part.rows)), np.sort(score[part.repeat, part.rows])


def _shared_by_ties(own: Floats, common: Floats, grid: Floats) -> Floats:
    order = np.argsort(own, kind="stable")
    at_place = np.empty_like(own)
    at_place[order] = np.interp(_places(len(own)), grid, common)
    level = np.unique(own, return_inverse=True)[1]
    return np.asarray((np.bincount(level, at_place) / np.bincount(level))[level])


def _places(count: int) -> Floats:
    """The middle of each of ``count`` equal steps from 0 to 1."""
    return (np.arange(count) + 0.5) / count


def _mean(values: Floats) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
