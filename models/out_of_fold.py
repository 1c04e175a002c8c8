"""Honest scores for a snapshot without time: every customer scored by models that never saw it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from models import metrics
from models.bootstrap import Estimate, estimates
from models.bundle import Model
from models.errors import SplitError
from models.evaluation import evaluate
from models.explanation import Contributions, additive
from models.folded import Held, Metric, Positions, WithinFolds, held_out, on_one_scale
from models.frames import Floats
from models.rows import Rows
from models.split import stratified_folds

Fit = Callable[[Rows], Model]
"""Makes a calibrated model of the rows it is given, and of nothing else."""

OF_ORDER: dict[str, Metric] = {
    "auc": metrics.auc,
    "average_precision": metrics.average_precision,
    "lift_at_10pct": partial(metrics.lift_at, share=0.1),
    "precision_at_10pct": partial(metrics.precision_at, share=0.1),
    "recall_at_10pct": partial(metrics.recall_at, share=0.1),
}
"""Figures that read nothing of a score but its order: those that are taken inside each fold."""


@dataclass(frozen=True)
class Folding:
    """How often the rows are dealt out.

    Attributes:
        folds: Parts, each held out once a repeat.
        inner_folds: Parts of a training part, for its calibration.
        repeats: Times that everything is dealt out again.
        seed: Seed of the dealing.
    """

    folds: int
    inner_folds: int
    repeats: int
    seed: int


@dataclass(frozen=True)
class Unseen:
    """What each model said of the rows it was not shown.

    Attributes:
        parts: Who was held out together.
        probability: Calibrated risk, repeats × rows.
        explained: Contributions, base and margin; repeats × rows × (features + 2).
    """

    parts: Sequence[Held]
    probability: Floats
    explained: Floats


@dataclass(frozen=True)
class OutOfFold:
    """What models said of the rows that they had not seen.

    Attributes:
        probability: Risk of each row, the mean over repeats, all folds on one scale.
        metrics: What one model is worth on customers it has not seen: figures of order are means
            over folds, each judged by itself; the others are those of the list.
        listed: Figures of the list that the means make. In the mean each row is spoken of by
            all models but those that saw it, so signals of few levels look worse here.
        repeats: Figures of order of each single repeat: how much luck lies in the dealing.
        contributions: Means over repeats, which add up to the mean margin. What brings a fold
            onto the common scale is part of the row's base.
    """

    probability: Floats
    metrics: dict[str, Estimate]
    listed: dict[str, Estimate]
    repeats: tuple[dict[str, float], ...]
    contributions: Contributions


def out_of_fold(rows: Rows, fit: Fit, folding: Folding, *, draws: int) -> OutOfFold:
    """Score and explain every row by models fitted and calibrated without it.

    Args:
        rows: One row a customer; ``cluster`` holds the customers' ids.
        fit: Makes a model, the same way as one in use is made.
        folding: How the rows are dealt out.
        draws: Bootstrap draws of the intervals. Customers are drawn again, models are not fitted
            again: an interval says how far these customers could have moved the figure.

    Raises:
        SplitError: A customer has several rows, or a class too few.
        TrainingRefused: A fold cannot bear a model.
    """
    _refuse_repeated(rows)
    deals = stratified_folds(
        rows.label, folds=folding.folds, repeats=folding.repeats, seed=folding.seed
    )
    unseen = score_unseen(rows, fit, list(deals), folding.folds)
    probability = on_one_scale(unseen.probability, unseen.parts).mean(axis=0)
    listed = evaluate(rows.label, probability, rows.cluster, draws=draws, seed=folding.seed)
    inside = WithinFolds.of(rows.label, unseen.probability, unseen.parts)
    figures = estimates(
        partial(inside.figures, OF_ORDER), rows.cluster, draws=draws, seed=folding.seed
    )
    return OutOfFold(
        probability,
        {**listed, **figures},
        listed,
        _by_repeat(inside, folding, len(rows.features)),
        _on_one_scale(unseen, rows.features),
    )


def score_unseen(
    rows: Rows, fit: Fit, deals: Sequence[tuple[Positions, Positions]], folds: int
) -> Unseen:
    """Fit a model on each training part and show it the rows that were held out.

    Args:
        rows: One row a customer.
        fit: Makes a model.
        deals: Row numbers (to train on, held out), repeat by repeat.
        folds: Deals of a repeat, which together hold out every row once.
    """
    parts = held_out(deals, folds)
    repeats, (size, width) = len(parts) // folds, rows.features.shape
    probability = np.empty((repeats, size))
    explained = np.empty((repeats, size, width + 2))
    for (kept, _), part in zip(deals, parts, strict=True):
        model = fit(rows.take(kept))
        shown = rows.features.iloc[part.rows]
        reasons = model.contributions(shown)
        probability[part.repeat, part.rows] = model.probability(shown)
        explained[part.repeat, part.rows] = np.column_stack(
            [reasons.values, reasons.base, reasons.margin]
        )
    return Unseen(parts, probability, explained)


def _on_one_scale(unseen: Unseen, features: pd.DataFrame) -> Contributions:
    values, base, margin = np.split(unseen.explained, [-2, -1], axis=2)
    common = on_one_scale(margin[:, :, 0], unseen.parts)
    base = base[:, :, 0] + common - margin[:, :, 0]
    return additive(
        pd.DataFrame(values.mean(axis=0), index=features.index, columns=features.columns),
        pd.Series(base.mean(axis=0), index=features.index, name="base"),
        common.mean(axis=0),
    )


def _by_repeat(inside: WithinFolds, folding: Folding, size: int) -> tuple[dict[str, float], ...]:
    each = inside.each(OF_ORDER, np.ones(size))
    shape = (folding.repeats, folding.folds)
    means = {name: np.nanmean(values.reshape(shape), axis=1) for name, values in each.items()}
    return tuple(
        {name: float(values[repeat]) for name, values in means.items()}
        for repeat in range(folding.repeats)
    )


def _refuse_repeated(rows: Rows) -> None:
    ids = pd.Series(np.asarray(rows.cluster))
    if (repeated := ids[ids.duplicated()]).any():
        raise SplitError(
            f"snapshot: {repeated.nunique()} ids have several rows, for example "
            f"{repeated.iloc[0]}; they would stand on both sides of a fold, so give each one row"
        )
