"""Does a ranking put those first whom treating keeps? Judged where chance chose who was treated.

The outcome is 1 for who was retained, as in the papers. With the top share φ of a ranking,

    Q(φ) = n_t1(φ) − n_c1(φ) · n_t(φ) / n_c(φ)

are the groups that treatment retained among the treated of the top: n_t are treated, n_c are not,
and n_t1 and n_c1 those of each who were retained. The Qini coefficient is the area between Q and
the straight line to Q(1), which a ranking by chance follows, for each treated group; 0 is chance.
Uplift at K is the share retained of the treated less that of the others, among the top share K.
Rows tied in score are one step, and a cut through a step takes its part, so their order never
matters. Rows can weigh: the reciprocal of the chance of their own arm, times bootstrap draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import ratio


@dataclass(frozen=True)
class Qini:
    """Rows sorted from the highest score down, tied rows together. Make one with ``of``.

    Attributes:
        order: Row numbers, highest score first.
        last: Position in ``order`` of the last row of each step.
        retained, treated: 0 or 1 of each row, in that order.
    """

    order: NDArray[np.intp]
    last: NDArray[np.intp]
    retained: Floats
    treated: Floats

    @staticmethod
    def of(retained: ArrayLike, treated: ArrayLike, score: ArrayLike) -> Qini:
        """Sort once, for any number of draws.

        Raises:
            EvaluationError: There are no rows, lengths differ, a score is unknown, or an outcome or
                an arm is neither 0 nor 1.
        """
        outcome, arm, scores = (np.asarray(x, dtype=np.float64) for x in (retained, treated, score))
        if not len(outcome) or not outcome.shape == arm.shape == scores.shape:
            raise EvaluationError("qini: outcome, arm and score must be known for the same rows")
        if not (np.isin(outcome, (0, 1)).all() and np.isin(arm, (0, 1)).all()):
            raise EvaluationError("qini: outcome (1 = retained) and arm (1 = treated) are 0 or 1")
        if not np.isfinite(scores).all():
            raise EvaluationError("qini: a score is unknown")
        order = np.argsort(-scores, kind="stable")
        last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
        return Qini(order, last, outcome[order], arm[order])

    def sums(self, weight: Floats | None = None) -> tuple[Floats, Floats, Floats, Floats]:
        """n_t, n_c, n_t1 and n_c1 after each step; the first entry of each is 0."""
        ones = np.ones(len(self.order)) if weight is None else weight[self.order]
        parts = (
            ones * self.treated,
            ones * (1 - self.treated),
            ones * self.treated * self.retained,
            ones * (1 - self.treated) * self.retained,
        )
        t, c, t1, c1 = (np.append(0.0, np.cumsum(part)[self.last]) for part in parts)
        return t, c, t1, c1


def curve(ranking: Qini, weight: Floats | None = None) -> tuple[Floats, Floats]:
    """The share of rows after each step, and Q there; straight between two of them."""
    t, c, t1, c1 = ranking.sums(weight)
    scaled = np.divide(c1 * t, c, out=np.zeros_like(c), where=c > 0)
    total = max(float(t[-1] + c[-1]), 1e-300)
    return (t + c) / total, t1 - scaled


def coefficient(ranking: Qini, weight: Floats | None = None) -> float:
    """The area between Q and chance, for each treated group; NaN without both arms.

    Example:
        >>> retained, treated = [1, 0, 0, 1], [1, 0, 1, 0]
        >>> coefficient(Qini.of(retained, treated, [0.9, 0.9, 0.1, 0.1]))
        0.25

    Source:
        Radcliffe (2007), Using control groups to target on predicted lift.
    """
    t, c, _, _ = ranking.sums(weight)
    if t[-1] <= 0 or c[-1] <= 0:
        return float("nan")
    share, q = curve(ranking, weight)
    above = q - share * q[-1]
    area = float((np.diff(share) * (above[1:] + above[:-1]) / 2).sum())
    return area / float(t[-1])


def uplift_at(ranking: Qini, share: float, weight: Floats | None = None) -> float:
    """Share retained of the treated less that of the others, in the top ``share``; NaN if no arm.

    Times 1,000 it is what 1,000 visits from the top of this ranking save.

    Example:
        >>> uplift_at(Qini.of([1, 0, 0, 1], [1, 0, 1, 0], [0.9, 0.9, 0.1, 0.1]), 0.5)
        1.0
    """
    t, c, t1, c1 = ranking.sums(weight)
    rows = t + c
    cut = [float(np.interp(share * rows[-1], rows, part)) for part in (t, c, t1, c1)]
    return ratio(cut[2], cut[0]) - ratio(cut[3], cut[1])


def saved_per_thousand(ranking: Qini, share: float, weight: Floats | None = None) -> float:
    """Groups that 1,000 visits save, from the top ``share`` of a ranking; NaN without both arms."""
    return 1000.0 * uplift_at(ranking, share, weight)
