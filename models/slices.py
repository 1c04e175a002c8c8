"""The same figures for each tier, county, size or industry: for whom is a list good?

A slice with few positives is shown with their number and its wide interval, never left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from models.bootstrap import estimates
from models.capacity import UNMANAGED
from models.errors import EvaluationError
from models.frames import Floats
from models.judged import Judged, Terms

BY = ("county", "tier", "size_band", "industry", "managed")
FIGURES = (
    "base_rate",
    "auc",
    "average_precision",
    "precision_at_capacity",
    "recall_at_capacity",
    "value_recall_at_capacity",
    "expected_over_observed",
)
UNKNOWN = "unknown"


def slices(rows: pd.DataFrame, by: Sequence[str] = BY) -> Iterator[tuple[str, str, pd.Series]]:
    """Every value of every column: column, value, and whether each row has it.

    ``managed`` need not be a column: it is yes where the owner is a manager. Values that are not
    known make a slice of their own.

    Raises:
        EvaluationError: A column is missing.
    """
    for name in by:
        if name == "managed" and name not in rows.columns:
            nobody = rows["owner"].isna() | (rows["owner"] == UNMANAGED)
            values = nobody.map({True: "no", False: "yes"})
        elif name in rows.columns:
            values = rows[name].astype(object).where(rows[name].notna(), UNKNOWN).astype(str)
        else:
            raise EvaluationError(f"slices: the rows have no column {name}")
        for value in sorted(set(values)):
            yield name, value, values == value


def sliced(
    rows: pd.DataFrame,
    terms: Terms,
    *,
    draws: int,
    seed: int,
    by: Sequence[str] = BY,
    figures: Sequence[str] = FIGURES,
    score: str = "probability",
    calibrated: bool = True,
) -> pd.DataFrame:
    """Figures of each slice, with intervals from drawing whole groups again.

    Figures at capacity are those of the one list that all groups compete for, of which only the
    rows of the slice are counted.

    Args:
        rows: Judged rows; see ``models.judged``.
        terms: By what they are judged.
        draws, seed: Of the cluster bootstrap; the same draws for every slice.
        by: Columns to cut by.
        figures: Names as ``judge_rows`` gives them.
        score, calibrated: As in ``Judged.of``.

    Returns:
        A row a slice and figure: by, slice, rows, positive_groups, figure, value, low, high.

    Raises:
        EvaluationError: A column or figure is unknown, or as ``Judged.of``.
    """
    found = []
    for name, value, within in slices(rows, by):
        judged = Judged.of(rows, terms, score=score, calibrated=calibrated, within=within)
        groups = rows["group_id"][within & (rows["label"] == 1)].nunique()

        def read(weight: Floats, judged: Judged = judged) -> dict[str, float]:
            return _only(judged, weight, figures)

        for figure, it in estimates(read, rows["group_id"], draws=draws, seed=seed).items():
            found.append(
                (name, value, int(within.sum()), groups, figure, it.value, it.low, it.high)
            )
    names = ["by", "slice", "rows", "positive_groups", "figure", "value", "low", "high"]
    return pd.DataFrame(found, columns=names)


def _only(judged: Judged, weight: Floats, figures: Sequence[str]) -> dict[str, float]:
    """The figures that are asked for, in their order, without computing what nobody asked for."""
    found: dict[str, float] = {}
    for part in (judged.ranked, judged.worked, judged.earned):
        if not set(figures) <= set(found):
            found |= part(weight)
    if unknown := [name for name in figures if name not in found]:
        raise EvaluationError(f"slices: there are no such figures: {', '.join(unknown)}")
    return {name: found[name] for name in figures}
