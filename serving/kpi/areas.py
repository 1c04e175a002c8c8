"""The tree of areas: a city with its counties, and what lies below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

REPORTED = ("province", "city", "county")
"""Areas that have rows of their own; towns and parks count in their county."""


@dataclass(frozen=True)
class Area:
    """One area; ``parent`` is None at the top."""

    area_id: str
    parent: str | None
    kind: str
    name: str


@dataclass(frozen=True)
class Areas:
    """All areas known on the day, by id."""

    by_id: Mapping[str, Area]

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """Areas without a parent among the known ones."""
        known = self.by_id
        return tuple(sorted(a for a in known if known[a].parent not in known))

    def above(self, area_id: str) -> tuple[str, ...]:
        """The area itself and those that it lies in, up to the top.

        What no table of areas knows belongs to the one top there is, if there is one.
        """
        if area_id not in self.by_id:
            return self.tops if len(self.tops) == 1 else ()
        chain: list[str] = []
        at: str | None = area_id
        while at is not None and at in self.by_id and at not in chain:
            chain.append(at)
            at = self.by_id[at].parent
        return tuple(chain)

    def reported(self, area_id: str | None = None) -> tuple[str, ...]:
        """The areas that a report has rows of: the one asked for or the tops, then those below."""
        first = [area_id] if area_id else list(self.tops)
        below = [
            each
            for each in sorted(self.by_id)
            if each not in first
            and self.by_id[each].kind in REPORTED
            and set(self.above(each)) & set(first)
        ]
        depth = {each: len(self.above(each)) for each in below}
        return (*first, *sorted(below, key=lambda each: (depth[each], each)))

    def beside(self, area_id: str, among: Iterable[str]) -> tuple[str, ...]:
        """The areas of the same parent that it is ranked with, itself included."""
        parent = self.by_id[area_id].parent if area_id in self.by_id else None
        return tuple(
            each for each in among if each in self.by_id and self.by_id[each].parent == parent
        )

    def below(self, area_id: str, among: Iterable[str]) -> tuple[str, ...]:
        """Those of some areas that lie directly in it."""
        return tuple(e for e in among if e in self.by_id and self.by_id[e].parent == area_id)

    def total(self, by_area: Mapping[str, int], area_id: str) -> int:
        """What some areas have together that lie in ``area_id``."""
        return sum(n for leaf, n in by_area.items() if area_id in self.above(leaf))
