"""A world small enough to run in a second, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.preset import Preset, load
from simulator.world import simulate

SMALL = {
    "world.months": 8,
    "population.groups": {"A": 1, "B": 4, "C": 60},
    "attack.mult": 3,
    "fieldwork.report_lost_unmanaged": 1,
    "usage.dekads_from": 5,
    "circle.edges_months": 2,
    "campaign.on": 0.5,
}


@pytest.fixture(scope="session")
def small() -> Preset:
    return load("toy", SMALL)


@pytest.fixture(scope="session")
def world(small: Preset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world")
    simulate(small, 1, out)
    return out
