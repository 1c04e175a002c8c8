"""Good rows and broken rows as files, not yet where anybody looks for them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.contract import Table
from data_contracts.predicates import ROW
from pipelines.errors import GroupchurnError
from pipelines.intake.checking import BROKEN, BY_MAPPING, good_rows
from pipelines.intake.deliveries import sha256_of
from pipelines.intake.plain_numbers import FILE_STEP
from pipelines.intake.reading import LINE
from pipelines.intake.staging import Source, Staged
from pipelines.manifest import Stored
from pipelines.storage import literal, quote

TORN = "shape"
RULES = "rules"
"""Table (rule, place, reason): the rules of the table at hand, in the order of its contract."""


@dataclass(frozen=True)
class Sorted:
    """One delivery, sorted into good and broken: files in the work folder and what they hold."""

    stored: Stored
    good: Path | None
    quarantine: Path | None


def list_rules(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Fill ``RULES`` with all rules that can set a row of ``table`` aside, causes first."""
    failing = "The mapping's expression for {} fails on this row."
    reasons = [(f"{table.name}.{name}{BY_MAPPING}", failing.format(name)) for name in table.names]
    reasons += [(rule.id, rule.text) for rule in table.rules]
    ids, texts = zip(*reasons, strict=True)
    listed = pa.table({"rule": ids, "place": range(len(ids)), "reason": texts})
    connection.register("listed", listed)
    connection.execute(f"CREATE OR REPLACE TABLE {RULES} AS SELECT * FROM listed")
    connection.unregister("listed")


def sort_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, file: Staged, folder: Path
) -> Sorted:
    """Write the good and the broken rows of one file into ``folder``; every row is in one of them.

    The file of good rows is named after its content, which does not depend on their order.
    """
    source = Source(table, (file,))
    good = folder / f"{table.name}-{file.place}-good.parquet"
    broken = folder / f"{table.name}-{file.place}-broken.parquet"
    rows = _good(connection, source)
    kept = rows.num_rows
    set_aside = 0 if kept == file.rows_in else _write_broken(connection, source, broken)
    if kept + set_aside != file.rows_in:
        raise GroupchurnError(
            f"{file.delivery.name}: {file.rows_in} rows came in, {kept} are good and {set_aside} "
            "are set aside. Nothing was stored; this is a fault of groupchurn."
        )
    if kept:
        pq.write_table(rows, good, compression="zstd")
    stored = Stored(
        table=table.name,
        source=file.delivery.name,
        source_sha256=file.delivery.sha256,
        rows=file.rows_in,
        quarantined=set_aside,
        file=f"{sha256_of(good)[:16]}.parquet" if kept else None,
        oldest_load_time=pc.min(rows["load_time"]).as_py().isoformat() if kept else None,
        newest_load_time=pc.max(rows["load_time"]).as_py().isoformat() if kept else None,
    )
    return Sorted(stored, good if kept else None, broken if set_aside else None)


def _good(connection: duckdb.DuckDBPyConnection, source: Source) -> pa.Table:
    """Good rows in the order of their key. Written by Arrow, equal rows give equal bytes; DuckDB's
    own Parquet depends on how the rows once lay in memory."""
    columns = ", ".join(quote(name) for name in source.table.names)
    key = ", ".join(quote(name) for name in source.table.physical_key)
    rows = connection.sql(f"SELECT {columns} FROM ({good_rows(source)}) ORDER BY {key}")
    return rows.to_arrow_table().combine_chunks()


def _write_broken(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> int:
    file = source.files[0]
    cells = ", ".join(f"{quote(name)} := {quote(name)}" for name in file.own_columns)
    first = file.place * FILE_STEP
    connection.register("torn", _torn(source.table, file))
    rows = f"""
        WITH reasons AS (
            SELECT {ROW}, list(rule ORDER BY place) AS rules, arg_min(reason, place) AS reason
            FROM {BROKEN} JOIN {RULES} USING (rule)
            WHERE {ROW} BETWEEN {first} AND {first + FILE_STEP - 1} GROUP BY {ROW}
        )
        SELECT {literal(file.delivery.name)} AS file, {LINE} AS "row", rules[1] AS rule, reason,
            rules[2:] AS also,
            CAST(to_json(struct_pack({cells})) AS VARCHAR) AS content
        FROM {source.query} JOIN reasons USING ({ROW})
        UNION ALL SELECT {literal(file.delivery.name)}, line, rule, reason, [], content FROM torn
        ORDER BY "row", content
    """
    options = f"TO {literal(os.path.abspath(path))} (FORMAT parquet, COMPRESSION zstd)"
    written = connection.execute(f"COPY ({rows}) {options}").fetchone()
    connection.unregister("torn")
    return int(written[0]) if written else 0


def _torn(table: Table, file: Staged) -> pa.Table:
    lines, texts = zip(*file.torn, strict=True) if file.torn else ((), ())
    reason = "The row has more or fewer cells than the header has columns."
    return pa.table(
        {
            "line": pa.array(lines, pa.int64()),
            "rule": pa.array([f"{table.name}.{TORN}"] * len(lines), pa.string()),
            "reason": pa.array([reason] * len(lines), pa.string()),
            "content": pa.array(texts, pa.string()),
        }
    )
