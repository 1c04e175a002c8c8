"""The manifest: which stored files count, and which delivered files they came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Stored:
    """One delivered file that was taken in.

    ``file`` is the Parquet file of its good rows in the table's folder, or None if it has none.
    """

    table: str
    source: str
    source_sha256: str
    rows: int
    quarantined: int
    file: str | None
    oldest_load_time: str | None
    newest_load_time: str | None

    @property
    def good(self) -> int:
        return self.rows - self.quarantined


@dataclass(frozen=True)
class Study:
    """For data without a time axis: the day to stand on (ISO), the label, and its period."""

    as_of: str
    label: str
    period: str


@dataclass(frozen=True)
class Manifest:
    """All that the warehouse knows, as one value; equal content has equal bytes.

    ``mapping`` names the mapping that the rows came through, with its ``capabilities`` and
    ``study``; None for the operator's own tables.
    """

    stored: tuple[Stored, ...] = ()
    mapping: str | None = None
    capabilities: Mapping[str, bool] | None = None
    study: Study | None = None

    def with_stored(self, new: Iterable[Stored]) -> Manifest:
        return replace(self, stored=tuple(sorted((*self.stored, *new), key=_order)))

    def sources(self, table: str) -> set[str]:
        """SHA-256 of the delivered files that ``table`` already holds."""
        return {stored.source_sha256 for stored in self.stored if stored.table == table}

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        fields: dict[str, Any] = json.loads(content)
        stored = tuple(Stored(**entry) for entry in fields.pop("stored"))
        study = fields.pop("study")
        return cls(stored=stored, study=Study(**study) if study else None, **fields)

    def version(self, day: date | None = None) -> str:
        """SHA-256 over what is known: the id of the data that a score or list was made from.

        The stored files are named after their content, so the order of rows in a delivery, or its
        file names, do not change it. Of a ``day`` it is the id of the files that hold anything
        loaded by then: later deliveries do not change it.
        """
        files = sorted(
            (entry.table, entry.file)
            for entry in self.stored
            if entry.file and (day is None or (entry.oldest_load_time or "")[:10] <= f"{day}")
        )
        content = {**asdict(self), "stored": files}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _order(stored: Stored) -> tuple[str, str, str]:
    return (stored.table, stored.source, stored.source_sha256)
