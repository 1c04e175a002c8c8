"""Bad deliveries: each with a clear message, and nothing lost."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import ContractBrokenError
from pipelines.intake.commit import Limits
from pipelines.intake.ingestion import ingest
from pipelines.storage import Home, Warehouse


def _quarantined(home: Home, table: str) -> list[dict[str, object]]:
    files = sorted((home.quarantine / table).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_a_missing_table_is_named(deliver, take_in, rows, home) -> None:
    deliver("usage_month", [rows["usage_month"]()])

    with pytest.raises(ContractBrokenError, match="Missing table: member") as refused:
        take_in(required=["usage_month", "member"])

    assert refused.value.exit_code == 4
    assert not home.manifest.exists()


def test_a_table_that_is_stored_already_is_not_missing(deliver, take_in, rows, landing) -> None:
    deliver("usage_month", [rows["usage_month"]()]).rename(landing / "kept")
    deliver("bill_month", [rows["bill_month"]()])
    take_in()
    (landing / "kept").rename(landing / "usage_month" / "201001.parquet")
    (landing / "bill_month" / "201001.parquet").unlink()

    assert take_in(required=["bill_month"]).total.good == 1


def test_a_missing_column_is_named_with_table_and_file(deliver, take_in, rows) -> None:
    row = rows["usage_month"]()
    del row["data_kb"]
    deliver("usage_month", [row], "201001.csv")

    with pytest.raises(ContractBrokenError, match="required column data_kb is missing") as refused:
        take_in()
    assert str(refused.value).startswith("Table usage_month, file usage_month/201001.csv:")


def test_a_column_in_capital_letters_is_recognised_in_the_message(deliver, take_in, rows) -> None:
    row = rows["usage_month"]()
    row["DATA_KB"] = row.pop("data_kb")
    deliver("usage_month", [row])

    with pytest.raises(ContractBrokenError, match="DATA_KB is there: names are in small letters"):
        take_in()


def test_yuan_where_fen_are_wanted_is_a_wrong_unit(deliver, take_in, rows) -> None:
    row = rows["bill_month"]()
    row["arpu_yuan"] = row.pop("arpu_fen") / 100
    deliver("bill_month", [row])

    with pytest.raises(ContractBrokenError, match="wrong unit: arpu_yuan is in yuan") as refused:
        take_in()
    assert "the contract wants arpu_fen in fen (0.01 yuan)" in str(refused.value)


def test_an_unknown_column_is_refused_and_not_dropped(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"](mood="good")])

    with pytest.raises(ContractBrokenError, match="column mood is not in the contract"):
        take_in()


@pytest.mark.parametrize("name", ["201001.csv", "201001.parquet"])
def test_a_wrong_type_is_a_broken_row(name: str, deliver, take_in, rows, home) -> None:
    wrong = rows["usage_month"]("wrong", data_kb="many")
    good = [rows["usage_month"](f"U{n}", data_kb="1024") for n in range(30)]
    deliver("usage_month", [*good, wrong], name)

    assert take_in().rows()[0] == ("usage_month", 1, 31, 30, 1, 0)
    assert _quarantined(home, "usage_month")[0]["rule"] == "usage_month.data_kb.type"


def test_half_a_fen_is_no_whole_number(deliver, take_in, rows, home) -> None:
    bills = [rows["bill_month"](f"U{n}", arpu_fen=5000.0) for n in range(30)]
    deliver("bill_month", [*bills, rows["bill_month"]("half", arpu_fen=5000.5)])

    take_in()

    assert _quarantined(home, "bill_month")[0]["rule"] == "bill_month.arpu_fen.type"


def test_a_time_zone_is_refused(landing: Path, home: Home, rows) -> None:
    table = pa.Table.from_pylist([rows["visit"]()])
    zoned = table["load_time"].cast(pa.timestamp("us", "UTC"))
    path = landing / "visit.parquet"
    path.parent.mkdir(parents=True)
    place = table.column_names.index("load_time")
    pq.write_table(table.set_column(place, "load_time", zoned), path)

    with pytest.raises(ContractBrokenError, match="load_time carries a time zone"):
        ingest(landing, home)


def test_one_percent_of_bad_rows_is_set_aside_with_rule_reason_and_row(
    deliver, take_in, rows, home
) -> None:
    listed = [rows["usage_month"](f"U{n}") for n in range(200)]
    listed[16] = rows["usage_month"]("U16", mou_out_m=-5, mou_out_rival_m=-1)
    listed[41] = rows["usage_month"]("U41", month="2010-01")
    deliver("usage_month", listed, "201001.csv")

    report = take_in()

    assert report.rows()[0] == ("usage_month", 1, 200, 200 - 2, 2, 0)
    first, second = _quarantined(home, "usage_month")
    assert first["file"] == "usage_month/201001.csv"
    assert first["row"] == 16 + 1  # the first row after the header is row 1
    assert first["rule"] == "usage_month.mou_out_m.minimum"
    assert first["reason"] == "mou_out_m must be at least 0 min."
    assert first["also"] == [
        "usage_month.mou_out_rival_m.minimum",
        "usage_month.parts_of_outgoing.sum_at_most",
        "usage_month.parts_of_rival_out.sum_at_most",
    ]
    assert json.loads(str(first["content"]))["mou_out_m"] == "-5"
    assert (second["row"], second["rule"]) == (41 + 1, "usage_month.month.pattern")


def test_half_the_rows_bad_stops_the_ingest_and_keeps_what_was_there(
    deliver, take_in, rows, home
) -> None:
    deliver("usage_month", [rows["usage_month"]("U1")], "201001.parquet")
    before = take_in().data_version
    listed = [rows["usage_month"](f"V{n}", mou_in_m=-1) for n in range(10)]
    listed += [rows["usage_month"](f"W{n}") for n in range(10)]
    deliver("usage_month", listed, "201001b.parquet")
    deliver("bill_month", [rows["bill_month"]("U1")])

    with pytest.raises(ContractBrokenError, match=r"10 of 20 rows \(50\.0%\)") as refused:
        take_in()

    assert refused.value.exit_code == 4
    assert "usage_month.mou_in_m.minimum: mou_in_m must be at least 0 min." in str(refused.value)
    assert Warehouse(home).data_version == before
    assert len(_quarantined(home, "usage_month")) == 10
    assert Warehouse(home).files("bill_month") == []
    assert sorted(path.name for path in home.work.iterdir()) == ["ingest.lock"]


def test_the_limit_of_a_single_table_can_be_raised(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]("U1"), rows["usage_month"]("U2", version=0)])

    report = take_in(limits=Limits(tables={"usage_month": 0.5}))

    assert report.rows()[0] == ("usage_month", 1, 2, 1, 1, 0)


def test_of_identical_rows_one_stays(deliver, take_in, rows, home) -> None:
    listed = [rows["usage_month"](f"U{n}") for n in range(40)]
    deliver("usage_month", [*listed, rows["usage_month"]("U7")])

    assert take_in().rows()[0] == ("usage_month", 1, 41, 40, 1, 0)
    assert [row["rule"] for row in _quarantined(home, "usage_month")] == ["usage_month.key"]


def test_of_contradicting_rows_none_stays(deliver, take_in, rows, home) -> None:
    listed = [rows["usage_month"](f"U{n}") for n in range(40)]
    deliver("usage_month", [*listed, rows["usage_month"]("U7", data_kb=1)])

    assert take_in().rows()[0] == ("usage_month", 1, 41, 41 - 2, 2, 0)
    assert [row["row"] for row in _quarantined(home, "usage_month")] == [7 + 1, 41]


def test_the_same_key_in_two_files_of_one_delivery_is_seen(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"](f"U{n}") for n in range(40)], "a.csv")
    deliver("usage_month", [rows["usage_month"]("U7", data_kb=1)], "b.parquet")

    assert take_in().rows()[0] == ("usage_month", 2, 41, 41 - 2, 2, 0)


def test_what_contradicts_a_stored_row_is_set_aside_and_the_stored_row_stays(
    deliver, take_in, rows, home
) -> None:
    deliver("usage_month", [rows["usage_month"]("U7")], "a.parquet")
    take_in()
    listed = [rows["usage_month"](f"V{n}") for n in range(40)]
    deliver("usage_month", [*listed, rows["usage_month"]("U7", data_kb=1)], "b.parquet")

    assert take_in().rows()[0] == ("usage_month", 1, 41, 40, 1, 1)
    assert [row["row"] for row in _quarantined(home, "usage_month")] == [41]


def test_a_later_version_of_a_row_is_no_duplicate(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]("U7")], "a.parquet")
    take_in()
    later = datetime.fromisoformat("2010-03-01 08:00:00")
    deliver("usage_month", [rows["usage_month"]("U7", data_kb=1, load_time=later)], "b.parquet")

    assert take_in().rows()[0] == ("usage_month", 1, 1, 1, 0, 1)


def test_a_version_that_ends_a_membership_makes_room_for_the_next_one(
    deliver, take_in, rows
) -> None:
    deliver("membership_hist", [rows["membership_hist"]("U1", "G1")], "a.parquet")
    take_in()
    june, known = date(2010, 6, 1), datetime.fromisoformat("2010-06-02 03:00:00")
    ended = rows["membership_hist"]("U1", "G1", valid_to=june, load_time=known)
    begun = rows["membership_hist"]("U1", "G2", valid_from=june, load_time=known)
    deliver("membership_hist", [ended, begun], "b.parquet")

    assert take_in().rows()[0] == ("membership_hist", 1, 2, 2, 0, 1)


def test_a_membership_in_two_groups_at_once_is_set_aside(deliver, take_in, rows, home) -> None:
    deliver("membership_hist", [rows["membership_hist"]("U1", "G1")], "a.parquet")
    take_in()
    listed = [rows["membership_hist"](f"V{n}", "G2") for n in range(40)]
    second = rows["membership_hist"]("U1", "G2", valid_from=date(2010, 6, 1))
    deliver("membership_hist", [*listed, second], "b.parquet")

    assert take_in().rows()[0] == ("membership_hist", 1, 41, 40, 1, 1)
    assert [row["rule"] for row in _quarantined(home, "membership_hist")] == [
        "membership_hist.one_group.no_overlap"
    ]


def test_when_an_ending_is_set_aside_what_relied_on_it_is_too(deliver, take_in, rows, home) -> None:
    """U1 is stored as G1's for good. The version that would end this in June clashes with G3."""
    deliver("membership_hist", [rows["membership_hist"]("U1", "G1")], "a.parquet")
    take_in()
    june, known = date(2010, 6, 1), datetime.fromisoformat("2010-06-02 03:00:00")
    ended = rows["membership_hist"]("U1", "G1", valid_to=june, load_time=known)
    inside = rows["membership_hist"]("U1", "G3", valid_from=date(2010, 3, 1), valid_to=june)
    after = rows["membership_hist"]("U1", "G2", valid_from=june, load_time=known)
    others = [rows["membership_hist"](f"V{n}", "G2") for n in range(97)]
    deliver("membership_hist", [ended, inside, after, *others], "b.parquet")

    assert take_in().rows()[0] == ("membership_hist", 1, 100, 100 - 3, 3, 1)
    assert [row["row"] for row in _quarantined(home, "membership_hist")] == [1, 2, 3]
