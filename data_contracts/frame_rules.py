"""Rules across columns or rows, worked out in pandas without any SQL.

Great Expectations has no expectation of its own for these on pandas. Each function returns,
row by row, whether the rule is kept; ``expectations`` puts the answer beside the data and
expects it to be true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.contract import DELIVERY, LOAD_TIME, Rule, RuleKind, Table

Kept = NDArray[np.bool_]


def sums_kept(values: pd.DataFrame, rule: Rule, table: Table) -> Kept:
    """Whether the known parts together exceed the whole by no more than the tolerance."""
    tolerance = rule.limit if isinstance(rule.limit, int) else 0
    *parts, whole = (values[name].astype("float64") for name in rule.columns)
    if table.column(rule.columns[0]).kind == "decimal":
        # In ten-thousandths the sum is exact; in fractions .1 + .2 would exceed .3.
        *parts, whole = ((numbers * 10_000).round() for numbers in (*parts, whole))
        tolerance *= 10_000
    total = sum(part.fillna(0) for part in parts)
    return ~np.asarray(total > whole + tolerance, dtype=bool)


def presence_kept(values: pd.DataFrame, rule: Rule, table: Table) -> Kept:
    """Whether exactly one, or at least one, of the columns holds a value."""
    count = values[list(rule.columns)].notna().sum(axis=1).to_numpy()
    return count == 1 if rule.limit == "exactly_one" else count >= 1


def intervals_kept(values: pd.DataFrame, rule: Rule, table: Table) -> Kept:
    """Whether no interval of its owner and delivery overlaps the one of this row."""
    start, end, *columns = rule.columns
    owner, key = [DELIVERY, *columns], [DELIVERY, *table.key]
    wanted = [*dict.fromkeys((*key, *owner, start, end, LOAD_TIME, "op"))]
    rows = values[wanted].reset_index(drop=True)
    rows = rows.sort_values(LOAD_TIME, kind="stable", na_position="first")
    newest = rows.dropna(subset=key).drop_duplicates(key, keep="last")
    live = newest[(newest["op"] != "D").fillna(True).astype(bool)].dropna(subset=owner)
    live = live[live[start] < live[end]].sort_values([*owner, start, *key])
    groups = live.groupby(owner, sort=False)
    latest_end = groups[end].cummax().groupby([live[name] for name in owner], sort=False).shift()
    clash = (latest_end > live[start]) | (groups[start].shift(-1) < live[end])
    clashing = pd.MultiIndex.from_frame(live.loc[clash, key])
    return ~pd.MultiIndex.from_frame(values[key]).isin(clashing)


KEEPERS: dict[RuleKind, Callable[[pd.DataFrame, Rule, Table], NDArray[Any]]] = {
    "sum_at_most": sums_kept,
    "present": presence_kept,
    "no_overlap": intervals_kept,
}
