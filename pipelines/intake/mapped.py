"""A stranger's file as rows of one of our tables, still as text."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import UsageError
from pipelines.intake.deliveries import Delivery
from pipelines.intake.reading import LINE, CsvRows, read_csv
from pipelines.intake.staging import FAILED
from pipelines.mapping import Mapping, TableMapping
from pipelines.storage import connect, literal, quote
from pipelines.tokens import tokenise

_FILE = "file"


def map_rows(delivery: Delivery, recipe: TableMapping, mapping: Mapping, key: bytes) -> CsvRows:
    """Work out ``recipe`` on one file.

    Args:
        delivery: The stranger's file.
        recipe: Which table to make of it, and how.
        mapping: Where ``recipe`` stands, for error messages.
        key: Key of the tokens that replace numbers of people.

    Returns:
        Rows of the table as text, each with the row of the file that it comes from, and in
        ``_failed`` the columns whose expression cannot be worked out on it (12x is no number).

    Raises:
        UsageError: An expression that DuckDB does not understand; names line, table and column.
    """
    given = _read(delivery)
    with connect() as connection:
        connection.register(_FILE, given.rows)
        for expressions in recipe.expressions():
            _check(connection, expressions, recipe, mapping)
        query = " UNION ALL ".join(_select(texts) for texts in recipe.expressions())
        made = connection.sql(query).to_arrow_table()
    for column in recipe.token:
        place = made.column_names.index(column)
        made = made.set_column(place, column, tokenise(made.column(column), key))
    return CsvRows(made, given.torn)


def _read(delivery: Delivery) -> CsvRows:
    if delivery.path.suffix == ".csv":
        return read_csv(delivery.path, delivery.name)
    cells = pq.read_table(delivery.path)
    numbers = pa.array(range(1, cells.num_rows + 1), pa.int64())
    return CsvRows(cells.append_column(LINE, numbers), ())


def _check(
    connection: duckdb.DuckDBPyConnection,
    expressions: dict[str, str],
    recipe: TableMapping,
    mapping: Mapping,
) -> None:
    for column, expression in expressions.items():
        try:
            connection.sql(f"SELECT ({expression}) FROM {_FILE} LIMIT 0").fetchall()
        except duckdb.Error as error:
            problem = str(error).split("\n")[0]
            raise UsageError(f"{mapping.place(recipe, column)}: {problem}") from error


def _select(expressions: dict[str, str]) -> str:
    """TRY makes a failing expression a NULL struct, while an unknown value is a struct of NULL."""
    tries = ", ".join(
        f"TRY(struct_pack(cell := CAST(({expression}) AS VARCHAR))) AS {quote(column)}"
        for column, expression in expressions.items()
    )
    cells = ", ".join(f"{quote(column)}.cell AS {quote(column)}" for column in expressions)
    failed = ", ".join(
        f"CASE WHEN {quote(column)} IS NULL THEN {literal(column)} END" for column in expressions
    )
    return f"""
        SELECT {LINE}, {cells}, list_filter([{failed}], lambda name: name IS NOT NULL) AS {FAILED}
        FROM (SELECT {LINE}, {tries} FROM {_FILE})
    """
