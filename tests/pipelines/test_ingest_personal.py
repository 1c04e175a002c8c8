"""Plain phone and ID numbers are refused, and stand nowhere afterwards."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from pipelines.errors import ContractBrokenError
from pipelines.intake.ingestion import ingest
from pipelines.mapping import parse_mapping
from pipelines.storage import Home, Warehouse
from pipelines.tokens import token

PHONE = "13800138000"
IDENTITY = "11010519491231002X"

PERSONAL_NOTES = [
    PHONE,
    f"请拨打{PHONE}",
    "+86 138 0013 8000",
    "138-0013-8000",
    "１３８００１３８０００",
    f"身份证 {IDENTITY}。",
]


def _spellings() -> list[bytes]:
    texts = [*PERSONAL_NOTES, IDENTITY]
    return [
        text.encode(encoding) for text in texts for encoding in ("utf-8", "gb18030", "utf-16le")
    ]


def _assert_nowhere(home: Home, *texts: str) -> None:
    """No file under the home, and none of ``texts``, holds a number in any spelling."""
    files = [path for path in home.path.rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in files] + [text.encode() for text in texts]
    assert not [spelling for spelling in _spellings() for held in contents if spelling in held]


@pytest.mark.parametrize("name", ["201001.csv", "201001.parquet"])
@pytest.mark.parametrize("note", PERSONAL_NOTES)
def test_a_number_in_a_note_stops_everything(
    note: str, name: str, deliver, take_in, rows, home, caplog, capfd
) -> None:
    caplog.set_level(logging.DEBUG)
    deliver("bill_month", [rows["bill_month"]()])
    deliver("visit", [rows["visit"](1), rows["visit"](2, next_action=note)], name)

    with pytest.raises(ContractBrokenError, match=f"file visit/{name}, column next_action, row 2"):
        take_in()

    assert not home.manifest.exists()
    assert not home.quarantine.exists()
    _assert_nowhere(home, caplog.text, *capfd.readouterr())


def test_the_message_does_not_show_the_number(deliver, take_in, rows, home) -> None:
    deliver("visit", [rows["visit"](next_action=PHONE)], "201001.csv", "gb18030")

    with pytest.raises(ContractBrokenError) as refused:
        take_in()

    assert refused.value.exit_code == 4
    assert "a plain phone number" in str(refused.value)
    _assert_nowhere(home, str(refused.value))


def test_a_number_where_a_token_belongs_is_refused_and_not_merely_set_aside(
    deliver, take_in, rows, home
) -> None:
    good = [rows["usage_month"](f"U{n}") for n in range(100)]
    deliver("usage_month", [*good, rows["usage_month"](PHONE)])

    with pytest.raises(ContractBrokenError, match="column user_id, row 101"):
        take_in()
    _assert_nowhere(home)


def test_a_number_in_a_torn_row_is_seen(deliver, take_in, rows, home) -> None:
    path = deliver("visit", [rows["visit"](n) for n in range(30)], "201001.csv")
    path.write_text(path.read_text() + f"V99,{PHONE}\n")

    with pytest.raises(ContractBrokenError, match="too few or too many cells, row 31"):
        take_in()
    _assert_nowhere(home)


@pytest.mark.parametrize("name", ["201001.csv", "201001.parquet"])
def test_a_number_in_a_column_of_counts_is_not_written_into_quarantine(
    name: str, deliver, take_in, rows, home
) -> None:
    good = [rows["visit"](n, duration_min=30) for n in range(100)]
    deliver("visit", [*good, rows["visit"](100, duration_min=int(PHONE))], name)

    with pytest.raises(ContractBrokenError, match="column duration_min, row 101"):
        take_in()
    _assert_nowhere(home)


def test_ids_with_many_digits_are_no_phone_numbers(deliver, take_in, rows) -> None:
    deliver("usage_month", [rows["usage_month"]("89100000000123"), rows["usage_month"]("U2")])

    assert take_in().total.good == 2


def test_refusal_leaves_what_was_stored_before(deliver, take_in, rows, home) -> None:
    deliver("usage_month", [rows["usage_month"]()])
    before = take_in().data_version
    deliver("visit", [rows["visit"](next_action=PHONE)])

    with pytest.raises(ContractBrokenError):
        take_in()

    assert Warehouse(home).data_version == before


MEMBERS = """
name = "strangers"
[[table]]
target = "member"
file = "people.csv"
token = {token}
[table.columns]
user_id = "'M' || n"
msisdn_hash = "phone"
status = "'active'"
event_time = "'2010-01-01'"
load_time = "'2010-01-02'"
batch_id = "'201001'"
op = "'I'"
src_system = "'CRM'"
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "strangers"
    folder.mkdir()
    (folder / "people.csv").write_text(f"n,phone\n1,{PHONE}\n2,+86 138 0013 8000\n3,\n")
    return folder


def test_a_mapping_turns_numbers_into_tokens(people: Path, home: Home) -> None:
    mapping = parse_mapping(MEMBERS.format(token=["msisdn_hash"]), "test")
    key = b"k" * 32

    ingest(people, home, mapping, token_key=key)

    warehouse = Warehouse(home)
    with warehouse.connect() as connection:
        members = warehouse.tables(connection)["member"].collect("pyarrow").to_native()
    assert members["msisdn_hash"].to_pylist() == [token(PHONE, key), token(PHONE, key), None]
    _assert_nowhere(home)


def test_a_mapping_that_forgets_to_is_refused(people: Path, home: Home) -> None:
    with pytest.raises(ContractBrokenError, match=r"people\.csv, column msisdn_hash, row 1"):
        ingest(people, home, parse_mapping(MEMBERS.format(token=[]), "test"))
    _assert_nowhere(home)
