"""How fresh each source is, and when too little has arrived to score."""

from __future__ import annotations

from datetime import date

import pandas as pd

from features.known import Known
from pipelines.errors import ContractBrokenError
from pipelines.workplace import Workplace


def freshness(place: Workplace, as_of: date) -> dict[str, str]:
    """For each source, the newest closed period that has come, or the day of its newest row."""
    known = Known(place.tables, [as_of])
    fresh: dict[str, str] = {}
    for name in place.tables.frames:
        has_periods = place.tables.contract(name).period is not None
        newest = known.newest_period(name) if has_periods else known.newest_load(name)
        if newest is not None:
            fresh[name] = str(newest)
    return fresh


def refuse_if_half_is_missing(features: pd.DataFrame, most_missing: float) -> None:
    """Stop where the newest month's usage has not arrived for most members.

    Args:
        features: Group features of the groups that would be scored.
        most_missing: Share of the members that may be missing.

    Raises:
        ContractBrokenError: More than ``most_missing`` of it is missing.
    """
    if "usage_arrived" not in features:
        return
    missing = _missing(features)
    if missing > most_missing:
        raise ContractBrokenError(
            f"usage_month: {missing:.0%} of the newest closed month's usage has not arrived, more "
            f"than the {most_missing:.0%} that intake.max_missing_share allows. The last published "
            "list stays; ingest the missing delivery and run again."
        )


def stale_areas(
    features: pd.DataFrame, areas: pd.Series[str], most_missing: float
) -> frozenset[str]:
    """Areas of which more than ``most_missing`` of the newest month's usage has not arrived.

    Args:
        areas: Area of each row of ``features``.
    """
    if "usage_arrived" not in features:
        return frozenset()
    by_area = features.groupby(areas.to_numpy())[["usage_arrived", "members"]]
    return frozenset(str(area) for area, rows in by_area if _missing(rows) > most_missing)


def _missing(features: pd.DataFrame) -> float:
    """Share of the members whose usage of the newest closed month has not arrived."""
    members = features["members"]
    arrived = (features["usage_arrived"].fillna(0) * members).sum()
    return float(1 - arrived / members.sum()) if members.sum() else 0.0
