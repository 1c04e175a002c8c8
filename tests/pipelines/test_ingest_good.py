"""Good deliveries, in any dress, become the same stored rows."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from data_contracts.contract import source_tables
from pipelines.errors import ContractBrokenError, UsageError
from pipelines.intake.ingestion import ingest
from pipelines.storage import Home, Warehouse, connect


def _stored(home: Home, table: str) -> list[dict[str, Any]]:
    warehouse = Warehouse(home)
    with warehouse.connect() as connection:
        frame = warehouse.tables(connection)[table].collect("pyarrow").to_native()
    rows: list[dict[str, Any]] = frame.to_pylist()
    return rows


def test_rows_are_stored_with_all_columns_in_the_types_of_the_contract(
    deliver, take_in, rows, home
) -> None:
    deliver("usage_month", [rows["usage_month"](call_out_n="12", data_kb=2048.0)])

    take_in()

    row = _stored(home, "usage_month")[0]
    assert tuple(row) == source_tables()["usage_month"].names
    assert row["call_out_n"] == 12
    assert row["data_kb"] == 2048
    assert row["vnet_out_m"] is None
    assert row["load_time"] == datetime.fromisoformat("2010-02-05 08:00:00")


def test_the_report_counts_files_and_rows(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]("U1"), rows["usage_month"]("U2")])
    deliver("bill_month", [rows["bill_month"]("U1")])

    report = take_in()

    assert report.rows() == [
        ("usage_month", 1, 2, 2, 0, 0),
        ("bill_month", 1, 1, 1, 0, 0),
        ("total", 1 + 1, 2 + 1, 2 + 1, 0, 0),
    ]
    assert report.to_json()["data_version"] == report.data_version


def test_progress_tells_how_many_files_are_finished(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]()])
    deliver("bill_month", [rows["bill_month"]()])
    told: list[tuple[str, int, int]] = []

    take_in(progress=lambda step, done, total: told.append((step, done, total)))

    assert told == [("usage_month", 1, 2), ("bill_month", 2, 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_text_comes_through_every_encoding(
    encoding: str, deliver, take_in, rows, home
) -> None:
    note = "客户说：“资费太高”，请𠮷经理回访"
    deliver("visit", [rows["visit"](next_action=note)], "201001.csv", encoding)

    take_in()

    assert _stored(home, "visit")[0]["next_action"] == note


def test_csv_and_parquet_of_the_same_rows_are_stored_as_the_same_file(
    deliver, take_in, rows, home, tmp_path
) -> None:
    listed = [rows["usage_month"](f"U{n}", last_active_date=date(2010, 1, n)) for n in (1, 2, 3)]
    deliver("usage_month", listed, "201001.csv")
    first = take_in()
    (tmp_path / "extract/landing/usage_month/201001.csv").unlink()
    deliver("usage_month", listed, "201001.parquet")

    second = take_in_elsewhere(tmp_path)

    assert second.data_version == first.data_version


def take_in_elsewhere(tmp_path: Path, **options: Any) -> Any:
    return ingest(tmp_path / "extract", Home(tmp_path / "elsewhere"), **options)


def test_neither_row_order_nor_threads_change_what_is_stored(
    deliver, take_in, rows, home, tmp_path
) -> None:
    """Enough rows for several of DuckDB's vectors, some of them with nothing unknown."""
    listed = [
        rows["usage_month"](f"U{n}", mou_in_m=n, call_in_n=n if n % 1_000 else None)
        for n in range(5_000)
    ]
    deliver("usage_month", listed)
    first = take_in(threads=1)
    random.Random(1).shuffle(listed)
    deliver("usage_month", listed)

    second = take_in_elsewhere(tmp_path, threads=3)

    elsewhere = Warehouse(Home(tmp_path / "elsewhere"))
    assert second.data_version == first.data_version
    assert [path.name for path in elsewhere.files("usage_month")] == [
        path.name for path in Warehouse(home).files("usage_month")
    ]
    assert elsewhere.files("usage_month")[0].read_bytes() == (
        Warehouse(home).files("usage_month")[0].read_bytes()
    )


def test_the_same_delivery_again_changes_nothing(deliver, take_in, rows, home) -> None:
    deliver("usage_month", [rows["usage_month"]()])
    first = take_in()
    manifest = home.manifest.read_bytes()

    again = take_in()

    assert again.rows()[0] == ("usage_month", 0, 0, 0, 0, 1)
    assert again.data_version == first.data_version
    assert home.manifest.read_bytes() == manifest


def test_the_same_file_under_two_names_counts_once(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]()], "a.parquet")
    deliver("usage_month", [rows["usage_month"]()], "b.parquet")

    assert take_in().rows()[0] == ("usage_month", 1, 1, 1, 0, 1)


def test_files_may_come_one_after_another(deliver, take_in, rows, home) -> None:
    deliver("usage_month", [rows["usage_month"]()], "201001.parquet")
    take_in()
    february = {
        "month": "201002",
        "event_time": datetime.fromisoformat("2010-02-28 23:59:59"),
        "load_time": datetime.fromisoformat("2010-03-05 08:00:00"),
    }
    deliver("usage_month", [rows["usage_month"](**february)], "201002.parquet")

    report = take_in()

    assert report.rows()[0] == ("usage_month", 1, 1, 1, 0, 1)
    assert sorted(row["month"] for row in _stored(home, "usage_month")) == ["201001", "201002"]


def test_tables_may_lie_in_the_folder_itself_as_single_files(rows, home, landing, deliver) -> None:
    deliver("usage_month", [rows["usage_month"]()], "x.csv").rename(landing / "usage_month.csv")
    (landing / "usage_month").rmdir()
    (landing / "README.md").write_text("left alone")

    assert ingest(landing, home).rows()[0] == ("usage_month", 1, 1, 1, 0, 0)


def test_folders_may_have_signs_that_mean_something_to_a_file_search(rows, deliver, home) -> None:
    path = deliver("usage_month", [rows["usage_month"]()], "a[1]*?.parquet")
    odd = path.parents[2] / "extract [new]*"
    (path.parents[1]).rename(odd)

    assert ingest(odd, home).rows()[0] == ("usage_month", 1, 1, 1, 0, 0)


def test_a_header_without_rows_is_an_empty_delivery(deliver, take_in, rows) -> None:
    path = deliver("usage_month", [rows["usage_month"]()], "201001.csv")
    path.write_text(path.read_text().splitlines()[0])

    report = take_in()

    assert report.rows()[0] == ("usage_month", 1, 0, 0, 0, 0)
    assert report.warnings == ("usage_month/201001.csv has a header and no rows.",)


def test_an_operators_own_tables_can_tell_about_groups_when_there_are_snapshots(
    deliver, take_in, rows, home
) -> None:
    deliver("usage_month", [rows["usage_month"]()])
    take_in()

    assert Warehouse(home).capabilities == {"group": False, "time": True, "graph": False}


def test_two_ingests_do_not_run_at_once(deliver, take_in, rows, home) -> None:
    deliver("usage_month", [rows["usage_month"]()])

    def try_a_second(*_: object) -> None:
        with pytest.raises(UsageError, match="Another ingest"):
            take_in()

    take_in(progress=try_a_second)


def test_a_crash_before_the_pointer_moves_leaves_the_old_data(
    deliver, take_in, rows, home, monkeypatch
) -> None:
    deliver("usage_month", [rows["usage_month"]("U1")], "1.parquet")
    before = take_in().data_version
    deliver("usage_month", [rows["usage_month"]("U2")], "2.parquet")

    rename = Path.replace

    def crash(draft: Path, target: Path) -> Path:
        if target == home.manifest:
            raise KeyboardInterrupt
        return rename(draft, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            take_in()

    assert Warehouse(home).data_version == before
    assert [row["user_id"] for row in _stored(home, "usage_month")] == ["U1"]
    assert take_in().rows()[0] == ("usage_month", 1, 1, 1, 0, 1)
    assert sorted(row["user_id"] for row in _stored(home, "usage_month")) == ["U1", "U2"]


def test_what_a_killed_ingest_left_is_swept_away(deliver, take_in, rows, home) -> None:
    left = home.work / "ingest-killed"
    left.mkdir(parents=True)
    (left / "usage_month-0-good.parquet").write_bytes(b"half")
    deliver("usage_month", [rows["usage_month"]()])

    take_in()

    assert sorted(path.name for path in home.work.iterdir()) == ["ingest.lock"]


def test_rows_that_great_expectations_alone_finds_broken_stop_the_ingest(
    deliver, take_in, rows, home, monkeypatch
) -> None:
    from data_contracts import expectations

    def refuse(*_: object) -> expectations.Verdict:
        return expectations.Verdict(False, ("usage_month.mou_out_m.minimum",))

    monkeypatch.setattr(expectations, "validate", refuse)
    deliver("usage_month", [rows["usage_month"]()])

    with pytest.raises(ContractBrokenError, match=r"usage_month\.mou_out_m\.minimum"):
        take_in()
    assert not home.manifest.exists()


def test_every_part_of_every_key_is_required() -> None:
    """Stored rows are in the order of their key, which must therefore be there."""
    optional = [
        (table.name, name)
        for table in source_tables().values()
        for name in table.physical_key
        if not table.column(name).required
    ]

    assert optional == []


def test_stored_files_are_plain_parquet(deliver, take_in, rows, home) -> None:
    deliver("usage_month", [rows["usage_month"]()])
    take_in()

    with connect(folders=[home.warehouse]) as connection:
        path = Warehouse(home).files("usage_month")[0]
        assert connection.sql(f"SELECT user_id FROM '{path}'").fetchall() == [("U1",)]
