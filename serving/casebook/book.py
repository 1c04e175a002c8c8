"""The casebook: what is done with cases, each in one go that holds whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType

import pandas as pd
from sqlalchemy import Engine, func, select

from serving.casebook import keeping
from serving.casebook.database import connect, reading, writing
from serving.casebook.entries import Entry
from serving.casebook.keeping import Done
from serving.casebook.opening import Opened, take_in
from serving.casebook.pen import Pen, Row, case_of_id
from serving.casebook.recording import Recorded, record, record_all
from serving.casebook.rows import listed_rows
from serving.casebook.rules import CaseRules
from serving.casebook.schema import APPEARANCES, CASES, TRAIL
from serving.casebook.verifying import Verified, close_verified
from serving.errors import CasebookError


class Casebook:
    """Cases in a database. Several processes may use it at once; writers wait for their turn.

    Every method that changes something is told when (``at``, the operator's local time) and does
    all of it or nothing; called again, it changes nothing more.
    """

    def __init__(self, engine: Engine, rules: CaseRules) -> None:
        self.engine, self.rules = engine, rules

    @classmethod
    def open(cls, where: str | Path, rules: CaseRules) -> Casebook:
        """The casebook in a file (SQLite) or behind a URL (PostgreSQL), made where there is none.

        Raises:
            CasebookError: It cannot be reached, or newer code has written it.
        """
        return cls(connect(where), rules)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def __enter__(self) -> Casebook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open_cases(
        self, rows: pd.DataFrame, arms: pd.DataFrame | None = None, at: datetime | None = None
    ) -> Opened:
        """Open or continue a case for each row of a list.

        A group has at most one open case. A list that names it again continues that case: the
        appearance is noted, a new reason is added to the case, the level is raised if it is graver
        and never lowered, and only then do the clocks get shorter (a case that had its feedback,
        or that nobody worked, is given out anew). A group whose case was closed a short time ago
        gets no new one, unless on a graver level. Open cases whose groups are not on a list of a
        newer day for some lists running are closed, if nobody has begun to work them.

        Args:
            rows: The list before those held out are taken off it; one row a group, with
                ``list_id``, ``batch_id``, ``as_of``, ``group_id``, ``level``, and what there is of
                ``case_id``, ``tier``, ``area_id``, ``county_id``, ``trigger``, ``probability``,
                ``model_version``, ``reason_1_code`` to ``reason_3_code``, ``route_to``,
                ``also_to``, ``escalate_to``, ``action_code``, ``config_hash``.
            arms: Of ``serving.alerting.holdout.arms``; whoever is held out gets a case that nobody
                sees. None: nobody is held out.
            at: When the list is given out; None for the time that the rules give its day.

        Raises:
            CasebookError: The rows are not those of one list, or the list gives a group that is
                held out to the field, or the other way round.
        """
        if rows.empty:
            return Opened()
        if at is None:
            at = self.rules.given_out(listed_rows(rows)[0]["as_of"])
        with writing(self.engine) as connection:
            return take_in(Pen(connection, at), rows, arms, self.rules)

    def record(self, entry: Entry) -> bool:
        """Take one entry; False where it was taken before.

        Raises:
            CasebookError: The case cannot take it; the message says why.
        """
        with writing(self.engine) as connection:
            return record(Pen(connection, entry.at), entry)

    def record_all(self, entries: Sequence[Entry]) -> Recorded:
        """Take entries together; one that is refused does not stop the others."""
        if not entries:
            return Recorded(0, 0)
        with writing(self.engine) as connection:
            return record_all(Pen(connection, max(entry.at for entry in entries)), entries)

    def tick(self, at: datetime) -> tuple[Done, ...]:
        """Let time pass: wake snoozed cases, pass up what is late, expire what nobody worked."""
        with writing(self.engine) as connection:
            return keeping.tick(Pen(connection, at), self.rules)

    def snooze(self, case_id: str, until: date, reason: str, *, by: str, at: datetime) -> None:
        """Put a case aside until the morning of a day."""
        with writing(self.engine) as connection:
            keeping.snooze(Pen(connection, at), self.rules, case_id, until, reason, by)

    def escalate(self, case_id: str, to: str, why: str, *, by: str, at: datetime) -> None:
        """Pass a case up by hand."""
        with writing(self.engine) as connection:
            keeping.escalate(Pen(connection, at), case_id, to, why, by)

    def close_case(self, case_id: str, why: str, *, by: str, at: datetime) -> None:
        """Close a case by hand."""
        with writing(self.engine) as connection:
            keeping.close(Pen(connection, at), case_id, why, by)

    def close_verified(self, results: Mapping[str, str], at: datetime) -> Verified:
        """Judge cases by the data, those whose wait is over, and close them.

        Args:
            results: Of ``serving.casebook.entries.RESULTS``, by case.
            at: When.
        """
        with writing(self.engine) as connection:
            return close_verified(Pen(connection, at), results)

    def to_verify(self, at: datetime) -> pd.DataFrame:
        """Cases whose wait is over and that the data have not judged, also closed ones."""
        waiting = (CASES.c.verify_result.is_(None)) & (CASES.c.verify_due <= at)
        with reading(self.engine) as connection:
            found = connection.execute(select(CASES).where(waiting).order_by(CASES.c.case_id))
            return pd.DataFrame([dict(row) for row in found.mappings()], columns=_names(CASES))

    def cases(self) -> pd.DataFrame:
        """Every case as it stands, hidden ones too, in the order of their ids."""
        with reading(self.engine) as connection:
            found = connection.execute(select(CASES).order_by(CASES.c.case_id)).mappings()
            return pd.DataFrame([dict(row) for row in found], columns=_names(CASES))

    def case(self, case_id: str) -> Row:
        """One case; CasebookError where there is none of this id."""
        with reading(self.engine) as connection:
            return case_of_id(connection, case_id)

    def case_of(self, list_id: str, group_id: str) -> str:
        """The case that a row of a list belongs to.

        Raises:
            CasebookError: No such row was taken in.
        """
        wanted = select(APPEARANCES.c.case_id).where(
            APPEARANCES.c.list_id == list_id, APPEARANCES.c.group_id == group_id
        )
        with reading(self.engine) as connection:
            found = connection.execute(wanted).scalar()
        if found is None:
            raise CasebookError(f"the casebook has no row of group {group_id} on list {list_id}")
        return str(found)

    def trail(self, case_id: str) -> list[Row]:
        """What happened to a case, the first thing first."""
        with reading(self.engine) as connection:
            own = case_of_id(connection, case_id)["case_id"]
            mine = (TRAIL.c.subject == "case") & (TRAIL.c.subject_id == own)
            found = connection.execute(select(TRAIL).where(mine).order_by(TRAIL.c.seq))
            return [dict(row) for row in found.mappings()]

    def newest(self) -> datetime | None:
        """When something was recorded last; None in an empty casebook."""
        with reading(self.engine) as connection:
            return connection.execute(select(func.max(TRAIL.c.recorded_at))).scalar()


def _names(table: object) -> list[str]:
    return [column.name for column in getattr(table, "columns", ())]
