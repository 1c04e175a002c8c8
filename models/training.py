"""Fit gradient boosted trees that come out the same, bit for bit, wherever they are fitted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.errors import TrainingRefused
from models.frames import Floats, feature_frame

if TYPE_CHECKING:
    import lightgbm as lgb

FEATURE_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class TrainingConfig:
    """The knobs of the trees; what each does and what turning it costs.

    Attributes:
        seed: Seed of every draw; the same seed gives the same trees.
        threads: Cores to use; changes the time, never the trees.
        rounds: Trees. More fit finer and take longer; with a lower rate more are needed.
        learning_rate: Share of each tree's advice that is taken, in (0, 1].
        leaves: Leaves a tree may have. More find interactions, and noise.
        minimum_rows_per_leaf: Rows a leaf must hold; the main guard where positives are few.
        l2: Pull of leaf values towards zero; larger is more cautious.
        feature_fraction: Share of features a tree may look at, in (0, 1].
        maximum_bins: Steps into which a feature's values are cut.
        minimum_positives: Fewer positive rows than this and no model is fitted.
        bags: Forests, each fitted on groups drawn again; their mean speaks, their spread tells
            how sure it is. 1 is a single forest on all groups as they are.
        prior_rounds: Trees of each forest where a model of simulated worlds goes before; they
            only correct it, and with few positives more of them unlearn what it knows.
    """

    seed: int
    threads: int = 2
    rounds: int = 200
    learning_rate: float = 0.05
    leaves: int = 15
    minimum_rows_per_leaf: int = 50
    l2: float = 5.0
    feature_fraction: float = 0.7
    maximum_bins: int = 255
    minimum_positives: int = 30
    bags: int = 1
    prior_rounds: int = 30

    def parameters(self) -> dict[str, object]:
        """The same in LightGBM's words; ``deterministic`` alone would not be enough (#6731)."""
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.minimum_rows_per_leaf,
            "lambda_l2": self.l2,
            "feature_fraction": self.feature_fraction,
            "max_bin": self.maximum_bins,
            "seed": self.seed,
            "num_threads": self.threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


def fit(
    features: pd.DataFrame,
    label: ArrayLike,
    config: TrainingConfig,
    weight: ArrayLike | None = None,
    monotone: Mapping[str, int] | None = None,
    *,
    start: ArrayLike | None = None,
) -> lgb.Booster:
    """Fit a booster whose raw score is a log-odds margin.

    Args:
        features: Only feature columns, float64, NaN where unknown; rows in a fixed order,
            because the order of rows is part of what makes a fit repeatable.
        label: 0 or 1 for each row.
        config: The knobs.
        weight: A positive weight for each row, see ``slice_weights``.
        monotone: Feature name → 1 (more is riskier) or -1 (more is safer).
        start: A margin for each row that the trees correct; it is no part of the booster.

    Raises:
        TrainingRefused: Labels, weights, names or constraints make no sense.
        FeatureError: A column holds something that is no number.
    """
    target = checked_label(label, len(features), config.minimum_positives)
    return _trained(features, target, config, config.parameters(), weight, monotone, start)


def fit_chances(
    features: pd.DataFrame,
    chance: ArrayLike,
    config: TrainingConfig,
    monotone: Mapping[str, int] | None = None,
) -> lgb.Booster:
    """Fit a booster on known chances, as simulated worlds tell them, instead of what came true.

    Args:
        features: As for ``fit``.
        chance: A probability for each row.
        config: The knobs.
        monotone: As for ``fit``.

    Raises:
        TrainingRefused: A chance is unknown or outside [0, 1], or names make no sense.
    """
    target = np.asarray(chance, dtype=np.float64)
    if target.shape != (len(features),) or not ((target >= 0) & (target <= 1)).all():
        raise TrainingRefused("chance: must be known and in [0, 1] for each row")
    in_chances = {**config.parameters(), "objective": "cross_entropy"}
    return _trained(features, target, config, in_chances, None, monotone, None)


def _trained(
    features: pd.DataFrame,
    target: Floats,
    config: TrainingConfig,
    parameters: dict[str, object],
    weight: ArrayLike | None,
    monotone: Mapping[str, int] | None,
    start: ArrayLike | None,
) -> lgb.Booster:
    import lightgbm as lgb

    names = _checked_names(features)
    if monotone:
        parameters["monotone_constraints"] = _constraints(names, monotone)
    data = lgb.Dataset(
        feature_frame(features, names),
        label=target,
        weight=None if weight is None else _checked_weight(weight, len(features)),
        init_score=None if start is None else np.asarray(start, dtype=np.float64),
        params=parameters,
    )
    booster = lgb.train(parameters, data, num_boost_round=config.rounds)
    # The number of threads is the one thing in the text that is not part of the model.
    text = re.sub(r"\[num_threads: \d+\]", "[num_threads: 0]", booster.model_to_string())
    return lgb.Booster(model_str=text)


def slice_weights(ids: ArrayLike) -> Floats:
    """Weights that let every id count the same, however many scoring days it was seen on.

    Returns:
        1 / (rows of the id), scaled so that the mean over rows is 1.

    Example:
        >>> slice_weights(["acme", "acme", "bolt", "bolt"])
        array([1., 1., 1., 1.])
    """
    codes, counts = np.unique(np.asarray(ids), return_inverse=True, return_counts=True)[1:]
    weights = 1.0 / counts[codes]
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def checked_label(label: ArrayLike, rows: int, minimum_positives: int) -> Floats:
    """The label as 0.0 and 1.0.

    LightGBM itself fits silently on unknown labels and on a single class.

    Raises:
        TrainingRefused: The label has the wrong length, is unknown somewhere, holds another
            value than 0 and 1, a single class, or too few positives.
    """
    target = np.asarray(label, dtype=np.float64)
    if target.shape != (rows,):
        raise TrainingRefused(f"label: {rows} rows of features but labels of shape {target.shape}")
    if unknown := int(np.isnan(target).sum()):
        raise TrainingRefused(f"label: unknown for {unknown} of {rows} rows; leave those rows out")
    if not np.isin(target, (0.0, 1.0)).all():
        raise TrainingRefused("label: must be 0 or 1 in every row")
    positives = int(target.sum())
    if positives in (0, rows):
        raise TrainingRefused(
            f"label: all {rows} rows are {0 if positives == 0 else 1}; a model needs both classes"
        )
    if positives < minimum_positives:
        raise TrainingRefused(
            f"label: {positives} positives of {rows} rows, at least {minimum_positives} are "
            "needed; take more scoring days, a larger area, or the rules list"
        )
    return target


def _checked_names(features: pd.DataFrame) -> list[str]:
    names = [str(name) for name in features.columns]
    wrong = [name for name in names if not FEATURE_NAME.fullmatch(name)]
    if wrong or not names:
        raise TrainingRefused(
            f"features: {', '.join(map(repr, wrong)) or 'none given'}; names are made of a-z, "
            "0-9 and _, anything else is changed or refused by LightGBM"
        )
    return names


def _checked_weight(weight: ArrayLike, rows: int) -> Floats:
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights) & (weights > 0)).all():
        raise TrainingRefused(f"weight: must be a positive number for each of the {rows} rows")
    return weights


def _constraints(names: list[str], monotone: Mapping[str, int]) -> list[int]:
    unknown = sorted(set(monotone) - set(names))
    wrong = sorted(name for name, sign in monotone.items() if sign not in (-1, 0, 1))
    if unknown or wrong:
        raise TrainingRefused(
            f"monotone: no such feature {unknown}, or a direction other than -1, 0, 1 {wrong}"
        )
    return [monotone.get(name, 0) for name in names]
