"""Let inner folds say what suits small data, where no one setting suits every size of them.

On a thousand customers nobody can tell sensible settings apart, and to take the seemingly best is
to follow luck. So those that are clearly worse on inner folds are left out, and the rest speak
together as one model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from models.bundle import Model
from models.calibration import fit_calibration
from models.ensemble import Part, joined
from models.explanation import raw_margin
from models.fitting import Recipe
from models.forests import grown
from models.frames import Floats, golden_rows
from models.linear import LinearConfig, fit_linear
from models.rows import Rows
from models.split import stratified_folds
from models.training import TrainingConfig

if TYPE_CHECKING:
    import lightgbm as lgb

Candidate = TrainingConfig | LinearConfig

CLEARLY = 1.0
"""Standard errors of the paired difference in loss from which a candidate is clearly worse."""


def fit_by_inner_choice(
    rows: Rows,
    recipe: Recipe,
    candidates: Sequence[Candidate],
    *,
    folds: int,
    metadata: Mapping[str, Any] | None = None,
) -> Model:
    """Fit with every candidate that inner folds do not rule out, as one model.

    Each speaks in log-odds, as boldly as inner folds bear it out, and all with equal shares.

    Args:
        rows: One row a customer, no time between them.
        recipe: Settings; its own knobs are one more candidate.
        candidates: Other knobs of the trees, or of the line.
        folds: Inner folds, which choose and calibrate.
        metadata: Kept with the model beside the counts and the chosen; must be JSON.

    Raises:
        TrainingRefused: The rows, or those of an inner fold, cannot bear it.
        SplitError: The rarer class has fewer rows than there are folds.

    Source:
        The one-standard-error rule of Breiman et al. (1984), Classification and Regression
        Trees, 3.4.3; all within it are kept rather than the simplest.
    """
    tried: tuple[Candidate, ...] = (recipe.training, *candidates)
    margins = _inner_margins(rows, recipe, tried, folds)
    boldness = np.array([_boldness(margin, rows) for margin in margins])
    kept = not_clearly_worse(np.array([_loss(margin, rows) for margin in margins]))
    shares = boldness[kept] / len(kept)
    boosters = [_booster(rows, recipe, tried[number]) for number in kept]
    names = [str(name) for name in rows.features.columns]
    return Model(
        name=recipe.name,
        label=recipe.label,
        booster=joined(
            [Part(one, float(share)) for one, share in zip(boosters, shares, strict=True)], names
        ),
        features=tuple(names),
        calibration=fit_calibration(
            (shares[:, np.newaxis] * margins[kept]).sum(axis=0),
            rows.label,
            isotonic_from=recipe.isotonic_from,
        ),
        golden=golden_rows(rows.features, seed=recipe.training.seed),
        metadata={**rows.counts("fit"), "candidates_kept": kept, **(metadata or {})},
    )


def not_clearly_worse(losses: Floats) -> list[int]:
    """The candidates whose mean loss is within a standard error of the smallest.

    Args:
        losses: Candidates × rows.

    Example:
        >>> not_clearly_worse(np.array([[0.1, 0.2, 0.1], [0.3, 0.1, 0.1], [0.9, 1.0, 0.8]]))
        [0, 1]
    """
    excess = losses - losses[int(np.argmin(losses.mean(axis=1)))]
    error = excess.std(axis=1) / np.sqrt(losses.shape[1])
    return [int(one) for one in np.flatnonzero(excess.mean(axis=1) <= CLEARLY * error)]


def _inner_margins(rows: Rows, recipe: Recipe, tried: Sequence[Candidate], folds: int) -> Floats:
    margins = np.empty((len(tried), len(rows.features)))
    seed = recipe.training.seed
    for kept, held_out in stratified_folds(rows.label, folds=folds, repeats=1, seed=seed):
        part, unseen = rows.take(kept), rows.features.iloc[held_out]
        for number, knobs in enumerate(tried):
            margins[number, held_out] = raw_margin(_booster(part, recipe, knobs), unseen)
    return margins


def _boldness(margin: Floats, rows: Rows) -> float:
    """What a margin must be multiplied by to be log-odds that can be taken at their word."""
    line = fit_calibration(margin, rows.label, isotonic_from=len(margin) + 1)
    return (line.y[-1] - line.y[0]) / (line.x[-1] - line.x[0])


def _loss(margin: Floats, rows: Rows) -> Floats:
    """Each row's loss once the scale is set right: candidates differ in how bold they are."""
    label = np.asarray(rows.label, dtype=np.float64)
    line = fit_calibration(margin, label, isotonic_from=len(margin) + 1)
    chance = line.probability(margin)
    return np.asarray(-np.log(np.where(label == 1, chance, 1 - chance)), dtype=np.float64)


def _booster(rows: Rows, recipe: Recipe, knobs: Candidate) -> lgb.Booster:
    if isinstance(knobs, LinearConfig):
        return fit_linear(rows.features, rows.label, knobs, rows.weight, recipe.monotone)
    return grown(rows, knobs, recipe.monotone).booster
