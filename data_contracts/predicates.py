"""The DuckDB half of a contract: queries that name the rows which break each rule.

Everything here is SQL text; no connection is needed. A *delivered relation* holds the
columns of the contract, as text or typed, and a whole number ``_row`` that names each row.
``row_predicate`` speaks about one delivered row. ``key_query`` and ``overlap_query`` speak
about rows together and read a *typed relation*, as ``typed_query`` makes it.

Quarantine takes three steps, each on what the step before left: the row rules, the key, the
overlaps. In that order no removal can make a row that was good break a later rule, because
``overlap_query`` names every version of an interval, never only the newest.
"""

# ruff: noqa: S608 - writing SQL is the purpose; every name and text is quoted by cast
from __future__ import annotations

from collections.abc import Mapping

from data_contracts.cast import given, literal, quoted, type_cast, unreadable
from data_contracts.contract import DELIVERY, LOAD_TIME, Column, ContractError, Kind, Rule, Table

ROW = "_row"
SET_KINDS = frozenset({"key", "no_overlap"})
RawTypes = Mapping[str, str]


def row_rules(table: Table) -> tuple[Rule, ...]:
    """Rules that a single row keeps or breaks."""
    return tuple(rule for rule in table.rules if rule.kind not in SET_KINDS)


def set_rules(table: Table) -> tuple[Rule, ...]:
    """Rules about rows together: the key first, then the overlaps."""
    rules = [rule for rule in table.rules if rule.kind in SET_KINDS]
    return tuple(sorted(rules, key=lambda rule: rule.kind != "key"))


def typed_query(table: Table, source: str, raw_types: RawTypes | None = None) -> str:
    """Query for ``_row`` and every column in its contract type, NULL where unreadable.

    Args:
        table: The contract.
        source: Delivered relation: a name, or a query in parentheses.
        raw_types: DuckDB types of the delivered columns; text where not said.
    """
    delivered = _Delivered(raw_types or {})
    cells = [f"{delivered.value(column)} AS {quoted(column.name)}" for column in table.columns]
    return f"SELECT {ROW}, {', '.join(cells)} FROM {source}"


def row_predicate(rule: Rule, table: Table, raw_types: RawTypes | None = None) -> str:
    """Expression that is TRUE where a delivered row breaks ``rule``, otherwise FALSE."""
    return _predicate(rule, table, _Delivered(raw_types or {}))


def broken_row_query(table: Table, source: str, raw_types: RawTypes | None = None) -> str:
    """Query that reads each cell once: ``_row`` and ``rule``, the id of each row rule broken.

    On text it is many times faster than one ``row_predicate`` after another, each of which
    reads its cells anew.
    """
    delivered, read = _Delivered(raw_types or {}), _Read()
    facts = [
        f"{delivered.value(column)} AS {read.value(column)},"
        f" {delivered.given(column)} AS {read.given(column)},"
        f" {delivered.unreadable(column)} AS {read.unreadable(column)}"
        for column in table.columns
    ]
    cases = [
        f"CASE WHEN {_predicate(rule, table, read)} THEN {literal(rule.id)} END"
        for rule in row_rules(table)
    ]
    return f"""
        WITH facts AS (SELECT {ROW}, {", ".join(facts)} FROM {source}),
        judged AS (
            SELECT {ROW}, list_filter([{", ".join(cases)}], lambda id: id IS NOT NULL) AS ids
            FROM facts
        )
        SELECT {ROW}, unnest(ids) AS rule FROM judged
    """


class _Delivered:
    """Cells of a delivered relation, read where they are needed."""

    def __init__(self, raw_types: RawTypes) -> None:
        self.raw_types = raw_types

    def _type(self, column: Column) -> str:
        return self.raw_types.get(column.name, "VARCHAR")

    def value(self, column: Column) -> str:
        return type_cast(column, self._type(column))

    def given(self, column: Column) -> str:
        return given(column, self._type(column))

    def unreadable(self, column: Column) -> str:
        return unreadable(column, self._type(column))


class _Read:
    """Cells that were read before, each in three columns."""

    def value(self, column: Column) -> str:
        return quoted(column.name)

    def given(self, column: Column) -> str:
        return quoted(f"{column.name} given")

    def unreadable(self, column: Column) -> str:
        return quoted(f"{column.name} unreadable")


def _predicate(rule: Rule, table: Table, cells: _Delivered | _Read) -> str:
    columns = [table.column(name) for name in rule.columns]
    if rule.kind == "required":
        return f"NOT {cells.given(columns[0])}"
    if rule.kind == "type":
        return cells.unreadable(columns[0])
    values = [cells.value(column) for column in columns]
    return f"coalesce({_broken(rule, values, columns[0].kind)}, FALSE)"


def _broken(rule: Rule, values: list[str], kind: Kind) -> str:
    first, limit = values[0], rule.limit
    if rule.kind == "minimum":
        return f"{first} < {limit}"
    if rule.kind == "maximum":
        return f"{first} > {limit}"
    if rule.kind == "max_length":
        return f"length({first}) > {limit}"
    if rule.kind == "pattern":
        return f"NOT regexp_full_match({first}, {literal(str(limit))})"
    if rule.kind == "allowed" and isinstance(limit, tuple):
        options = limit if kind == "integer" else [literal(option) for option in limit]
        return f"{first} NOT IN ({', '.join(options)})"
    if rule.kind == "order":
        return f"NOT ({first} {limit} {values[1]})"
    if rule.kind == "sum_at_most":
        # HUGEINT: two absurd but readable numbers must not overflow and stop the query.
        wide = "HUGEINT" if kind == "integer" else "DECIMAL(38,4)"
        *parts, whole = [f"CAST({value} AS {wide})" for value in values]
        total = " + ".join(f"coalesce({part}, 0)" for part in parts)
        return f"{total} > {whole} + {limit}"
    if rule.kind == "present":
        count = " + ".join(f"CAST({value} IS NOT NULL AS INTEGER)" for value in values)
        return f"{count} <> 1" if limit == "exactly_one" else f"{count} = 0"
    raise ContractError(f"rule {rule.id}: kind {rule.kind} says nothing about a single row")


def key_query(rule: Rule, table: Table, typed: str) -> str:
    """Query for the ``_row`` of every row that breaks the key.

    Of copies that are equal in all columns the first stays and the others break the rule;
    rows with the same key and different content all break it, for nobody can say which is
    right. A row with an empty part of the key is left to the rule ``required``.
    """
    key = ", ".join(map(quoted, rule.columns))
    every = ", ".join(map(quoted, table.names))
    known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in rule.columns)
    return f"""
        WITH shared AS (
            SELECT {key} FROM {typed} WHERE {known} GROUP BY {key} HAVING count(*) > 1
        ), copies AS (
            SELECT *, row_number() OVER (PARTITION BY {every} ORDER BY {ROW}) AS _copy
            FROM {typed} WHERE ({key}) IN (SELECT ({key}) FROM shared)
        ), counted AS (
            SELECT {ROW}, _copy,
                sum(CAST(_copy = 1 AS INTEGER)) OVER (PARTITION BY {key}) AS _contents
            FROM copies
        )
        SELECT {ROW} FROM counted WHERE _copy > 1 OR _contents > 1
    """


def overlap_query(rule: Rule, table: Table, typed: str) -> str:
    """Query for the ``_row`` of every version of every interval that overlaps another one.

    Only the newest version of each business key in a delivery speaks, and not if it is a
    deletion; it is compared with rows of the same delivery that have the same values in the
    columns after from and to.
    """
    start, end, *owner = map(quoted, rule.columns)
    delivery, loaded = quoted(DELIVERY), quoted(LOAD_TIME)
    keys = [delivery, *map(quoted, table.key)]
    key, carried = ", ".join(keys), list(dict.fromkeys((*keys, *owner)))
    known = " AND ".join(f"{name} IS NOT NULL" for name in carried)
    line = f"PARTITION BY {', '.join((delivery, *owner))} ORDER BY _from, {key}"
    return f"""
        WITH newest AS (
            SELECT *, row_number() OVER (
                PARTITION BY {key} ORDER BY {loaded} DESC NULLS LAST, {ROW} DESC
            ) AS _age FROM {typed}
        ), live AS (
            SELECT {", ".join(carried)}, {start} AS _from, {end} AS _to FROM newest
            WHERE _age = 1 AND coalesce("op" <> 'D', TRUE) AND {known} AND {start} < {end}
        ), lined_up AS (
            SELECT {key}, _from, _to, lead(_from) OVER ({line}) AS _next_from, max(_to) OVER (
                {line} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS _latest_to FROM live
        ), clashing AS (
            SELECT {key} FROM lined_up
            WHERE coalesce(_latest_to > _from, FALSE) OR coalesce(_next_from < _to, FALSE)
        )
        SELECT {ROW} FROM {typed} WHERE ({key}) IN (SELECT ({key}) FROM clashing)
    """


def checks(
    table: Table, source: str, raw_types: RawTypes | None = None
) -> tuple[tuple[Rule, str], ...]:
    """Each rule of ``table`` with a query for the ``_row`` of the delivered rows that break it."""
    typed = f"({typed_query(table, source, raw_types)})"
    found: list[tuple[Rule, str]] = []
    for rule in table.rules:
        if rule.kind == "key":
            query = key_query(rule, table, typed)
        elif rule.kind == "no_overlap":
            query = overlap_query(rule, table, typed)
        else:
            predicate = row_predicate(rule, table, raw_types)
            query = f"SELECT {ROW} FROM {source} WHERE {predicate}"
        found.append((rule, query))
    return tuple(found)
