"""Small deliveries of a made-up operator, and a home to take them into."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.intake.ingestion import ingest
from pipelines.intake.report import IngestReport
from pipelines.storage import Home

Row = dict[str, Any]
Deliver = Callable[..., Path]
TakeIn = Callable[..., IngestReport]
Query = Callable[[str], list[tuple[Any, ...]]]


def _loaded(event: str, load: str) -> Row:
    return {
        "event_time": datetime.fromisoformat(event),
        "load_time": datetime.fromisoformat(load),
        "batch_id": "201001",
        "op": "I",
        "src_system": "BOSS",
    }


def usage(user: str = "U1", **changes: Any) -> Row:
    """A member's January 2010: 100 minutes out, of which 60 on net, 30 to rivals, 10 to fixed."""
    row: Row = {
        "user_id": user,
        "month": "201001",
        "version": 1,
        "mou_out_m": 100,
        "mou_in_m": 80,
        "mou_out_onnet_m": 60,
        "mou_out_rival_m": 30,
        "mou_out_fixed_m": 10,
        "mou_in_rival_m": 20,
        "data_kb": 1024,
        **_loaded("2010-01-31 23:59:59", "2010-02-05 08:00:00"),
    }
    return row | changes


def bill(user: str = "U1", **changes: Any) -> Row:
    """A member's bill of 50 yuan for January 2010."""
    row: Row = {
        "user_id": user,
        "month": "201001",
        "version": 1,
        "arpu_fen": 5000,
        **_loaded("2010-01-31 23:59:59", "2010-02-08 08:00:00"),
    }
    return row | changes


def membership(user: str = "U1", group: str = "G1", **changes: Any) -> Row:
    """A membership that began on 1 January 2010 and is open."""
    row: Row = {
        "user_id": user,
        "group_id": group,
        "valid_from": date(2010, 1, 1),
        "valid_to": date(9999, 12, 31),
        **_loaded("2010-01-01", "2010-01-02 03:00:00"),
    }
    return row | changes


def visit(number: int = 1, **changes: Any) -> Row:
    """A routine visit."""
    row: Row = {
        "visit_id": f"V{number}",
        "group_id": "G1",
        "staff_id": "S1",
        "visit_date": date(2010, 1, 8),
        "type": "routine",
        "next_action": "请准备新合同",
        **_loaded("2010-01-08", "2010-01-09"),
    }
    return row | changes


@pytest.fixture
def rows() -> Mapping[str, Callable[..., Row]]:
    """A maker of good rows for each of four tables."""
    return {
        "usage_month": usage,
        "bill_month": bill,
        "membership_hist": membership,
        "visit": visit,
    }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "var")


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "extract" / "landing"


@pytest.fixture
def deliver(landing: Path) -> Deliver:
    """Write rows as ``landing/<table>/<name>``, Parquet or CSV by the name's ending."""

    def write(
        table: str, rows: Iterable[Row], name: str = "201001.parquet", encoding: str = "utf-8"
    ) -> Path:
        path = landing / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            pq.write_table(pa.Table.from_pylist(list(rows)), path)
            return path
        listed = list(rows)
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, listed[0])
            writer.writeheader()
            writer.writerows(listed)
        return path

    return write


@pytest.fixture
def take_in(landing: Path, home: Home) -> TakeIn:
    """Ingest the landing folder into the home."""

    def run(**options: Any) -> IngestReport:
        return ingest(landing.parent, home, **options)

    return run


@pytest.fixture
def ask() -> Iterator[Query]:
    """Rows of a query over files."""
    with duckdb.connect() as connection:
        yield lambda query: connection.execute(query).fetchall()
