"""The one figure that decides between two models, on all rows and on a slice of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.bootstrap import Weighed
from models.capacity import Capacity, Slots, Worklist
from models.frames import Floats
from models.metrics import Ranking, average_precision, ratio

Metric = Literal["precision_at_capacity", "value_recall_at_capacity", "average_precision"]
ScoresToFigure = Callable[[Floats, Floats], Weighed]
"""Scores of all rows, and whether each row is asked about → the figure under any weights."""


def figure_of(rows: pd.DataFrame, metric: Metric, slots: Slots | None) -> ScoresToFigure:
    """How to take the figure on some judged rows; they are sorted once for all draws.

    Rows outside a slice still compete for the slots: it is the same list, of which only the slice
    is looked at. Who works nobody of a slice finds nobody there: the precision is then 0.

    Args:
        rows: Judged rows; see ``models.gate.decide``.
        metric: Which figure.
        slots: Groups that can be worked a day of list; None for rows that nobody works one by one.

    Raises:
        EvaluationError: The rows do not say who owns them.
    """
    label = rows["label"].to_numpy(dtype=np.float64)
    if slots is None or metric == "average_precision":
        return lambda score, inside: _average_precision(label, score, inside > 0)
    capacity = Capacity.of_rows(rows, slots)
    if metric == "precision_at_capacity":
        return lambda score, inside: _precision(label, Worklist.of(score, capacity), inside)
    at_stake = label * rows["value"].fillna(0).to_numpy(dtype=np.float64)
    return lambda score, inside: _recall(at_stake * inside, Worklist.of(score, capacity))


def _precision(label: Floats, listed: Worklist, inside: Floats) -> Weighed:
    def figure(weight: Floats) -> float:
        hits, size = listed.totals([label * inside, inside], weight)
        return hits / size if size > 0 else 0.0

    return figure


def _recall(at_stake: Floats, listed: Worklist) -> Weighed:
    return lambda weight: ratio(listed.totals([at_stake], weight)[0], float(weight @ at_stake))


def _average_precision(label: Floats, score: Floats, inside: NDArray[np.bool_]) -> Weighed:
    ranking = Ranking.of(label[inside], score[inside])
    return lambda weight: average_precision(ranking.weighed(weight[inside]))
