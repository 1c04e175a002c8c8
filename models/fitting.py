"""Fit and calibrate as one step: the same step for the model that is judged and the one in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.bundle import Model
from models.calibration import Calibration, Promise, fit_calibration
from models.explanation import raw_margin
from models.forests import Forest, grown, grown_on_prior
from models.frames import golden_rows
from models.rows import Rows
from models.training import TrainingConfig


@dataclass(frozen=True)
class Recipe:
    """All that makes a model out of rows.

    Attributes:
        name: Registered name of the model, such as group_transfer.
        label: Name of what it predicts, such as L_transfer_90.
        training: The knobs of the trees.
        isotonic_from: Positives from which calibration is isotonic, see ``fit_calibration``.
        monotone: Feature name → 1 (more is riskier) or -1 (more is safer).
        prior: A model that knows simulated worlds and goes before, see ``models.forests``.
        prior_positives: The prior has as much say in the calibration as so many positive rows.
    """

    name: str
    label: str
    training: TrainingConfig
    isotonic_from: int
    monotone: Mapping[str, int] = field(default_factory=dict)
    prior: Model | None = None
    prior_positives: int = 0


def fit_and_calibrate(
    fit_rows: Rows,
    calibration_rows: Rows,
    recipe: Recipe,
    metadata: Mapping[str, Any] | None = None,
) -> Model:
    """Fit on the older rows and calibrate on the later ones, which the trees have not seen.

    Args:
        fit_rows: Sorted by scoring day and id.
        calibration_rows: Rows of later days, same feature columns.
        recipe: Settings, the same for the evaluated and the deployed model.
        metadata: Kept with the model beside the counts of both parts; must be JSON.

    Raises:
        TrainingRefused: Either part cannot bear it.
    """
    forest = _forest(fit_rows, recipe)
    features = calibration_rows.features.loc[:, fit_rows.features.columns]
    margin = raw_margin(forest.booster, features)
    calibration = fit_calibration(
        margin,
        calibration_rows.label,
        isotonic_from=recipe.isotonic_from,
        promise=_promise(recipe, calibration_rows),
    )
    counts = {**fit_rows.counts("fit"), **calibration_rows.counts("calibration")}
    return _model(forest, calibration, fit_rows, recipe, {**counts, **(metadata or {})})


def _promise(recipe: Recipe, rows: Rows) -> Promise | None:
    if recipe.prior is None:
        return None
    return Promise(recipe.prior.probability(rows.features), recipe.prior_positives)


def _forest(rows: Rows, recipe: Recipe) -> Forest:
    if recipe.prior is None:
        return grown(rows, recipe.training, recipe.monotone)
    return grown_on_prior(rows, recipe.training, recipe.monotone, recipe.prior)


def _model(
    forest: Forest,
    calibration: Calibration,
    rows: Rows,
    recipe: Recipe,
    metadata: Mapping[str, Any],
) -> Model:
    return Model(
        name=recipe.name,
        label=recipe.label,
        booster=forest.booster,
        bags=forest.bags,
        shared_trees=forest.shared_trees,
        features=tuple(map(str, rows.features.columns)),
        calibration=calibration,
        golden=golden_rows(rows.features, seed=recipe.training.seed),
        metadata=metadata,
    )
