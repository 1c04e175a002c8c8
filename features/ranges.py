"""Whether real values lie in the range that each feature says is possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.definition import Feature


@dataclass(frozen=True)
class Outside:
    """A feature with values that its range says cannot be.

    Attributes:
        feature: Its name.
        low: Smallest value that can be true.
        high: Largest value that can be true.
        smallest: Smallest value seen.
        largest: Largest value seen.
        rows: How many values lie outside.
    """

    feature: str
    low: float
    high: float
    smallest: float
    largest: float
    rows: int


def outside(frame: pd.DataFrame, features: Iterable[Feature]) -> list[Outside]:
    """The features of a table whose values leave their range; unknown values do not.

    Example:
        >>> from features.catalog import FEATURES
        >>> table = pd.DataFrame({"managed": [0.0, 1.0, 2.0, None]})
        >>> outside(table, [FEATURES["managed"]])
        [Outside(feature='managed', low=0, high=1, smallest=0.0, largest=2.0, rows=1)]
    """
    found = []
    for feature, values in _columns(frame, features):
        beyond = int(((values < feature.low) | (values > feature.high)).sum())
        if beyond:
            smallest, largest = float(np.nanmin(values)), float(np.nanmax(values))
            found.append(
                Outside(feature.name, feature.low, feature.high, smallest, largest, beyond)
            )
    return found


def lifeless(frame: pd.DataFrame, features: Sequence[Feature]) -> dict[str, str]:
    """Features of a table that tell no row from another: never known, or always the same."""
    told = {}
    for feature, values in _columns(frame, features):
        known = values[~np.isnan(values)]
        if len(known) == 0:
            told[feature.name] = "never known"
        elif (known == known[0]).all():
            told[feature.name] = f"always {known[0]:g}" + (
                " where known" if len(known) < len(values) else ""
            )
    return told


def _columns(
    frame: pd.DataFrame, features: Iterable[Feature]
) -> Iterable[tuple[Feature, NDArray[np.float64]]]:
    for feature in features:
        if feature.name in frame:
            yield feature, frame[feature.name].to_numpy(np.float64)
