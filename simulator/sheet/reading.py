"""A simulated world as SQL can ask it: what was delivered, and the truth behind it."""

from __future__ import annotations

import json
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.cast import SQL_TYPES
from data_contracts.contract import Table, source_tables

Row = tuple[Any, ...]

DOCUMENT_YEAR = 2009

ALL_ROWS = "SELECT * FROM read_parquet({})"
WHOLE_ROWS = """
    SELECT * EXCLUDE (file, "row") FROM (
        SELECT * EXCLUDE (filename, file_row_number), file_row_number + 1 AS "row",
            regexp_replace(filename, '^.*/landing/', '') AS file
        FROM read_parquet({}, filename = true, file_row_number = true)
    ) ANTI JOIN (SELECT file, "row" FROM flaws WHERE rule <> '') USING (file, "row")
"""
"""Without those that were broken on purpose, see ``simulator.flaws``."""

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside but paths
LATEST = {
    "membership": (
        "membership_hist",
        "user_id, group_id, valid_from",
        ("valid_to", "member_role"),
    ),
    "agreement": (
        "contract",
        "contract_id",
        ("user_id", "group_id", "type", "start_date", "end_date", "status", "status_time"),
    ),
    "holding": (
        "product_holding",
        "holding_id",
        ("group_id", "user_id", "product", "qty", "valid_from", "valid_to"),
    ),
}
"""Views of the newest version of each row: name, its table, its key, the columns kept."""


class World:
    """The folders ``landing`` and ``truth`` of a simulated world.

    Delivered tables are views by their names, those of the truth by theirs (``gt_attack`` …);
    ``groups`` has the true tier (A, B, C), area, park and industry of each group, ``membership``,
    ``agreement`` and ``holding`` are what was known in the end.

    Args:
        path: Folder that ``simulate`` wrote.

    Raises:
        FileNotFoundError: There is no world in it.
    """

    def __init__(self, path: Path) -> None:
        if not (path / "truth" / "gt_params.json").is_file():
            raise FileNotFoundError(f"{path} holds no simulated world: no truth/gt_params.json")
        self.path = path
        self._tables: set[str] = set()
        self._connection = duckdb.connect()
        lists = sorted(path.glob("truth/flaws*.parquet"))
        if lists:
            self._view("flaws", lists)
        for table in source_tables().values():
            self._deliver(table, sorted((path / "landing" / table.name).glob("*.parquet")))
        truth = sorted(path.glob("truth/gt_*.parquet"))
        for name in sorted({file.stem.partition("-")[0] for file in truth}):
            self._view(name, [f for f in truth if f.stem.partition("-")[0] == name])
        for name, (delivered, key, columns) in LATEST.items():
            kept = ", ".join(f"arg_max({c}, load_time) AS {c}" for c in columns)
            self._keep(name, f"SELECT {key}, {kept} FROM {delivered} GROUP BY {key}")
        self._keep(
            "groups",
            """
            SELECT group_id, left(arg_min(tier, month), 1) AS tier, arg_min(area_id, month) AS area,
                coalesce(arg_min(park_id, month), '') AS park, arg_min(industry_l1, month) AS
                industry, bool_or(is_double_top100) AS top
            FROM group_snapshot GROUP BY group_id
            """,
        )

    def ask(self, query: str) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(query).fetchall()

    def one(self, query: str) -> Row:
        """The only row of a query."""
        (row,) = self.ask(query)
        return row

    def lookup(self, query: str) -> dict[Any, Any]:
        """The second column of a query by its first."""
        return {row[0]: row[1] for row in self.ask(query)}

    def columns(self, query: str) -> dict[str, Any]:
        """The columns of a query as numpy arrays."""
        found: dict[str, Any] = self._connection.execute(query).fetchnumpy()
        return found

    def has(self, table: str) -> bool:
        """Whether a table was delivered or is part of the truth."""
        return table in self._tables

    @cached_property
    def about(self) -> dict[str, Any]:
        """Preset, seed and parameters, as ``gt_params.json`` has them."""
        text = (self.path / "truth" / "gt_params.json").read_text(encoding="utf-8")
        about: dict[str, Any] = json.loads(text)
        return about

    def parameter(self, name: str) -> Any:
        """The value of a parameter by its dotted name."""
        return self.about["parameters"][name]["value"]

    @cached_property
    def start(self) -> date:
        """The first day."""
        return date.fromisoformat(f"{self.parameter('world.start')}-01")

    @cached_property
    def end(self) -> date:
        """The day after the last one that is delivered."""
        return _months_later(self.start, self.parameter("world.months"))

    @cached_property
    def drift(self) -> date | None:
        """The day on which the rival's policy changes, None if it does not."""
        month = self.parameter("drift.month")
        day = _months_later(self.start, month - 1) if month else None
        return day if day and day < self.end else None

    @cached_property
    def quiet_end(self) -> date:
        """The day until which the world is that of the document: the drift, or the end."""
        return self.drift or self.end

    def month_ends(self, number: int) -> list[date]:
        """First days after each month of that number (10 = October) before the drift."""
        years = range(self.start.year, self.quiet_end.year + 1)
        days = [_months_later(date(year, number, 1), 1) for year in years]
        return [day for day in days if self.start < day <= self.quiet_end]

    def report_day(self, month: int) -> date:
        """The day after that month of the document's year, or of the last one before the drift.

        The quiet end where the world has no such month.
        """
        days = [self.quiet_end, *self.month_ends(month)]
        return next((day for day in days if day.year == DOCUMENT_YEAR), days[-1])

    def _deliver(self, table: Table, files: list[Path]) -> None:
        """The rows of a table that break no rule; one that was not delivered has none."""
        if files:
            self._view(table.name, files, WHOLE_ROWS if self.has("flaws") else ALL_ROWS)
            return
        cells = ", ".join(f'CAST(NULL AS {SQL_TYPES[c.kind]}) AS "{c.name}"' for c in table.columns)
        self._connection.execute(f"CREATE VIEW {table.name} AS SELECT {cells} WHERE FALSE")

    def _view(self, name: str, files: list[Path], rows: str = ALL_ROWS) -> None:
        paths = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        self._connection.execute(f"CREATE VIEW {name} AS {rows.format(f'[{paths}]')}")
        self._tables.add(name)

    def _keep(self, name: str, query: str) -> None:
        self._connection.execute(f"CREATE TABLE {name} AS {query}")


def _months_later(day: date, months: int) -> date:
    counted = day.year * 12 + day.month - 1 + months
    return date(counted // 12, counted % 12 + 1, day.day)
