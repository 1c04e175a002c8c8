"""A view: rows worked out of several tables, as known on each day, for features to aggregate."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame


@dataclass(frozen=True, eq=False)
class View:
    """Rows that no table holds as they are: neighbours, twins, days with their season taken out.

    A feature looks at them as at a table, with ``Window(view, ...)``.
    """

    rows: Callable[[Known], Frame]
    reads: Mapping[str, int | None]

    @property
    def name(self) -> str:
        return self.rows.__name__

    @property
    def meaning(self) -> str:
        return inspect.getdoc(self.rows) or ""


def view(*, reads: Mapping[str, int | None]) -> Callable[[Callable[[Known], Frame]], View]:
    """Make a view of the decorated function from ``Known`` to rows.

    The rows must come from ``Known`` alone: that is what keeps later days out. They hold ``as_of``
    and ``user_id`` (rows about members) or ``group_id`` (about groups), and ``age`` where features
    give a lookback.

    Args:
        reads: The source tables without which there is no view, and how far back it looks at each:
            in closed periods, in days for a table of events, None for states and intervals.
    """

    def define(rows: Callable[[Known], Frame]) -> View:
        made = View(rows, reads)
        if not made.meaning:
            raise ValueError(f"view {made.name!r} has no docstring to say what a row of it is")
        return made

    return define
