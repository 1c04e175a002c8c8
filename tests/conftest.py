"""What tests need of the machine, and the one Prefect server that a test run starts."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest
from drawing import drawn as drawn

from pipelines.temporary_server import temporary_server

os.environ.setdefault("GROUPCHURN_GROUP_MODEL__MEMBER_HAZARDS", "false")
"""Member models take longest of all; tests/pipelines/test_hazards_in_use.py has them."""
SMALL_WORLD_DAY = date(2010, 7, 3)
"""The last list of the small world."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="leave out tests marked slow")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers():
        if reason := _reason_to_skip(mark.name, fast=item.config.getoption("--fast")):
            pytest.skip(reason)


def _reason_to_skip(mark: str, *, fast: bool) -> str | None:
    if mark == "slow" and fast:
        return "slow, left out by --fast"
    if mark == "java" and not shutil.which("java"):
        return "there is no java on this machine"
    if mark == "java" and not find_spec("pyspark"):
        return "pyspark is not installed: see requirements-spark.lock"
    if mark == "browser" and not shutil.which("chromium"):
        return "there is no chromium on this machine"
    if mark == "server" and not _loopback_is_allowed():
        return "this machine does not let a test listen on its loopback"
    return None


def _loopback_is_allowed() -> bool:
    try:
        with socket.create_server(("127.0.0.1", 0)):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a Prefect server that flows of this test run, and their children, use."""
    folder = tmp_path_factory.mktemp("prefect")
    with temporary_server(folder) as server, pytest.MonkeyPatch.context() as patch:
        server.wait()
        patch.setitem(os.environ, "PREFECT_API_URL", server.url)
        yield folder


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extracts and truth of a small county that rivals attack often enough to learn from."""
    from pipelines.simulate import simulate

    out = tmp_path_factory.mktemp("small") / "world"
    overrides = ["population.groups.C=400", "population.groups.A=0", "population.groups.B=4"]
    simulate("toy", 11, out, [*overrides, "world.months=30", "attack.mult=4"])
    return out


@pytest.fixture(scope="session")
def trained_home(small_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the small world was ingested, learnt from, scored and published."""
    from pipelines.ingest import ingest
    from pipelines.run import run
    from pipelines.train import train

    home = tmp_path_factory.mktemp("home")
    ingest(small_world, home=home)
    train(SMALL_WORLD_DAY, home=home)
    run(SMALL_WORLD_DAY, home=home)
    return home
