"""Ingest: deliveries in, good rows stored, broken rows set aside, the pointer moved at the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import duckdb

from data_contracts.contract import source_tables
from pipelines.errors import UsageError
from pipelines.intake.attempt import Attempt, Progress, SortedTable
from pipelines.intake.columns import check_columns
from pipelines.intake.commit import Limits, alone, commit
from pipelines.intake.deliveries import (
    Delivery,
    check_complete,
    find_deliveries,
    find_mapped,
)
from pipelines.intake.report import IngestReport, TableReport
from pipelines.intake.staging import delivered_columns
from pipelines.manifest import Manifest
from pipelines.mapping import Mapping
from pipelines.storage import Home, Warehouse, connect
from pipelines.tokens import load_key

DEFAULT_LIMITS = Limits()


def ingest(
    source: Path,
    home: Home,
    mapping: Mapping | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    *,
    required: Collection[str] = (),
    token_key: bytes | None = None,
    memory_limit: str = "1GB",
    threads: int = 2,
) -> IngestReport:
    """Take the deliveries of a folder into the warehouse, all of them or none.

    Args:
        source: Folder with the operator's tables (or with a ``landing`` folder that has them), or
            with the files of ``mapping``.
        home: Where the warehouse and the quarantine are.
        mapping: How a stranger's files become our tables; None for tables in our own format.
        limits: Shares of broken rows that are borne.
        progress: Called as files are finished.
        required: Tables without which the ingest makes no sense.
        token_key: Key for the tokens of ``mapping``; None for the one kept in ``home``.
        memory_limit: What DuckDB may use, as it writes it.
        threads: How many files are worked on at once.

    Returns:
        What came in; for each table rows in = good + quarantined. Files that are stored already,
        which their SHA-256 tells, are skipped.

    Raises:
        ContractBrokenError: A table or required column is missing, a file is empty or unreadable, a
            plain phone or ID number was found, or more rows are broken than ``limits`` allows. The
            warehouse is as before; in the last case the broken rows are in quarantine.
        UsageError: There is nothing to ingest, or the home holds data of another mapping.
    """
    with alone(home) as folder:
        warehouse = Warehouse(home)
        manifest = _manifest_for(warehouse.manifest, mapping)
        deliveries = find_mapped(source, mapping) if mapping else find_deliveries(source)
        check_complete(deliveries, {entry.table for entry in manifest.stored}, set(required))
        fresh = _without_stored(deliveries, manifest)
        key = token_key or (load_key(home.token_key, {}) if mapping else b"")
        with (
            connect(
                folders=[source, home.warehouse, folder],
                temp_directory=folder / "spill",
                memory_limit=memory_limit,
                threads=threads,
            ) as connection,
            ThreadPoolExecutor(threads) as executor,
        ):
            _check_columns(connection, fresh)
            attempt = Attempt(connection, executor, folder, warehouse, mapping, key)
            tables = _sort_tables(attempt, fresh, limits, progress)
        commit(home, manifest, tables, limits)
        return _report(tables, deliveries, Warehouse(home))


def _manifest_for(manifest: Manifest, mapping: Mapping | None) -> Manifest:
    name = mapping.name if mapping else None
    if manifest.stored and manifest.mapping != name:
        raise UsageError(
            f"This home holds data of {manifest.mapping or 'the operator'}, not of "
            f"{name or 'the operator'}; they do not mix. Use another --home."
        )
    if mapping is None:
        return manifest
    return replace(manifest, mapping=name, capabilities=mapping.capabilities, study=mapping.study)


def _without_stored(deliveries: Sequence[Delivery], manifest: Manifest) -> list[Delivery]:
    seen = {(entry.table, entry.source_sha256) for entry in manifest.stored}
    fresh = []
    for delivery in deliveries:
        if (delivery.table, delivery.sha256) not in seen:
            seen.add((delivery.table, delivery.sha256))
            fresh.append(delivery)
    return fresh


def _check_columns(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> None:
    for delivery in deliveries:
        if delivery.recipe is None:
            columns = delivered_columns(connection, delivery)
            check_columns(source_tables()[delivery.table], columns, delivery.name)


def _sort_tables(
    attempt: Attempt, deliveries: Sequence[Delivery], limits: Limits, progress: Progress | None
) -> list[SortedTable]:
    """Sort table after table, while the gate looks at the ones before: it needs but one core."""
    tables: list[SortedTable] = []
    done = 0

    def finished() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(deliveries[done - 1].table, done, len(deliveries))

    with ThreadPoolExecutor(1) as gate:
        passing = []
        try:
            for name, group in groupby(deliveries, key=lambda delivery: delivery.table):
                table = attempt.sort_table(source_tables()[name], list(group), finished)
                tables.append(table)
                if table.bad_share <= limits.of(name):
                    passing.append(gate.submit(attempt.pass_gate, table))
            for passed in passing:
                passed.result()
        finally:
            gate.shutdown(cancel_futures=True)
    return tables


def _report(
    tables: Sequence[SortedTable], deliveries: Sequence[Delivery], warehouse: Warehouse
) -> IngestReport:
    new = {table.table.name: table for table in tables}
    lines = []
    for name, group in groupby(deliveries, key=lambda delivery: delivery.table):
        delivered = len(list(group))
        table = new.get(name)
        files, rows, bad = (len(table.files), table.rows, table.quarantined) if table else (0, 0, 0)
        lines.append(TableReport(name, files, rows, rows - bad, bad, delivered - files))
    files_in = [file.stored for table in tables for file in table.files]
    empty = tuple(f"{file.source} has a header and no rows." for file in files_in if not file.rows)
    return IngestReport(tuple(lines), warehouse.data_version, empty)
