"""Which files of a folder deliver which table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data_contracts.contract import source_tables
from pipelines.errors import ContractBrokenError, UsageError
from pipelines.mapping import Mapping, TableMapping

SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class Delivery:
    """One delivered file: ``name`` is its path inside the folder, with forward slashes.

    ``recipe`` says how a stranger's file becomes rows of ``table``; None for our own format.
    """

    table: str
    path: Path
    name: str
    sha256: str
    recipe: TableMapping | None = None


def find_deliveries(source: Path) -> list[Delivery]:
    """All deliveries in ``source`` (or its ``landing`` folder), ordered by table and name.

    Args:
        source: Holds ``<table>/*.parquet``, ``<table>/*.csv``, ``<table>.parquet`` or
            ``<table>.csv``; files of other kinds at the top (a README) are left alone.

    Raises:
        UsageError: There is no such folder, or nothing in it that delivers a table.
        ContractBrokenError: A table that no contract knows, a file of an unknown kind, or a file
            without a single byte.
    """
    folder = landing_folder(source)
    deliveries = [_delivery(table, path, folder) for table, path in _files_of_tables(folder)]
    if not deliveries:
        raise UsageError(
            f"{folder} delivers no table. Expected <table>/*.parquet, <table>/*.csv, "
            "<table>.parquet or <table>.csv; `groupchurn contracts list` names the tables."
        )
    return _in_order(deliveries)


def find_mapped(source: Path, mapping: Mapping) -> list[Delivery]:
    """The deliveries that ``mapping`` makes from the files in ``source``.

    Raises:
        ContractBrokenError: A file that the mapping reads is not there, or has no byte.
    """
    if not source.is_dir():
        raise UsageError(f"There is no folder {source}. Give the folder that holds the files.")
    deliveries: list[Delivery] = []
    for recipe in mapping.tables:
        paths = sorted(path for path in source.glob(recipe.file) if path.is_file())
        if not paths:
            raise ContractBrokenError(
                f"Mapping {mapping.name} makes table {recipe.target} from {recipe.file}, which is "
                f"not in {source}."
            )
        deliveries += [_mapped(path, source, recipe, mapping) for path in paths]
    return _in_order(deliveries)


def landing_folder(source: Path) -> Path:
    """``source/landing`` if it is there, else ``source``."""
    if not source.is_dir():
        raise UsageError(f"There is no folder {source}. Give the folder that holds the tables.")
    return source / "landing" if (source / "landing").is_dir() else source


def check_complete(deliveries: Iterable[Delivery], stored: set[str], required: set[str]) -> None:
    """Refuse (exit 4) when a table of ``required`` is neither delivered nor already stored."""
    missing = required - stored - {delivery.table for delivery in deliveries}
    if missing:
        raise ContractBrokenError(
            f"Missing table{'s' * (len(missing) > 1)}: {', '.join(sorted(missing))}. Add a folder "
            "or file of that name to the delivery; `groupchurn contracts show TABLE` lists its "
            "columns."
        )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_empty(path: Path, name: str) -> None:
    """Refuse (exit 4) a file of zero bytes: it is a broken transfer, not an empty table."""
    if path.stat().st_size == 0:
        raise ContractBrokenError(
            f"{name} is an empty file (0 bytes). Deliver it again; a table without rows still has "
            "its header line."
        )


def _in_order(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """By table, as the contracts are ordered, then by name."""
    order = {name: place for place, name in enumerate(source_tables())}
    return sorted(deliveries, key=lambda delivery: (order[delivery.table], delivery.name))


def _mapped(path: Path, folder: Path, recipe: TableMapping, mapping: Mapping) -> Delivery:
    name = path.relative_to(folder).as_posix()
    refuse_empty(path, name)
    made_from = f"{mapping.sha256} {mapping.tables.index(recipe)} {sha256_of(path)}"
    return Delivery(
        recipe.target, path, name, hashlib.sha256(made_from.encode()).hexdigest(), recipe
    )


def _files_of_tables(folder: Path) -> Iterator[tuple[str, Path]]:
    for entry in _visible(folder):
        if entry.is_dir():
            table = _known_table(entry.name, entry)
            yield from ((table, _known_kind(path)) for path in _visible(entry))
        elif entry.suffix in SUFFIXES:
            yield _known_table(entry.stem, entry), entry


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _known_table(name: str, path: Path) -> str:
    if name not in source_tables():
        raise ContractBrokenError(
            f"{path}: no contract is called {name!r}. `groupchurn contracts list` names the "
            "tables; rename it, move it away, or bring it in with a mapping (--mapping)."
        )
    return name


def _known_kind(path: Path) -> Path:
    if path.suffix not in SUFFIXES or not path.is_file():
        raise ContractBrokenError(f"{path}: only {' and '.join(SUFFIXES)} files can be read.")
    return path


def _delivery(table: str, path: Path, folder: Path) -> Delivery:
    name = path.relative_to(folder).as_posix()
    refuse_empty(path, name)
    return Delivery(table, path, name, sha256_of(path))
