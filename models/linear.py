"""A shrunk logistic regression, told in trees, so that it can speak in one model with boosted ones.

Where leavers are few a straight line in each feature finds what trees cut too coarsely, and the two
err differently. A sum of one function a feature is a sum of trees that look at one feature each: so
scoring, explanation and the file of a model need to know nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.ensemble import Part, joined
from models.frames import Floats
from models.training import checked_label

if TYPE_CHECKING:
    import lightgbm as lgb

STEPS = 64
"""Steps that a line is cut into; it is flat beyond the values that were seen."""


@dataclass(frozen=True)
class LinearConfig:
    """The knobs of the line.

    Attributes:
        pull: Ridge penalty of a coefficient (of a feature of deviation 1) for each positive row.
            At 1 a coefficient that stands alone is about halved.
        minimum_positives: Fewer positive rows than this and no model is fitted.
    """

    pull: float
    minimum_positives: int = 30


def fit_linear(
    features: pd.DataFrame,
    label: ArrayLike,
    config: LinearConfig,
    weight: ArrayLike | None = None,
    monotone: Mapping[str, int] | None = None,
) -> lgb.Booster:
    """A booster whose raw score is the log-odds of a ridge logistic regression, in steps.

    A value x is read as sign(x) ln(1 + |x|), since money and minutes have long tails; an unknown
    one says nothing. A feature whose coefficient goes against its direction is left out.

    Args:
        features: Only feature columns, float64, NaN where unknown.
        label: 0 or 1 for each row.
        config: The knobs.
        weight: A positive weight for each row.
        monotone: Feature name → 1 (more is riskier) or -1 (more is safer).

    Raises:
        TrainingRefused: The label has a single class, too few positives or unknown values.

    Source:
        le Cessie and van Houwelingen (1992), Ridge estimators in logistic regression, Applied
        Statistics 41(1).
    """
    target = checked_label(label, len(features), config.minimum_positives)
    weights = np.ones(len(target)) if weight is None else np.asarray(weight, dtype=np.float64)
    known = features.notna().to_numpy()
    read = _standard(features.to_numpy(dtype=np.float64), known)
    directions = np.array([(monotone or {}).get(str(name), 0) for name in features.columns])
    coefficients, intercept = _ridge(read, target, weights, config.pull, directions)
    spoken = np.flatnonzero(coefficients) if coefficients.any() else np.array([0])
    terms = read[:, spoken] * coefficients[spoken] + intercept / len(spoken)
    trees = [
        _steps(features.iloc[:, [place]], term) for place, term in zip(spoken, terms.T, strict=True)
    ]
    return joined([Part(tree, 1.0) for tree in trees], [str(name) for name in features.columns])


def _standard(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Mean 0 and deviation 1 over what is known; 0 where it is not, or where nothing varies."""
    read = np.where(known, np.sign(values) * np.log1p(np.abs(values)), np.nan)
    count = np.maximum(known.sum(axis=0), 1)
    away = np.where(known, read - np.where(known, read, 0).sum(axis=0) / count, 0.0)
    spread = np.sqrt((away**2).sum(axis=0) / count)
    return np.asarray(away / np.where(spread > 1e-9, spread, np.inf), dtype=np.float64)


def _ridge(
    read: Floats, target: Floats, weights: Floats, pull: float, directions: NDArray[np.int_]
) -> tuple[Floats, float]:
    """Coefficients, 0 where a feature is left out, and the intercept.

    On one thread: sums of a BLAS have other last bits for other numbers of threads.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    strength = 1 / (pull * float(weights @ target))
    spoken = read.any(axis=0)
    coefficients, intercept = np.zeros(read.shape[1]), _log_odds(float(weights @ target), weights)
    with threadpool_limits(limits=1):
        while spoken.any():
            model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-8)
            model.fit(read[:, spoken], target, sample_weight=weights)
            coefficients = np.zeros(read.shape[1])
            coefficients[spoken], intercept = model.coef_[0], float(model.intercept_[0])
            against = coefficients * directions < 0
            if not against.any():
                break
            spoken &= ~against
            coefficients[against] = 0.0
    return coefficients, intercept


def _log_odds(positive: float, weights: Floats) -> float:
    return float(np.log(positive / (weights.sum() - positive)))


def _steps(feature: pd.DataFrame, term: Floats) -> lgb.Booster:
    """One tree that reads one feature and gives the term's mean in each of its steps."""
    import lightgbm as lgb

    parameters = {
        "objective": "regression",
        "boost_from_average": False,
        "learning_rate": 1.0,
        "num_leaves": STEPS,
        "min_data_in_leaf": 1,
        "min_data_in_bin": 1,
        "min_sum_hessian_in_leaf": 0.0,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    booster = lgb.train(parameters, lgb.Dataset(feature, term, params=parameters), 1)
    text = re.sub(r"(?m)^objective=.*$", "objective=binary sigmoid:1", booster.model_to_string())
    return lgb.Booster(model_str=text)
