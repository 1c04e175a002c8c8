"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One feature that knows, or may know, too much.

    Attributes:
        probe: What was tried.
        source: The table, column or register entry that did it.
        feature: The feature's name; ``members on net`` and ``groups`` stand for the rows
            themselves, where it changed who has features at all.
        seen: What happened, in words.
        rows: Rows of the feature table that differ, or that tell too much.
    """

    probe: str
    source: str
    feature: str
    seen: str
    rows: int
