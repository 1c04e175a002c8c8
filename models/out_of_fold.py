"""Honest scores for a snapshot without time: every customer scored by models that never saw it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.bundle import Model
from models.errors import SplitError
from models.evaluation import Estimate, evaluate
from models.explanation import Contributions, additive
from models.fitting import Recipe, fit_with_inner_folds
from models.frames import Floats
from models.rows import Rows
from models.split import stratified_folds


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
class OutOfFold:
    """What models said of the rows that they had not seen.

    Attributes:
        probability: Calibrated risk of each row, the mean over repeats.
        metrics: Figures of that mean; the list shows it, so the list is what they judge.
        repeats: Figures of each single repeat: what one model is worth, and how much luck
            lies in the dealing.
        contributions: Means over repeats, which add up to the mean margin.
    """

    probability: Floats
    metrics: dict[str, Estimate]
    repeats: tuple[dict[str, float], ...]
    contributions: Contributions


def out_of_fold(rows: Rows, recipe: Recipe, folding: Folding, *, draws: int) -> OutOfFold:
    """Score and explain every row by models fitted and calibrated without it.

    Args:
        rows: One row a customer; ``cluster`` holds the customers' ids.
        recipe: Settings, as for a model in use.
        folding: How the rows are dealt out.
        draws: Bootstrap draws of the intervals.

    Raises:
        SplitError: A customer has several rows, or a class too few.
        TrainingRefused: A fold cannot bear a model.
    """
    _refuse_repeated(rows)
    size = len(rows.features)
    probability = np.empty((folding.repeats, size))
    parts = np.empty((folding.repeats, size, rows.features.shape[1] + 2))
    deals = stratified_folds(
        rows.label, folds=folding.folds, repeats=folding.repeats, seed=folding.seed
    )
    for number, (kept, held_out) in enumerate(deals):
        repeat = number // folding.folds
        model = fit_with_inner_folds(rows.take(kept), recipe, folds=folding.inner_folds)
        unseen = rows.features.iloc[held_out]
        probability[repeat, held_out] = model.probability(unseen)
        parts[repeat, held_out] = _explained(model, unseen)
    mean = probability.mean(axis=0)
    return OutOfFold(
        mean,
        _figures(rows, mean, draws, folding.seed),
        tuple(_values(_figures(rows, each, 0, folding.seed)) for each in probability),
        _averaged(parts.mean(axis=0), rows.features),
    )


def _explained(model: Model, features: pd.DataFrame) -> Floats:
    reasons = model.contributions(features)
    return np.column_stack([reasons.values, reasons.base, reasons.margin])


def _averaged(parts: Floats, features: pd.DataFrame) -> Contributions:
    values = pd.DataFrame(parts[:, :-2], index=features.index, columns=features.columns)
    base = pd.Series(parts[:, -2], index=features.index, name="base")
    return additive(values, base, parts[:, -1])


def _figures(rows: Rows, probability: Floats, draws: int, seed: int) -> dict[str, Estimate]:
    return evaluate(rows.label, probability, rows.cluster, draws=draws, seed=seed)


def _values(figures: dict[str, Estimate]) -> dict[str, float]:
    return {name: figure.value for name, figure in figures.items()}


def _refuse_repeated(rows: Rows) -> None:
    ids = pd.Series(np.asarray(rows.cluster))
    if (repeated := ids[ids.duplicated()]).any():
        raise SplitError(
            f"snapshot: {repeated.nunique()} ids have several rows, for example "
            f"{repeated.iloc[0]}; they would stand on both sides of a fold, so give each one row"
        )
