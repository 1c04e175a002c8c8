"""Where everything lives under ``--home``, and how a file is put there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw

from data_contracts.contract import Table, source_tables
from pipelines.errors import ContractBrokenError
from pipelines.manifest import Manifest, Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Home:
    """The folder given by ``--home``, which holds all state."""

    path: Path

    @property
    def warehouse(self) -> Path:
        """Good rows, as Parquet, and the manifest that says which files count."""
        return self.path / "warehouse"

    @property
    def manifest(self) -> Path:
        """The one pointer to the stored rows."""
        return self.warehouse / "manifest.json"

    @property
    def quarantine(self) -> Path:
        """Rows that break their contract, in ``<table>/<delivery>.parquet``.

        Each has its ``file``, its ``row`` there (1 is the first after the header), the ``rule`` it
        breaks, the ``reason`` in words, ``also`` the other rules, and its ``content``.
        """
        return self.path / "quarantine"

    @property
    def published(self) -> Path:
        """Risk lists and the pointer to the current one."""
        return self.path / "published"

    @property
    def artifacts(self) -> Path:
        """Files that MLflow keeps for its runs."""
        return self.path / "artifacts"

    @property
    def mlflow(self) -> Path:
        """MLflow's database."""
        return self.path / "mlflow.db"

    @property
    def prefect(self) -> Path:
        """Prefect's own home."""
        return self.path / "prefect"

    @property
    def token_key(self) -> Path:
        """The key of the tokens that stand for people and numbers."""
        return self.path / "keys" / "hmac.key"

    @property
    def features(self) -> Path:
        """Features of days that were computed before; deleting them costs only time."""
        return self.path / "work" / "features"

    @property
    def work(self) -> Path:
        """Unfinished files; whatever is here when nothing runs may be deleted."""
        return self.path / "work"


def atomic_write(path: Path, content: bytes) -> None:
    """Write ``path`` so that a reader, or a crash, sees the old content or the new, never a mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content)
        put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def put_in_place(draft: Path, path: Path) -> None:
    """Rename a finished ``draft`` of the same file system to ``path``, surviving a power loss."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sync(draft, os.O_RDONLY)
    draft.replace(path)
    _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def keep_frame(frame: pd.DataFrame, file: Path) -> None:
    """Write a frame as Parquet, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    frame.to_parquet(draft, index=False)
    put_in_place(draft, file)


class Warehouse:
    """Good rows of every table, as they stood when this was opened."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.manifest = _read_manifest(home)

    def connect(self, *, memory_limit: str = "2GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
        """A DuckDB that reads this warehouse's files and nothing else."""
        return connect(
            folders=[self.home.warehouse],
            temp_directory=self.home.work / "spill",
            memory_limit=memory_limit,
            threads=threads,
        )

    def tables(self, connection: duckdb.DuckDBPyConnection) -> dict[str, nw.LazyFrame[Any]]:
        """A lazy frame for each table that has rows: the contract's columns and types, in order."""
        return {
            name: nw.from_native(connection.sql(self.query(table)))
            for name, table in source_tables().items()
            if self.files(name)
        }

    def query(self, table: Table) -> str:
        """SQL that reads the stored rows of ``table``, which has some."""
        columns = ", ".join(quote(column.name) for column in table.columns)
        return f"SELECT {columns} FROM {parquet(self.files(table.name))}"

    def files(self, table: str) -> list[Path]:
        """The stored files of ``table``, in an order that depends on their content only."""
        folder = self.home.warehouse / table
        entries = [entry for entry in self.manifest.stored if entry.table == table]
        return [folder / file for file in sorted(entry.file for entry in entries if entry.file)]

    @property
    def data_version(self) -> str:
        """SHA-256 that names exactly these rows."""
        return self.manifest.version()

    @property
    def capabilities(self) -> dict[str, bool]:
        """What the data can tell: about groups, along time, along calls between people."""
        if self.manifest.capabilities is not None:
            return dict(self.manifest.capabilities)
        return {
            "group": bool(self.files("group_snapshot")),
            "time": True,
            "graph": bool(self.files("call_edge_month")),
        }

    @property
    def study(self) -> Study | None:
        """For data without a time axis: which day to stand on and which label to learn."""
        return self.manifest.study

    @property
    def freshness(self) -> dict[str, datetime]:
        """For each table that has rows, when the newest of them was loaded."""
        newest: dict[str, datetime] = {}
        for entry in self.manifest.stored:
            if entry.newest_load_time is not None:
                loaded = datetime.fromisoformat(entry.newest_load_time)
                newest[entry.table] = max(loaded, newest.get(entry.table, loaded))
        return newest


def _read_manifest(home: Home) -> Manifest:
    if not home.manifest.exists():
        return Manifest()
    try:
        return Manifest.from_bytes(home.manifest.read_bytes())
    except (ValueError, TypeError, KeyError) as error:
        raise ContractBrokenError(
            f"{home.manifest} is damaged ({error}). Restore it from a backup, or ingest again into "
            "another --home."
        ) from error


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def connect(
    *,
    folders: Iterable[Path] = (),
    temp_directory: Path | None = None,
    memory_limit: str = "2GB",
    threads: int = 2,
) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that reads and writes only what it is given, and reaches no network.

    Args:
        folders: Folders whose files SQL may read and write.
        temp_directory: Where queries spill that outgrow ``memory_limit``.
        memory_limit: As DuckDB writes it, for example ``2GB``.
        threads: Worker threads; results do not depend on them.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory_limit,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if temp_directory is not None:
        config["temp_directory"] = os.path.abspath(temp_directory)
    connection = duckdb.connect(config=config)
    # In a notebook without ipywidgets the bar is off already, and DuckDB refuses to be told again.
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (True,):
        connection.execute("SET enable_progress_bar = false")
    spellings = [
        spelling for path in folders for spelling in (os.path.abspath(path), _pattern(path))
    ]
    connection.execute("SET allowed_directories = ?", [[f"{path}/" for path in spellings]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def parquet(paths: Iterable[Path]) -> str:
    """SQL for the rows of some Parquet files, whatever signs their names have."""
    return f"read_parquet([{', '.join(literal(_pattern(path)) for path in paths)}])"


def _pattern(path: Path) -> str:
    """``path`` as DuckDB searches for files: none of its characters is a wildcard."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in os.path.abspath(path))


def quote(name: str) -> str:
    """``name`` as an SQL identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
