"""What the tables say of groups on a day, for the list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from features.known import Known
from features.tables import as_pandas
from pipelines.workplace import TIERS, Workplace
from serving.facts import Sources, group_facts


def area_names(place: Workplace, as_of: date) -> dict[str, str]:
    """Names of the areas by id, as known on the day."""
    if "dim_area" not in place.tables:
        return {}
    areas = as_pandas(Known(place.tables, [as_of]).rows("dim_area"), "area_id")
    named = areas.dropna(subset="name")
    return dict(zip(named["area_id"], named["name"], strict=True))


def known_facts(
    place: Workplace,
    features: pd.DataFrame,
    as_of: date,
    tiers: Collection[str] | None = TIERS,
) -> pd.DataFrame:
    """The facts of every group of some tiers, as known on the day.

    Args:
        features: Group features of the day; what they lack of a group stays unknown.
        tiers: Tiers as of the newest snapshot; those that are scored unless told, None for all.
    """
    known = Known(place.tables, [as_of])

    def rows(name: str, *key: str) -> pd.DataFrame | None:
        return as_pandas(known.rows(name), *key) if name in place.tables else None

    snapshots = as_pandas(known.groups(), "group_id")
    sources = Sources(
        snapshots=snapshots if tiers is None else snapshots[snapshots["tier"].isin(tiers)],
        features=features,
        areas=rows("dim_area", "area_id"),
        managers=rows("group_manager_rela", "group_id", "valid_from"),
        letters=rows("auth_letter", "letter_id"),
    )
    return group_facts(sources, as_of)
