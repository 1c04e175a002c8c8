"""The figures of the operator's documents, measured in a simulated world.

What is wanted stands in ``document.yaml``. What the document says of 2009 is measured before the
rival's policy changes (``drift.month``), in that year where the world has it.
"""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from simulator.sheet.counting import COUNTS
from simulator.sheet.figure import Figure
from simulator.sheet.reading import World

DOCUMENT = Path(__file__).parent / "document.yaml"


def figures(world: Path) -> list[Figure]:
    """All figures that a world can be held against, in the document's order.

    Args:
        world: Folder that ``simulate`` wrote.
    """
    return figures_of(World(world))


def figures_of(world: World) -> list[Figure]:
    """The same of a world that is open already."""
    wanted = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    here = world.about["preset"]
    return [_figure(entry, world) for entry in wanted if here in entry.get("presets", [here])]


def _figure(entry: dict[str, Any], world: World) -> Figure:
    parts = [row for row in COUNTS[entry["key"]](world) if row[1]]
    counts = np.array(parts, dtype=np.float64).reshape(-1, 2)
    numerator, denominator = counts.sum(axis=0).tolist()
    misses = counts[:, 0] - numerator / (denominator or 1.0) * counts[:, 1]
    return Figure(
        number=entry["number"],
        name=entry["name"],
        name_zh=entry["name_zh"],
        wanted=entry["wanted"],
        low=entry.get("low", -inf),
        high=entry.get("high", inf),
        tolerance=entry["tolerance"],
        numerator=numerator,
        denominator=denominator,
        clusters=float(len(counts)),
        squares=float((misses**2).sum()),
        unit=entry["unit"],
    )
