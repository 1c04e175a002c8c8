"""The scores that a model must beat: the rules that people go by, and a textbook's regression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.baseline import rules_points
from models.frames import Floats
from models.logistic import fit_logistic
from models.rows import Rows
from pipelines.workplace import Workplace

SIMPLE: Mapping[str, bool] = {"rules": False, "logistic": True}
"""Name → whether the score is a probability."""


def simple_scores(place: Workplace, fit: Rows, rows: pd.DataFrame) -> dict[str, Floats]:
    """Score of each row by name; without rules where the rows lack what they read.

    Args:
        place: Whose rules.
        fit: What the regression may learn from.
        rows: What is scored; holds the features of ``fit``.

    Raises:
        TrainingRefused: There is only one class to learn from.
    """
    found: dict[str, Floats] = {}
    if {rule.feature for rule in place.rules} <= set(rows.columns):
        found["rules"] = np.asarray(rules_points(rows, place.rules), np.float64)
    found["logistic"] = fit_logistic(fit).probability(rows)
    return found
