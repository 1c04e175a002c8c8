"""The end of an ingest: one writer at a time, and one pointer that moves."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import ContractBrokenError, UsageError
from pipelines.intake.attempt import SortedTable
from pipelines.intake.storing import Sorted
from pipelines.manifest import Manifest
from pipelines.storage import Home, atomic_write, put_in_place


@dataclass(frozen=True)
class Limits:
    """How large a share of a table's new rows may be broken before the ingest stops.

    ``tables`` gives the limit of single tables; all others have ``max_bad_share``.
    """

    max_bad_share: float = 0.05
    tables: Mapping[str, float] = field(default_factory=dict)

    def of(self, table: str) -> float:
        return self.tables.get(table, self.max_bad_share)


@contextmanager
def alone(home: Home) -> Iterator[Path]:
    """A fresh work folder, and nobody else who writes to the warehouse.

    Raises:
        UsageError: Another ingest into the same home is running.
    """
    home.work.mkdir(parents=True, exist_ok=True)
    with (home.work / "ingest.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"Another ingest into {home.path} is running; wait for it.") from None
        for left in home.work.glob("ingest-*/"):  # by a run that was killed
            shutil.rmtree(left)
        folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=home.work.absolute()))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def commit(home: Home, manifest: Manifest, tables: Sequence[SortedTable], limits: Limits) -> None:
    """Put broken rows into quarantine, good ones into the warehouse, and make these count.

    The manifest is written last. A crash before that leaves files that nobody reads.

    Raises:
        ContractBrokenError: More rows of a table are broken than ``limits`` allows; then only the
            quarantine is written.
    """
    files = [file for table in tables for file in table.files]
    for file in files:
        _quarantine(home, file)
    broken = [table for table in tables if table.bad_share > limits.of(table.table.name)]
    if broken:
        raise ContractBrokenError("\n".join(_too_many(home, table, limits) for table in broken))
    for file in files:
        if file.good is not None and file.stored.file is not None:
            put_in_place(file.good, home.warehouse / file.stored.table / file.stored.file)
    content = manifest.with_stored(file.stored for file in files).to_bytes()
    if not home.manifest.exists() or home.manifest.read_bytes() != content:
        atomic_write(home.manifest, content)


def _quarantine(home: Home, file: Sorted) -> None:
    place = home.quarantine / file.stored.table / f"{file.stored.source_sha256[:16]}.parquet"
    if file.quarantine is None:
        place.unlink(missing_ok=True)
    else:
        put_in_place(file.quarantine, place)


def _too_many(home: Home, table: SortedTable, limits: Limits) -> str:
    name = table.table.name
    texts = {rule.id: rule.text for rule in table.table.rules}
    worst = "; ".join(
        f"{rows:,} × {rule}: {texts.get(rule, 'the row cannot be read.')}"
        for rule, rows in table.broken[:3]
    )
    return (
        f"Table {name}: {table.quarantined:,} of {table.rows:,} rows ({table.bad_share:.1%}) break "
        f"the contract, more than the limit of {limits.of(name):.0%}. {worst} They are in "
        f"{home.quarantine / name} with row numbers and reasons. Nothing was stored; what was "
        "published before stays."
    )
