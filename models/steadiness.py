"""How much lists change from one dekad to the next: a list that jumps about is not worked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.bootstrap import Estimate, estimates
from models.frames import Floats
from models.metrics import ratio


def steadiness(rows: pd.DataFrame, worked: Floats, *, draws: int, seed: int) -> dict[str, Estimate]:
    """How alike each list is to the one before, on average; groups are drawn again.

    Args:
        rows: Judged rows, of which ``as_of`` and ``group_id`` are read.
        worked: How much of each row is worked, by ``Worklist.worked``.
        draws, seed: Of the bootstrap.

    Returns:
        ``list_jaccard``: shared over all of two lists in a row, 1 for equal ones; a group that is
        no longer there counts as changed. NaN for a single list.

    Raises:
        EvaluationError: There are no rows.

    Source:
        Jaccard (1912), The distribution of the flora in the alpine zone, New Phytologist 11(2).
    """
    frame = pd.DataFrame(
        {"day": rows["as_of"].to_numpy(), "group_id": rows["group_id"].to_numpy(), "on": worked}
    )
    lists = frame.pivot(index="day", columns="group_id", values="on").fillna(0.0)
    on = lists.to_numpy(np.float64)
    shared, either = np.minimum(on[1:], on[:-1]), np.maximum(on[1:], on[:-1])

    def read(weight: Floats) -> dict[str, float]:
        share = [ratio(*pair) for pair in zip(shared @ weight, either @ weight, strict=True)]
        known = np.isfinite(share).any()
        return {"list_jaccard": float(np.nanmean(share)) if known else float("nan")}

    return estimates(read, lists.columns, draws=draws, seed=seed)
