"""Taking in a list: cases are opened, continued, raised and released."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import func, insert, select

from serving.casebook.choices import Choice, choice_of, treatment_of
from serving.casebook.clocks import clocks
from serving.casebook.keeping import closed
from serving.casebook.pen import NOT_SNOOZED, Pen, Row, clock_columns, clocks_of, rows_where
from serving.casebook.rows import listed_rows, records
from serving.casebook.rules import LONGEST_ID, CaseRules, case_id, graver
from serving.casebook.schema import APPEARANCES, CASES, LISTS
from serving.errors import CasebookError

_TAKEN_OVER = (
    "tier",
    "area_id",
    "county_id",
    "trigger",
    "score",
    "model_version",
    "dispatched_to",
    "also_to",
    "escalate_to",
    "planned_action",
)


@dataclass(frozen=True)
class Opened:
    """What a list did to the casebook; each is a number of groups.

    Attributes:
        opened: Got a new case that the field sees.
        hidden: Got a new case that nobody sees: held out by lot.
        continued: Had an open case, which goes on.
        raised: Of these, the ones whose level rose.
        released: Were held out and are given out now, by a hard trigger.
        cooling: Had their case closed a short time ago; none was opened.
        closed: Left two lists running before anybody came; their cases were closed.
        known: Were taken in before with this list.
        passed_over: A newer list was taken in before, so this one opens nothing.
    """

    opened: int = 0
    hidden: int = 0
    continued: int = 0
    raised: int = 0
    released: int = 0
    cooling: int = 0
    closed: int = 0
    known: int = 0
    passed_over: int = 0


def take_in(pen: Pen, rows: pd.DataFrame, arms: pd.DataFrame | None, rules: CaseRules) -> Opened:
    """Open or continue a case for each row; see ``Casebook.open_cases``."""
    listed = listed_rows(rows)
    if not listed:
        return Opened()
    list_id, as_of = listed[0]["list_id"], listed[0]["as_of"]
    newest = pen.connection.execute(select(func.max(LISTS.c.as_of))).scalar()
    if newest is not None and as_of < newest:
        return Opened(passed_over=len(listed))
    choices = {str(row["group_id"]): choice_of(row) for row in records(arms)}
    intake = _Intake(pen, rules, choices)
    seen = intake.seen(list_id)
    did = [
        "known" if row["group_id"] in seen else intake.take(row)
        for row in sorted(listed, key=lambda row: str(row["group_id"]))
    ]
    left = 0
    if newest is None or as_of > newest:
        left = intake.close_absent(as_of, {row["group_id"] for row in listed})
    if pen.connection.execute(select(LISTS).where(LISTS.c.list_id == list_id)).first() is None:
        pen.connection.execute(insert(LISTS).values(list_id=list_id, as_of=as_of))
    counts = {name: did.count(name) for name in (field.name for field in fields(Opened))}
    counts["continued"] += counts["raised"]
    return Opened(**{**counts, "closed": left})


class _Intake:
    """One list on its way in."""

    def __init__(self, pen: Pen, rules: CaseRules, choices: Mapping[str, Choice]) -> None:
        self.pen, self.rules, self.choices = pen, rules, choices
        self.connection = pen.connection

    def seen(self, list_id: str) -> set[str]:
        wanted = select(APPEARANCES.c.group_id).where(APPEARANCES.c.list_id == list_id)
        return set(self.connection.execute(wanted).scalars())

    def take(self, row: Row) -> str:
        """What a group's row does: the name of a field of ``Opened``."""
        newest = self._newest_case(row["group_id"])
        choice = self.choices.get(row["group_id"], Choice())
        newest = self._without_old_episode(newest, choice)
        if newest is not None and newest["closed_at"] is None:
            did = self._continue(newest, row, choice)
        elif newest is not None and self._cools(newest, row):
            did = "cooling"
        else:
            newest, did = self._open(row, choice), "hidden" if choice.held_out else "opened"
        self._note_appearance(row, newest["case_id"], did)
        return did

    def close_absent(self, as_of: date, listed: set[str]) -> int:
        """Count the lists without each open case's group, and close those that nobody needs."""
        count = 0
        for case in rows_where(self.connection, CASES.c.closed_at.is_(None)):
            if case["group_id"] in listed:
                continue
            absent = case["absent_lists"] + 1
            changes: Row = {"absent_lists": absent}
            over = absent >= self.rules.close_after_lists and _nobody_came(case)
            if over:
                why = f"not on {absent} lists running, up to that of {as_of}"
                changes |= closed(self.pen.at, why)
                count += 1
            self.pen.write("case", case, changes, "closed" if over else "absent")
        return count

    def _newest_case(self, group_id: str) -> Row | None:
        found = rows_where(self.connection, CASES.c.group_id == group_id)
        opened = [case for case in found if case["closed_at"] is None]
        last = sorted(found, key=lambda case: (case["opened_at"], case["case_id"]))
        newest = opened or last
        return newest[-1] if newest else None

    def _cools(self, last: Row, row: Row) -> bool:
        """Whether the group is left in peace: its case was closed lately and nothing is new."""
        until = last["closed_at"] + timedelta(days=self.rules.cool_down_days)
        happened = row["trigger"] is not None and row["trigger"] != last["trigger"]
        news = graver(row["level"], last["level"]) or happened or last["hidden"]
        return bool(self.pen.at < until) and not news

    def _without_old_episode(self, case: Row | None, choice: Choice) -> Row | None:
        """The group's case; where a new lot has changed its arm, the old one ends.

        Raises:
            CasebookError: It is too early for a new lot: the log was not known.
        """
        if case is None or case["closed_at"] is not None or choice.how == "released":
            return case
        if case["hidden"] == choice.held_out:
            return case
        if choice.how == "drawn" and self.pen.at >= case["verify_due"]:
            over = closed(self.pen.at, "its time was over, and the group was drawn again")
            return self.pen.write("case", case, over, "closed")
        now = "is held out" if case["hidden"] else "is being handled"
        but = "holds it out" if choice.held_out else "gives it to the field"
        raise CasebookError(
            f"group {case['group_id']} {now} in case {case['case_id']}, but this list {but}: its "
            "arm was drawn without the log of treatments. Run `groupchurn cases export`, ingest "
            "the folder, and make the list again"
        )

    def _open(self, row: Row, choice: Choice) -> Row:
        pen, level = self.pen, row["level"]
        treatment = treatment_of(pen, row, choice)
        reasons = [reason for reason in row["reasons"] if reason]
        new = self._free_id(row)
        case = pen.write(
            "case",
            None,
            {
                **dict.fromkeys(CASES.columns.keys()),
                **{name: row[name] for name in ("list_id", "batch_id", "as_of", "group_id")},
                **{name: row[name] for name in _TAKEN_OVER},
                "case_id": new,
                "state": "generated",
                "level": level,
                "is_holdout": choice.arm == "holdout",
                "hidden": choice.held_out,
                "treatment_id": treatment["treatment_id"],
                "last_as_of": row["as_of"],
                "times_listed": 1,
                "absent_lists": 0,
                "reasons": json.dumps(reasons),
                "opened_at": pen.at,
                "verify_due": pen.at + timedelta(days=self.rules.verify_days),
            },
            "generated",
        )
        return case if choice.held_out else self._give_out(case, "dispatched", None)

    def _continue(self, case: Row, row: Row, choice: Choice) -> str:
        """A new appearance in an open case; clocks move only where the level rises."""
        rises = graver(row["level"], case["level"])
        known = json.loads(case["reasons"])
        changes: Row = {
            "last_as_of": row["as_of"],
            "times_listed": case["times_listed"] + (row["as_of"] != case["last_as_of"]),
            "absent_lists": 0,
            "reasons": json.dumps([*known, *(r for r in row["reasons"] if r and r not in known)]),
            "trigger": row["trigger"] or case["trigger"],
        }
        for name in ("dispatched_to", "also_to", "escalate_to", "planned_action"):
            changes[name] = row[name] or case[name]
        if choice.how == "drawn":
            changes["treatment_id"] = treatment_of(self.pen, row, choice)["treatment_id"]
        if rises:
            changes |= {name: row[name] for name in ("level", "score", "model_version")}
        case = self.pen.write("case", case, changes, "raised" if rises else "appeared")
        if case["hidden"] and choice.how == "released":
            treatment = treatment_of(self.pen, row, choice)
            released = {"hidden": False, "treatment_id": treatment["treatment_id"]}
            self._give_out(case, "released", f"hard trigger {row['trigger']}", released)
            return "released"
        if rises and not case["hidden"]:
            self._hurry(case)
        return "raised" if rises else "continued"

    def _hurry(self, case: Row) -> None:
        """A risen level asks for more: sooner, and again where the case was thought done."""
        state = case["snoozed_from"] if case["state"] == "snoozed" else case["state"]
        why = f"the level rose to {case['level']}"
        if state in ("feedback", "expired", "escalated"):
            self._give_out(case, "dispatched", why, NOT_SNOOZED)
            return
        asked = clocks(case["level"], self.pen.at, self.rules)
        sooner = clocks_of(case).sooner(asked)
        changes = {**NOT_SNOOZED, "state": state, **clock_columns(sooner)}
        self.pen.write("case", case, changes, "hurried", why=why)

    def _give_out(self, case: Row, kind: str, why: str | None, more: Row | None = None) -> Row:
        asked = clocks(case["level"], self.pen.at, self.rules)
        given = {"state": "dispatched", "escalated_for": None, **clock_columns(asked)}
        given["dispatched_at"] = case["dispatched_at"] or self.pen.at
        return self.pen.write("case", case, {**given, **(more or {})}, kind, why=why)

    def _free_id(self, row: Row) -> str:
        """The id on the list; where the group had a case of that day before, with a number."""
        wanted = row["case_id"] or case_id(row["as_of"], row["group_id"])
        for number in itertools.count(1):
            free = wanted if number == 1 else f"{wanted[: LONGEST_ID - 4]}-{number}"
            if not rows_where(self.connection, CASES.c.case_id == free):
                return free
        raise AssertionError

    def _note_appearance(self, row: Row, case: str, became: str) -> None:
        values = {name: row[name] for name in ("list_id", "group_id", "as_of", "level", "score")}
        reason = next((reason for reason in row["reasons"] if reason), row["trigger"])
        noted = insert(APPEARANCES).values(case_id=case, reason=reason, became=became, **values)
        self.connection.execute(noted)


def _nobody_came(case: Row) -> bool:
    """Whether the field has the case and has not begun to work it; who is held out is judged."""
    begun = (case["contacted_at"], case["action_at"], case["feedback_at"])
    return not case["hidden"] and all(moment is None for moment in begun)
