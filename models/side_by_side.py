"""Figures of two models on the same rows, and by how much they differ in the same draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from models.bootstrap import Estimate, estimates
from models.evaluation import checked, figures
from models.frames import Floats
from models.judged import Judged, Terms
from models.metrics import Ranking

SHOWN = (
    "precision_at_capacity",
    "value_recall_at_capacity",
    "average_precision",
    "auc",
    "lift_at_10pct",
    "brier",
    "expected_over_observed",
    "expected_over_observed_top_5pct",
    "calibration_slope",
    "empb_per_head_fen",
)


@dataclass(frozen=True)
class Pair:
    """One figure of two models, each with its 95 % interval, and their difference with its own."""

    figure: str
    one: Estimate
    other: Estimate
    difference: Estimate


def side_by_side(
    one: pd.DataFrame,
    other: pd.DataFrame,
    terms: Terms | None,
    *,
    draws: int,
    seed: int,
    shown: Sequence[str] = SHOWN,
) -> tuple[Pair, ...]:
    """The figures of both, and one less the other.

    Args:
        one, other: Judged rows of each model: the same rows in the same order, see
            ``models.judged``; only ``probability`` differs.
        terms: By what a list is judged; None for rows that nobody works one by one.
        draws, seed: Of the bootstrap over groups.
        shown: Names of figures; those that are not there are left out.

    Raises:
        EvaluationError: No rows, or a label or score is unknown.
    """
    first, second = _reader(one, terms), _reader(other, terms)

    def read(weight: Floats) -> dict[str, float]:
        mine, theirs = first(weight), second(weight)
        names = [name for name in shown if name in mine]
        return {
            **{f"one {name}": mine[name] for name in names},
            **{f"other {name}": theirs[name] for name in names},
            **{f"less {name}": mine[name] - theirs[name] for name in names},
        }

    drawn = estimates(read, one["group_id"], draws=draws, seed=seed)
    names = [key.removeprefix("less ") for key in drawn if key.startswith("less ")]
    return tuple(
        Pair(name, drawn[f"one {name}"], drawn[f"other {name}"], drawn[f"less {name}"])
        for name in names
    )


def _reader(rows: pd.DataFrame, terms: Terms | None) -> Callable[[Floats], Mapping[str, float]]:
    if terms is not None:
        return Judged.of(rows, terms).read
    label, chance, _ = checked(rows["label"], rows["probability"], rows["group_id"])
    ranking = Ranking.of(label, chance)
    return lambda weight: figures(ranking.weighed(weight))
