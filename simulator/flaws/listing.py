"""The list of what was planted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("kind", pa.string()),
        ("key", pa.string()),
        ("column", pa.string()),
        ("was", pa.string()),
        ("delivered", pa.string()),
        ("rule", pa.string()),
        ("lost", pa.int64()),
    ]
)


class Planted(NamedTuple):
    """One flaw.

    Attributes:
        table: Table of the contract.
        file: Path of the batch below ``landing``; of a missing batch, where it would have been.
        row: Number of the row in the file (the first after the header is 1); None where the flaw is
            no delivered row.
        kind: ``missing_batch``, ``late_batch``, ``truncated_batch``, ``text_batch``,
            ``missing_row``, ``duplicate``, ``contradiction`` (of both rows), ``malformed``,
            ``torn_row``, ``cut_text`` or ``out_of_order`` (of both versions).
        key: Physical key of the row as it was, its parts joined by ``|``; empty for batches.
        column: What was changed, several names joined by ``|``; empty where nothing was.
        was, delivered: The cells before and after as text, None where empty; rows of a batch.
        rule: Id of the contract's rule that the row breaks, for which it must be set aside; empty
            where no rule about rows can see the flaw.
        lost: How many rows of the world thereby do not arrive as good rows.
    """

    table: str
    file: str
    row: int | None
    kind: str
    key: str
    column: str
    was: str | None
    delivered: str | None
    rule: str
    lost: int


@dataclass
class Notes:
    """What was planted in one file."""

    table: str
    file: str
    planted: list[Planted] = field(default_factory=list)

    def note(
        self,
        kind: str,
        was: str | None = None,
        delivered: str | None = None,
        *,
        row: int | None = None,
        key: str = "",
        column: str = "",
        rule: str = "",
        lost: int = 0,
    ) -> None:
        """Put a flaw on the list; see ``Planted``."""
        self.planted.append(
            Planted(self.table, self.file, row, kind, key, column, was, delivered, rule, lost)
        )


def as_table(planted: Iterable[Planted]) -> pa.Table:
    """The list as the table ``flaws``."""
    columns = list(zip(*planted, strict=True)) or [()] * len(SCHEMA)
    return pa.table([list(column) for column in columns], schema=SCHEMA)
