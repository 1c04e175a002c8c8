"""Grow the forests of a model: each on groups drawn anew, and on a prior where there is one.

What groups are drawn moves a model that has seen a few dozen transfers more than any knob. The
mean over draws is steadier than one forest, and how far the forests lie apart tells how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.bundle import Model
from models.ensemble import Part, joined
from models.errors import TrainingRefused
from models.explanation import raw_margin
from models.frames import Floats
from models.rows import Rows
from models.training import TrainingConfig, checked_label, fit

if TYPE_CHECKING:
    import lightgbm as lgb

BOLDEST = 1.5
"""A prior is never believed more than so many times what it says."""
STEPS = 50


@dataclass(frozen=True)
class Forest:
    """A booster whose last trees are ``bags`` equal forests, after ``shared_trees`` of a prior."""

    booster: lgb.Booster
    bags: int
    shared_trees: int


def grown(rows: Rows, config: TrainingConfig, monotone: Mapping[str, int]) -> Forest:
    """Forests on the rows alone.

    Args:
        rows: Sorted by scoring day and id.
        config: The knobs.
        monotone: Feature name → 1 (more is riskier) or -1 (more is safer).

    Raises:
        TrainingRefused: The rows cannot bear it.
    """
    parts = _bags(rows, config, monotone, None)
    return Forest(_joined(parts, rows), config.bags, 0)


def grown_on_prior(
    rows: Rows, config: TrainingConfig, monotone: Mapping[str, int], prior: Model
) -> Forest:
    """Forests that correct what a prior says, as boldly as the rows bear it out.

    The prior's margin is stretched by the slope with which it predicts the rows' own labels, from 0
    (it knows nothing of this world) to 1.5; then ``config.prior_rounds`` trees a bag correct it.

    Raises:
        TrainingRefused: The rows cannot bear it, or lack a feature that the prior reads.
    """
    lacking = sorted(set(prior.features) - set(rows.features.columns))
    if lacking:
        raise TrainingRefused(
            f"prior: it reads {len(lacking)} features that these data lack, such as {lacking[0]}; "
            "pre-train again with this catalogue, or train without a prior"
        )
    label = checked_label(rows.label, len(rows.features), config.minimum_positives)
    said = raw_margin(prior.booster, rows.features[list(prior.features)])
    slope, level = _boldness(said, label)
    corrected = replace(config, rounds=config.prior_rounds)
    parts = _bags(rows, corrected, monotone, slope * said + level)
    whole = _joined([Part(prior.booster, slope), *parts], rows)
    return Forest(whole, config.bags, prior.booster.num_trees())


def _bags(
    rows: Rows, config: TrainingConfig, monotone: Mapping[str, int], start: Floats | None
) -> list[Part]:
    if config.bags == 1:
        return [Part(_fitted(rows, config, monotone, start), 1.0)]
    checked_label(rows.label, len(rows.features), config.minimum_positives)
    codes = np.unique(np.asarray(rows.cluster), return_inverse=True)[1]
    parts = []
    for bag in range(config.bags):
        rng = np.random.default_rng([config.seed, bag])
        clusters = int(codes.max()) + 1
        times = np.bincount(rng.integers(0, clusters, clusters), minlength=clusters)[codes]
        drawn = _times(rows, times)
        seeded = replace(config, seed=int(rng.integers(2**31)), minimum_positives=1)
        begun = None if start is None else start[times > 0]
        parts.append(Part(_fitted(drawn, seeded, monotone, begun), 1 / config.bags))
    return parts


def _times(rows: Rows, times: NDArray[np.intp]) -> Rows:
    """The rows that were drawn, each weighing as often as it was."""
    weight = np.ones(len(times)) if rows.weight is None else np.asarray(rows.weight)
    return replace(rows, weight=weight * times).take(times > 0)


def _fitted(
    rows: Rows, config: TrainingConfig, monotone: Mapping[str, int], start: Floats | None
) -> lgb.Booster:
    return fit(rows.features, rows.label, config, rows.weight, monotone, start=start)


def _joined(parts: list[Part], rows: Rows) -> lgb.Booster:
    return joined(parts, [str(name) for name in rows.features.columns])


def _boldness(margin: Floats, label: Floats) -> tuple[float, float]:
    """Slope and level of the logistic line of labels on margins, the slope within bounds.

    Source: Newton's steps on two parameters; a slope that hits a bound has its level fitted anew.
    """
    slope, level = _line(margin, label)
    if 0 <= slope <= BOLDEST:
        return slope, level
    bounded = min(max(slope, 0.0), BOLDEST)
    return bounded, _line(np.zeros_like(margin), label, offset=bounded * margin)[1]


def _line(margin: Floats, label: Floats, offset: Floats | None = None) -> tuple[float, float]:
    design = np.column_stack([margin, np.ones_like(margin)])
    shift = np.zeros_like(margin) if offset is None else offset
    fitted = np.zeros(2)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-(design @ fitted + shift)))
        curvature = (design.T * (chance * (1 - chance))) @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (label - chance))
        fitted += np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    return float(fitted[0]), float(fitted[1])
