"""Plain phone and ID numbers never come in: the whole delivery is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import duckdb

from data_contracts.contract import Table
from data_contracts.personal import personal_kind_sql, plain_personal_value
from data_contracts.predicates import ROW
from pipelines.errors import ContractBrokenError
from pipelines.intake.reading import LINE
from pipelines.storage import literal, quote

FILE_STEP: Final = 1 << 32
"""Distance between the row numbers (``_row``) of two files; a file has fewer rows."""

_SHORTEST: Final = 11
_NAMES = {
    "mobile": "phone number",
    "identity_18": "identity number",
    "identity_15": "identity number",
}


class PlainNumberError(ContractBrokenError):
    """A delivery holds a phone or ID number in the plain (exit code 4); nothing of it is kept."""

    def __init__(self, table: Table, file: str, where: str, line: int, kind: str) -> None:
        super().__init__(
            f"Table {table.name}, file {file}, {where}, row {line}: a plain {_NAMES[kind]}. "
            "Such numbers enter as tokens only, so nothing of this delivery was stored. Replace "
            "them by tokens at the source, or bring the file in with a mapping whose `token` list "
            "names the column."
        )


def refuse_plain_numbers(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: str,
    files: Mapping[int, str],
    columns: Iterable[str],
) -> None:
    """Raise PlainNumberError if one of ``columns`` of ``source`` holds a plain number.

    Args:
        connection: Where ``source`` can be read.
        table: The contract, for the message.
        source: Relation with ``_row`` and ``_line``.
        files: Names of the files by their place in ``_row``.
        columns: Columns to look at.
    """
    cells = " UNION ALL ".join(_cells(column, source) for column in columns)
    if not cells:
        return
    # a table, for of a subquery DuckDB judges every cell before it looks which are different
    connection.execute(f"CREATE OR REPLACE TEMP TABLE cells AS {cells}")
    judged = f"SELECT name, {personal_kind_sql('cell')} AS kind FROM cells"
    query = f"SELECT name, kind FROM ({judged}) WHERE kind IS NOT NULL ORDER BY name LIMIT 1"
    found = connection.execute(query).fetchone()
    connection.execute("DROP TABLE cells")
    if found is None:
        return
    column, kind = found
    held = f"{personal_kind_sql(f'CAST({quote(column)} AS VARCHAR)')} IS NOT NULL"
    first = f"SELECT {ROW}, {LINE} FROM {source} WHERE {held} ORDER BY {ROW} LIMIT 1"
    row, line = connection.execute(first).fetchall()[0]
    raise PlainNumberError(table, files[row // FILE_STEP], f"column {column}", line, kind)


def refuse_torn_plain_numbers(table: Table, torn: Iterable[tuple[int, str]], file: str) -> None:
    """The same for rows that could not be cut into cells."""
    for line, text in torn:
        kind = plain_personal_value(text)
        if kind is not None:
            raise PlainNumberError(table, file, "a row with too few or too many cells", line, kind)


def text_columns(table: Table, given: Iterable[str]) -> list[str]:
    """The columns among ``given`` in which words are allowed, and so numbers could hide."""
    return [name for name in given if name in table.names and table.column(name).kind == "string"]


def _cells(column: str, source: str) -> str:
    """Each different cell that is long enough, once."""
    cell = f"CAST({quote(column)} AS VARCHAR)"
    return (
        f"SELECT DISTINCT {literal(column)} AS name, {cell} AS cell FROM {source} "
        f"WHERE length({cell}) >= {_SHORTEST}"
    )
