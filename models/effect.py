"""What treating has saved, from the randomised holdout: nothing but chance parts the two arms.

Everybody who was drawn counts in the arm that he was drawn into, whether or not anybody came to see
him (intention to treat): who can be met differs from who cannot, so what was done must not decide
who is compared with whom. Where chances to be treated differ, each episode counts the reciprocal of
the chance of its own arm. A group's episodes are no independent evidence; they are one cluster.

The interval holds with few events too, where no bootstrap draw would hold one: each arm's share has
Wilson's interval, for as many independent episodes as its weights and clusters are worth, and the
difference has Newcombe's of both. Margin is the same share with each episode weighing its value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.bootstrap import Estimate
from models.errors import EvaluationError
from models.frames import Floats

TREAT, HOLDOUT = "treat", "holdout"
NORMAL = 1.959963984540054
"""97.5 % of a standard normal distribution lie below it."""
HANDFUL = 5
"""Groups that moved from which on their spread over clusters tells more than their number."""
COLUMNS = ("group_id", "drawn_on", "arm", "propensity", "value_fen", "moved")


@dataclass(frozen=True)
class Enough:
    """How much must be known before an effect is told; every value comes from config.

    Attributes:
        holdout: Episodes of the holdout whose outcome is known.
        moved: Groups, of both arms, that moved.
    """

    holdout: int
    moved: int


@dataclass(frozen=True)
class Effect:
    """What treating changed.

    Attributes:
        treated, held: Episodes of each arm whose outcome is known.
        treated_moved, held_moved: Those of them that moved.
        waiting: Episodes whose outcome is not known yet.
        treated_rate, held_rate: Share that moved in each arm.
        difference: What treating took from it: held less treated.
        saved: Groups that the treated arm would have lost, and did not.
        margin_fen: The same in fen of the value at stake.
        missing_held, missing_moved: How many more are needed before this says anything; 0 if
            enough.
    """

    treated: int
    held: int
    treated_moved: int
    held_moved: int
    waiting: int
    treated_rate: Estimate
    held_rate: Estimate
    difference: Estimate
    saved: Estimate
    margin_fen: Estimate
    missing_held: int
    missing_moved: int

    @property
    def enough(self) -> bool:
        """Whether there is enough to be told."""
        return self.missing_held == 0 and self.missing_moved == 0


def apart(episodes: pd.DataFrame, days: int) -> pd.DataFrame:
    """One episode a group and spell: who is drawn again within ``days`` of one is in it still.

    The outcome of an episode is looked for over so many days; counted again, one transfer would be
    several.
    """
    ordered = episodes.sort_values(["group_id", "drawn_on"], kind="stable")
    kept, last_group, last_day = [], None, None
    days_of = pd.to_datetime(ordered["drawn_on"])
    for group, day in zip(ordered["group_id"], days_of, strict=True):
        fresh = group != last_group or last_day is None or (day - last_day).days >= days
        kept.append(fresh)
        if fresh:
            last_group, last_day = group, day
    return ordered[np.array(kept, dtype=bool)].sort_values(
        ["drawn_on", "group_id"], kind="stable", ignore_index=True
    )


def measured(episodes: pd.DataFrame, enough: Enough) -> Effect:
    """What treating changed, from episodes that were drawn at random into two arms.

    Args:
        episodes: One row an episode: ``group_id``, ``drawn_on``, ``arm`` (treat or holdout),
            ``propensity`` (chance of being treated when it was drawn, above 0 and below 1),
            ``value_fen`` (what is at stake) and ``moved`` (0 or 1; NaN while it is not known). In
            any order; see ``apart``.
        enough: From where on it says anything.

    Raises:
        EvaluationError: A column is missing, an arm is unknown, or a propensity is 0 or 1.

    Example:
        >>> rows = pd.DataFrame({"group_id": range(200), "drawn_on": 0, "propensity": 0.5,
        ...     "arm": ["treat"] * 100 + ["holdout"] * 100, "value_fen": 100,
        ...     "moved": [1] * 10 + [0] * 90 + [1] * 20 + [0] * 80})
        >>> str(measured(rows, Enough(holdout=30, moved=5)).difference)
        '0.100 [-0.000, 0.200]'

    Source:
        Newcombe (1998), Interval estimation for the difference between independent proportions,
        Statistics in Medicine 17, method 10; Hájek's ratio for the weights.
    """
    _check(episodes)
    known = episodes[episodes["moved"].notna()]
    arms = {name: _Arm.of(known[known["arm"] == name]) for name in (TREAT, HOLDOUT)}
    treated, held = arms[TREAT], arms[HOLDOUT]
    difference = _difference(held.share(), treated.share())
    by_value = _difference(held.share(by_value=True), treated.share(by_value=True))
    moved = treated.moved_clusters + held.moved_clusters
    return Effect(
        treated=treated.rows,
        held=held.rows,
        treated_moved=treated.moved,
        held_moved=held.moved,
        waiting=len(episodes) - len(known),
        treated_rate=treated.share(),
        held_rate=held.share(),
        difference=difference,
        saved=_times(difference, treated.rows),
        margin_fen=_times(by_value, float(treated.value.sum())),
        missing_held=max(enough.holdout - held.rows, 0),
        missing_moved=max(enough.moved - moved, 0),
    )


@dataclass(frozen=True)
class _Arm:
    """The episodes of one arm with their weights."""

    event: Floats
    weight: Floats
    value: Floats
    cluster: np.ndarray

    @staticmethod
    def of(rows: pd.DataFrame) -> _Arm:
        chance = rows["propensity"].to_numpy(np.float64)
        own = np.where(rows["arm"] == TREAT, chance, 1.0 - chance)
        return _Arm(
            rows["moved"].to_numpy(np.float64),
            1.0 / own,
            rows["value_fen"].fillna(0).to_numpy(np.float64),
            np.unique(rows["group_id"].to_numpy(), return_inverse=True)[1],
        )

    @property
    def rows(self) -> int:
        return len(self.event)

    @property
    def moved(self) -> int:
        return int(self.event.sum())

    @property
    def moved_clusters(self) -> int:
        """Groups that moved, each once."""
        return len(np.unique(self.cluster[self.event == 1]))

    def share(self, *, by_value: bool = False) -> Estimate:
        """Share of events, with Wilson's interval; all unknown without episodes."""
        weight = self.weight * self.value if by_value else self.weight
        if not weight.sum() > 0:
            return Estimate(float("nan"), 0.0, 1.0)
        share = float(weight @ self.event / weight.sum())
        return _wilson(share, self._worth(weight, share))

    def _worth(self, weight: Floats, share: float) -> float:
        """As how many independent, equal episodes these count; at least one.

        By how far the clusters' sums spread. With fewer than a handful of groups that moved that
        itself is chance: then at most as many as if each cluster were a single episode.
        """
        of_cluster = np.bincount(self.cluster, weight)
        by_clusters = float(weight.sum() ** 2 / (of_cluster**2).sum())
        by_rows = float(weight.sum() ** 2 / (weight**2).sum())
        apart = np.bincount(self.cluster, weight * (self.event - share))
        clusters = len(of_cluster)
        spread = float((apart**2).sum()) / float(weight.sum()) ** 2
        spread *= clusters / (clusters - 1) if clusters > 1 else 1.0
        by_spread = share * (1.0 - share) / spread if spread > 0 else math.inf
        most = by_rows if self.moved_clusters >= HANDFUL else by_clusters
        return max(min(most, by_spread), 1.0)


def _wilson(share: float, count: float) -> Estimate:
    """Wilson's 95 % interval of a share of ``count`` episodes."""
    square = NORMAL**2 / count
    middle = (share + square / 2.0) / (1.0 + square)
    inner = share * (1.0 - share) / count + square / (4.0 * count)
    reach = NORMAL * math.sqrt(inner) / (1.0 + square)
    # Rounding must not push a bound past the share.
    low, high = max(middle - reach, 0.0), min(middle + reach, 1.0)
    return Estimate(share, min(low, share), max(high, share))


def _difference(one: Estimate, other: Estimate) -> Estimate:
    """One share less the other, by Newcombe's method of both intervals."""
    value = one.value - other.value
    if math.isnan(value):
        return Estimate(value, one.low - other.high, one.high - other.low)
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, value - down, value + up)


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(estimate.value * factor, estimate.low * factor, estimate.high * factor)


def _check(episodes: pd.DataFrame) -> None:
    if missing := sorted(set(COLUMNS) - set(episodes.columns)):
        raise EvaluationError(f"effect: the episodes lack {missing}")
    if strange := sorted(set(episodes["arm"]) - {TREAT, HOLDOUT}):
        raise EvaluationError(f"effect: {strange[0]!r} is no arm; an arm is treat or holdout")
    chance = episodes["propensity"].to_numpy(np.float64)
    if not ((chance > 0) & (chance < 1)).all():
        raise EvaluationError(
            "effect: the propensity must lie between 0 and 1: only who could have been drawn into "
            "either arm can be compared"
        )
