"""What an operator's tables say, dekad by dekad, about the hidden states of groups and members.

Rows are read from the landing files once for each county, with the moment at which each was
loaded, so that what was known on any day can be told apart. A row of a member is about the group
that he was known to belong to when it was loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_contracts.contract import source_tables
from simulator.delays import DAY
from simulator.delivery import TYPES
from simulator.draws import Floats, Ints
from simulator.oracle.replay import World
from simulator.rivalry import LEVERS
from simulator.tables.areas import area_ids

Column = NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """Rows of one kind in order of their dekads: which dekad, when loaded, and their columns.

    Their order does not hang on how they were read, so that sums over them agree to the last bit.
    ``loaded`` is in microseconds since 1970, ``dekad`` counts from 0 as the world does.
    """

    dekad: Ints
    loaded: Ints
    columns: dict[str, Column]

    def of(self, dekad: int, known: int) -> dict[str, Column]:
        """The columns of the rows of a dekad that were loaded by the end of day ``known``."""
        first, last = np.searchsorted(self.dekad, [dekad, dekad + 1])
        rows = slice(int(first), int(last))
        there = self.loaded[rows] < (known + 1) * DAY
        return {name: column[rows][there] for name, column in self.columns.items()}


class Evidence:
    """The tables of one county that tell about hidden states.

    Args:
        groups: Keys of the groups, in the order of the world.

    ``member_groups`` holds the first group of each member, ``member_began`` the dekad in which he
    joined it; -1 for those who were there before the first.
    """

    def __init__(self, world: World, county: int, groups: list[str]) -> None:
        self._world, self._county, self._groups = world, county, len(groups)
        self._duckdb = duckdb.connect()
        self._duckdb.execute("SET enable_progress_bar = false")
        places: dict[str, list[Any]] = {"group_id": groups, "no": list(range(len(groups)))}
        self._bring("places", places)
        self._start = world.preset.world.start.replace("-", "")
        self._duckdb.execute(
            f"""CREATE TABLE joined AS SELECT user_id, any_value(no) AS place, valid_from,
            min(load_time) AS told FROM {self._file("membership_hist")}
            JOIN places USING (group_id) GROUP BY user_id, group_id, valid_from"""
        )
        self._duckdb.execute(
            f"""CREATE TABLE users AS SELECT user_id,
            row_number() OVER (ORDER BY user_id) - 1 AS no,
            arg_min(place, valid_from) AS place, greatest({self._dekad_of("min(valid_from)")}, -1)
            AS began FROM joined GROUP BY user_id"""
        )
        members = self._duckdb.execute("SELECT place, began FROM users ORDER BY no").fetchnumpy()
        self.member_groups: Ints = np.asarray(members["place"])
        self.member_began: Ints = np.asarray(members["began"])

    @cached_property
    def usage(self) -> Rows:
        """Dekad usage of members: minutes out, in, to rivals, and calls to rivals' hotlines."""
        return self._rows(
            f"""SELECT {self._index("dekad")} AS dekad, load_time, users.no AS member,
            joined.place AS place,
            mou_out_m AS sent, mou_in_m AS received, mou_rival_m AS rival,
            coalesce(calls_100xx_n, -1) AS hotline
            FROM {self._file("usage_dekad")} AS u JOIN users USING (user_id)
            JOIN joined ON joined.user_id = u.user_id AND valid_from <= event_time::DATE
            AND told <= load_time QUALIFY row_number() OVER
            (PARTITION BY u.user_id, dekad, load_time ORDER BY valid_from DESC) = 1"""
        )

    @cached_property
    def tickets(self) -> Rows:
        """Tickets of members, but requests to cancel and to take a number along."""
        return self._rows(
            f"""SELECT {self._dekad_of("open_time")} AS dekad, min(load_time) AS load_time,
            any_value(places.no) AS place, any_value(cat) AS category
            FROM {self._file("ticket")} JOIN places USING (group_id)
            WHERE cat NOT IN ('cancel_request', 'mnp_query') GROUP BY ticket_id, 1"""
        )

    @cached_property
    def visits(self) -> Rows:
        """Visits and what came of them."""
        return self._rows(
            f"""SELECT {self._dekad_of("visit_date")} AS dekad, load_time, places.no AS place,
            result FROM {self._file("visit")} JOIN places USING (group_id)"""
        )

    @cached_property
    def reports(self) -> Rows:
        """Reports of attacks, apart from those of groups that are lost.

        Undated ones count for the day on which they were written less the usual delay.
        """
        delay = round(float(np.exp(self._world.preset.fieldwork.report_delay_mu)))
        lever = ", ".join(f"'{name}'" for name in LEVERS)
        return self._rows(
            f"""SELECT {self._dekad_of(f"coalesce(event_date, report_date - {delay})")} AS dekad,
            load_time, places.no AS place,
            list_position([{lever}], split_part(lever, '|', 1)) - 1 AS lever,
            CASE intent_survey WHEN 'yes' THEN 1 WHEN 'no' THEN 0 ELSE -1 END AS survey,
            CASE outcome_claimed WHEN 'repelled' THEN 0 WHEN 'pending' THEN 1 ELSE -1 END
            AS outcome, contains(lever, '|') AS two
            FROM {self._file("rival_event")} JOIN places USING (group_id)
            WHERE outcome_claimed IS DISTINCT FROM 'lost'"""
        )

    @cached_property
    def departures(self) -> Rows:
        """Members who left the net, in the dekad of their last use."""
        silent = self._world.preset.delivery.arrears_retention_days
        return self._rows(
            f"""SELECT {self._dekad_of("left_on")} AS dekad, load_time, place
            FROM (SELECT user_id, load_time, CASE status WHEN 'off' THEN status_time::DATE
            ELSE status_time::DATE - {silent} END AS left_on FROM {self._file("member")}
            WHERE op = 'U' AND status IN ('off', 'retention')
            QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY load_time) = 1) AS gone
            JOIN joined ON joined.user_id = gone.user_id AND valid_from <= left_on
            AND told <= load_time QUALIFY row_number() OVER
            (PARTITION BY gone.user_id ORDER BY valid_from DESC) = 1"""
        )

    @cached_property
    def campaigns(self) -> Rows:
        """Campaigns of the rival that were noticed, in the last dekad of their month."""
        areas = area_ids(self._county, self._world.preset.population.areas)
        self._bring("areas", {"area_id": areas, "no": list(range(len(areas)))})
        return self._rows(
            f"""SELECT 3 * {self._month_index("month")} + 2 AS dekad, load_time, areas.no AS area
            FROM {self._file("rival_campaign")} JOIN areas USING (area_id)"""
        )

    def present(self, dekad: int, known: int) -> Floats:
        """Members of each group whose usage of a dekad, or else of the one before, is known."""
        counts = [
            np.bincount(self.usage.of(d, known)["place"], minlength=self._groups)
            for d in (dekad - 1, dekad)
        ]
        return np.maximum(*counts).astype(np.float64)

    def _rows(self, query: str) -> Rows:
        found = self._duckdb.execute(
            f"SELECT * REPLACE (epoch_us(load_time) AS load_time) FROM ({query}) ORDER BY ALL"
        ).fetchnumpy()
        columns = {name: np.asarray(column) for name, column in found.items()}
        return Rows(columns.pop("dekad"), columns.pop("load_time"), columns)

    def _file(self, table: str) -> str:
        folder = self._world.folder / "landing" / table
        pattern = f"*{self._world.suffix(self._county)}.parquet"
        if any(folder.glob(pattern)):
            return f"read_parquet('{folder / pattern}')"
        columns = source_tables()[table].columns
        nothing = pa.schema([pa.field(c.name, TYPES[c.kind]) for c in columns]).empty_table()
        self._duckdb.register(f"no_{table}", nothing)
        return f"no_{table}"

    def _index(self, dekad: str) -> str:
        month = self._month_index(f"left({dekad}, 6)")
        return f"3 * ({month}) + right({dekad}, 1)::INTEGER - 1"

    def _month_index(self, month: str) -> str:
        start = f"{self._start[:4]} * 12 + {int(self._start[4:])}"
        return f"(left({month}, 4)::INTEGER * 12 + right({month}, 2)::INTEGER - ({start}))"

    def _dekad_of(self, moment: str) -> str:
        month = self._month_index(f"strftime({moment}, '%Y%m')")
        return f"3 * {month} + least((day({moment}) - 1) // 10, 2)"

    def _bring(self, name: str, columns: dict[str, list[Any]]) -> None:
        self._duckdb.register(f"given_{name}", pa.table(columns))
        self._duckdb.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given_{name}")
