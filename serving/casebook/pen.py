"""What writes to the casebook: every change goes into its table and onto the trail, together."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from serving.casebook.clocks import Clocks
from serving.casebook.schema import APPEARANCES, CASES, SUBJECTS, TRAIL, as_json
from serving.errors import CasebookError

Row = dict[str, Any]
OURSELVES = "groupchurn"
"""Who did what no person did."""
_DAY_AND_GROUP = re.compile(r"(\d{4})(\d\d)(\d\d)-(.+)")
NOT_SNOOZED: Row = dict.fromkeys(("snoozed_from", "snoozed_at", "snoozed_until", "snooze_reason"))
_STEP = timedelta(microseconds=1)


class Pen:
    """One writer's turn.

    Times on the trail never go back: what is handed in as recorded before the last entry is
    recorded right after it, since nobody knew of it earlier.
    """

    def __init__(self, connection: Connection, at: datetime) -> None:
        refuse_zone(at)
        self.connection = connection
        newest = connection.execute(
            select(func.max(TRAIL.c.seq), func.max(TRAIL.c.recorded_at))
        ).one()
        self._seq: int = newest[0] or 0
        self._last: datetime | None = newest[1]
        self.at = at if self._last is None else max(at, self._last)

    def write(
        self,
        subject: str,
        before: Row | None,
        changes: Row,
        kind: str,
        *,
        by: str = OURSELVES,
        happened_at: datetime | None = None,
        why: str | None = None,
        event_id: str | None = None,
        entry: str | None = None,
    ) -> Row:
        """Write a new row, or changes to one, and put both sides on the trail.

        Returns:
            The row as it stands now.
        """
        old = before or {}
        changed = {name: value for name, value in changes.items() if old.get(name) != value}
        after = {**old, **changes}
        table = SUBJECTS[subject]
        key = next(iter(table.primary_key.columns))
        if before is None:
            self.connection.execute(insert(table).values(**after))
        elif changed:
            where = key == before[key.name]
            self.connection.execute(update(table).where(where).values(**changed))
        self._put_on_trail(
            subject=subject,
            subject_id=after[key.name],
            kind=kind,
            by_whom=by,
            happened_at=happened_at or self.at,
            before=as_json({name: old[name] for name in changed if name in old}),
            after=as_json(changed),
            why=why,
            event_id=event_id,
            entry=entry,
        )
        return after

    def _put_on_trail(self, **values: Any) -> None:
        self._seq += 1
        recorded = self.at if self._last is None else max(self.at, self._last + _STEP)
        self._last = recorded
        row = {"seq": self._seq, "recorded_at": recorded, **values}
        self.connection.execute(insert(TRAIL).values(**row))


def case_of_id(connection: Connection, case_id: str) -> Row:
    """A case as it stands.

    Args:
        connection: The database.
        case_id: Its id, or that which a later list has for its group: a list is made before it is
            known which case it continues.

    Raises:
        CasebookError: There is none of this id.
    """
    found = rows_where(connection, CASES.c.case_id == case_id)
    if not found and (told := _DAY_AND_GROUP.fullmatch(case_id)):
        wanted = select(APPEARANCES.c.case_id, APPEARANCES.c.as_of)
        listed = connection.execute(wanted.where(APPEARANCES.c.group_id == told[4]))
        day = "-".join(told.groups()[:3])
        on_it = [row.case_id for row in listed if row.as_of.isoformat() == day]
        found = rows_where(connection, CASES.c.case_id.in_(on_it))
    if not found:
        raise CasebookError(
            f"there is no case {case_id!r}; `groupchurn cases list` names the open ones"
        )
    return found[-1]


def rows_where(connection: Connection, condition: ColumnElement[bool]) -> list[Row]:
    """The cases that meet a condition, in the order of their ids."""
    wanted = select(CASES).where(condition).order_by(CASES.c.case_id)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def clocks_of(case: Row) -> Clocks:
    """A case's clocks."""
    return Clocks(case["contact_due"], case["feedback_due"], case["escalate_due"])


def clock_columns(clocks: Clocks) -> Row:
    """The columns that hold a case's clocks."""
    return {
        "contact_due": clocks.contact,
        "feedback_due": clocks.feedback,
        "escalate_due": clocks.escalate,
    }


def refuse_zone(moment: datetime) -> None:
    """Let a moment pass that is told in the operator's own time, like those of its tables."""
    if moment.tzinfo is not None:
        raise CasebookError(
            f"{moment.isoformat()} names a time zone; the casebook keeps the operator's own time, "
            "without a zone"
        )
