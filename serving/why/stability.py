"""Which reasons hold, whatever groups a model happened to learn from.

A model is several forests, each on groups drawn anew. A reason that raises the risk in one forest
and lowers it in the next tells of the draw, not of the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.definition import Feature
from models.explanation import contributions_by_bag
from models.frames import Floats, feature_frame
from serving.why.reasons import Agreement

if TYPE_CHECKING:
    from models.bundle import Model
    from models.explanation import Contributions


@dataclass(frozen=True)
class ReasonRule:
    """What a reason needs to be shown, and with whom a group is compared.

    Attributes:
        least_stability: Share of the forests that must give a reason the same sign.
        least_contribution: What a reason must add to the margin, or take off it (log-odds).
        fewest_peers: Fewer groups of a kind are no measure, and a wider circle is asked.
    """

    least_stability: float
    least_contribution: float
    fewest_peers: int


@dataclass(frozen=True)
class Stability:
    """In which share of the forests the sign is the whole model's, row by row.

    Attributes:
        reasons: One column a code of a reason: of the sum of its features' contributions.
        features: One column a feature: of its own contribution.
    """

    reasons: pd.DataFrame
    features: pd.DataFrame

    def of(self, row: int, least: float) -> Agreement:
        """What the forests say of one row, by its place."""
        return Agreement(
            dict(zip(self.reasons.columns, self.reasons.iloc[row].tolist(), strict=True)),
            dict(zip(self.features.columns, self.features.iloc[row].tolist(), strict=True)),
            least,
        )


def stability(
    model: Model,
    features: pd.DataFrame,
    explained: Contributions,
    catalogue: Mapping[str, Feature],
) -> Stability | None:
    """How far the forests of a model agree on what moved each row.

    Args:
        model: The model; the trees of a prior count in full in each of its forests.
        features: The rows, with the model's features.
        explained: What the whole model says of these rows.
        catalogue: The features by name, for their reasons.

    Returns:
        Shares from 0 to 1; where the whole says 0 no forest agrees. None for a model of a single
        forest, of which nothing can be told.
    """
    if model.bags == 1:
        return None
    names = [str(name) for name in explained.values.columns]
    whole = explained.values.to_numpy(dtype=np.float64)
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        columns.setdefault(catalogue[name].reason.code, []).append(place)
    summed = _by_reason(whole, columns)
    agree, agree_summed = np.zeros(whole.shape), np.zeros(summed.shape)
    frame = feature_frame(features, model.features)
    for said in contributions_by_bag(
        model.booster, frame, bags=model.bags, shared_trees=model.shared_trees
    ):
        agree += _alike(said, whole)
        agree_summed += _alike(_by_reason(said, columns), summed)
    index = explained.values.index
    return Stability(
        pd.DataFrame(agree_summed / model.bags, index=index, columns=list(columns)),
        pd.DataFrame(agree / model.bags, index=index, columns=names),
    )


def _alike(said: Floats, whole: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.sign(said) * np.sign(whole) > 0)


def _by_reason(values: Floats, columns: Mapping[str, list[int]]) -> Floats:
    """Sums by reason; column after column, so that no row's sum depends on the rows beside it."""
    sums = np.zeros((len(values), len(columns)))
    for number, places in enumerate(columns.values()):
        for place in places:
            sums[:, number] += values[:, place]
    return sums
