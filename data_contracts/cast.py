"""DuckDB expressions that read a delivered cell as the contract says.

A delivered column may be text (as from a CSV) or already typed (as from Parquet). A cell
that holds nothing but blanks is NULL: unknown. A cell that cannot be read is NULL too, and
breaks the ``type`` rule: 12.0 is a fine integer, 12.5 and 12x are not, 2009-13-01 is no day.
Decimals are rounded to four places. DuckDB alone would read 12.7 as 13, 0x1F as 31 and
'infinity' as a day, so each kind first checks how the text is written.
"""

from __future__ import annotations

from data_contracts.contract import Column, Kind

SQL_TYPES: dict[Kind, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
BLANKS = " \t\r\n\u00a0\u3000"
UNREADABLE = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\ufffd]"
DAY = "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
WRITTEN: dict[Kind, str] = {
    "integer": r"[+-]?[0-9]+(\.0*)?",
    "decimal": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?",
    "float": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?",
    "date": DAY + r"([ T]00:00(:00(\.0+)?)?)?",
    "timestamp": DAY + r"([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?)?",
}
TRUE = ("true", "t", "yes", "y", "1", "1.0")
FALSE = ("false", "f", "no", "n", "0", "0.0")

_INTEGERS = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG"))
_INTEGERS |= {"INTEGER", "UINTEGER"}
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_TYPED: dict[Kind, frozenset[str]] = {
    "string": frozenset({"VARCHAR"}),
    "integer": _INTEGERS,
    "decimal": _INTEGERS | {"DECIMAL"},
    "float": _INTEGERS | _FLOATS | {"DECIMAL"},
    "boolean": frozenset({"BOOLEAN"}),
    "date": frozenset({"DATE"}),
    "timestamp": frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}),
}


def quoted(name: str) -> str:
    """``name`` as a DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as a DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def given(column: Column, raw_type: str = "VARCHAR") -> str:
    """SQL that is TRUE where the delivered cell holds anything but blanks."""
    if raw_type == "VARCHAR" or _family(raw_type) in _FLOATS:
        return f"coalesce({_text(column, raw_type)} <> '', FALSE)"
    return f"({quoted(column.name)} IS NOT NULL)"


def type_cast(column: Column, raw_type: str = "VARCHAR") -> str:
    """SQL for the cell of ``column`` in its contract type, NULL where it cannot be read.

    Args:
        column: The column, by its name in the delivered relation.
        raw_type: DuckDB type in which it was delivered; a column that is typed already
            is not taken apart as text.
    """
    name, target = quoted(column.name), SQL_TYPES[column.kind]
    if column.kind == "string":
        return f"CASE WHEN {given(column, raw_type)} THEN CAST({name} AS VARCHAR) END"
    if _family(raw_type) in _TYPED[column.kind]:
        value = f"TRY_CAST({name} AS {target})"
        if column.kind in ("float", "date", "timestamp"):
            return f"CASE WHEN isfinite({name}) THEN {value} END"
        return value
    text = _text(column, raw_type)
    if column.kind == "boolean":
        yes, no = (", ".join(map(literal, words)) for words in (TRUE, FALSE))
        word = f"lower({text})"
        return f"CASE WHEN {word} IN ({yes}) THEN TRUE WHEN {word} IN ({no}) THEN FALSE END"
    value = {
        "integer": f"TRY_CAST(split_part({text}, '.', 1) AS BIGINT)",
        "date": f"TRY_CAST(left({text}, 10) AS DATE)",
    }.get(column.kind, f"TRY_CAST({text} AS {target})")
    if column.kind == "float":
        value = f"CASE WHEN isfinite({value}) THEN {value} END"
    return f"CASE WHEN regexp_full_match({text}, {literal(WRITTEN[column.kind])}) THEN {value} END"


def unreadable(column: Column, raw_type: str = "VARCHAR") -> str:
    """SQL that is TRUE where the cell is given but is not what the contract says."""
    if column.kind == "string":
        text = f"CAST({quoted(column.name)} AS VARCHAR)"
        return f"coalesce(regexp_matches({text}, {literal(UNREADABLE)}), FALSE)"
    return f"({given(column, raw_type)} AND {type_cast(column, raw_type)} IS NULL)"


def _family(raw_type: str) -> str:
    return raw_type.split("(")[0].upper()


def _text(column: Column, raw_type: str) -> str:
    name = quoted(column.name)
    if _family(raw_type) in _FLOATS:
        # Many writers of Parquet leave "not a number" where they mean that nothing is known.
        name = f"CASE WHEN NOT isnan({name}) THEN {name} END"
    return f"trim(CAST({name} AS VARCHAR), {literal(BLANKS)})"
