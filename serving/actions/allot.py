"""Deal actions out so that they bring the most, within budgets and visits.

At most one action a group; what the actions of a county cost stays within its budget, and nobody
makes more visits than there is time for. The best choice is found exactly, as an integer
programme, so more money never brings less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from serving.errors import ActionError


def allotted(
    offers: pd.DataFrame, budget_fen: Mapping[str, int], visits: Mapping[str, int]
) -> dict[str, str]:
    """Which action each group gets.

    Args:
        offers: One row a group and action that would pay: ``group_id``, ``code``, ``net_fen``,
            ``cost_fen``, ``county`` and ``visitor`` (empty where nobody has to go).
        budget_fen: What may be spent, by county.
        visits: How many visits each visitor can make.

    Returns:
        The code for each group that gets something.

    Raises:
        ActionError: A county has no budget or a visitor no number of visits, or no choice is found.
    """
    if offers.empty:
        return {}
    rows = offers.sort_values(["group_id", "code"], ignore_index=True)
    _known(rows, "county", budget_fen)
    _known(rows[rows["visitor"].ne("")], "visitor", visits)
    limits = [_limit(rows["group_id"], None, np.ones(len(rows)))]
    limits.append(_limit(rows["county"], budget_fen, rows["cost_fen"].to_numpy(dtype=np.float64)))
    calls = rows["visitor"].where(rows["visitor"].ne(""))
    limits.append(_limit(calls, visits, np.ones(len(rows))))
    taken = rows[_best(rows["net_fen"].to_numpy(dtype=np.float64), limits)]
    _refuse_overdrawn(taken, budget_fen)
    return dict(zip(taken["group_id"], taken["code"], strict=True))


def _limit(
    by: pd.Series[Any], most: Mapping[str, int] | None, amounts: np.ndarray[Any, Any]
) -> tuple[Any, np.ndarray[Any, Any]]:
    """A sparse matrix with a row for each value of ``by``, and the most of each row."""
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    codes, values = pd.factorize(by, sort=True)
    inside = codes >= 0
    matrix = csr_array(
        (amounts[inside], (codes[inside], np.flatnonzero(inside))), shape=(len(values), len(by))
    )
    # Half a fen of slack, far above rounding in the solver and below anything that counts.
    room = [1 if most is None else max(most[value], 0) for value in values]
    return matrix, np.asarray(room, dtype=np.float64) + 0.5 * (most is not None)


def _best(gain: np.ndarray[Any, Any], limits: list[tuple[Any, Any]]) -> np.ndarray[Any, Any]:
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]

    found = milp(
        -gain,
        integrality=np.ones(len(gain)),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(m, -np.inf, room) for m, room in limits if m.shape[0]],
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ActionError(f"actions cannot be dealt out: {found.message}; look at [means]")
    return np.asarray(found.x > 0.5)


def _known(rows: pd.DataFrame, column: str, limits: Mapping[str, int]) -> None:
    if unknown := sorted(set(rows[column]) - set(limits)):
        raise ActionError(f"actions: nothing says how much the {column} {unknown[0]!r} can do")


def _refuse_overdrawn(taken: pd.DataFrame, budget_fen: Mapping[str, int]) -> None:
    for county, cost in taken.groupby("county")["cost_fen"].sum().items():
        if cost > max(budget_fen[str(county)], 0):
            raise ActionError(f"actions of county {county!r} cost {cost} fen, over its budget")
