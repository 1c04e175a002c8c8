"""Which days a model learns from, and which features it has to do without on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.definition import Feature


@dataclass(frozen=True)
class Plan:
    """Days on which each of the kept features looks back as far as it should.

    ``refused`` are the other features, with the share of the days on which they cannot.
    """

    days: list[date]
    features: tuple[Feature, ...]
    refused: dict[str, float]


def plan(
    days: Sequence[date],
    features: Sequence[Feature],
    full_from: dict[str, date],
    most_absent: float,
) -> Plan:
    """Refuse what is absent on too many days; leave out the days that the rest does not cover.

    Args:
        days: Scoring days, in order.
        full_from: From ``features.history``: the first day on which each feature is whole.
        most_absent: Share of the days on which a feature may be absent.
    """
    absent = {f.name: _share_before(full_from[f.name], days) for f in features}
    refused = {name: share for name, share in absent.items() if share > most_absent}
    kept = tuple(feature for feature in features if feature.name not in refused)
    first = max((full_from[feature.name] for feature in kept), default=date.min)
    return Plan([day for day in days if day >= first], kept, refused)


def unknown_too_often(
    table: pd.DataFrame, names: Collection[str], most_absent: float
) -> dict[str, float]:
    """Features that nobody has on more than ``most_absent`` of the table's days, with that share.

    Args:
        table: One row a day and group (or member), with ``as_of``.
        names: The columns that are features.
    """
    known = table.groupby("as_of")[sorted(names)].count() > 0
    absent = 1 - known.mean()
    return {str(name): float(share) for name, share in absent.items() if share > most_absent}


def _share_before(first: date, days: Sequence[date]) -> float:
    return sum(day < first for day in days) / len(days) if days else 0.0
