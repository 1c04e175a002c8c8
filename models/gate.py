"""The gate before a model may score: is it surely better, is nobody worse off, can it be believed?

Two models are judged on the same later days, which neither has learnt from. The gate first refuses
what cannot be compared at all (``models.gate_refusals``), then asks three things:

(a) the better: the lower 95 % bound of the paired difference in one metric is above zero;
(b) no slice worse: none with enough distinct positive groups loses more than a few points surely;
(c) kept promises: expected over observed, overall and among the riskiest, and the logit slope.

A model without a champion before it must beat the rules baseline instead of the champion.
Every number comes from ``[promotion]`` of the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.bootstrap import Estimate, estimates
from models.capacity import Slots
from models.errors import EvaluationError
from models.frames import Floats
from models.gate_metric import Metric, figure_of
from models.gate_refusals import Candidate, Criterion, Known, outdated, refusals
from models.metrics import Ranking
from models.paired import difference
from models.slices import slices
from models.trust import (
    calibration_slope,
    expected_over_observed,
    expected_over_observed_in_top,
)

KEY = ["as_of", "group_id"]
RULES = "the rules baseline"
SHARPNESS = "sharpness of promises"


@dataclass(frozen=True)
class GateRule:
    """The limits of the gate; the fields of ``[promotion]``, and what the figures are taken with.

    Attributes:
        metric: The one figure that decides.
        least_gain: The lower bound of the difference in it must lie above this.
        slices: Columns of the judged rows whose every value is a slice.
        slice_positives: Distinct positive groups from which a slice can speak.
        slice_loss: A slice may not lose more than this, unless chance could have done it.
        top_share: Share of the rows, the riskiest, among whom promises are checked as well.
        least_expected_over_observed, most_expected_over_observed: Bounds of the promises kept.
        least_slope, most_slope: Bounds of the logit slope.
        least_days: Judged days that a decision needs.
        suspicious_auc: An AUC above this is a leak until it is explained.
        slots: Groups that can be worked a day of list; None for models whose rows nobody works
            one by one: then the metric must not ask for it.
        draws, seed: Of the bootstrap over groups.
    """

    metric: Metric
    least_gain: float
    slices: tuple[str, ...]
    slice_positives: int
    slice_loss: float
    top_share: float
    least_expected_over_observed: float
    most_expected_over_observed: float
    least_slope: float
    most_slope: float
    least_days: int
    suspicious_auc: float
    slots: Slots | None
    draws: int
    seed: int


@dataclass(frozen=True)
class Decision:
    """What the gate found, criterion by criterion; nothing is compared once one was refused."""

    criteria: tuple[Criterion, ...]

    @property
    def passed(self) -> bool:
        """Whether the model may score."""
        return all(criterion.passed for criterion in self.criteria)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not: the sentences of the criteria that failed."""
        return tuple(criterion.sentence for criterion in self.criteria if not criterion.passed)

    @property
    def may_start(self) -> bool:
        """Whether a first model may score where else the rules would have to.

        Nothing speaks against believing it, and it is not surely worse than the rules. To be surely
        better, and to show kept promises, takes more positives than a county has in the beginning;
        what the gate finds of that is a warning, not a bar.
        """
        asked = {criterion.name: criterion for criterion in self.criteria}
        if SHARPNESS not in asked:  # it was refused before anything was compared
            return False
        better = asked.get(f"better than {RULES}")
        return better is None or better.figure is None or not better.figure.high < 0


def decide(
    challenger: Candidate,
    champion: Candidate | None,
    known: Known,
    rule: GateRule,
    points: ArrayLike | None = None,
) -> Decision:
    """May the challenger score from now on?

    Args:
        challenger: The model and its judged rows, one a day and group: ``as_of``, ``group_id``,
            ``label`` (0 or 1), ``probability``, ``owner``, ``county``, ``value`` and the columns
            of ``rule.slices``.
        champion: The same of the model that scores now; None where there is none yet. One that
            learnt another label, or has no scores, is no rival: the rules are.
        known: The label that is judged by and the features that are known today.
        rule: The limits.
        points: Points of the rules baseline for each row, which the challenger must beat where
            there is no champion to beat; None where there are no rules for such rows.

    Raises:
        EvaluationError: The two were not judged on the same rows, or a column is missing.
    """
    judged = challenger.rows
    missing = [name for name in (*KEY, "label", "probability") if name not in judged.columns]
    if missing:
        raise EvaluationError(f"gate: the judged rows lack {', '.join(missing)}")
    _same_rows(challenger, champion)
    first = tuple(refusals(challenger, known, rule.least_days, rule.suspicious_auc))
    if not all(criterion.passed for criterion in first):
        return Decision(first)
    found = list(first)
    if champion is not None and (said := outdated(champion, known)):
        found.append(said)
        champion = None
    rival: Floats | None = None if points is None else np.asarray(points, dtype=np.float64)
    if champion is not None:
        rival = champion.probability
    if rival is not None:
        found.append(_better(challenger, rival, champion is None, rule))
    if champion is not None:
        found.extend(_no_slice_worse(challenger, champion, rule))
    return Decision((*found, *_kept_promises(challenger, rule)))


def _better(challenger: Candidate, rival: Floats, rules: bool, rule: GateRule) -> Criterion:
    rows = challenger.rows
    taken, once = figure_of(rows, rule.metric, rule.slots), np.ones(len(rival))
    figures = taken(challenger.probability, once), taken(rival, once)
    gain = difference(*figures, rows["group_id"], draws=rule.draws, seed=rule.seed)
    mine, theirs = (figure(once) for figure in figures)
    whose = RULES if rules else "the champion"
    return Criterion(
        f"better than {whose}",
        bool(gain.low > rule.least_gain),
        f"{_words(rule.metric)} is {mine:.3f} against {theirs:.3f} of {whose}, "
        f"{_points(gain)}: {_verdict(gain, rule.least_gain)}",
        gain,
        f"lower bound above {rule.least_gain:g}",
    )


def _verdict(gain: Estimate, least: float) -> str:
    if gain.low > least:
        return "surely better."
    if gain.high < 0:
        return "worse, and by more than chance."
    if gain.low == gain.high == 0:
        return "no different at all."
    return "not surely better, chance could have done it. Wait for more days, or train better."


def _no_slice_worse(
    challenger: Candidate, champion: Candidate, rule: GateRule
) -> Iterator[Criterion]:
    rows, taken = challenger.rows, figure_of(challenger.rows, rule.metric, rule.slots)
    for name, value, inside in _slices(rows, rule):
        gain = difference(
            taken(challenger.probability, inside),
            taken(champion.probability, inside),
            rows["group_id"],
            draws=rule.draws,
            seed=rule.seed,
        )
        failed = gain.value < -rule.slice_loss and gain.high < 0
        yield Criterion(
            f"slice {name} {value}",
            not failed,
            f"Where {name} is {value}, {_words(rule.metric).lower()} changes by {_points(gain)}"
            + (": this slice is surely worse off than with the champion." if failed else "."),
            gain,
            f"not below -{rule.slice_loss:g} with an upper bound below 0",
        )


def _kept_promises(challenger: Candidate, rule: GateRule) -> Iterator[Criterion]:
    rows = challenger.rows
    ranking = Ranking.of(rows["label"], challenger.probability)

    def figures(weight: Floats) -> dict[str, float]:
        steps = ranking.weighed(weight)
        return {
            "all": expected_over_observed(steps),
            "top": expected_over_observed_in_top(steps, rule.top_share),
            "slope": calibration_slope(steps),
        }

    found = estimates(figures, rows["group_id"], draws=rule.draws, seed=rule.seed)
    bounds = (rule.least_expected_over_observed, rule.most_expected_over_observed)
    riskiest = f"the riskiest {rule.top_share:.0%}"
    for name, among in (("all", "all"), ("top", riskiest)):
        figure = found[name]
        said = f"Among {among}, {figure} groups were promised to leave for each that left"
        fault = "too many" if figure.value > bounds[1] else "too few"
        yield _within(f"promises kept, {among}", figure, bounds, said, f"{fault} are promised")
    slope = found["slope"]
    fault = "too far apart" if slope.value < rule.least_slope else "too close together"
    yield _within(
        SHARPNESS,
        slope,
        (rule.least_slope, rule.most_slope),
        f"The logit slope is {slope}",
        f"high and low risks lie {fault}",
    )


def _within(
    name: str, figure: Estimate, bounds: tuple[float, float], said: str, fault: str
) -> Criterion:
    low, high = bounds
    passed = bool(low <= figure.value <= high)
    limit = f"{low:g} to {high:g}"
    ending = f", within {limit}." if passed else f", outside {limit}: {fault}; calibrate again."
    if np.isnan(figure.value):
        ending = ", which is not defined on these days; wait for more."
    return Criterion(name, passed, said + ending, figure, limit)


def _slices(rows: pd.DataFrame, rule: GateRule) -> Iterator[tuple[str, str, Floats]]:
    """The slices that can speak: of enough positive groups, and not all rows."""
    positive = rows["label"] == 1
    for name, value, inside in slices(rows, rule.slices):
        groups = rows.loc[inside & positive, "group_id"].nunique()
        if groups >= rule.slice_positives and not inside.all():
            yield name, value, np.asarray(inside, dtype=np.float64)


def _same_rows(challenger: Candidate, champion: Candidate | None) -> None:
    if champion is None:
        return
    columns = [*KEY, "label"]
    mine, theirs = (one.rows[columns].reset_index(drop=True) for one in (challenger, champion))
    if not mine.equals(theirs):
        raise EvaluationError(
            f"gate: {challenger.title} and {champion.title} were not judged on the same days and "
            "groups in the same order; judge both on one table"
        )


def _words(metric: Metric) -> str:
    return metric.replace("_", " ").capitalize()


def _points(gain: Estimate) -> str:
    return (
        f"{100 * gain.value:+.1f} points (95 % interval {100 * gain.low:+.1f} to "
        f"{100 * gain.high:+.1f})"
    )
