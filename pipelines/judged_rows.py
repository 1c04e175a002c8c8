"""Judged rows: groups on days whose outcome is known, with who works them and what they are cut by.

The models room judges them (``models.judged``, ``models.gate``); a score is put beside them by
``scored``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.capacity import UNMANAGED
from pipelines.calendar_of_lists import knowledge_days
from pipelines.facts import known_facts
from pipelines.training_table import TrainingTable
from pipelines.workplace import Workplace

if TYPE_CHECKING:
    from models.bundle import Model

LEARNT_UNTIL = "calibration_to"
"""Of a model's metadata: the newest scoring day that it has learnt from, ISO."""


def judged_rows(place: Workplace, table: TrainingTable, days: Sequence[date]) -> pd.DataFrame:
    """The rows of some days of a training table, as the models room judges them.

    Args:
        place: Whose tables say who works a group.
        table: Features and matured labels; of members, who are judged one by one.
        days: Days of the table.

    Returns:
        All columns of the table and, for groups, ``owner``, ``county``, ``industry``,
        ``size_band`` and ``value`` (fen a month), each as known on the row's day. For members
        ``group_id`` is the member, the unit that is drawn again. Sorted by day and id.
    """
    rows = table.frame[table.frame["as_of"].isin(set(days))].reset_index(drop=True)
    if table.entity != "group_id":
        return rows.assign(group_id=rows[table.entity])
    known = pd.concat([_known(place, rows[rows["as_of"] == day], day) for day in sorted(set(days))])
    joined = rows.merge(known, how="left", on=["as_of", "group_id"], validate="1:1")
    return joined.assign(owner=joined["owner"].fillna(UNMANAGED))


def scored(rows: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Judged rows with a model's risk as ``probability``.

    Raises:
        FeatureError: The table lacks a feature of the model.
    """
    return rows.assign(probability=model.probability(rows))


def size_band(members: pd.Series, edges: Sequence[int]) -> pd.Series:
    """The band of a size, such as ``10-29``; unknown stays unknown.

    >>> size_band(pd.Series([3, 10, 250]), [10, 30, 100]).tolist()
    ['under 10', '10-29', '100 and more']
    """
    inner = [f"{low}-{high - 1}" for low, high in pairwise(edges)]
    names = [f"under {edges[0]}", *inner, f"{edges[-1]} and more"]
    cut = pd.cut(members, [-np.inf, *edges, np.inf], right=False, labels=names)
    return cut.astype(object)


def free_from(model: Model, embargo_days: int) -> date:
    """The first day that may judge a model: it has learnt from nothing that is known only then.

    No label window of its training reaches so far: the label of its newest scoring day was known by
    then. Models that do not tell their newest day count from the day they were made on.
    """
    made = date.fromisoformat(model.metadata["as_of"])
    if newest := model.metadata.get(LEARNT_UNTIL):
        return min(made, date.fromisoformat(newest) + timedelta(embargo_days))
    return made


def judged_from(place: Workplace, first: date, days: int, matures_after: int) -> date:
    """When so many days of list from ``first`` on can be judged, because their labels are known."""
    lag = place.settings.study.as_of_lag_days
    lists = knowledge_days(first, first + timedelta(days=11 * (days + 1)), lag)
    return lists[days - 1] + timedelta(matures_after)


def _known(place: Workplace, rows: pd.DataFrame, day: date) -> pd.DataFrame:
    facts = known_facts(place, rows, day)
    return pd.DataFrame(
        {
            "as_of": day,
            "group_id": facts["group_id"],
            "owner": facts["am_staff_id"],
            "county": facts["county_id"],
            "industry": facts["industry_l1"],
            "size_band": size_band(facts["members"], place.settings.promotion.size_bands),
            "value": facts["monthly_revenue_fen"].astype("float64"),
        }
    )
