"""Single features against the label: what is almost the outcome is a leak until it is explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.audit.finding import Finding
from features.definition import Feature

TOO_GOOD = 0.90
"""Single-feature AUC above which a feature is a leak until it is explained (design rule 10)."""
FEWEST_POSITIVES = 20
"""With fewer positives a single feature may stand out by chance."""


def label_findings(
    values: pd.DataFrame,
    labels: pd.DataFrame,
    features: Sequence[Feature],
    *,
    too_good: float = TOO_GOOD,
    fewest: int = FEWEST_POSITIVES,
) -> list[Finding]:
    """Features that alone, or by being known at all, rank the label better than one may believe.

    Args:
        values: Feature table with ``as_of`` and ``group_id`` or ``user_id``.
        labels: ``as_of``, the same id, and ``label`` (0 or 1).
        features: The features to try.
        too_good: The AUC that raises the alarm, in either direction.
        fewest: Positives, and negatives, that there must be.
    """
    entity = "user_id" if "user_id" in labels else "group_id"
    rows = values.merge(labels[["as_of", entity, "label"]], on=["as_of", entity], validate="1:1")
    label = rows["label"].to_numpy() == 1
    findings = []
    for feature in features:
        if feature.name not in rows:
            continue
        value = rows[feature.name].to_numpy(np.float64)
        known = ~np.isnan(value)
        told = {
            "the label": (value[known], label[known]),
            "the label, by being known": (known, label),
        }
        for what, (ranked, outcome) in told.items():
            positives = int(outcome.sum())
            if min(positives, len(outcome) - positives) < fewest:
                continue
            found = auc(ranked, outcome)
            if max(found, 1 - found) > too_good:
                seen = f"alone it has AUC {found:.3f}, {positives} positives of {len(outcome)} rows"
                findings.append(Finding("label check", what, feature.name, seen, len(outcome)))
    return findings


def auc(values: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Chance that a positive has the larger value, ties counted half; NaN without both kinds.

    Example:
        >>> auc(np.array([1, 2, 2, 3]), np.array([False, True, False, True]))
        0.875
    """
    ranks = pd.Series(values).astype(float).rank().to_numpy()
    ones = int(positive.sum())
    zeros = len(positive) - ones
    if not ones or not zeros:
        return float("nan")
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))
