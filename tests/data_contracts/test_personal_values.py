"""Plain phone and identity numbers are recognised, in Python and in DuckDB alike."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings, strategies as st

from data_contracts.cast import literal
from data_contracts.contract import Table
from data_contracts.personal import personal_kind_sql, personal_query, plain_personal_value

PLAIN = {
    "13800138000": "mobile",
    "+86 138-0013-8000": "mobile",
    "008613800138000": "mobile",
    "１３８００１３８０００": "mobile",
    "联系人13800138000。": "mobile",
    "(+86)138 0013 8000": "mobile",
    "13800138000.0": "mobile",  # as a spreadsheet writes it
    "11010519491231002X": "identity_18",  # the example of GB 11643
    "证件号11010519491231002x，备用": "identity_18",
    "110105 19491231 002X": "identity_18",
    "110105491231002": "identity_15",
}
OURS = (
    "89100000000123",  # a group id
    "8910000000012345678",
    "110105194912310021",  # the check digit is wrong
    "990105194912310021",  # there is no province 99
    "110105491331002",  # there is no month 13
    "200901",
    "2009-01-31 23:59:59.123456",
    "U13800138000",
    "aaaaaaaaaa13800138000bbbbbbbbbbb",  # a token
    "1380013800",
    "23800138000",
    "",
)


def in_duckdb(text: str) -> str | None:
    found: str | None
    (found,) = duckdb.execute(f"SELECT {personal_kind_sql(literal(text))}").fetchone() or (None,)
    return found


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_number_is_recognised(text: str) -> None:
    assert plain_personal_value(text) == in_duckdb(text) == PLAIN[text]


@pytest.mark.parametrize("text", OURS)
def test_our_own_ids_are_left_alone(text: str) -> None:
    assert plain_personal_value(text) is None
    assert in_duckdb(text) is None


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([*PLAIN, *OURS, "1", "86", " ", "-", "x", "号", "7"]), max_size=4))
def test_both_languages_agree_on_any_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert plain_personal_value(text) == in_duckdb(text)


def test_a_scan_names_the_column_and_never_the_number(toy: Table) -> None:
    connection = duckdb.connect()
    cells = ", ".join(f'"{name}" VARCHAR' for name in toy.names)
    connection.execute(f"CREATE TABLE delivered ({cells})")
    connection.execute(
        "INSERT INTO delivered (note, minutes) VALUES ('13800138000', '13800138000'), ('n', '1')"
    )
    assert connection.execute(personal_query(toy, "delivered")).fetchall() == [
        ("note", "mobile", 1)
    ]
