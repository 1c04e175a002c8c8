"""Severity: which share of its value goes with a group, when it transfers and when it does not.

A county sees a few dozen transfers a year. A table of a few cells, each pulled towards the average
of all by as much as it is small, says what so few can say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.errors import ModelRefused, TrainingRefused
from models.frames import Floats, feature_frame
from models.training import slice_weights


@dataclass(frozen=True)
class SeverityConfig:
    """How finely the table is cut.

    Attributes:
        limits: Feature name → rising limits of its bands; a value on a limit is in the band above.
        prior_groups: Groups' worth of evidence that the average of all counts for in every cell.
            More pull small cells closer to it.
        fewest_groups: With fewer groups that transferred there is no table.
    """

    limits: Mapping[str, Sequence[float]]
    prior_groups: float
    fewest_groups: int = 1


@dataclass(frozen=True)
class Severity:
    """Expected shares of value lost, by cell.

    Attributes:
        limits: As in ``SeverityConfig``.
        transferred: Share lost by groups that transfer, cell by cell; the bands of the first
            feature change slowest, and each feature's last band is the unknown.
        stayed: The same of groups that do not.
        counts: How many there were of both to learn from, for whoever asks.
    """

    limits: Mapping[str, tuple[float, ...]]
    transferred: tuple[float, ...]
    stayed: tuple[float, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shares = np.array([*self.transferred, *self.stayed])
        cells = math.prod(len(limits) + 2 for limits in self.limits.values())
        if len(self.transferred) != cells or len(self.stayed) != cells:
            raise ModelRefused(f"severity: there must be {cells} shares of each kind, one a cell")
        if not ((shares >= 0) & (shares <= 1)).all():
            raise ModelRefused("severity: shares must lie between 0 and 1")
        if any(not low < high for each in self.limits.values() for low, high in pairwise(each)):
            raise ModelRefused("severity: limits must rise")

    def share(self, frame: pd.DataFrame) -> Floats:
        """Share of its value that each group loses if it transfers.

        Raises:
            FeatureError: A feature of the table is missing or is no number.
        """
        return np.array(self.transferred)[_cells(frame, self.limits)]

    def expected(self, frame: pd.DataFrame, probability: ArrayLike) -> Floats:
        """Share of its value that each group loses, whether it transfers or not.

        Args:
            frame: One row a group.
            probability: Calibrated chance that each transfers.

        Raises:
            FeatureError: A feature of the table is missing or is no number.
        """
        chance = np.asarray(probability, dtype=np.float64)
        cells = _cells(frame, self.limits)
        lost, kept = np.array(self.transferred)[cells], np.array(self.stayed)[cells]
        return np.asarray(chance * lost + (1 - chance) * kept, dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """The table as plain lists; floats survive JSON to the bit."""
        return {
            # A list, for JSON that sorts its keys must not turn the table around.
            "limits": [[name, list(limits)] for name, limits in self.limits.items()],
            "transferred": list(self.transferred),
            "stayed": list(self.stayed),
            "counts": dict(self.counts),
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Severity:
        """The table that ``to_json`` wrote.

        Raises:
            ModelRefused: A part is missing, or is not what it should be.
        """
        if set(content) != {"limits", "transferred", "stayed", "counts"}:
            raise ModelRefused("severity: expected limits, transferred, stayed and counts")
        limits = {str(name): tuple(map(float, each)) for name, each in content["limits"]}
        return Severity(
            limits, tuple(content["transferred"]), tuple(content["stayed"]), content["counts"]
        )


def fit_severity(
    rows: pd.DataFrame,
    transferred: ArrayLike,
    share_lost: ArrayLike,
    group: ArrayLike,
    config: SeverityConfig,
) -> Severity:
    """The table of a training table, in which every group counts the same.

    Args:
        rows: The features that the table is cut by, one row a day and group.
        transferred: 0 or 1 for each row.
        share_lost: Share of its value that each row lost, 0 to 1; unknown rows are left out.
        group: Id of each row's group.
        config: How finely it is cut.

    Raises:
        TrainingRefused: Too few groups transferred, or none stayed.
        FeatureError: A feature is missing or is no number.

    Example:
        >>> rows = pd.DataFrame({"members": [5.0, 5.0, 30.0, 30.0]})
        >>> config = SeverityConfig({"members": [10]}, prior_groups=1)
        >>> table = fit_severity(rows, [1, 0, 1, 0], [0.9, 0.0, 0.6, 0.0], list("abcd"), config)
        >>> [round(float(share), 3) for share in table.share(rows)]  # half way to .75, the average
        [0.825, 0.825, 0.675, 0.675]

    Source:
        Bühlmann and Gisler (2005), A Course in Credibility Theory, for the pull: n / (n + k).
    """
    limits = {name: tuple(map(float, each)) for name, each in config.limits.items()}
    lost = np.asarray(share_lost, dtype=np.float64)
    moved, ids = np.asarray(transferred, dtype=np.float64), np.asarray(group)
    if not len(rows) == len(lost) == len(moved) == len(ids):
        raise TrainingRefused("severity: needs a label, a share and a group for each row")
    if ((lost < 0) | (lost > 1)).any():
        raise TrainingRefused("severity: a share lost must lie between 0 and 1")
    cells = _cells(rows, limits)
    count = math.prod(len(each) + 2 for each in limits.values())
    tables, counts = [], {}
    for name, fewest, of in (("transferred", config.fewest_groups, 1), ("stayed", 1, 0)):
        chosen = (moved == of) & ~np.isnan(lost)
        counts[name] = len(np.unique(ids[chosen]))
        if counts[name] < max(fewest, 1):
            raise TrainingRefused(
                f"severity: {counts[name]} groups {name} with a known share lost, at least "
                f"{max(fewest, 1)} are needed; take more scoring days or a larger area"
            )
        tables.append(_shrunk(cells[chosen], lost[chosen], ids[chosen], count, config.prior_groups))
    return Severity(limits, tables[0], tables[1], counts)


def _shrunk(
    cells: NDArray[np.intp], lost: Floats, ids: NDArray[Any], count: int, prior: float
) -> tuple[float, ...]:
    """Each cell's mean, pulled to that of all by ``prior`` groups' worth of evidence."""
    order = np.lexsort((lost, ids, cells))  # sums of floats must not depend on the rows' order
    cells, lost, ids = cells[order], lost[order], ids[order]
    weight = slice_weights(ids) * len(np.unique(ids)) / len(ids)  # each group weighs one in all
    mean = float((weight * lost).sum() / weight.sum())
    worth = np.bincount(cells, weight, minlength=count)
    pulled = np.bincount(cells, weight * lost, minlength=count) + prior * mean
    evidence = worth + prior
    shares = np.divide(pulled, evidence, out=np.full(count, mean), where=evidence > 0)
    return tuple(map(float, np.clip(shares, 0, 1)))


def _cells(frame: pd.DataFrame, limits: Mapping[str, Sequence[float]]) -> NDArray[np.intp]:
    """The cell of each row; of the unknown, each feature's last band."""
    features = feature_frame(frame, list(limits))
    cell = np.zeros(len(frame), dtype=np.intp)
    for name, each in limits.items():
        values = features[name].to_numpy()
        band = np.searchsorted(np.array(each, dtype=np.float64), values, side="right")
        cell = cell * (len(each) + 2) + np.where(np.isnan(values), len(each) + 1, band)
    return cell
