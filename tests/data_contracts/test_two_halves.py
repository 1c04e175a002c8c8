"""One contract, two readings: DuckDB and Great Expectations must say the same of every rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from data_contracts.contract import Column, Rule, Table, published_tables, source_tables
from data_contracts.expectations import validate
from data_contracts.predicates import (
    ROW,
    broken_row_query,
    key_query,
    overlap_query,
    set_rules,
    typed_query,
)

Broken = Callable[[Table, pd.DataFrame], dict[str, set[int]]]
TABLES = [*source_tables().values(), *published_tables().values()]

CELLS = {
    "member": ["a1", "a2", "a1\n", "A1", "", None, "ab\ufffd"],
    "place": ["p1", "p2", "p3", "long", " 　", "中😀国", None],
    "valid_from": ["2009-01-01", "2009-01-10", "2009-01-10 00:00:00", "2009-13-01", "0209-01-01"],
    "valid_to": ["2009-02-01", "2009-01-10", "9999-12-31", "2009-01-10 12:00", "20090210", None],
    "note": ["n", None, "", "a\x07b", "多行\n文字"],
    "flag": ["true", "0", "1.0", "No", "maybe", "2", None],
    "tier": ["A", "B", "a", "C", "A ", None],
    "term": ["6", "12", "12.0", "7", "1e1", "six", None],
    "minutes": ["0", "10", "100", "101", "-1", "12x", "12.5", "+7", "1e1", None],
    "part_a": ["5", "11", "12", "0", None, "x", "9223372036854775807", "9223372036854775808"],
    "part_b": ["0", "6", None, "5.", ".0", "9223372036854775807"],
    "share": ["0.1", "1", "1.00004", "1.00005", "-0.00001", "-0.1", "1e-3", "nan", "1e14", None],
    "share_b": ["0.2", "0.20004", "x", None],
    "share_sum": ["0.3", "0.2999", "0.30001", None],
    "margin": ["0.5", "-1.5", "-1.6", "inf", "1e999", "1e-9", "--1", None],
    "load_time": [
        "2009-01-02",
        "2009-01-03 10:00:00",
        "2009-01-03T10:00",
        "2009-01-03 25:00",
        None,
    ],
    "op": ["I", "D", "U", "X", None],
    "batch_id": ["200901", "200902", None],
}
FIRST = {name: cells[0] for name, cells in CELLS.items()} | {"part_b": "6", "flag": None}
PLACES = st.fixed_dictionaries(
    {"member": st.sampled_from(["a1", "a2"]), "place": st.sampled_from(["p1", "p2", "p3"])}
)
CHANGES = st.lists(
    st.sampled_from([(name, cell) for name, cells in CELLS.items() for cell in cells]), max_size=3
)
ROWS = st.tuples(PLACES, CHANGES).map(lambda drawn: {**FIRST, **drawn[0], **dict(drawn[1])})
FRAMES = st.lists(ROWS, min_size=1, max_size=6).map(lambda rows: pd.DataFrame(rows, dtype=object))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(frame=FRAMES)
def test_both_halves_say_the_same_of_every_rule(
    frame: pd.DataFrame, toy: Table, rows_broken: Broken
) -> None:
    assert set(validate(toy, frame).failed) == set(rows_broken(toy, frame))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(frame=FRAMES)
def test_what_quarantine_leaves_passes_the_gate(frame: pd.DataFrame, toy: Table) -> None:
    assert validate(toy, good_rows(toy, frame)).failed == ()


def good_rows(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The typed rows left by the three steps of quarantine: rows, key, overlaps."""
    connection = duckdb.connect()
    connection.register("frame", frame)
    connection.execute(f"CREATE TABLE raw AS SELECT row_number() OVER () AS {ROW}, * FROM frame")
    raw_types = {row[0]: row[1] for row in connection.execute("DESCRIBE raw").fetchall()}
    connection.execute(f"CREATE TABLE typed AS {typed_query(table, 'raw', raw_types)}")
    broken = f"SELECT {ROW} FROM ({broken_row_query(table, 'raw', raw_types)})"
    connection.execute(f"DELETE FROM typed WHERE {ROW} IN ({broken})")
    for rule in set_rules(table):
        query = key_query if rule.kind == "key" else overlap_query
        connection.execute(f"DELETE FROM typed WHERE {ROW} IN ({query(rule, table, 'typed')})")
    return connection.execute(f"SELECT * EXCLUDE ({ROW}) FROM typed ORDER BY {ROW}").df()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_rule_of_every_contract_can_be_kept_and_broken(
    table: Table, rows_broken: Broken
) -> None:
    good = good_row(table)
    kept = pd.DataFrame([good], dtype=object)
    assert rows_broken(table, kept) == {}
    assert validate(table, kept).failed == ()

    rows = [row for rule in table.rules for row in breaking(rule, table, good)]
    broken = pd.DataFrame(rows, dtype=object)
    every_rule = tuple(rule.id for rule in table.rules)
    assert set(rows_broken(table, broken)) == set(every_rule)
    assert validate(table, broken).failed == every_rule


WORDS = ("x1", "a" * 32, "200901", "2009011", "2009", "189", "6123", "mas", "vpn", "AM", "R01")
PLAIN: dict[str, Any] = {
    "string": "x", "integer": 0, "decimal": "0.5", "float": 0.5, "boolean": "true",
    "date": "2009-01-10", "timestamp": "2009-01-10 12:00:00",
}  # fmt: skip
UNREADABLE = {
    "string": "lost \ufffd", "integer": "12x", "decimal": "1,5", "float": "inf",
    "boolean": "maybe", "date": "2009-13-01", "timestamp": "2009-01-05 13:00:00+08",
}  # fmt: skip
EARLIER = {"date": "2008-12-01", "timestamp": "2008-12-01 00:00:00", "integer": 0}
LATER = {"date": "2009-12-01", "timestamp": "2009-12-01 00:00:00", "integer": 1}


def good_row(table: Table) -> dict[str, Any]:
    """A row of ``table`` in which every cell is filled and every rule kept."""
    row = {column.name: good_cell(column) for column in table.columns}
    for rule in table.rules:
        if rule.kind == "order":
            kind = table.column(rule.columns[1]).kind
            row[rule.columns[1]] = LATER[kind] if rule.limit == "<" else row[rule.columns[1]]
    return row


def good_cell(column: Column) -> Any:
    if column.pattern:
        return next(word for word in WORDS if re.fullmatch(column.pattern, word))
    if column.allowed:
        return column.allowed[0]
    least = column.minimum if column.minimum is not None else 0
    return max(0, least) if column.kind == "integer" else PLAIN[column.kind]


def breaking(rule: Rule, table: Table, good: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of which at least one breaks ``rule``."""
    first = rule.columns[0]
    column = table.column(first)
    if rule.kind == "key":
        return [good, good]
    if rule.kind == "order":
        kind = column.kind
        return [{**good, first: LATER[kind], rule.columns[1]: EARLIER[kind]}]
    if rule.kind == "sum_at_most":
        return [{**good, first: 10, rule.columns[-1]: 5}]
    if rule.kind == "present":
        return [{**good, **dict.fromkeys(rule.columns)}]
    if rule.kind == "no_overlap":
        start, _, *owner = rule.columns
        others = [name for name in table.key if name not in (start, *owner)]
        if not others:
            return [good, {**good, start: "2009-02-10"}]
        return [good, {**good, others[0]: "x2"}]
    return [{**good, first: bad_cell(rule, column)}]


def bad_cell(rule: Rule, column: Column) -> Any:
    if rule.kind in ("minimum", "maximum") and isinstance(rule.limit, (int, float)):
        return rule.limit + (1 if rule.kind == "maximum" else -1)
    if rule.kind == "max_length" and isinstance(rule.limit, int):
        return "x" * (rule.limit + 1)
    return {
        "type": UNREADABLE[column.kind],
        "required": None,
        "allowed": 999 if column.kind == "integer" else "?",
        "pattern": "#",
    }[rule.kind]
