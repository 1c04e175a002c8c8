"""The rules that follow from a column's own properties, and the sentences that state them."""

from __future__ import annotations

from collections.abc import Iterator

from data_contracts.contract import Column, Kind, Rule

MUST_BE: dict[Kind, str] = {
    "string": "readable text, without characters lost in decoding",
    "integer": "a whole number",
    "decimal": "a number",
    "float": "a finite number",
    "boolean": "true or false",
    "date": "a day written YYYY-MM-DD",
    "timestamp": "a moment written YYYY-MM-DD HH:MM:SS, without a time zone",
}
IN_WORDS = {
    "^[0-9A-Za-z_-]{1,40}$": "be an id of at most 40 letters, digits, _ or -",
    "^[0-9a-f]{32}$": "be a token of 32 digits 0-9 or letters a-f, never a plain number or name",
    "^[0-9]{4}(?:0[1-9]|1[0-2])$": "be a month written YYYYMM",
    "^[0-9]{4}(?:0[1-9]|1[0-2])[123]$": "be a dekad written YYYYMMd, d from 1 to 3",
    "^[0-9]{4}$": "be a year written YYYY",
}


def column_rules(table: str, column: Column) -> Iterator[Rule]:
    """Every rule that ``column`` of ``table`` states about itself, type first."""
    name, unit = column.name, f" {column.unit}" if column.unit else ""
    where = f"{table}.{name}"
    of = (name,)
    yield Rule(f"{where}.type", "type", of, column.kind, f"{name} must be {MUST_BE[column.kind]}.")
    if column.required:
        yield Rule(f"{where}.required", "required", of, None, f"{name} must not be empty.")
    if column.minimum is not None:
        text = f"{name} must be at least {column.minimum}{unit}."
        yield Rule(f"{where}.minimum", "minimum", of, column.minimum, text)
    if column.maximum is not None:
        text = f"{name} must be at most {column.maximum}{unit}."
        yield Rule(f"{where}.maximum", "maximum", of, column.maximum, text)
    if column.max_length is not None:
        text = f"{name} must have at most {column.max_length} characters."
        yield Rule(f"{where}.max_length", "max_length", of, column.max_length, text)
    if column.allowed:
        text = f"{name} must be one of {', '.join(column.allowed)}."
        yield Rule(f"{where}.allowed", "allowed", of, column.allowed, text)
    if column.pattern is not None:
        look = IN_WORDS.get(column.pattern, f"match {column.pattern}")
        text = f"{name} must {look}."
        yield Rule(f"{where}.pattern", "pattern", of, column.pattern, text)


def key_rule(table: str, columns: tuple[str, ...]) -> Rule:
    """No two rows of ``table`` share the values of ``columns``."""
    text = f"No two rows may have the same {', '.join(columns)}."
    return Rule(f"{table}.key", "key", columns, None, text)
