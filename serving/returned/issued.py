"""The lists that were issued from a home, to tell where a filled-in row belongs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from serving.sheets.cells import known

NOBODY = "unknown"


@dataclass(frozen=True)
class IssuedRow:
    """One row of a list that was issued.

    Attributes:
        list_id: The list that counts for its day.
        as_of: Its day.
        group_id: The group.
        case_id: Its case, as the list gives it.
        owner: Whom the row was given to, who is taken to report on it.
    """

    list_id: str
    as_of: date
    group_id: str
    case_id: str
    owner: str


class IssuedLists:
    """Every list that a home issued; of several of one day, the one that counts.

    A list may be issued again for its day, after data were mended. Who has the older version in
    hand still reports on real visits: a row whose group stands on the newer version too is taken as
    that row. Only what the newer version no longer lists is refused, and lists of other homes.
    """

    def __init__(self, counting: Iterable[pd.DataFrame], replaced: Iterable[pd.DataFrame]) -> None:
        self._rows: dict[tuple[str, str], IssuedRow] = {}
        self._by_case: dict[str, IssuedRow] = {}
        self._day_of: dict[str, date] = {}
        self._counting: dict[date, str] = {}
        for frame in counting:
            for row in _rows_of(frame):
                self._rows[row.list_id, row.group_id] = row
                self._by_case[row.case_id] = row
                self._day_of[row.list_id] = row.as_of
                self._counting[row.as_of] = row.list_id
        for frame in replaced:
            for list_id, as_of in set(zip(frame["list_id"], frame["as_of"], strict=True)):
                self._day_of.setdefault(str(list_id), as_of)

    def knows(self, list_id: str) -> bool:
        """Whether the list was issued here, replaced since or not."""
        return list_id in self._day_of

    def of_case(self, case_id: str) -> IssuedRow | None:
        """The row that a case's id stands on."""
        return self._by_case.get(case_id)

    def of_group(self, list_id: str, group_id: str) -> IssuedRow | None:
        """The row of a group on a list, or on the list that replaced it."""
        day = self._day_of.get(list_id)
        return self._rows.get((self._counting.get(day, ""), group_id)) if day else None


def _rows_of(frame: pd.DataFrame) -> Iterable[IssuedRow]:
    for row in frame.astype(object).to_dict("records"):
        group, as_of = str(row["group_id"]), row["as_of"]
        case = row.get("case_id")
        owner = next((row[k] for k in ("route_to", "am_staff_id") if known(row.get(k))), NOBODY)
        own = str(case) if known(case) else f"{as_of:%Y%m%d}-{group}"
        yield IssuedRow(str(row["list_id"]), as_of, group, own, str(owner))
