"""The world that tests of the whole catalogue look at."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def landing_of_everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extracts of 67 groups over 24 months, of every table, call edges too."""
    from pipelines.simulate import simulate

    out = tmp_path_factory.mktemp("everything") / "world"
    size = ["population.groups.C=60", "population.groups.A=1", "population.groups.B=6"]
    simulate("toy", 6, out, [*size, "attack.mult=4", "circle.edges_months=6"])
    return out / "landing"
