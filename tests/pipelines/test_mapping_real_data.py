"""The two mappings that ship take real data in, row by row accounted for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.intake.ingestion import ingest
from pipelines.intake.report import IngestReport
from pipelines.mapping import load_mapping
from pipelines.storage import Home, Warehouse, parquet

DATA = Path(__file__).parents[3] / "shared" / "data"


def _take_in(name: str, folder: Path) -> tuple[IngestReport, Warehouse]:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real data set {name} is not on this machine")
    report = ingest(DATA / name, Home(folder), load_mapping(name), token_key=b"k" * 32)
    for line in report.rows():
        print(dict(zip(report.HEADER, line, strict=True)))
    return report, Warehouse(Home(folder))


@pytest.fixture(scope="module")
def panel(tmp_path_factory) -> tuple[IngestReport, Warehouse]:
    return _take_in("member_panel", tmp_path_factory.mktemp("panel"))


@pytest.fixture(scope="module")
def companies(tmp_path_factory) -> tuple[IngestReport, Warehouse]:
    return _take_in("b2b_bulgaria", tmp_path_factory.mktemp("companies"))


def test_every_row_of_the_panel_is_accounted_for(panel) -> None:
    report, _ = panel

    assert [(line[0], line[2]) for line in report.rows()] == [
        ("member", 1_000),
        ("usage_month", 4 * 1_000),
        ("bill_month", 4 * 1_000),
        ("total", 9 * 1_000),
    ]
    assert all(table.rows == table.good + table.quarantined for table in report.tables)


def test_rounding_makes_nobody_silent(panel) -> None:
    """11.0 % of the panel is silent in September: no minute and no data."""
    _, warehouse = panel
    usage = parquet(warehouse.files("usage_month"))
    silent = "mou_out_m + mou_in_m + data_kb = 0"
    query = f"SELECT count(*) FROM {usage} WHERE month = '201409' AND {silent}"

    assert duckdb.connect().sql(query).fetchall() == [(110,)]


def test_a_month_without_parts_is_known_to_be_zero(panel) -> None:
    _, warehouse = panel
    usage = parquet(warehouse.files("usage_month"))
    unknown = "mou_out_onnet_m IS NULL OR mou_out_rival_m IS NULL OR mou_in_rival_m IS NULL"

    assert duckdb.connect().sql(f"SELECT count(*) FROM {usage} WHERE {unknown}").fetchall() == [
        (0,)
    ]


def test_no_number_of_the_panel_is_stored(panel) -> None:
    _, warehouse = panel
    table = duckdb.connect().sql(f"SELECT mobile_number FROM read_csv('{DATA}/member_panel/*.csv')")
    numbers = [str(number).encode() for (number,) in table.fetchall()]
    files = [path.read_bytes() for path in warehouse.home.path.rglob("*") if path.is_file()]

    assert len(numbers) == 1_000
    assert not [1 for content in files for number in numbers if number in content]


def test_nothing_of_the_label_month_is_known_on_the_day_of_the_study(panel) -> None:
    _, warehouse = panel
    assert warehouse.study is not None
    for name in ("usage_month", "bill_month"):
        known = f"load_time <= TIMESTAMP '{warehouse.study.as_of} 23:59:59'"
        query = f"SELECT max(month) FROM {parquet(warehouse.files(name))} WHERE {known}"
        assert duckdb.connect().sql(query).fetchall() == [("201408",)]


def test_every_company_is_accounted_for(companies) -> None:
    report, warehouse = companies

    assert report.rows()[0][:3] == ("group_snapshot", 1, 2 * 8_453)
    assert report.total.rows == report.total.good + report.total.quarantined
    snapshot = parquet(warehouse.files("group_snapshot"))
    query = f"SELECT month, lifecycle, count(*) FROM {snapshot} GROUP BY ALL ORDER BY ALL"
    assert duckdb.connect().sql(query).fetchall() == [
        ("201501", "active", 8_453),
        ("201502", "active", 8_453 - 549),
        ("201502", "lost", 549),
    ]


def test_no_company_is_known_to_be_lost_on_the_day_of_the_study(companies) -> None:
    _, warehouse = companies
    assert warehouse.study is not None
    known = f"load_time <= TIMESTAMP '{warehouse.study.as_of} 23:59:59'"
    snapshot = parquet(warehouse.files("group_snapshot"))

    query = f"SELECT DISTINCT lifecycle FROM {snapshot} WHERE {known}"
    assert duckdb.connect().sql(query).fetchall() == [("active",)]
    assert warehouse.capabilities == {"group": True, "time": False, "graph": False}
