"""A mapping: how a stranger's files become our tables, written as TOML."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from data_contracts.contract import source_tables
from pipelines.errors import UsageError
from pipelines.manifest import Study

CAPABILITIES = ("group", "time", "graph")
_KEYS = {"name", "meaning", "capabilities", "study", "common", "table"}
_TABLE_KEYS = {"target", "file", "repeat", "token", "columns"}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SHIPPED = resources.files("pipelines") / "mappings"


@dataclass(frozen=True)
class TableMapping:
    """One of our tables, made from each file that matches ``file``.

    ``columns`` gives a DuckDB expression for each column of ours, over the file's columns as text.
    Each entry of ``repeat`` gives the rows once more, with its values put in for ``{name}``. What
    ``token`` names is turned into keyed tokens.
    """

    target: str
    file: str
    columns: dict[str, str]
    repeat: tuple[dict[str, str], ...] = ({},)
    token: tuple[str, ...] = ()

    def expressions(self) -> Iterator[dict[str, str]]:
        """The expressions for each repetition, placeholders filled in."""
        for values in self.repeat:
            yield {name: _fill(text, values) for name, text in self.columns.items()}


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file; ``text`` is the file itself, so that errors can point at a line."""

    name: str
    meaning: str
    capabilities: dict[str, bool]
    study: Study | None
    tables: tuple[TableMapping, ...]
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def place(self, table: TableMapping, column: str) -> str:
        """Where the expression of ``column`` stands, for an error message."""
        heads = [n for n, line in self._lines() if line.startswith("[[table]]")]
        start = heads[self.tables.index(table)]
        lines = [n for n, line in self._lines() if n > start and _assigns(line, column)]
        lines = lines or [n for n, line in self._lines() if _assigns(line, column)]
        where = f", line {lines[0]}" if lines else ""
        return f"mapping {self.name}{where}, table {table.target}, column {column}"

    def _lines(self) -> Iterator[tuple[int, str]]:
        return enumerate((line.strip() for line in self.text.splitlines()), start=1)


def shipped_mappings() -> list[str]:
    """Names of the mappings that come with groupchurn."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_mapping(name_or_path: str) -> Mapping:
    """The shipped mapping of that name, or the one in that file.

    Raises:
        UsageError: There is none, or something in it is not understood; the message says what.
    """
    if name_or_path in shipped_mappings():
        return parse_mapping((_SHIPPED / f"{name_or_path}.toml").read_text("utf-8"), name_or_path)
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError(
            f"There is no mapping {name_or_path}: neither a file nor one of "
            f"{', '.join(shipped_mappings())}."
        )
    return parse_mapping(path.read_text("utf-8"), path.name)


def parse_mapping(text: str, origin: str) -> Mapping:
    """The mapping written in ``text``; ``origin`` names it in errors."""
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Mapping {origin} is no valid TOML: {error}.") from error
    _only(fields, _KEYS, f"mapping {origin}")
    common: dict[str, str] = fields.get("common", {})
    tables = tuple(_table(entry, common, origin) for entry in fields.get("table", []))
    if not tables or "name" not in fields:
        raise UsageError(f"Mapping {origin} needs a name and at least one [[table]].")
    return Mapping(
        name=fields["name"],
        meaning=fields.get("meaning", ""),
        capabilities=_capabilities(fields.get("capabilities", {}), origin),
        study=_study(fields.get("study"), origin),
        tables=tables,
        text=text,
    )


def _table(entry: dict[str, Any], common: dict[str, str], origin: str) -> TableMapping:
    target = str(entry.get("target"))
    where = f"mapping {origin}, table {target}"
    _only(entry, _TABLE_KEYS, where)
    if target not in source_tables():
        raise UsageError(f"{where}: no contract has this name (`groupchurn contracts list`).")
    if "file" not in entry:
        raise UsageError(f"{where}: say which file it is made from (file = ...).")
    columns = {**common, **entry.get("columns", {})}
    table = TableMapping(
        target=target,
        file=entry["file"],
        columns=columns,
        repeat=tuple(entry.get("repeat", [{}])),
        token=tuple(entry.get("token", [])),
    )
    _check_columns(table, where)
    return table


def _check_columns(table: TableMapping, where: str) -> None:
    contract = source_tables()[table.target]
    known = {column.name for column in contract.columns}
    required = {column.name for column in contract.columns if column.required}
    problems = {
        "columns that the contract does not have": set(table.columns) - known,
        "required columns without an expression": required - set(table.columns),
        "token columns without an expression": set(table.token) - set(table.columns),
        "placeholders that an entry of repeat does not fill": _unfilled(table),
    }
    for problem, names in problems.items():
        if names:
            raise UsageError(f"{where}: {problem}: {', '.join(sorted(names))}.")


def _unfilled(table: TableMapping) -> set[str]:
    used = {name for text in table.columns.values() for name in _PLACEHOLDER.findall(text)}
    return {name for values in table.repeat for name in used - set(values)}


def _fill(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def _capabilities(given: dict[str, Any], origin: str) -> dict[str, bool]:
    _only(given, set(CAPABILITIES), f"mapping {origin}, [capabilities]")
    return {name: bool(given.get(name, False)) for name in CAPABILITIES}


def _study(given: dict[str, Any] | None, origin: str) -> Study | None:
    if given is None:
        return None
    where = f"mapping {origin}, [study]"
    _only(given, {"as_of", "label", "period"}, where)
    if set(given) != {"as_of", "label", "period"} or not isinstance(given["as_of"], date):
        raise UsageError(f"{where}: needs as_of (a TOML date), label and period.")
    return Study(as_of=given["as_of"].isoformat(), label=given["label"], period=given["period"])


def _only(given: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise UsageError(
            f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}."
        )


def _assigns(line: str, column: str) -> bool:
    return re.match(rf"{re.escape(column)}\s*=", line) is not None
