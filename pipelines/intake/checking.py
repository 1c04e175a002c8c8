"""Which rows break which rule of their contract, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from data_contracts.contract import Rule, Table
from data_contracts.predicates import (
    ROW,
    broken_row_query,
    key_query,
    overlap_query,
    row_predicate,
    row_rules,
    set_rules,
    typed_query,
)
from pipelines.intake.plain_numbers import FILE_STEP, refuse_plain_numbers
from pipelines.intake.staging import FAILED, Source, Staged, sources
from pipelines.storage import literal, parquet, quote

BROKEN = "broken"
"""Table (_row, rule): every broken row with the id of each rule that it breaks."""

BY_MAPPING = ".mapping"
"""After table and column: the rule that a mapping's expression can be worked out on the row."""

_NEW, _TOGETHER = "new_rows", "rows_together"
_ONE_CELL = ("type", "minimum", "maximum", "allowed")


def find_broken(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    staged: Sequence[Staged],
    stored: Sequence[Path],
) -> None:
    """Fill ``BROKEN`` with the rows of ``staged`` that break a rule.

    Row rules come first, then the key, then overlaps; the last two look at the good rows together
    with those already stored, which stay good: what clashes with them is the new row.

    Args:
        connection: Reads the staged and the stored files.
        table: The contract.
        staged: New files, as ``in_places`` left them.
        stored: The files that the warehouse has of the table.

    Raises:
        PlainNumberError: A text column, or a broken cell of another, holds a phone or ID number.
    """
    connection.execute(f"CREATE OR REPLACE TABLE {BROKEN} (_row BIGINT, rule VARCHAR)")
    groups = list(sources(table, staged))
    for source in groups:
        source.refuse_plain_numbers(connection)
    for source in groups:
        if FAILED in source.raw_types:
            connection.execute(f"INSERT INTO {BROKEN} {_mapping_failures(source)}")
        connection.execute(f"INSERT INTO {BROKEN} {_row_failures(source)}")
    _refuse_plain_numbers_in_broken_cells(connection, groups)
    _look_at_rows_together(connection, table, groups, stored)


def good_rows(source: Source) -> str:
    """Query for the typed rows of ``source`` that break nothing."""
    typed = typed_query(source.table, source.query, source.raw_types)
    return f"SELECT * FROM ({typed}) ANTI JOIN {BROKEN} USING ({ROW})"


def related_rows(table: Table, stored: Sequence[Path], new: str) -> str:
    """Query for the stored rows that a key or overlap rule may hold against rows of ``new``.

    Their ``_row`` is negative, so that a stored row stays where a copy of it comes again.
    """
    columns = ", ".join(quote(name) for name in table.names)
    rows = f"""SELECT -(file_index * {FILE_STEP} + file_row_number + 1) AS {ROW}, {columns}
        FROM {parquet(stored)}"""
    if any(rule.kind == "no_overlap" for rule in table.rules):
        return rows
    key = ", ".join(quote(name) for name in table.key)
    return f"SELECT * FROM ({rows}) SEMI JOIN (SELECT {key} FROM {new}) USING ({key})"


def _mapping_failures(source: Source) -> str:
    rule = f"{literal(source.table.name + '.')} || name || {literal(BY_MAPPING)}"
    failed = f"SELECT {ROW}, unnest({FAILED}) AS name FROM {source.query}"
    return f"SELECT {ROW}, {rule} FROM ({failed})"


def _row_failures(source: Source) -> str:
    """First any broken row, cheaply; then, of these few, each rule."""
    table, raw_types = source.table, source.raw_types
    anything = " OR ".join(row_predicate(rule, table, raw_types) for rule in row_rules(table))
    suspects = f"(SELECT * FROM {source.query} WHERE {anything})"
    return broken_row_query(table, suspects, raw_types)


def _refuse_plain_numbers_in_broken_cells(
    connection: duckdb.DuckDBPyConnection, groups: Iterable[Source]
) -> None:
    """A phone number in a numeric column is seen only by its being too large a number."""
    rules = {row[0] for row in connection.execute(f"SELECT DISTINCT rule FROM {BROKEN}").fetchall()}
    for source in groups:
        for rule in source.table.rules:
            if rule.kind in _ONE_CELL and rule.id in rules:
                rows = f"SELECT {ROW} FROM {BROKEN} WHERE rule = {literal(rule.id)}"
                broken = f"(SELECT * FROM {source.query} WHERE {ROW} IN ({rows}))"
                table, names = source.table, source.names
                refuse_plain_numbers(connection, table, broken, names, rule.columns)


def _look_at_rows_together(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    groups: Iterable[Source],
    stored: Sequence[Path],
) -> None:
    new = " UNION ALL BY NAME ".join(good_rows(source) for source in groups)
    connection.execute(f"CREATE OR REPLACE VIEW {_NEW} AS {new}")
    relation = _NEW
    if stored:
        old = related_rows(table, stored, _NEW)
        both = f"SELECT * FROM {_NEW} UNION ALL BY NAME {old}"
        connection.execute(f"CREATE OR REPLACE VIEW {_TOGETHER} AS {both}")
        relation = _TOGETHER
    # Setting a new row aside brings back the stored version that it replaced, and that one may
    # clash with a further new row: so look until nothing new is found.
    while sum(_add_broken(connection, rule, table, relation) for rule in set_rules(table)):
        pass


def _add_broken(
    connection: duckdb.DuckDBPyConnection, rule: Rule, table: Table, relation: str
) -> int:
    query = (key_query if rule.kind == "key" else overlap_query)(rule, table, relation)
    found = f"SELECT {ROW}, {literal(rule.id)} FROM ({query}) WHERE {ROW} > 0"
    row = connection.execute(f"INSERT INTO {BROKEN} {found}").fetchone()
    return int(row[0]) if row else 0
