"""How well a risk finds those who leave, and how far chance could have moved the figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models import metrics, trust
from models.bootstrap import Estimate, estimates
from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import Ranking, Steps

__all__ = ["Estimate", "checked", "evaluate", "figures"]


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
        auc, average_precision, {precision,recall,lift}_at_{10}pct and base_rate as Estimates; of
        a probability calibration_error, expected_over_observed, expected_over_observed_top_5pct,
        calibration_slope, calibration_intercept, brier and log_loss as well; n, positives and
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
    labels, scores, clusters = checked(label, probability, cluster)
    ranking = Ranking.of(labels, scores)

    def read(weight: Floats) -> dict[str, float]:
        return figures(ranking.weighed(weight), shares, bins=bins, calibrated=calibrated)

    counts = {
        "n": len(labels),
        "positives": int(labels.sum()),
        "positive_clusters": len(np.unique(clusters[labels == 1])),
    }
    return {
        **estimates(read, clusters, draws=draws, seed=seed),
        **{name: Estimate(count, count, count) for name, count in counts.items()},
    }


def checked(
    label: ArrayLike, score: ArrayLike, cluster: ArrayLike
) -> tuple[Floats, Floats, NDArray[Any]]:
    """Labels, scores and clusters as arrays.

    Raises:
        EvaluationError: No rows, lengths differ, or a label or score is unknown.
    """
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
    return labels, scores, clusters


def figures(
    steps: Steps, shares: Sequence[float] = (0.1,), *, bins: int = 10, calibrated: bool = True
) -> dict[str, float]:
    """All that is read off the running sums, by the names that ``evaluate`` gives."""
    found = {
        "auc": metrics.auc(steps),
        "average_precision": metrics.average_precision(steps),
        "base_rate": metrics.precision_at(steps, 1.0),
    }
    for share in shares:
        at = f"at_{share * 100:g}pct".replace(".", "_")
        found[f"lift_{at}"] = metrics.lift_at(steps, share)
        found[f"precision_{at}"] = metrics.precision_at(steps, share)
        found[f"recall_{at}"] = metrics.recall_at(steps, share)
    return found | _trusted(steps, bins) if calibrated else found


def _trusted(steps: Steps, bins: int) -> dict[str, float]:
    line = trust.calibration_line(steps)
    return {
        "calibration_error": trust.calibration_error(steps, bins),
        "expected_over_observed": trust.expected_over_observed(steps),
        "expected_over_observed_top_5pct": trust.expected_over_observed_in_top(steps, 0.05),
        "calibration_slope": line.slope,
        "calibration_intercept": line.intercept,
        "brier": trust.brier(steps),
        "log_loss": trust.log_loss(steps),
    }
