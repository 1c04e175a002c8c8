"""Files that are no tables: empty, cut off, torn, or in an encoding that nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.errors import ContractBrokenError, UsageError
from pipelines.intake.ingestion import ingest
from pipelines.storage import Home


def test_an_empty_file_is_named(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]()]).write_bytes(b"")

    with pytest.raises(ContractBrokenError, match=r"usage_month/201001\.parquet is an empty file"):
        take_in()


def test_a_cut_off_parquet_file_is_named(deliver, take_in, rows) -> None:
    path = deliver("usage_month", [rows["usage_month"]()])
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(ContractBrokenError, match="cannot be read as Parquet"):
        take_in()


def test_a_row_with_too_few_cells_is_set_aside_as_it_stands(deliver, take_in, rows, home) -> None:
    path = deliver("usage_month", [rows["usage_month"](f"U{n}") for n in range(30)], "201001.csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], "U99,201001,1", *lines[3:]]))

    assert take_in().rows()[0] == ("usage_month", 1, 31, 30, 1, 0)
    torn = pq.read_table(next((home.quarantine / "usage_month").iterdir())).to_pylist()[0]
    assert (torn["row"], torn["rule"], torn["content"]) == (3, "usage_month.shape", "U99,201001,1")


def test_an_open_quotation_mark_cannot_swallow_rows(deliver, take_in, rows) -> None:
    path = deliver("visit", [rows["visit"](1), rows["visit"](2)], "201001.csv")
    path.write_text(path.read_text().replace("V1", '"V1'))

    with pytest.raises(ContractBrokenError, match="quotation mark is opened and never closed"):
        take_in()


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_another_encoding_is_refused(encoding: str, deliver, take_in, rows) -> None:
    deliver("visit", [rows["visit"](next_action="café ÿÿ")], "201001.csv", encoding)

    with pytest.raises(ContractBrokenError, match="neither UTF-8 nor GB18030"):
        take_in()


def test_two_columns_of_one_name_are_refused(deliver, take_in, rows) -> None:
    path = deliver("visit", [rows["visit"]()], "201001.csv")
    path.write_text(path.read_text().replace("staff_id", "group_id"))

    with pytest.raises(ContractBrokenError, match="two columns named group_id"):
        take_in()


def test_a_table_that_no_contract_knows_is_named(deliver, take_in, rows) -> None:
    deliver("usage_moth", [rows["usage_month"]()])

    with pytest.raises(ContractBrokenError, match="no contract is called 'usage_moth'"):
        take_in()


def test_a_workbook_is_no_delivery(deliver, take_in, rows, landing) -> None:
    deliver("usage_month", [rows["usage_month"]()])
    (landing / "usage_month" / "201002.xlsx").write_bytes(b"PK")

    with pytest.raises(ContractBrokenError, match=r"only \.parquet and \.csv"):
        take_in()


def test_an_empty_folder_is_said_to_deliver_nothing(tmp_path: Path, home: Home) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="delivers no table"):
        ingest(empty, home)
    with pytest.raises(UsageError, match="There is no folder"):
        ingest(tmp_path / "none", home)
