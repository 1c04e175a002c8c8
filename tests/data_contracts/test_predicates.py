"""The DuckDB half names the rows that break a rule, and no others."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pandas as pd
import pytest

from data_contracts.cast import type_cast
from data_contracts.contract import Column, Kind, Table, source_tables
from data_contracts.predicates import broken_row_query, checks, typed_query

Broken = Callable[[Table, pd.DataFrame], dict[str, set[int]]]


def column(kind: Kind) -> Column:
    nothing = {"unit": None, "minimum": None, "maximum": None, "pattern": None, "max_length": None}
    return Column("x", kind, False, **nothing, allowed=(), classification="internal",
                  meaning="", meaning_zh="")  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("integer", "12", "12"),
        ("integer", " 12.0 ", "12"),  # as a spreadsheet writes a whole number
        ("integer", "12.5", None),  # DuckDB alone would round it to 13
        ("integer", "12x", None),
        ("integer", "0x1F", None),
        ("integer", "9223372036854775808", None),  # 2^63 does not fit
        ("decimal", "0.12345", "0.1235"),  # four places
        ("decimal", "1e-3", "0.0010"),
        ("decimal", "nan", None),
        ("float", "inf", None),
        ("boolean", "Yes", "true"),
        ("boolean", "0.0", "false"),
        ("boolean", "maybe", None),
        ("date", "2009-13-01", None),
        ("date", "2009-02-29", None),
        ("date", "2009-01-05 00:00:00", "2009-01-05"),
        ("date", "2009-01-05 13:00:00", None),  # a moment is not a day
        ("date", "infinity", None),
        ("timestamp", "2009-01-05", "2009-01-05 00:00:00"),
        ("timestamp", "2009-01-05T23:59:59.5", "2009-01-05 23:59:59.5"),
        ("timestamp", "2009-01-05 24:00:00", None),
        ("timestamp", "2009-01-05 13:00:00+08", None),
        ("string", "　", None),  # a full-width blank says nothing
    ],
)
def test_a_cell_is_read_as_the_contract_says(kind: Kind, cell: str, value: str | None) -> None:
    query = f"SELECT CAST({type_cast(column(kind))} AS VARCHAR) FROM (SELECT ? AS x)"
    assert duckdb.execute(query, [cell]).fetchone() == (value,)


@pytest.mark.parametrize(
    ("kind", "delivered", "value"),
    [
        ("integer", "12::BIGINT", 12),
        ("integer", "12.0::DOUBLE", 12),
        ("integer", "'nan'::DOUBLE", None),
        ("string", "12::BIGINT", "12"),
        ("date", "TIMESTAMP '2009-01-05 00:00:00'", "2009-01-05"),
        ("float", "0.1::DOUBLE", 0.1),
        ("float", "'inf'::DOUBLE", None),
    ],
)
def test_a_typed_column_is_read_without_going_through_text(
    kind: Kind, delivered: str, value: object
) -> None:
    (raw_type,) = duckdb.execute(f"SELECT typeof({delivered})").fetchone() or ("",)
    query = f"SELECT {type_cast(column(kind), raw_type)} FROM (SELECT {delivered} AS x)"
    (read,) = duckdb.execute(query).fetchone() or (None,)
    assert (str(read) if kind == "date" else read) == value


GOOD = {
    "member": "a1", "place": "p1", "valid_from": "2009-01-01", "valid_to": "2009-02-01",
    "note": "n", "flag": None, "tier": "A", "term": "6", "minutes": "10", "part_a": "5",
    "part_b": "6", "share": "0.1", "share_b": "0.2", "share_sum": "0.3", "margin": "0.5",
    "load_time": "2009-01-02", "op": "I",
    "batch_id": "200901",
}  # fmt: skip


def rows(*changes: dict[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame([{**GOOD, **change} for change in changes], dtype=object)


def test_a_good_row_breaks_nothing(toy: Table, rows_broken: Broken) -> None:
    assert rows_broken(toy, rows({})) == {}


def test_an_unreadable_cell_breaks_only_its_type(toy: Table, rows_broken: Broken) -> None:
    assert rows_broken(toy, rows({}, {"member": "b1", "minutes": "12x"})) == {
        "toy.minutes.type": {1}
    }


def test_of_equal_copies_the_first_stays(toy: Table, rows_broken: Broken) -> None:
    assert rows_broken(toy, rows({}, {}, {})) == {"toy.key": {1, 2}}


def test_copies_that_differ_only_in_writing_are_equal(toy: Table, rows_broken: Broken) -> None:
    assert rows_broken(toy, rows({}, {"minutes": "10.0"})) == {"toy.key": {1}}


def test_copies_that_contradict_each_other_all_break_the_key(
    toy: Table, rows_broken: Broken
) -> None:
    assert rows_broken(toy, rows({}, {"tier": "B"}, {})) == {"toy.key": {0, 1, 2}}


def test_a_newer_version_of_a_row_is_no_duplicate(toy: Table, rows_broken: Broken) -> None:
    assert rows_broken(toy, rows({}, {"load_time": "2009-01-03"})) == {}


def test_overlapping_intervals_of_a_member_are_named_in_every_version(
    toy: Table, rows_broken: Broken
) -> None:
    frame = rows(
        {"valid_to": "9999-12-31"},
        {"valid_to": "2009-01-20", "load_time": "2009-01-21"},  # newer, still beyond 10 January
        {"place": "p2", "valid_from": "2009-01-10"},
        {"member": "b1", "place": "p2", "valid_from": "2009-01-10"},  # somebody else
    )
    assert rows_broken(toy, frame) == {"toy.one_place.no_overlap": {0, 1, 2}}


def test_an_interval_that_was_closed_in_time_overlaps_nothing(
    toy: Table, rows_broken: Broken
) -> None:
    frame = rows(
        {"valid_to": "9999-12-31"},
        {"valid_to": "2009-01-10", "load_time": "2009-01-21"},
        {"place": "p2", "valid_from": "2009-01-10"},
    )
    assert rows_broken(toy, frame) == {}


def test_a_deleted_interval_overlaps_nothing(toy: Table, rows_broken: Broken) -> None:
    frame = rows({}, {"op": "D", "load_time": "2009-01-03"}, {"place": "p2"})
    assert rows_broken(toy, frame) == {}


def test_a_later_delivery_breaks_nothing_that_came_before(toy: Table, rows_broken: Broken) -> None:
    assert rows_broken(toy, rows({}, {"place": "p2", "batch_id": "200902"})) == {}


def test_a_long_interval_overlaps_one_that_is_not_its_neighbour(
    toy: Table, rows_broken: Broken
) -> None:
    frame = rows(
        {"valid_to": "2010-01-01"},
        {"place": "p2", "valid_from": "2009-02-01", "valid_to": "2009-03-01"},
        {"place": "p3", "valid_from": "2009-05-01", "valid_to": "2009-06-01"},
    )
    assert rows_broken(toy, frame) == {"toy.one_place.no_overlap": {0, 1, 2}}


def test_one_scan_says_the_same_as_rule_by_rule(toy: Table, rows_broken: Broken) -> None:
    frame = rows({"minutes": "-1", "part_a": "1", "part_b": None}, {"member": "B1", "op": "X"})
    connection = duckdb.connect()
    connection.register("frame", frame)
    delivered = "(SELECT row_number() OVER () - 1 AS _row, * FROM frame)"
    found: dict[str, set[int]] = {}
    for row, rule in connection.execute(broken_row_query(toy, delivered)).fetchall():
        found.setdefault(rule, set()).add(row)
    assert found == rows_broken(toy, frame)
    assert set(found) == {
        "toy.minutes.minimum", "toy.halves.sum_at_most", "toy.member.pattern", "toy.op.allowed",
    }  # fmt: skip


@pytest.mark.parametrize("table", source_tables().values(), ids=lambda table: table.name)
def test_every_query_of_a_shipped_contract_runs(table: Table) -> None:
    connection = duckdb.connect()
    cells = ", ".join(f'"{name}" VARCHAR' for name in table.names)
    connection.execute(f"CREATE TABLE delivered (_row BIGINT, {cells})")
    queries = [query for _, query in checks(table, "delivered")]
    for query in (*queries, typed_query(table, "delivered"), broken_row_query(table, "delivered")):
        assert connection.execute(query).fetchall() == []
