"""A mapping says how a stranger's files become our tables, and errors point at its lines."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import ContractBrokenError, UsageError
from pipelines.intake.ingestion import ingest
from pipelines.mapping import load_mapping, parse_mapping, shipped_mappings
from pipelines.storage import Home, Warehouse

BILLS = """\
name = "strangers"
meaning = "Two months of bills, one column each."

[capabilities]
group = false

[study]
as_of = 2010-03-01
label = "L_member_silent"
period = "201003"

[common]
op = "'I'"
src_system = "'B'"
version = "1"

[[table]]
target = "bill_month"
file = "bills.csv"
repeat = [
    { p = "1", month = "201001", end = "2010-01-31", loaded = "2010-02-08" },
    { p = "2", month = "201002", end = "2010-02-28", loaded = "2010-03-08" },
]

[table.columns]
user_id = "customer"
month = "'{month}'"
arpu_fen = "CAST(round(100 * CAST(arpu_{p} AS DECIMAL(18,4))) AS BIGINT)"
event_time = "'{end}'"
load_time = "'{loaded}'"
batch_id = "'{month}'"
"""
ARPU_LINE = 1 + BILLS.splitlines().index(
    'arpu_fen = "CAST(round(100 * CAST(arpu_{p} AS DECIMAL(18,4))) AS BIGINT)"'
)


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    folder = tmp_path / "strangers"
    folder.mkdir()
    (folder / "bills.csv").write_text("customer,arpu_1,arpu_2,mood\nA,12.34,5,good\nB,0.1,7,bad\n")
    return folder


def _arpu(home: Home) -> list[tuple[str, str, int | None]]:
    warehouse = Warehouse(home)
    with warehouse.connect() as connection:
        frame = warehouse.tables(connection)["bill_month"].collect("pyarrow").to_native()
    columns = (frame[name].to_pylist() for name in ("user_id", "month", "arpu_fen"))
    return sorted(zip(*columns, strict=True))


def test_a_column_for_each_month_becomes_a_row_for_each_month(strangers, home) -> None:
    report = ingest(strangers, home, parse_mapping(BILLS, "test"))

    assert report.rows()[0] == ("bill_month", 1, 2 * 2, 4, 0, 0)
    assert _arpu(home) == [
        ("A", "201001", 1234),
        ("A", "201002", 500),
        ("B", "201001", 10),
        ("B", "201002", 700),
    ]


def test_what_the_mapping_says_of_the_data_is_kept_with_them(strangers, home) -> None:
    ingest(strangers, home, parse_mapping(BILLS, "test"))

    warehouse = Warehouse(home)
    assert warehouse.capabilities == {"group": False, "time": False, "graph": False}
    assert warehouse.study is not None
    assert warehouse.study.as_of == "2010-03-01"
    assert warehouse.study.label == "L_member_silent"
    assert warehouse.study.period == "201003"


def test_a_cell_that_an_expression_fails_on_is_set_aside_with_its_row(strangers, home) -> None:
    lines = ["customer,arpu_1,arpu_2", "A,12x,5", *(f"C{n},1,2" for n in range(20))]
    (strangers / "bills.csv").write_text("\n".join(lines))

    report = ingest(strangers, home, parse_mapping(BILLS, "test"))

    assert report.rows()[0] == ("bill_month", 1, 42, 41, 1, 0)
    broken = pq.read_table(next((home.quarantine / "bill_month").iterdir())).to_pylist()[0]
    assert broken["row"] == 1
    assert broken["rule"] == "bill_month.arpu_fen.mapping"
    assert broken["reason"] == "The mapping's expression for arpu_fen fails on this row."
    assert broken["also"] == ["bill_month.arpu_fen.required"]


def test_the_same_files_again_change_nothing(strangers, home) -> None:
    first = ingest(strangers, home, parse_mapping(BILLS, "test"))
    again = ingest(strangers, home, parse_mapping(BILLS, "test"))

    assert again.rows()[0] == ("bill_month", 0, 0, 0, 0, 1)
    assert again.data_version == first.data_version


def test_parquet_files_can_be_mapped_too(strangers, home) -> None:
    (strangers / "bills.csv").unlink()
    table = pa.table({"customer": ["A"], "arpu_1": [12.34], "arpu_2": [5.0]})
    pq.write_table(table, strangers / "bills.parquet")

    ingest(strangers, home, parse_mapping(BILLS.replace("bills.csv", "*.parquet"), "test"))

    assert _arpu(home) == [("A", "201001", 1234), ("A", "201002", 500)]


def test_strangers_and_the_operators_own_tables_do_not_mix(
    strangers, home, deliver, take_in, rows
) -> None:
    ingest(strangers, home, parse_mapping(BILLS, "test"))
    deliver("bill_month", [rows["bill_month"]()])

    with pytest.raises(UsageError, match="holds data of strangers, not of the operator"):
        take_in()


def test_an_unknown_source_column_is_named_with_its_line(strangers, home) -> None:
    (strangers / "bills.csv").write_text("customer,arpu_1\nA,12.34\n")

    with pytest.raises(UsageError) as refused:
        ingest(strangers, home, parse_mapping(BILLS, "test"))

    place = f"mapping strangers, line {ARPU_LINE}, table bill_month, column arpu_fen"
    assert str(refused.value).startswith(place)
    assert 'column "arpu_2" not found' in str(refused.value)
    assert not home.manifest.exists()


def test_a_mapping_reads_the_files_it_is_given_and_no_others(strangers, home) -> None:
    stealing = BILLS.replace('"customer"', '''"(SELECT content FROM read_text('/etc/hostname'))"''')

    with pytest.raises(UsageError, match="disabled by configuration"):
        ingest(strangers, home, parse_mapping(stealing, "test"))


def test_a_missing_file_is_named(strangers, home) -> None:
    (strangers / "bills.csv").unlink()

    with pytest.raises(ContractBrokenError, match=r"bill_month from bills\.csv, which is not in"):
        ingest(strangers, home, parse_mapping(BILLS, "test"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[common]", "[comon]", r"mapping test: unknown comon"),
        ('target = "bill_month"', 'target = "bills"', "table bills: no contract has this name"),
        ("arpu_fen =", "arpu =", "columns that the contract does not have: arpu"),
        ('version = "1"', "", "required columns without an expression: version"),
        ("{p}", "{q}", "placeholders that an entry of repeat does not fill: q"),
        ('file = "bills.csv"', "", "say which file it is made from"),
        ('file = "bills.csv"', 'file = "b"\ntoken = ["vip"]', "token columns without .*: vip"),
        ("group = false", "groups = false", r"\[capabilities\]: unknown groups"),
        ("as_of = 2010-03-01", 'as_of = "soon"', r"\[study\]: needs as_of"),
        ("name =", "name", "no valid TOML"),
    ],
)
def test_a_mistake_in_a_mapping_is_said(old: str, new: str, message: str) -> None:
    assert old in BILLS
    with pytest.raises(UsageError, match=message):
        parse_mapping(BILLS.replace(old, new), "test")


def test_a_mapping_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(BILLS)

    assert load_mapping(str(tmp_path / "ours.toml")).name == "strangers"
    assert shipped_mappings() == ["b2b_bulgaria", "call_network", "member_panel"]
    assert load_mapping("member_panel").name == "member_panel"
    shipped = "b2b_bulgaria, call_network, member_panel"
    with pytest.raises(UsageError, match=f"neither a file nor one of {shipped}"):
        load_mapping("none")


def test_two_recipes_for_one_table_are_checked_together(strangers, home) -> None:
    """The second makes both months of the second column: of January's bills none can be believed,
    of February's, which are equal, one copy stays."""
    again = BILLS[BILLS.index("[[table]]") :].replace("arpu_{p}", "arpu_2")
    mapping = parse_mapping(f"{BILLS}\n{again}", "test")

    with pytest.raises(
        ContractBrokenError, match=rf"{2 * 2 + 2} of {2 * 4} rows .*bill_month\.key"
    ):
        ingest(strangers, home, mapping)
