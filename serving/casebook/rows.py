"""Rows of a list as the casebook reads them, whatever columns the frame happens to have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pandas as pd

from serving.casebook.pen import Row
from serving.casebook.rules import LEVELS
from serving.errors import CasebookError

NEEDED = ("list_id", "batch_id", "as_of", "group_id", "level")
_NAMES = {
    "tier": "tier",
    "area_id": "area_id",
    "county_id": "county_id",
    "trigger": "trigger",
    "model_version": "model_version",
    "also_to": "also_to",
    "escalate_to": "escalate_to",
    "planned_action": "action_code",
    "config_hash": "config_hash",
    "case_id": "case_id",
}


def records(frame: pd.DataFrame | None) -> list[Row]:
    """Rows as plain values: None where a cell is empty, days as ``date``."""
    if frame is None:
        return []
    found = frame.astype(object).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in found]


def listed_rows(frame: pd.DataFrame) -> list[Row]:
    """What the casebook keeps of each row of one list.

    A row that is listed without a level, to fill the list, is kept as the lowest: somebody is asked
    to look at it and to report.

    Raises:
        CasebookError: A column or value is missing, or the rows are of several lists.
    """
    if missing := [name for name in NEEDED if name not in frame.columns]:
        raise CasebookError(f"the list has no column {', '.join(missing)}; cases need {NEEDED}")
    rows = [_listed(row) for row in records(frame)]
    _refuse_mixed(rows)
    return rows


def _listed(row: Row) -> Row:
    if empty := [name for name in NEEDED if row[name] is None]:
        raise CasebookError(f"a row of the list has no {', '.join(empty)}: {_shown(row)}")
    level = LEVELS[-1] if row["level"] == "none" else row["level"]
    if level not in LEVELS:
        raise CasebookError(f"group {row['group_id']} has level {level!r}; there are {LEVELS}")
    score = row.get("probability")
    return {
        **{ours: row.get(theirs) for ours, theirs in _NAMES.items()},
        **{name: row[name] for name in ("list_id", "batch_id", "as_of", "group_id")},
        "level": level,
        "score": None if score is None else round(float(score), 4),
        "dispatched_to": row.get("route_to") or row.get("am_staff_id"),
        "reasons": [
            str(row[name])
            for name in ("reason_1_code", "reason_2_code", "reason_3_code")
            if row.get(name)
        ],
    }


def _refuse_mixed(rows: Iterable[Row]) -> None:
    lists = {(row["list_id"], row["as_of"]) for row in rows}
    if len(lists) > 1:
        named = ", ".join(sorted(str(list_id) for list_id, _ in lists))
        raise CasebookError(f"rows of several lists were given at once ({named}); give one list")
    groups = [row["group_id"] for row in rows]
    if twice := sorted({group for group in groups if groups.count(group) > 1}):
        raise CasebookError(f"group {twice[0]} stands on the list twice")


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, datetime):
        return value.date()
    if hasattr(value, "item") and not isinstance(value, date):
        return value.item()
    return value


def _shown(row: Row) -> str:
    return f"list {row.get('list_id')}, group {row.get('group_id')}"
