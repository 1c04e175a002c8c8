"""One attempt to take deliveries in, table by table, in a work folder that nobody else reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data_contracts.contract import Table
from data_contracts.predicates import ROW
from pipelines.intake.checking import BROKEN, find_broken
from pipelines.intake.deliveries import Delivery
from pipelines.intake.gate import pass_gate
from pipelines.intake.mapped import map_rows
from pipelines.intake.reading import read_csv
from pipelines.intake.staging import Staged, in_places, stage_parquet, stage_text
from pipelines.intake.storing import Sorted, list_rules, sort_rows
from pipelines.mapping import Mapping
from pipelines.storage import Warehouse

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of how many files are finished."""


@dataclass(frozen=True)
class SortedTable:
    """What became of one table; ``broken`` counts rows by the rule they break, most first."""

    table: Table
    files: tuple[Sorted, ...]
    broken: tuple[tuple[str, int], ...]

    @property
    def rows(self) -> int:
        return sum(file.stored.rows for file in self.files)

    @property
    def quarantined(self) -> int:
        return sum(file.stored.quarantined for file in self.files)

    @property
    def bad_share(self) -> float:
        return self.quarantined / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class Attempt:
    """What every step needs; ``executor`` runs as many threads as files are worked on at once."""

    connection: duckdb.DuckDBPyConnection
    executor: Executor
    folder: Path
    warehouse: Warehouse
    mapping: Mapping | None
    token_key: bytes

    def sort_table(
        self,
        table: Table,
        deliveries: Sequence[Delivery],
        finished: Callable[[], None],
    ) -> SortedTable:
        """Check all new ``deliveries`` of one table and sort their rows into good and broken."""
        staged = in_places(
            self.executor.map(lambda one: self._stage(table, *one), enumerate(deliveries))
        )
        list_rules(self.connection, table)
        find_broken(self.connection, table, staged, self.warehouse.files(table.name))
        files = []
        for file in self.executor.map(lambda one: self._sort(table, one), staged):
            files.append(file)
            finished()
        return SortedTable(table, tuple(files), self._count_broken())

    def pass_gate(self, sorted_table: SortedTable) -> None:
        """Hold the good rows of a table against Great Expectations; see ``gate``."""
        good = [file.good for file in sorted_table.files if file.good is not None]
        if good:
            table = sorted_table.table
            with self.connection.cursor() as connection:
                pass_gate(connection, table, good, self.warehouse.files(table.name))

    def _stage(self, table: Table, number: int, delivery: Delivery) -> Staged:
        with self.connection.cursor() as connection:
            if delivery.recipe is None and delivery.path.suffix == ".parquet":
                return stage_parquet(connection, delivery)
            if delivery.recipe is not None and self.mapping is not None:
                given = map_rows(delivery, delivery.recipe, self.mapping, self.token_key)
            else:
                given = read_csv(delivery.path, delivery.name)
            path = self.folder / f"{table.name}-{number}-given.parquet"
            return stage_text(connection, table, delivery, given, path)

    def _sort(self, table: Table, file: Staged) -> Sorted:
        with self.connection.cursor() as connection:
            return sort_rows(connection, table, file, self.folder)

    def _count_broken(self) -> tuple[tuple[str, int], ...]:
        query = f"SELECT rule, count(DISTINCT {ROW}) FROM {BROKEN} GROUP BY rule ORDER BY 2 DESC, 1"
        return tuple(self.connection.execute(query).fetchall())
