"""What a ranking earns when its top is offered a reason to stay: EMPC, EMPB, AUEPC.

Whoever is contacted costs the contact. One who would have stayed takes the incentive as well. One
who would have left stays with chance γ, and then keeps his value less the incentive. So the profit
of contacting the rows above a cut is a line in γ, ``γ · gain − cost``, and the best cut for each γ
is the upper envelope of these lines: the convex hull of the points (cost, gain). γ is not known, it
has a Beta distribution; the integral over it is exact, by the hull, and not the profit at its mean.

Money is in the unit of ``clv``. Totals are named ``total``; per head is the total over all rows,
contacted or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import ratio

FORMULA = "groupchurn-profit/1: y(γ(clv−d)−f) − (1−y)(d+f), d=δ·clv (EMPB) or fixed (EMPC)"
"""Logged with every figure: libraries differ in the formula and in the unit."""


@dataclass(frozen=True)
class Acceptance:
    """Distribution of γ, the chance that one who would leave takes the offer and stays.

    Attributes:
        alpha, beta: Of the Beta distribution; 6 and 14 mean three in ten.
    """

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        """The expected chance."""
        return self.alpha / (self.alpha + self.beta)

    def chances(self, limits: Floats) -> tuple[Floats, Floats]:
        """Chance that γ lies between limits, and its part of the mean: ∫h and ∫γh."""
        from scipy.special import betainc  # type: ignore[import-untyped]

        inside = np.clip(limits, 0.0, 1.0)
        below = betainc(self.alpha, self.beta, inside)
        moment = self.mean * betainc(self.alpha + 1.0, self.beta, inside)
        return np.diff(below), np.diff(moment)


@dataclass(frozen=True)
class Stakes:
    """What contacting each row brings: ``γ · gain − cost``.

    Attributes:
        gain: Value kept if the offer is taken; 0 for those who would have stayed.
        cost: Spent for sure.
    """

    gain: Floats
    cost: Floats

    @staticmethod
    def of(
        label: ArrayLike, clv: ArrayLike, *, incentive: ArrayLike, contact_cost: float
    ) -> Stakes:
        """Stakes from what a row is worth and what is spent on it.

        Args:
            label: 1 for each row that would leave.
            clv: What each row is worth if it stays, or one number for all.
            incentive: Given to who takes the offer, in the unit of ``clv``: δ·clv for EMPB, one
                number for EMPC.
            contact_cost: Spent on each contact, taken or not, in the same unit.

        Raises:
            EvaluationError: A number is unknown, or a cost or value is negative.
        """
        leaves = np.asarray(label, dtype=np.float64)
        worth = np.broadcast_to(np.asarray(clv, dtype=np.float64), leaves.shape)
        given = np.broadcast_to(np.asarray(incentive, dtype=np.float64), leaves.shape)
        known = np.isfinite(worth).all() and np.isfinite(given).all()
        if not (known and (worth >= 0).all() and (given >= 0).all() and contact_cost >= 0):
            raise EvaluationError(
                "profit: values, incentives and the contact's cost must be known and not negative"
            )
        gain: Floats = leaves * (worth - given)
        cost: Floats = contact_cost + (1.0 - leaves) * given
        return Stakes(gain, cost)

    def expected(self, acceptance: Acceptance) -> Floats:
        """Expected profit of contacting each row."""
        return acceptance.mean * self.gain - self.cost


@dataclass(frozen=True)
class ProfitCurve:
    """Running sums from the highest score down, after each step; the first entry is 0.

    Attributes:
        rows: Weight of the rows so far.
        gain, cost: Sums of the stakes so far.
    """

    rows: Floats
    gain: Floats
    cost: Floats

    def expected(self, acceptance: Acceptance) -> Floats:
        """Expected profit, in total, of contacting all rows down to each step."""
        return acceptance.mean * self.gain - self.cost


@dataclass(frozen=True)
class ProfitRanking:
    """Rows sorted from the highest score down. Make one with ``of``; draw with ``weighed``.

    Attributes:
        order: Row numbers, highest score first.
        last: Position in ``order`` of the last row of each step; tied rows are one step.
        stakes: In that order.
    """

    order: NDArray[np.intp]
    last: NDArray[np.intp]
    stakes: Stakes

    @staticmethod
    def of(score: ArrayLike, stakes: Stakes) -> ProfitRanking:
        """Sort rows by score, highest first; within a tie by stakes, so that order is no matter.

        Raises:
            EvaluationError: There are no rows, a score is unknown, or there is not one a row.
        """
        scores = np.asarray(score, dtype=np.float64)
        if not len(scores) or scores.shape != stakes.gain.shape or not np.isfinite(scores).all():
            raise EvaluationError("profit: each row needs a known score, and there must be rows")
        order = np.lexsort((stakes.cost, stakes.gain, -scores))
        last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
        return ProfitRanking(order, last, Stakes(stakes.gain[order], stakes.cost[order]))

    def weighed(self, weight: Floats | None = None) -> ProfitCurve:
        """The running sums when each row counts ``weight`` times; once if not given."""
        each: Floats = np.ones(len(self.order)) if weight is None else weight[self.order]
        return ProfitCurve(
            np.append(0.0, np.cumsum(each)[self.last]),
            np.append(0.0, np.cumsum(each * self.stakes.gain)[self.last]),
            np.append(0.0, np.cumsum(each * self.stakes.cost)[self.last]),
        )


@dataclass(frozen=True)
class Profit:
    """The most that a ranking can earn.

    Attributes:
        total: In the unit of the values, over all rows.
        per_head: The total over the number of rows.
        depth: Share of the rows that is contacted at the best cut; its mean where γ varies.
    """

    total: float
    per_head: float
    depth: float


def expected_maximum_profit(curve: ProfitCurve, acceptance: Acceptance) -> Profit:
    """The best cut for each γ, then the mean over γ: EMPC and EMPB as the papers define them.

    Args:
        curve: Of ``Stakes`` with a fixed incentive (EMPC) or a share of the value (EMPB).
        acceptance: Distribution of γ.

    Example:
        >>> stakes = Stakes.of([1, 0], 200.0, incentive=10.0, contact_cost=1.0)
        >>> curve = ProfitRanking.of([0.9, 0.1], stakes).weighed()
        >>> found = expected_maximum_profit(curve, Acceptance(6, 14))
        >>> round(found.total, 6), round(found.per_head, 6), round(found.depth, 6)
        (56.0, 28.0, 0.5)

    Source:
        Verbraken, Verbeke and Baesens (2013), A novel profit maximizing metric for measuring
        classification performance of customer churn prediction models, IEEE TKDE 25(5).
        Janssens, Bogaert, Bagué and Van den Poel (2022), B2Boost: instance-dependent profit-driven
        modelling of B2B churn, Annals of Operations Research.
    """
    corners = _hull(curve)
    gain, cost, rows = (part[corners] for part in (curve.gain, curve.cost, curve.rows))
    # Corner k is best for γ from its segment's cost per gain up to that of the next segment.
    limits = np.concatenate([[0.0], np.diff(cost) / np.diff(gain), [1.0]])
    chance, moment = acceptance.chances(limits)
    total = float(gain @ moment - cost @ chance)
    return _profit(total, float(rows @ chance), curve)


def maximum_profit_at_mean(curve: ProfitCurve, acceptance: Acceptance) -> Profit:
    """The best single cut if γ were its mean: the plug-in that libraries call EMPB.

    Never above ``expected_maximum_profit``, which may choose its cut for each γ.
    """
    expected = curve.expected(acceptance)
    best = int(np.argmax(expected))
    return _profit(float(expected[best]), float(curve.rows[best]), curve)


def profit_at(curve: ProfitCurve, acceptance: Acceptance, share: float) -> float:
    """Expected profit per head of contacting the top ``share`` of rows, a cut step in part."""
    rows = curve.rows
    total = float(np.interp(share * rows[-1], rows, curve.expected(acceptance)))
    return ratio(total, rows[-1])


def area_under_profit(curve: ProfitCurve, perfect: ProfitCurve, acceptance: Acceptance) -> float:
    """AUEPC: expected profit over that of a perfect ranking, its mean over depths.

    Depths go row by row, from the first as far as the perfect ranking earns at all.

    Args:
        curve: Of the ranking.
        perfect: Of the same rows by ``Stakes.expected``, most first.
        acceptance: Distribution of γ, of which only the mean counts here.

    Returns:
        1 for a perfect ranking; below 0 for one that loses money; NaN where nothing can be earned.

    Source:
        Rahman, Janssens and Bogaert (2025), Profit-driven pre-processing in B2B customer churn
        modeling using fairness techniques, Journal of Business Research.
    """
    best = perfect.expected(acceptance)
    spent = np.flatnonzero((best <= 0) & (perfect.rows > 0))
    reach = perfect.rows[spent[0]] if len(spent) else perfect.rows[-1] + 1
    depths = np.arange(1.0, np.ceil(reach))
    possible = np.interp(depths, perfect.rows, best)
    depths, possible = depths[possible > 0], possible[possible > 0]
    if not len(depths):
        return float("nan")
    earned = np.interp(depths, curve.rows, curve.expected(acceptance)) / possible
    if len(depths) == 1:
        return float(earned[0])
    return float(np.trapezoid(earned) / (len(depths) - 1))


def _profit(total: float, contacted: float, curve: ProfitCurve) -> Profit:
    rows = float(curve.rows[-1])
    return Profit(total, ratio(total, rows), ratio(contacted, rows))


def _hull(curve: ProfitCurve) -> NDArray[np.intp]:
    """Steps at the corners of the upper hull of (cost, gain), from nobody on, gain rising.

    A step that lies on or below the line between its neighbours is no corner, whichever of the
    neighbours are; so all such steps go at once, until none is left.
    """
    most = np.maximum.accumulate(curve.gain)
    kept = np.flatnonzero(np.append(True, curve.gain[1:] > most[:-1]))
    while len(kept) > 2:
        cost, gain = np.diff(curve.cost[kept]), np.diff(curve.gain[kept])
        turns = np.append(True, gain[:-1] * cost[1:] > gain[1:] * cost[:-1])
        corner = np.append(turns, True)
        if corner.all():
            break
        kept = kept[corner]
    return kept
