"""A plain logistic regression, to stand beside every model: what would a textbook have given?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.errors import TrainingRefused
from models.frames import Floats, feature_frame
from models.rows import Rows

STRENGTH = 1.0
"""Inverse of the pull towards zero, scikit-learn's default, on standardised columns."""
FARTHEST = 8.0
"""Standard deviations at which a value is cut off, so that one freak cannot decide."""
PASSES = 2_000


@dataclass(frozen=True)
class Logistic:
    """A fitted regression as plain numbers. Make one with ``fit_logistic``.

    Attributes:
        features: Columns that are read, in order.
        middle: Median of each on the fit rows; stands for the unknown.
        flagged: Positions of the columns whose being unknown is a column of its own.
        mean, scale: Of each column, flags last, on the fit rows.
        weight: Of each column in the log-odds.
        intercept: Log-odds of the average row.
    """

    features: tuple[str, ...]
    middle: Floats
    flagged: tuple[int, ...]
    mean: Floats
    scale: Floats
    weight: Floats
    intercept: float

    def margin(self, frame: pd.DataFrame) -> Floats:
        """Log-odds of each row.

        Raises:
            FeatureError: A column is missing or holds something that is no number.
        """
        filled = _filled(frame, self.features, self.middle, self.flagged)
        margin: Floats = self.intercept + _even(filled, self.mean, self.scale) @ self.weight
        return margin

    def probability(self, frame: pd.DataFrame) -> Floats:
        """Risk of each row; as calibrated as a regression on its own fit rows is."""
        return 1.0 / (1.0 + np.exp(-self.margin(frame)))


def fit_logistic(rows: Rows) -> Logistic:
    """Fit on median-imputed, standardised columns with a flag for what was unknown.

    Columns that never vary are given no weight. One thread, so the same rows give the same numbers.

    Args:
        rows: Fit rows; their weights count.

    Raises:
        TrainingRefused: There is only one class.
        FeatureError: A column holds something that is no number.

    Example:
        >>> x = pd.DataFrame({"rival_share": [0.0, 0.1, 0.8, 0.9, np.nan, 0.2]})
        >>> found = fit_logistic(Rows(x, [0, 0, 1, 1, 0, 0], list("abcdef")))
        >>> bool(found.probability(x)[3] > found.probability(x)[0])
        True

    Source:
        scikit-learn's LogisticRegression with lbfgs and its default L2 penalty.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    label = np.asarray(rows.label, dtype=np.float64)
    if len(np.unique(label)) != 2:
        raise TrainingRefused("logistic regression: the labels are all alike, or there are none")
    names = tuple(map(str, rows.features.columns))
    values = feature_frame(rows.features, names).to_numpy(np.float64)
    unknown = np.isnan(values)
    known = ~unknown.all(axis=0)
    middle = np.zeros(len(names))
    middle[known] = np.nanmedian(values[:, known], axis=0)
    flagged = tuple(int(i) for i in np.flatnonzero(unknown.any(axis=0) & known))
    filled = _filled(rows.features, names, middle, flagged)
    mean, scale = filled.mean(axis=0), filled.std(axis=0)
    scale[scale <= np.abs(mean) * 1e-12] = np.inf
    regression = LogisticRegression(C=STRENGTH, max_iter=PASSES)
    with threadpool_limits(limits=1):
        regression.fit(_even(filled, mean, scale), label, sample_weight=rows.weight)
    weight = np.asarray(regression.coef_[0], dtype=np.float64)
    return Logistic(names, middle, flagged, mean, scale, weight, float(regression.intercept_[0]))


def _filled(
    frame: pd.DataFrame, names: Sequence[str], middle: Floats, flagged: Sequence[int]
) -> Floats:
    """The columns with the unknown put in the middle, and then the flags."""
    values = feature_frame(frame, names).to_numpy(np.float64)
    unknown = np.isnan(values)
    return np.column_stack([np.where(unknown, middle, values), unknown[:, list(flagged)]])


def _even(filled: Floats, mean: Floats, scale: Floats) -> Floats:
    even: Floats = np.clip((filled - mean) / scale, -FARTHEST, FARTHEST)
    return even
