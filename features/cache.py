"""Finished features on disk, by day: what was computed once from the same rows is read back."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_FINGERPRINTS = b"groupchurn.fingerprints"


@dataclass(frozen=True)
class Cache:
    """A folder of feature blocks, which may be deleted at any time.

    ``version`` names the rows that are known on a day: the same name means the same rows.
    """

    folder: Path
    version: Callable[[date], str]

    def shelf(self, day: date, kind: str) -> Shelf:
        """Where the features of ``kind`` (entity, tiers, engine) of one day are kept."""
        return Shelf(self.folder / kind / f"{day}-{self.version(day)[:16]}")


@dataclass(frozen=True)
class Shelf:
    """The blocks of one day: each a few features, of the same rows in the same order."""

    folder: Path

    def lacks(self, wanted: Mapping[str, str]) -> list[str]:
        """Names of the features that were not computed with the wanted fingerprint."""
        found = {
            name
            for _, _, held in self._blocks()
            for name, print_ in held.items()
            if wanted.get(name) == print_
        }
        return [name for name in wanted if name not in found]

    def put(self, rows: pd.DataFrame, asked: Mapping[str, str]) -> None:
        """Keep a block, whole or not at all.

        Args:
            rows: The key columns and one column a feature; a feature that was asked for and has no
                column cannot be computed from these tables.
            asked: Fingerprints of the features that were asked for.
        """
        said = json.dumps(dict(sorted(asked.items()))).encode()
        table = pa.Table.from_pandas(rows, preserve_index=False)
        table = table.replace_schema_metadata(
            {**(table.schema.metadata or {}), _FINGERPRINTS: said}
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{secrets.token_hex(8)}.draft"
        try:
            pq.write_table(table, draft, compression="zstd")
            draft.replace(self.folder / f"{hashlib.sha256(said).hexdigest()[:16]}.parquet")
        finally:
            draft.unlink(missing_ok=True)

    def read(self, wanted: Mapping[str, str], key: list[str]) -> pd.DataFrame:
        """The key columns and the wanted features that can be computed, in the order wanted."""
        columns: dict[str, pd.Series] = {}
        for file, there, held in self._blocks():
            fitting = [
                n for n, print_ in held.items() if wanted.get(n) == print_ and n not in columns
            ]
            present = [name for name in fitting if name in there]
            if present or (fitting and not columns):
                block = pd.read_parquet(file, columns=[*key, *present])
                columns.update({str(name): values for name, values in block.items()})
        frame = pd.DataFrame({name: columns[name] for name in [*key, *wanted] if name in columns})
        return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)

    def _blocks(self) -> Iterator[tuple[Path, list[str], dict[str, str]]]:
        """Each block that can be read, its columns, and the fingerprints of what was asked for."""
        for file in sorted(self.folder.glob("*.parquet")):
            try:
                schema = pq.read_schema(file)
                said = (schema.metadata or {})[_FINGERPRINTS]
            except (OSError, pa.ArrowInvalid, KeyError):
                continue
            yield file, schema.names, json.loads(said)
