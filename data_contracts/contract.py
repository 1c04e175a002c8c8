"""Contracts as plain objects: tables, their columns and the rules that rows must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Kind = Literal["string", "integer", "decimal", "float", "boolean", "date", "timestamp"]
"""``decimal`` is exact, four decimal places; ``float`` stands only in tables we publish."""

Grain = Literal["month", "dekad", "event", "state", "interval"]
"""What one row is: a period, something that happened, a state, or a validity interval."""

Classification = Literal["internal", "confidential", "restricted"]
"""Who may see a column: staff, the customer's own team, or nobody by name (personal data)."""

RuleKind = Literal[
    "type",
    "required",
    "minimum",
    "maximum",
    "max_length",
    "allowed",
    "pattern",
    "key",
    "order",
    "sum_at_most",
    "present",
    "no_overlap",
]

Limit = int | float | str | tuple[str, ...] | None

HERE = Path(__file__).parent
LOAD_TIME = "load_time"
DELIVERY = "batch_id"


class ContractError(ValueError):
    """A contract, or data held against it, cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Column:
    """One column: what its cells hold, which of them are allowed, and who may see them.

    ``minimum`` and ``maximum`` are inclusive and in ``unit``; ``allowed`` is empty where
    every value is; ``pattern`` must match the whole cell. ``required`` means never NULL.
    """

    name: str
    kind: Kind
    required: bool
    unit: str | None
    minimum: int | float | None
    maximum: int | float | None
    allowed: tuple[str, ...]
    pattern: str | None
    max_length: int | None
    classification: Classification
    meaning: str
    meaning_zh: str


@dataclass(frozen=True)
class Rule:
    """One thing that must hold, and the sentence that tells a person what it is.

    What ``columns`` and ``limit`` hold depends on ``kind``:

    ==============  ==============================  =========================================
    kind            columns                         limit
    ==============  ==============================  =========================================
    type            the column                      its kind, e.g. ``"integer"``
    required        the column                      None
    minimum         the column                      smallest value
    maximum         the column                      largest value
    max_length      the column                      most characters
    allowed         the column                      the values, as text
    pattern         the column                      regular expression for the whole cell
    key             the physical key                None
    order           the smaller, the larger         ``"<="`` or ``"<"``
    sum_at_most     the parts, last the whole       by how much the parts may exceed the whole
    present         the columns                     ``"exactly_one"`` or ``"at_least_one"``
    no_overlap      from, to, then whose intervals  None
    ==============  ==============================  =========================================

    A rule speaks only about cells that hold a readable value; ``required`` and ``type``
    speak about the others. ``no_overlap`` speaks about intervals of one delivery
    (``batch_id``): that a member moved is often known in the new group before the old one,
    and a row that was right when it came must not be broken by what comes later.
    """

    id: str
    kind: RuleKind
    columns: tuple[str, ...]
    limit: Limit
    text: str


@dataclass(frozen=True)
class Table:
    """One table of a contract.

    ``key`` is the business key: the same key may come again later, with a newer
    ``load_time``. ``period`` names the column with the month or dekad, ``day`` the one
    with the day (or moment) an event happened, ``interval`` the two that say from when
    (inclusive) to when (exclusive) a row holds. ``deadline_days`` counts from the end of
    the period, or from the event, to the promised delivery.
    """

    code: str
    name: str
    version: str
    grain: Grain
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    period: str | None
    day: str | None
    interval: tuple[str, str] | None
    deadline_days: int
    rules: tuple[Rule, ...]
    meaning: str
    meaning_zh: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the contract."""
        return tuple(column.name for column in self.columns)

    @property
    def physical_key(self) -> tuple[str, ...]:
        """Columns that no two rows share: the business key and, where there is one, load_time."""
        return (*self.key, LOAD_TIME) if LOAD_TIME in self.names else self.key

    @property
    def dates(self) -> tuple[str, ...]:
        """Names of the columns that hold a date, and of that of the event's day."""
        return tuple(c.name for c in self.columns if c.kind == "date" or c.name == self.day)

    def column(self, name: str) -> Column:
        """The column called ``name``; ContractError where the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(
            f"table {self.name} has no column {name!r}; it has {', '.join(self.names)}"
        )

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; ContractError where the table has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise ContractError(f"table {self.name} has no rule {rule_id!r}")


def load(path: Path) -> Table:
    """Read one contract file.

    Raises:
        ContractError: naming file and field, for anything in the file that is not understood.
    """
    # Imported here: pydantic models cost 0.2 s that most commands never need.
    from data_contracts.odcs import read_table

    return read_table(path)


@cache
def source_tables() -> Mapping[str, Table]:
    """Tables the operator delivers, by name, in order of their codes (T01 first)."""
    return _tables(HERE / "source")


@cache
def published_tables() -> Mapping[str, Table]:
    """Tables we deliver, by name, in order of their codes (P01 first)."""
    return _tables(HERE / "published")


def _tables(folder: Path) -> Mapping[str, Table]:
    tables = [load(path) for path in sorted(folder.glob("*.odcs.yaml"))]
    codes = [table.code for table in tables]
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        raise ContractError(f"{folder.name}: two contracts carry the code {', '.join(repeated)}")
    return MappingProxyType({t.name: t for t in sorted(tables, key=lambda table: table.code)})
