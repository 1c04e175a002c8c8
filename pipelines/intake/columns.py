"""Does a delivered file have the columns of its contract?"""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.contract import Table
from pipelines.errors import ContractBrokenError

UNITS = {
    "fen": "fen (0.01 yuan)",
    "li": "li (0.001 yuan)",
    "yuan": "yuan",
    "kb": "kilobytes",
    "mb": "megabytes",
    "gb": "gigabytes",
    "m": "minutes",
    "min": "minutes",
    "s": "seconds",
    "sec": "seconds",
}
_UNREADABLE = ("STRUCT", "MAP", "UNION", "BLOB")


def check_columns(table: Table, raw_types: Mapping[str, str], file: str) -> None:
    """Refuse (exit 4) a file with a missing required column, an unknown one, or a type beyond us.

    Args:
        table: The contract.
        raw_types: DuckDB type of each delivered column.
        file: Names the file in the message.
    """
    delivered = set(raw_types)
    unknown = delivered - set(table.names)
    missing = {column.name for column in table.columns if column.required} - delivered
    problems = [
        *_wrong_units(table, unknown, delivered),
        *(f"required column {name} is missing{_hint(name, unknown)}" for name in sorted(missing)),
        *(f"column {name} is not in the contract" for name in sorted(unknown)),
        *_unreadable(raw_types),
    ]
    if problems:
        raise ContractBrokenError(
            f"Table {table.name}, file {file}: {'; '.join(problems)}. "
            f"`groupchurn contracts show {table.name}` lists the columns; deliver exactly these, "
            "or bring the file in with a mapping (--mapping)."
        )


def _wrong_units(table: Table, unknown: set[str], delivered: set[str]) -> list[str]:
    found = []
    for name in sorted(unknown):
        stem, _, unit = name.rpartition("_")
        twins = [ours for ours in table.names if ours not in delivered and _stem(ours) == stem]
        if stem and unit in UNITS and twins:
            ours_unit = UNITS[twins[0].rpartition("_")[2]]
            found.append(
                f"wrong unit: {name} is in {UNITS[unit]}, the contract wants {twins[0]} in "
                f"{ours_unit}; convert the values and rename the column"
            )
    return found


def _stem(name: str) -> str | None:
    stem, _, unit = name.rpartition("_")
    return stem if unit in UNITS else None


def _hint(missing: str, unknown: set[str]) -> str:
    same = sorted(name for name in unknown if name.lower() == missing.lower())
    return f" ({same[0]} is there: names are in small letters)" if same else ""


def _unreadable(raw_types: Mapping[str, str]) -> list[str]:
    found = []
    for name, raw_type in sorted(raw_types.items()):
        if "WITH TIME ZONE" in raw_type:
            found.append(f"column {name} carries a time zone; deliver local time without one")
        elif raw_type.startswith(_UNREADABLE) or raw_type.endswith("]"):
            found.append(f"column {name} has the type {raw_type}, which is no single value")
    return found
