"""Published batches: written whole, named by their content, reached through one pointer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from data_contracts.contract import Table, published_tables
from serving.errors import NoBatch, StoreError
from serving.files import only_writer, put_file, put_folder, sweep
from serving.parquet import from_parquet, to_parquet

WORKBOOK = "risk_list.xlsx"
"""The whole list for people; whoever gets a part of it finds it among the batch's files."""
DESCRIPTION = "batch.json"
POINTER = "CURRENT.json"


@dataclass(frozen=True)
class Batch:
    """What is published together.

    Attributes:
        as_of: The knowledge day.
        frames: Published tables by name; each must keep its contract, but for ``batch_id``,
            which the store fills in.
        metadata: What a reader should know of the batch: model, versions, freshness. JSON, and
            nothing that changes from run to run, since the batch is named by its content.
        files: What people read, by file name, such as the list as .xlsx.
    """

    as_of: date
    frames: Mapping[str, pd.DataFrame]
    metadata: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class PublishedBatch:
    """A batch that a reader may trust: complete, and the bytes that were published."""

    batch_id: str
    as_of: date
    folder: Path
    metadata: Mapping[str, Any]
    tables: tuple[str, ...]

    def path(self, table: str) -> Path:
        """The Parquet file of a published table."""
        return self.folder / f"{table}.parquet"

    @property
    def workbook(self) -> Path | None:
        """The risk list as .xlsx, where the batch has one."""
        path = self.folder / WORKBOOK
        return path if path.exists() else None

    def frame(self, table: str) -> pd.DataFrame:
        """The rows of a published table; NoBatch where the batch has no such table."""
        if table not in self.tables:
            raise NoBatch(f"batch {self.batch_id} has no {table}; it has {', '.join(self.tables)}")
        return from_parquet(self.path(table).read_bytes())


class PublishedStore:
    """Batches in a folder, and the one pointer that says which of them count.

    ``root/CURRENT.json`` is ``{"latest": id, "by_as_of": {"2011-01-03": id}}``; ``latest`` is
    the batch of the newest day. Nothing that the pointer does not name is ever read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def publish(self, batch: Batch) -> str:
        """Check ``batch`` against its contracts, write it, and let the pointer name it.

        A batch that was published before is the same batch; publishing it again changes nothing
        but, where another batch of that day came in between, the pointer.

        Returns:
            The batch's id: its day and the beginning of its content's checksum.

        Raises:
            StoreError: A table breaks its contract; readers keep the list they had.
        """
        batch_id = _batch_id(batch)
        files = _files(batch, batch_id)
        with only_writer(self.root):
            sweep(self.root)
            sweep(self.root / "batches")
            folder = self.root / "batches" / batch_id
            if not _holds(folder, files):
                _check(batch, batch_id)
                put_folder(files, folder)
            self._point(batch.as_of, batch_id)
        return batch_id

    def current(self, as_of: date | None = None) -> PublishedBatch:
        """The batch that counts for ``as_of``, by default for the newest day.

        Raises:
            NoBatch: Nothing was published (for that day).
            StoreError: What was published is damaged.
        """
        return self.read(self.batch_id(as_of))

    def before(self, as_of: date) -> PublishedBatch | None:
        """The batch that counts for the newest day before ``as_of``; None where there is none."""
        earlier = [day for day in self.pointer()["by_as_of"] if day < as_of.isoformat()]
        return self.current(date.fromisoformat(max(earlier))) if earlier else None

    def batch_id(self, as_of: date | None = None) -> str:
        """The id of the batch that counts for ``as_of``; errors as for ``current``."""
        pointer = self.pointer()
        by_as_of = pointer["by_as_of"]
        if not by_as_of:
            raise NoBatch("nothing has been published yet; run `groupchurn run --as-of DAY` first")
        if as_of is None:
            return str(pointer["latest"])
        if as_of.isoformat() not in by_as_of:
            newest = ", ".join(sorted(by_as_of)[-5:])
            raise NoBatch(f"no batch was published for {as_of}; the newest are of {newest}")
        return str(by_as_of[as_of.isoformat()])

    def read(self, batch_id: str) -> PublishedBatch:
        """The batch of this id, which the pointer names or named.

        Raises:
            StoreError: It is damaged.
        """
        folder = self.root / "batches" / batch_id
        try:
            description = json.loads((folder / DESCRIPTION).read_bytes())
            contents = {name: (folder / name).read_bytes() for name in description["files"]}
        except (OSError, ValueError) as error:
            raise StoreError(f"{folder} is damaged ({error}); {_REPAIR}") from error
        for name, checksum in description["files"].items():
            if _sha256(contents[name]) != checksum:
                raise StoreError(f"{folder / name} is not the file that was published; {_REPAIR}")
        found = (name.removesuffix(".parquet") for name in contents if name.endswith(".parquet"))
        tables = tuple(name for name in found if name in published_tables())
        day = date.fromisoformat(description["as_of"])
        return PublishedBatch(batch_id, day, folder, description["metadata"], tables)

    def pointer(self) -> dict[str, Any]:
        """What CURRENT.json says; an empty ``by_as_of`` before the first batch."""
        path = self.root / POINTER
        try:
            content = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {"latest": None, "by_as_of": {}}
        except ValueError as error:
            raise StoreError(
                f"{path} is damaged ({error}); publish again, the batches themselves are kept"
            ) from error
        return dict(content)

    def _point(self, as_of: date, batch_id: str) -> None:
        pointer = self.pointer()
        by_as_of = {**pointer["by_as_of"], as_of.isoformat(): batch_id}
        moved = {"latest": by_as_of[max(by_as_of)], "by_as_of": by_as_of}
        if moved != pointer:
            put_file(_json(moved), self.root / POINTER)


_REPAIR = "delete the folder and publish that day again, or restore it from a backup"


def _batch_id(batch: Batch) -> str:
    """The day and the beginning of the content's checksum, taken while no row names a batch."""
    unnamed = _files(batch, "")[DESCRIPTION]
    return f"{batch.as_of.isoformat()}-{_sha256(unnamed)[:12]}"


def _files(batch: Batch, batch_id: str) -> dict[str, bytes]:
    """Every file of the batch, the description with the others' checksums last."""
    files = {
        f"{name}.parquet": to_parquet(frame, _contract(name))
        for name, frame in _named(batch, batch_id).items()
    }
    if taken := sorted({*batch.files} & {*files, DESCRIPTION}):
        raise StoreError(f"a file for people cannot be called {taken[0]}, which is a table's name")
    files.update(sorted(batch.files.items()))
    description = {
        "batch_id": batch_id,
        "as_of": batch.as_of.isoformat(),
        "files": {name: _sha256(content) for name, content in files.items()},
        "metadata": dict(batch.metadata),
    }
    return {**files, DESCRIPTION: _json(description)}


def _named(batch: Batch, batch_id: str) -> dict[str, pd.DataFrame]:
    """The tables in the order of their names, every row naming its batch."""
    return {name: frame.assign(batch_id=batch_id) for name, frame in sorted(batch.frames.items())}


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the batch stands there already, byte for byte."""
    if not folder.exists():
        return False
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            raise StoreError(f"{path} is not the file that was published; {_REPAIR}")
    return True


def _check(batch: Batch, batch_id: str) -> None:
    # Imported here: Great Expectations takes seconds, and readers never need it.
    from data_contracts.expectations import validate

    for name, frame in _named(batch, batch_id).items():
        table = _contract(name)
        verdict = validate(table, frame[list(table.names)])
        if not verdict.success:
            broken = "; ".join(table.rule(rule_id).text for rule_id in verdict.failed)
            raise StoreError(f"table {name} breaks its contract and is not published: {broken}")


def _contract(name: str) -> Table:
    try:
        return published_tables()[name]
    except KeyError:
        raise StoreError(
            f"there is no contract for a published table {name!r}; there are "
            f"{', '.join(published_tables())}"
        ) from None


def _json(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
