"""Two scorers on the same rows: by how much is one better, and could chance have done it?

Both are judged in the same draws, so what makes a draw hard for both cancels out. Two separate
intervals that overlap say little about the difference; this one says it.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from models.bootstrap import Estimate, Weighed, estimate


def difference(
    one: Weighed, other: Weighed, cluster: ArrayLike, *, draws: int, seed: int
) -> Estimate:
    """One figure less the other, with the percentile interval of the difference.

    Args:
        one: Weight of each row → figure of the first scorer.
        other: The same of the second, on the same rows in the same order.
        cluster: Id of each row's group.
        draws: Bootstrap draws; 200 or more.
        seed: Of the draws; the result does not depend on the order of rows.

    Returns:
        Value with each row once, and its 95 % interval. Above zero throughout: the first is
        better by more than chance. Draws in which either is undefined are left out.

    Raises:
        EvaluationError: There are no rows.

    Example:
        >>> import numpy as np
        >>> hits, fewer = np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
        >>> str(difference(lambda w: w @ hits, lambda w: w @ fewer, [1, 2, 3], draws=99, seed=1))
        '1.000 [0.000, 3.000]'

    Source:
        Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    return estimate(lambda weight: one(weight) - other(weight), cluster, draws=draws, seed=seed)
