"""The rows of a part of a training table, kept together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.errors import TrainingRefused


@dataclass(frozen=True)
class Rows:
    """Features and all that belongs to them, row by row.

    Attributes:
        features: Only feature columns, float64, NaN where unknown.
        label: 0 or 1 for each row.
        cluster: Id of each row's group or member.
        weight: A weight for each row, or none.
    """

    features: pd.DataFrame
    label: ArrayLike
    cluster: ArrayLike
    weight: ArrayLike | None = None

    def __post_init__(self) -> None:
        parts = {"label": self.label, "cluster": self.cluster, "weight": self.weight}
        for what, values in parts.items():
            if values is not None and len(np.asarray(values)) != len(self.features):
                raise TrainingRefused(
                    f"{what}: {len(np.asarray(values))} values for {len(self.features)} rows"
                )

    def take(self, chosen: NDArray[Any]) -> Rows:
        """The rows at these positions, or where this mask holds."""
        positions = np.arange(len(self.features))[chosen]
        weight = None if self.weight is None else np.asarray(self.weight)[positions]
        return Rows(
            self.features.iloc[positions],
            np.asarray(self.label)[positions],
            np.asarray(self.cluster)[positions],
            weight,
        )

    def counts(self, part: str) -> dict[str, int]:
        """Rows, positives and positive clusters of this part, for a model's metadata."""
        positive = np.asarray(self.label) == 1
        return {
            f"{part}_rows": len(positive),
            f"{part}_positives": int(positive.sum()),
            f"{part}_positive_clusters": len(np.unique(np.asarray(self.cluster)[positive])),
        }
