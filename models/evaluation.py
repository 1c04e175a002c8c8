"""How well a risk finds those who leave, and how far chance could have moved the figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models import metrics
from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import Ranking, Steps

Metric = Callable[[Steps], float]


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


def evaluate(
    label: ArrayLike,
    probability: ArrayLike,
    cluster: ArrayLike,
    *,
    draws: int,
    seed: int,
    shares: Sequence[float] = (0.1,),
    bins: int = 10,
    calibrated: bool = True,
) -> dict[str, Estimate]:
    """Every figure of a list, with intervals from drawing whole clusters again.

    Args:
        label: 0 or 1 for each row.
        probability: Calibrated risk, or any score if not ``calibrated``.
        cluster: Id of each row's group: rows of one group are no independent evidence.
        draws: Bootstrap draws; 200 or more.
        seed: Seed of the draws; the result does not depend on the order of rows.
        shares: Shares of the list at which precision, recall and lift are taken.
        bins: Bins of the calibration error. Noise alone makes it positive, and in a draw
            more so: its interval lies on the high side.
        calibrated: Whether the score is a probability; points of a rules list are not.

    Returns:
        auc, average_precision, {precision,recall,lift}_at_{10}pct, base_rate,
        calibration_error and expected_over_observed as Estimates; n, positives and
        positive_clusters are counts, so their low and high are the count itself. Draws in
        which a figure is undefined are left out of its interval.

    Raises:
        EvaluationError: No rows, lengths differ, or a label or score is unknown.

    Example:
        >>> found = evaluate([1, 0, 0], [0.9, 0.5, 0.1], ["a", "b", "c"], draws=20, seed=0)
        >>> found["auc"].value, found["positives"].value
        (1.0, 1)

    Source:
        Field and Welsh (2007), Bootstrapping clustered data, JRSS B 69(3).
    """
    labels, scores, codes = _checked(label, probability, cluster)
    ranking = Ranking.of(labels, scores)
    figures = _metrics(shares, bins, calibrated)
    values = {name: figure(ranking.weighed()) for name, figure in figures.items()}
    drawn = _bootstrap(ranking, codes, figures, draws=draws, seed=seed)
    counts = {
        "n": len(labels),
        "positives": int(labels.sum()),
        "positive_clusters": len(np.unique(codes[labels == 1])),
    }
    return {
        **{name: _estimate(values[name], drawn[name]) for name in figures},
        **{name: Estimate(count, count, count) for name, count in counts.items()},
    }


def _checked(
    label: ArrayLike, score: ArrayLike, cluster: ArrayLike
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    labels = np.asarray(label, dtype=np.float64)
    scores = np.asarray(score, dtype=np.float64)
    clusters = np.asarray(cluster)
    if not len(labels) or not labels.shape == scores.shape == clusters.shape:
        raise EvaluationError(
            f"evaluation: {labels.shape} labels, {scores.shape} scores, {clusters.shape} clusters; "
            "each row needs one of each and there must be rows"
        )
    if not np.isin(labels, (0.0, 1.0)).all():
        raise EvaluationError("evaluation: labels must be 0 or 1 and known")
    if unknown := int((~np.isfinite(scores)).sum()):
        raise EvaluationError(f"evaluation: the score is unknown for {unknown} rows")
    return labels, scores, np.unique(clusters, return_inverse=True)[1]


def _metrics(shares: Sequence[float], bins: int, calibrated: bool) -> dict[str, Metric]:
    figures: dict[str, Metric] = {
        "auc": metrics.auc,
        "average_precision": metrics.average_precision,
        "base_rate": partial(metrics.precision_at, share=1.0),
    }
    for share in shares:
        at = f"at_{share * 100:g}pct".replace(".", "_")
        figures[f"lift_{at}"] = partial(metrics.lift_at, share=share)
        figures[f"precision_{at}"] = partial(metrics.precision_at, share=share)
        figures[f"recall_{at}"] = partial(metrics.recall_at, share=share)
    if calibrated:
        figures["calibration_error"] = partial(metrics.calibration_error, bins=bins)
        figures["expected_over_observed"] = metrics.expected_over_observed
    return figures


def _bootstrap(
    ranking: Ranking,
    codes: NDArray[np.intp],
    figures: Mapping[str, Metric],
    *,
    draws: int,
    seed: int,
) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    clusters = int(codes.max()) + 1
    chances = np.full(clusters, 1 / clusters)
    drawn = {name: np.empty(draws) for name in figures}
    for draw in range(draws):
        times = rng.multinomial(clusters, chances).astype(np.float64)
        steps = ranking.weighed(times[codes])
        for name, figure in figures.items():
            drawn[name][draw] = figure(steps)
    return drawn


def _estimate(value: float, drawn: Floats) -> Estimate:
    defined = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(defined):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(defined, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
