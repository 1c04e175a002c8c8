"""Files are there whole or not at all, and DuckDB reads only what it is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ContractBrokenError
from pipelines.manifest import Manifest, Stored, Study
from pipelines.storage import Home, Warehouse, atomic_write, connect

JANUARY = Stored(
    table="usage_month",
    source="usage_month/201001.parquet",
    source_sha256="aa",
    rows=3,
    quarantined=1,
    file="0123456789abcdef.parquet",
    oldest_load_time="2010-02-01T08:00:00",
    newest_load_time="2010-02-05T08:00:00",
)
FEBRUARY = replace(
    JANUARY,
    source="usage_month/201002.parquet",
    source_sha256="bb",
    file="fedcba9876543210.parquet",
    oldest_load_time="2010-03-01T08:00:00",
    newest_load_time="2010-03-05T08:00:00",
)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"

    atomic_write(path, b"old")
    atomic_write(path, b"new")

    assert path.read_bytes() == b"new"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.json"]


def test_a_crash_before_the_rename_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    atomic_write(path, b"old")

    def crash(draft: Path, target: Path) -> None:
        assert draft.read_bytes() == b"new"
        raise OSError("the power went off")

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="power"):
        atomic_write(path, b"new")

    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]


def test_sql_reads_and_writes_only_the_folders_it_is_given(tmp_path: Path) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    ours.mkdir()
    other.mkdir()
    (other / "secret.csv").write_text("a\n1\n")

    with connect(folders=[ours]) as connection:
        connection.execute(f"COPY (SELECT 1 AS a) TO '{ours}/a.parquet'")
        for query in (
            f"SELECT * FROM read_csv('{other}/secret.csv')",
            f"SELECT * FROM read_csv('{ours}/../other/secret.csv')",
            f"COPY (SELECT 1) TO '{other}/b.csv'",
        ):
            with pytest.raises(duckdb.PermissionException):
                connection.execute(query)
        with pytest.raises(duckdb.Error):
            connection.execute("SET enable_external_access = true")


def test_the_manifest_comes_back_as_it_was_written() -> None:
    manifest = Manifest(
        stored=(JANUARY,),
        mapping="ours",
        capabilities={"group": True, "time": False, "graph": False},
        study=Study(as_of="2010-02-08", label="L_group_lost", period="201002"),
    )

    assert Manifest.from_bytes(manifest.to_bytes()) == manifest


def test_the_order_of_arrival_changes_neither_bytes_nor_version() -> None:
    forwards = Manifest().with_stored([JANUARY]).with_stored([FEBRUARY])
    backwards = Manifest().with_stored([FEBRUARY]).with_stored([JANUARY])

    assert forwards.to_bytes() == backwards.to_bytes()
    assert forwards.version() == backwards.version()


def test_the_version_names_the_rows_and_not_the_delivery() -> None:
    one = Manifest().with_stored([JANUARY])

    assert one.version() == Manifest().with_stored([replace(JANUARY, source_sha256="cc")]).version()
    assert one.version() != Manifest().with_stored([JANUARY, FEBRUARY]).version()


def test_an_empty_home_has_no_tables_and_a_version(home: Home) -> None:
    warehouse = Warehouse(home)

    with warehouse.connect() as connection:
        assert warehouse.tables(connection) == {}
    assert warehouse.data_version == Manifest().version()
    assert warehouse.freshness == {}


def test_freshness_is_the_newest_load_time_of_each_table(home: Home) -> None:
    manifest = Manifest().with_stored([JANUARY, FEBRUARY])
    atomic_write(home.manifest, manifest.to_bytes())

    newest = Warehouse(home).freshness

    assert {table: moment.isoformat() for table, moment in newest.items()} == {
        "usage_month": "2010-03-05T08:00:00"
    }


def test_a_damaged_manifest_is_named(home: Home) -> None:
    atomic_write(home.manifest, b'{"stored": [')

    with pytest.raises(ContractBrokenError, match=r"manifest\.json is damaged"):
        Warehouse(home)
