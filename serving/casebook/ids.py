"""Which case a row of a list will belong to, told before the list is given out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from serving.casebook.rules import case_id


def case_ids(
    group_ids: Iterable[str], cases: pd.DataFrame | None, as_of: date, source: str = "groupchurn"
) -> dict[str, str]:
    """The id of each group's case: of its open one, as known, else the one that will be opened.

    Args:
        group_ids: Groups of the list.
        cases: Table alert_case as known on the day: ``case_id``, ``group_id``, ``closed_time``,
            ``event_time``, ``src_system``. None without one.
        as_of: Day of the list.
        source: What ``src_system`` calls cases of ours.

    Example:
        >>> case_ids(["G1"], None, date(2011, 1, 3))
        {'G1': '20110103-G1'}
    """
    known: dict[str, str] = {}
    if cases is not None:
        ours = cases[cases["src_system"].eq(source) & cases["closed_time"].isna()]
        newest_last = ours.dropna(subset="group_id").sort_values(["event_time", "case_id"])
        known = dict(zip(newest_last["group_id"], newest_last["case_id"], strict=True))
    return {group: known.get(group) or case_id(as_of, group) for group in group_ids}
