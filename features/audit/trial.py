"""One trial: change some rows, compute again, see which features differ by a bit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from features.audit.finding import Finding
from features.audit.sample import Rows, as_tables
from features.compute import group_features, member_features
from features.definition import Entity, Feature

Change = Callable[[pa.Table], pa.Table]

ROWS: dict[Entity, str] = {"member": "members on net", "group": "groups"}
_ROW_NAMES = frozenset(ROWS.values())
_KEY = {"member": ["as_of", "user_id"], "group": ["as_of", "group_id"]}


@dataclass(frozen=True)
class Part:
    """One thing done to one table, by name."""

    source: str
    table: str
    change: Change
    seen: str


@dataclass(frozen=True)
class Probe:
    """Things done to the tables under which no feature may change.

    ``adds`` tells whether rows and cells are put in or exchanged, rather than taken away.
    """

    name: str
    parts: tuple[Part, ...]
    adds: bool = False


class Trials:
    """Trials with some rows, on one day."""

    def __init__(self, rows: Rows, day: date, features: Sequence[Feature]) -> None:
        self._rows = rows
        self._day = day
        self._features = features
        self._after: dict[Part, pa.Table | None] = {}
        self.values = self._computed(rows, features, tuple(ROWS))

    def run(self, probes: Sequence[Probe]) -> list[Finding]:
        """All that takes away at once, then all that puts in; what changes is looked into.

        So a clean catalogue is computed three times in all, however many probes there are.
        """
        suspects: set[str] = set()
        for adds in (False, True):
            parts = [part for probe in probes if probe.adds == adds for part in probe.parts]
            suspects |= self._changed(parts, {f.name for f in self._features} | _ROW_NAMES).keys()
        found = [
            finding
            for probe in probes
            if suspects
            for finding in self._looked_into(probe.name, probe.parts, suspects)
        ]
        unnamed = suspects - {finding.feature for finding in found}
        seen = "it changes when all is tried together, by no probe alone"
        return found + [Finding("all together", "-", name, seen, 0) for name in sorted(unnamed)]

    def _looked_into(
        self, probe: str, parts: Sequence[Part], suspects: Collection[str]
    ) -> list[Finding]:
        """Which of the suspects the parts change, each with the parts that do so alone."""
        parts = [part for part in parts if self._does_something(part)]
        changed = self._changed(parts, suspects)
        if len(parts) == 1:
            part = parts[0]
            return [Finding(probe, part.source, f, part.seen, n) for f, n in changed.items()]
        middle = len(parts) // 2
        halves = (parts[:middle], parts[middle:]) if changed else ()
        found = [one for half in halves for one in self._looked_into(probe, half, changed)]
        together = changed.keys() - {finding.feature for finding in found}
        seen = "it changes when several tables are changed together, by none alone"
        return found + [Finding(probe, "-", f, seen, changed[f]) for f in sorted(together)]

    def _does_something(self, part: Part) -> bool:
        return self._done(part) is not None

    def _done(self, part: Part) -> pa.Table | None:
        """The part's table after the part alone; None where that makes no difference."""
        if part not in self._after:
            before = self._rows.get(part.table)
            after = None if before is None else part.change(before)
            same = after is None or after is before or after.equals(before)
            self._after[part] = None if same else after
        return self._after[part]

    def _changed(self, parts: Sequence[Part], suspects: Collection[str]) -> dict[str, int]:
        """Those of the suspects that differ, with the number of rows in which they do."""
        effective = [part for part in parts if self._does_something(part)]
        if not effective:
            return {}
        rows = dict(self._rows)
        for part in effective:
            untouched = rows[part.table] is self._rows[part.table]
            rows[part.table] = self._done(part) if untouched else part.change(rows[part.table])
        features = [feature for feature in self._features if feature.name in suspects]
        entities = {feature.entity for feature in features}
        entities |= {entity for entity, name in ROWS.items() if name in suspects}
        found: dict[str, int] = {}
        for entity, after in self._computed(rows, features, entities).items():
            found |= _differing(self.values[entity], after, entity)
        return {name: count for name, count in found.items() if name in suspects}

    def _computed(
        self, rows: Rows, features: Sequence[Feature], entities: Collection[Entity]
    ) -> dict[Entity, pd.DataFrame]:
        tables = as_tables(rows)
        made: dict[Entity, pd.DataFrame] = {}
        if "member" in tables and "member" in entities:
            of_members = [feature for feature in features if feature.entity == "member"]
            made["member"] = member_features(tables, [self._day], of_members)
        if "group_snapshot" in tables and "group" in entities:
            of_groups = [feature for feature in features if feature.entity == "group"]
            made["group"] = group_features(tables, [self._day], of_groups, tiers=None)
        return made


def _differing(before: pd.DataFrame, after: pd.DataFrame, entity: Entity) -> dict[str, int]:
    key = _KEY[entity]
    first, second = before.set_index(key), after.set_index(key)
    both = first.index.intersection(second.index)
    found = {}
    if elsewhere := len(first.index.symmetric_difference(second.index)):
        found[ROWS[entity]] = elsewhere
    first, second = first.loc[both], second.loc[both]
    for name in after.columns.difference([*key, "group_id", "tier"]):
        old, new = first[name].to_numpy(np.float64), second[name].to_numpy(np.float64)
        differ = int((~((old == new) | (np.isnan(old) & np.isnan(new)))).sum())
        if differ:
            found[name] = differ
    return found
