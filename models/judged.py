"""Every figure of judged rows: groups on days of list, whose outcome is known by now.

Judged rows are a frame with a row a day and group: ``as_of``, ``group_id``, ``label`` and a score
(``probability``); ``owner`` and ``county``, who works it; ``value`` in fen a month; and, where it
is known, ``share_lost``, the share of the value that went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.bootstrap import Estimate, estimates
from models.capacity import Capacity, Slots, Worklist
from models.errors import EvaluationError
from models.evaluation import checked, figures
from models.frames import Floats
from models.metrics import Ranking, ratio
from models.profit import (
    Acceptance,
    ProfitRanking,
    Stakes,
    area_under_profit,
    expected_maximum_profit,
    maximum_profit_at_mean,
)

NEEDED = ("as_of", "group_id", "label", "owner", "county", "value")
SHARES = (0.02, 0.10)


@dataclass(frozen=True)
class Offer:
    """What retention costs and keeps; ``[profit]`` of the settings. Money is in fen.

    Attributes:
        acceptance: Chance that one who would leave takes the offer and stays.
        contact_cost: Of a contact, taken or not.
        incentive_share: Given to who takes the offer, as a share of what is at stake.
        clv_months: Months of value at stake.
        margin: Share of revenue that is earned.
    """

    acceptance: Acceptance
    contact_cost: float
    incentive_share: float
    clv_months: float
    margin: float


@dataclass(frozen=True)
class Terms:
    """By what a list is judged.

    Attributes:
        slots: Groups that can be worked.
        offer: What retention costs and keeps.
        months_at_risk: Months of revenue that count as lost when a group goes.
        revenue_share: Share of its revenue that goes with a group, where nothing better is known.
    """

    slots: Slots
    offer: Offer
    months_at_risk: float
    revenue_share: float


@dataclass(frozen=True)
class Judged:
    """Rows sorted once, to be read under any weights. Make one with ``of``.

    Attributes:
        inside: Numbers of the rows that count; the others only compete for slots.
        counts: 1 for a row that counts, else 0.
        label: 0 or 1 for each row; this and all amounts are 0 for rows that do not count.
        chance: Score of each row.
        at_stake: Fen at risk in each row, if its group goes; unknown counts as 0.
        lost: Fen that went.
        profit: Expected profit of contacting each row, in fen.
        worklist: All rows by owner and day.
        ranking: Rows that count, by score.
        profits, perfect: The same for profit; the second sorted as well as can be.
        acceptance: Of the offer.
        shares: Of the whole list, at which precision, recall and lift are taken.
        calibrated: Whether the score is a probability.
    """

    inside: NDArray[np.intp]
    counts: Floats
    label: Floats
    chance: Floats
    at_stake: Floats
    lost: Floats
    profit: Floats
    worklist: Worklist
    ranking: Ranking
    profits: ProfitRanking
    perfect: ProfitRanking
    acceptance: Acceptance
    shares: Sequence[float]
    calibrated: bool

    @staticmethod
    def of(
        rows: pd.DataFrame,
        terms: Terms,
        *,
        score: str = "probability",
        calibrated: bool = True,
        shares: Sequence[float] = SHARES,
        within: ArrayLike | None = None,
    ) -> Judged:
        """Sort the rows by a score.

        Args:
            rows: Judged rows.
            terms: By what they are judged.
            score: Column of the score.
            calibrated: Whether it is a probability; points of a rules list are not.
            shares: Shares of the whole list at which precision, recall and lift are taken.
            within: Whether each row counts; all do if not given. The others still compete for the
                slots: it is the same list, of which only a slice is looked at.

        Raises:
            EvaluationError: A column is missing, no row counts, or a label or score is unknown.
        """
        if missing := [name for name in (*NEEDED, score) if name not in rows.columns]:
            raise EvaluationError(f"judged rows: these columns are missing: {', '.join(missing)}")
        label, chance, _ = checked(rows["label"], rows[score], rows["group_id"])
        counts = np.ones(len(rows)) if within is None else np.asarray(within, dtype=np.float64)
        inside = np.flatnonzero(counts)
        if not len(inside):
            raise EvaluationError("judged rows: none of the rows lies within the slice")
        value = counts * np.nan_to_num(rows["value"].to_numpy(np.float64, na_value=np.nan))
        monthly, offer = value * terms.revenue_share, terms.offer
        clv = monthly * offer.clv_months * offer.margin
        stakes = Stakes.of(
            label, clv, incentive=offer.incentive_share * clv, contact_cost=offer.contact_cost
        )
        profit = counts * stakes.expected(offer.acceptance)
        some = Stakes(stakes.gain[inside], stakes.cost[inside])
        return Judged(
            inside=inside,
            counts=counts,
            label=counts * label,
            chance=chance,
            at_stake=monthly * terms.months_at_risk,
            lost=label * value * _share_lost(rows, terms) * terms.months_at_risk,
            profit=profit,
            worklist=Worklist.of(chance, Capacity.of_rows(rows, terms.slots)),
            ranking=Ranking.of(label[inside], chance[inside]),
            profits=ProfitRanking.of(chance[inside], some),
            perfect=ProfitRanking.of(profit[inside], some),
            acceptance=offer.acceptance,
            shares=shares,
            calibrated=calibrated,
        )

    def read(self, weight: Floats) -> dict[str, float]:
        """All figures when each row counts ``weight`` times."""
        return {**self.ranked(weight), **self.worked(weight), **self.earned(weight)}

    def ranked(self, weight: Floats) -> dict[str, float]:
        """Figures of the rows as one ranking, and of their probabilities."""
        steps = self.ranking.weighed(weight[self.inside])
        return figures(steps, self.shares, calibrated=self.calibrated)

    def worked(self, weight: Floats) -> dict[str, float]:
        """Figures of what each owner works."""
        promised, risk = self.counts * self.chance, self.chance * self.at_stake
        wanted = [self.label, self.counts, self.lost, self.profit, promised, risk]
        hits, size, caught, profit, expected, on_list = self.worklist.totals(wanted, weight)
        lost, at_risk = float(weight @ self.lost), float(weight @ risk)
        found = {
            "precision_at_capacity": ratio(hits, size),
            "recall_at_capacity": ratio(hits, float(weight @ self.label)),
            "value_recall_at_capacity": ratio(caught, lost),
            "profit_at_capacity_per_head_fen": ratio(profit, float(weight @ self.counts)),
        }
        if self.calibrated:
            found |= {
                "expected_over_observed_at_capacity": ratio(expected, hits),
                "revenue_at_risk_on_list": ratio(on_list, at_risk),
                "revenue_realised_over_expected": ratio(lost, at_risk),
                "revenue_realised_over_expected_at_capacity": ratio(caught, on_list),
            }
        return found

    def earned(self, weight: Floats) -> dict[str, float]:
        """What the ranking earns if its top is offered a reason to stay."""
        each = weight[self.inside]
        curve, perfect = self.profits.weighed(each), self.perfect.weighed(each)
        most = expected_maximum_profit(curve, self.acceptance)
        plain = maximum_profit_at_mean(curve, self.acceptance)
        return {
            "empb_per_head_fen": most.per_head,
            "empb_depth": most.depth,
            "mpb_at_mean_per_head_fen": plain.per_head,
            "mpb_at_mean_depth": plain.depth,
            "auepc": area_under_profit(curve, perfect, self.acceptance),
        }

    def precision_at_capacity(self, weight: Floats) -> float:
        """Share of positives among the rows that are worked."""
        return ratio(*self.worklist.totals([self.label, self.counts], weight))


def judge_rows(
    rows: pd.DataFrame,
    terms: Terms,
    *,
    draws: int,
    seed: int,
    score: str = "probability",
    calibrated: bool = True,
) -> dict[str, Estimate]:
    """Every figure of a list, with intervals from drawing whole groups again.

    Args:
        rows: Judged rows; see the module.
        terms: By what they are judged.
        draws, seed: Of the cluster bootstrap.
        score, calibrated: As in ``Judged.of``.

    Returns:
        Those of ``evaluation.evaluate`` and, at the capacity of each owner, precision, recall and
        value recall; of a probability the share of all revenue at risk that the list holds, and
        revenue lost over expected, of all and of the list; EMPB with its depth, its plug-in at the
        mean acceptance, AUEPC and profit at capacity; and counts: n, positives, positive_clusters
        and value_unknown.

    Raises:
        EvaluationError: As ``Judged.of``.
    """
    judged = Judged.of(rows, terms, score=score, calibrated=calibrated)
    positive = rows["group_id"][judged.label == 1]
    counts = {
        "n": len(rows),
        "positives": len(positive),
        "positive_clusters": positive.nunique(),
        "value_unknown": int(rows["value"].isna().sum()),
    }
    return {
        **estimates(judged.read, rows["group_id"], draws=draws, seed=seed),
        **{name: Estimate(count, count, count) for name, count in counts.items()},
    }


def _share_lost(rows: pd.DataFrame, terms: Terms) -> Floats:
    """Share of its value that each group lost; where it is not known, that of the terms."""
    known = rows["share_lost"] if "share_lost" in rows.columns else pd.Series(np.nan, rows.index)
    return np.asarray(known.astype("float64").fillna(terms.revenue_share), dtype=np.float64)
