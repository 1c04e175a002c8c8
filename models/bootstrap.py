"""How far chance could have moved a figure: whole clusters are drawn again, rows never alone.

A draw is no new table, it is a weight for each row: how many times its cluster was drawn. A figure
that reads weights can so be drawn hundreds of times without a copy of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EvaluationError
from models.frames import Floats

Weighed = Callable[[Floats], float]
"""Weight of each row → the figure; NaN where the figure is undefined."""

INSIDE = (0.025, 0.975)
"""Quantiles of the draws that bound a 95 % interval."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; NaN where it is undefined, in the data or in every draw."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """The figure with its interval, or alone where it is a count."""
        if self.low == self.value == self.high:
            return f"{self.value:,.0f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Clusters:
    """Rows by the cluster that they are drawn with.

    Attributes:
        code: Number of each row's cluster, from 0, in the order of the sorted ids.
        count: Clusters there are.
    """

    code: NDArray[np.intp]
    count: int

    @staticmethod
    def of(cluster: ArrayLike) -> Clusters:
        """Number the clusters.

        Raises:
            EvaluationError: There are no rows.
        """
        ids, code = np.unique(np.asarray(cluster), return_inverse=True)
        if not len(code):
            raise EvaluationError("evaluation: there are no rows, so there is nothing to draw from")
        return Clusters(code, len(ids))

    def draws(self, draws: int, seed: int) -> Iterator[Floats]:
        """The weight of each row, draw by draw; the same seed gives the same draws."""
        rng = np.random.default_rng(seed)
        chances = np.full(self.count, 1 / self.count)
        for _ in range(draws):
            yield rng.multinomial(self.count, chances).astype(np.float64)[self.code]

    def once(self) -> Floats:
        """Each row once: the data as they are."""
        return np.ones(len(self.code))


def estimates(
    figures: Callable[[Floats], Mapping[str, float]], cluster: ArrayLike, *, draws: int, seed: int
) -> dict[str, Estimate]:
    """Several figures, each with its interval over the same draws.

    Args:
        figures: Weight of each row → the figures by name, always the same names.
        cluster: Id of each row's cluster; rows of one group are no independent evidence.
        draws: Bootstrap draws; 200 or more.
        seed: Of the draws; the result does not depend on the order of rows.

    Returns:
        By name. Draws in which a figure is undefined are left out of its interval.

    Raises:
        EvaluationError: There are no rows.

    Example:
        >>> hit = np.array([1.0, 0.0, 1.0, 1.0])
        >>> found = estimates(lambda w: {"share": w @ hit / w.sum()}, [1, 2, 3, 4],
        ...                   draws=200, seed=0)
        >>> str(found["share"])
        '0.750 [0.250, 1.000]'

    Source:
        Field and Welsh (2007), Bootstrapping clustered data, JRSS B 69(3).
    """
    clusters = Clusters.of(cluster)
    values = figures(clusters.once())
    drawn = {name: np.empty(draws) for name in values}
    for draw, weight in enumerate(clusters.draws(draws, seed)):
        for name, figure in figures(weight).items():
            drawn[name][draw] = figure
    return {name: interval(value, drawn[name]) for name, value in values.items()}


def estimate(figure: Weighed, cluster: ArrayLike, *, draws: int, seed: int) -> Estimate:
    """One figure with its interval; as ``estimates``."""
    return estimates(lambda weight: {"it": figure(weight)}, cluster, draws=draws, seed=seed)["it"]


def interval(value: float, drawn: Floats) -> Estimate:
    """A figure between the quantiles of its draws; undefined draws are left out."""
    defined = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(defined):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(defined, INSIDE)
    return Estimate(value, float(low), float(high))
