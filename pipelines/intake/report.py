"""What an ingest did, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class TableReport:
    """One table: ``rows`` = ``good`` + ``quarantined``, exactly; skipped files are not counted."""

    table: str
    files: int
    rows: int
    good: int
    quarantined: int
    skipped: int

    @property
    def bad_share(self) -> float:
        return self.quarantined / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class IngestReport:
    """What was taken in, what was set aside, and what the warehouse holds now.

    ``data_version`` names the stored data after the ingest; ``warnings`` are sentences.
    """

    tables: tuple[TableReport, ...]
    data_version: str
    warnings: tuple[str, ...] = ()

    HEADER = ("table", "files", "rows in", "good", "quarantined", "already stored")

    def rows(self) -> list[tuple[str, int, int, int, int, int]]:
        """Table rows under ``HEADER``, with a last one for the whole."""
        lines = [_line(table) for table in self.tables]
        return [*lines, _line(self.total)]

    def __rich__(self) -> RenderableType:
        from pipelines.console import table

        return table([dict(zip(self.HEADER, row, strict=True)) for row in self.rows()])

    @property
    def total(self) -> TableReport:
        return _sum("total", self.tables)

    def to_json(self) -> dict[str, object]:
        """The report as plain values for ``--json``."""
        return {
            "tables": [asdict(table) for table in self.tables],
            "total": asdict(self.total),
            "data_version": self.data_version,
            "warnings": list(self.warnings),
        }


def _line(table: TableReport) -> tuple[str, int, int, int, int, int]:
    return (
        table.table,
        table.files,
        table.rows,
        table.good,
        table.quarantined,
        table.skipped,
    )


def _sum(name: str, tables: Iterable[TableReport]) -> TableReport:
    columns = list(zip(*(_line(table)[1:] for table in tables), strict=True)) or [()] * 5
    files, rows, good, quarantined, skipped = (sum(column) for column in columns)
    return TableReport(name, files, rows, good, quarantined, skipped)
