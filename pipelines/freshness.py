"""How fresh each source is, and when too little has arrived to score."""

from __future__ import annotations

from datetime import date

import pandas as pd

from features.known import Known, closed_periods
from pipelines.errors import ContractBrokenError
from pipelines.workplace import Workplace


def freshness(place: Workplace, as_of: date) -> dict[str, str]:
    """For each source, its newest closed period or else the day of its newest known row."""
    known = Known(place.tables, [as_of])
    fresh: dict[str, str] = {}
    for name in place.tables.frames:
        contract = place.tables.contract(name)
        if contract.period is not None:
            fresh[name] = next(closed_periods(contract, as_of))
        elif newest := known.newest_load(name):
            fresh[name] = newest.isoformat()
    return fresh


def refuse_if_half_is_missing(features: pd.DataFrame, most_missing: float) -> None:
    """Stop where the newest month's usage has not arrived for most members.

    Raises:
        ContractBrokenError: More than ``most_missing`` of it is missing.
    """
    if "usage_arrived" not in features:
        return
    missing = 1 - features["usage_arrived"].fillna(0).mean()
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
    missing = 1 - features["usage_arrived"].fillna(0).groupby(areas.to_numpy()).mean()
    return frozenset(missing.index[missing > most_missing])
