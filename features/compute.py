"""Feature tables: any days, any features, for members or groups, read back where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

import pandas as pd

from features.asking import asked_days, asked_features, asked_tiers
from features.cache import Cache, Shelf
from features.catalog import GROUP_FEATURES, MEMBER_FEATURES
from features.definition import Entity, Feature
from features.fingerprint import fingerprints
from features.one_pass import Pass
from features.tables import Tables

Progress = Callable[[int, int], None]

DAYS_AT_ONCE = 18
"""Days whose features are computed in one pass; more days cost more memory."""
MEMBER_DAYS_AT_ONCE = 800_000
"""Members times days of one pass: fewer days of a larger place."""
_Chunk: TypeAlias = "tuple[list[date], frozenset[str], tuple[str, ...]]"
_KEYS: dict[Entity, list[str]] = {
    "member": ["as_of", "user_id", "group_id"],
    "group": ["as_of", "group_id", "tier"],
}


def member_features(
    tables: Tables,
    days: Sequence[date],
    features: Sequence[Feature | str] = MEMBER_FEATURES,
    *,
    tiers: Collection[str] | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Features of every member on net on each of ``days``, as known on that day.

    Args:
        tables: The operator's tables. With a cache, each day is kept there as soon as its pass is
            done: a later call computes only the days and features that are not there.
        days: Knowledge days (``as_of``).
        features: Which features, or their names; those whose sources are absent are left out.
        tiers: Only members of groups of these tiers; None for everybody.
        progress: Called with the number of days done and of all days.

    Returns:
        One row a day and member, sorted: ``as_of``, ``user_id``, ``group_id`` and one float64
        column a feature, NaN where unknown.

    Raises:
        FeatureError: A feature, a tier or a day is none, or nothing had been loaded by a day.
    """
    chosen = asked_features(features, "member")
    return _Request(tables, "member", chosen, asked_tiers(tables, tiers)).table(days, progress)


def group_features(
    tables: Tables,
    days: Sequence[date],
    features: Sequence[Feature | str] = GROUP_FEATURES,
    *,
    tiers: Collection[str] | None = ("C",),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Features of every group on each of ``days``, as known on that day.

    Arguments as for ``member_features``; a feature over ``MEMBERS`` has the member features that it
    reads computed on the way.

    Returns:
        One row a day and group, sorted: ``as_of``, ``group_id``, ``tier`` and one float64 column a
        feature, NaN where unknown.
    """
    chosen = asked_features(features, "group")
    return _Request(tables, "group", chosen, asked_tiers(tables, tiers)).table(days, progress)


@dataclass(frozen=True)
class _Request:
    """Which features of whom are wanted."""

    tables: Tables
    entity: Entity
    features: tuple[Feature, ...]
    tiers: Collection[str] | None

    def table(self, days: Sequence[date], progress: Progress | None) -> pd.DataFrame:
        ordered, done, made = asked_days(self.tables, days), 0, []
        for chunk, present, lacking in self._chunks(ordered):
            made.append(self._of(chunk, present, lacking))
            done += len(chunk)
            if progress:
                progress(done, len(ordered))
        return pd.concat(made, ignore_index=True)

    def _chunks(self, days: Sequence[date]) -> Iterator[_Chunk]:
        """Days that have the same tables and lack the same features, a few at once."""
        for (present, lacking), alike in groupby(days, self._alike):
            together, at_once = list(alike), _days_at_once(self.tables)
            for start in range(0, len(together), at_once):
                yield together[start : start + at_once], present, lacking

    def _alike(self, day: date) -> tuple[frozenset[str], tuple[str, ...]]:
        return self.tables.known_by(day), self._lacking(day)

    def _lacking(self, day: date) -> tuple[str, ...]:
        if self.tables.cache is None:
            return tuple(self._fingerprints)
        return tuple(self._shelf(self.tables.cache, day).lacks(self._fingerprints))

    def _of(
        self, days: list[date], present: frozenset[str], lacking: tuple[str, ...]
    ) -> pd.DataFrame:
        tables = self.tables.only(present)
        if self.tables.cache is None:
            return self._computed(tables, days, self.features)
        shelves = {day: self._shelf(self.tables.cache, day) for day in days}
        if lacking:
            wanted = [feature for feature in self.features if feature.name in lacking]
            fresh = self._computed(tables, days, wanted)
            asked = {name: self._fingerprints[name] for name in lacking}
            for day, shelf in shelves.items():
                shelf.put(fresh[fresh["as_of"] == day], asked)
        key = _KEYS[self.entity]
        kept = [shelf.read(self._fingerprints, key) for shelf in shelves.values()]
        return pd.concat(kept, ignore_index=True)

    def _computed(
        self, tables: Tables, days: list[date], features: Sequence[Feature]
    ) -> pd.DataFrame:
        with tables.holding():
            run = Pass(tables, days, self.tiers)
            return run.members(features) if self.entity == "member" else run.groups(features)

    @cached_property
    def _fingerprints(self) -> dict[str, str]:
        members = {feature.name: feature for feature in MEMBER_FEATURES}
        groups = {feature.name: feature for feature in GROUP_FEATURES}
        own = members if self.entity == "member" else groups
        asked = {feature.name: feature for feature in self.features}
        return fingerprints(self.features, members, {**own, **asked})

    def _shelf(self, cache: Cache, day: date) -> Shelf:
        tiers = "all" if self.tiers is None else "".join(sorted(self.tiers))
        return cache.shelf(day, f"{self.tables.engine}-{self.entity}-{tiers}")


def _days_at_once(tables: Tables) -> int:
    members = tables.size_of("member", "user_id")
    return max(1, min(DAYS_AT_ONCE, MEMBER_DAYS_AT_ONCE // max(members, 1)))
