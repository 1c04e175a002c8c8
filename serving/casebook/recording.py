"""Taking in entries: what each of them does to its case and to the treatment behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from serving.casebook.entries import (
    MET,
    Accepted,
    Action,
    Contact,
    Entry,
    Feedback,
    Verification,
)
from serving.casebook.pen import NOT_SNOOZED, Pen, Row, case_of_id, refuse_zone
from serving.casebook.schema import TRAIL, TREATMENTS
from serving.casebook.states import State, refuse_impossible
from serving.errors import CasebookError


@dataclass(frozen=True)
class Refused:
    """An entry that was not taken, and the sentence that says why."""

    entry: Entry
    why: str


@dataclass(frozen=True)
class Recorded:
    """What became of entries; every one is counted once.

    Attributes:
        new: Were taken.
        known: Had been taken before.
        refused: Were not taken; the others were.
    """

    new: int
    known: int
    refused: tuple[Refused, ...] = ()


def record_all(pen: Pen, entries: Sequence[Entry]) -> Recorded:
    """Take entries in the order given; one that is refused does not stop the others."""
    taken = 0
    refused = []
    for entry in entries:
        try:
            taken += record(pen, entry)
        except CasebookError as error:
            refused.append(Refused(entry, str(error)))
    return Recorded(taken, len(entries) - taken - len(refused), tuple(refused))


def record(pen: Pen, entry: Entry) -> bool:
    """Take one entry.

    Returns:
        False where it had been taken before.

    Raises:
        CasebookError: The case cannot take it, or its id belongs to another entry.
    """
    if _known(pen, entry):
        return False
    case = case_of_id(pen.connection, entry.case_id)
    happened = _moment(case, entry)
    kind, state, changes = _effect(case, entry, happened)
    if not _late_verification(case, entry):
        refuse_impossible(case["case_id"], case["state"], state)
        changes = {**changes, **NOT_SNOOZED, "state": state}
    if isinstance(entry, Action | Feedback):
        _deliver(pen, case, entry, happened)
    why = getattr(entry, "note", None)
    pen.write(
        "case",
        case,
        changes,
        kind,
        by=entry.by,
        happened_at=happened,
        why=_without_nul(why),
        event_id=entry.event_id,
        entry=entry.content(),
    )
    return True


def _known(pen: Pen, entry: Entry) -> bool:
    wanted = select(TRAIL.c.entry, TRAIL.c.subject_id).where(TRAIL.c.event_id == entry.event_id)
    found = pen.connection.execute(wanted).first()
    if found is not None and found.entry != entry.content():
        raise CasebookError(
            f"entry {entry.event_id} was recorded before with another content, for case "
            f"{found.subject_id}; give a new entry an id of its own"
        )
    return found is not None


def _moment(case: Row, entry: Entry) -> datetime:
    happened = entry.happened_at or entry.at
    for moment in (entry.at, happened):
        refuse_zone(moment)
    if happened > entry.at:
        raise CasebookError(
            f"an entry for case {entry.case_id} is said to have happened at {happened}, after it "
            f"is recorded ({entry.at})"
        )
    begun = case["dispatched_at"] or case["opened_at"]
    if happened < begun and not isinstance(entry, Verification):
        raise CasebookError(
            f"an entry for case {entry.case_id} is said to have happened at {happened}, before "
            f"the case was given out ({begun})"
        )
    return happened


def _effect(case: Row, entry: Entry, happened: datetime) -> tuple[str, State, Row]:
    """The kind of entry, the state it leads to, and the columns that it fills."""
    match entry:
        case Accepted():
            return "accepted", "accepted", {"accepted_at": happened}
        case Contact():
            return "contacted", "contacted", dict(_contact(case, happened))
        case Action():
            cost = (case["cost_fen"] or 0) + entry.cost_fen
            done = {"action_code": entry.action_code, "action_at": happened, "cost_fen": cost}
            return "action", "action", {**dict(_contact(case, happened)), **done}
        case Feedback():
            told: Row = {
                "feedback": entry.code,
                "feedback_at": happened,
                "note": _without_nul(entry.note),
                "next_step": _without_nul(entry.next_step),
            }
            met = dict(_contact(case, happened)) if entry.code in MET else {}
            return "feedback", "feedback", {**met, **told}
        case Verification():
            if case["verify_result"] is not None:
                raise CasebookError(
                    f"case {entry.case_id} was verified before: {case['verify_result']}"
                )
            return "verified", "verified", {"verify_result": entry.result, "verified_at": happened}


def _contact(case: Row, happened: datetime) -> Iterator[tuple[str, datetime]]:
    """The first contact: nobody acts, or reports what was said, without having met."""
    if case["contacted_at"] is None or happened < case["contacted_at"]:
        yield "contacted_at", happened


def _late_verification(case: Row, entry: Entry) -> bool:
    """A case that was closed before the wait was over is judged like the others."""
    return isinstance(entry, Verification) and case["state"] == "closed"


def _deliver(pen: Pen, case: Row, entry: Action | Feedback, happened: datetime) -> None:
    """Let the log of treatments know that the group was reached, at what cost, and its answer."""
    where = TREATMENTS.c.treatment_id == case["treatment_id"]
    treatment = dict(pen.connection.execute(select(TREATMENTS).where(where)).mappings().one())
    changes: Row = {}
    if isinstance(entry, Action):
        changes = {"delivered": True, "cost_fen": (treatment["cost_fen"] or 0) + entry.cost_fen}
        if entry.accepted is not None:
            changes["accepted"] = entry.accepted
    elif entry.code == "contract_signed":
        changes = {"delivered": True, "accepted": True}
    if any(treatment[name] != value for name, value in changes.items()):
        by, done = entry.by, happened
        pen.write("treatment", treatment, changes, "delivered", by=by, happened_at=done)


def _without_nul(text: str | None) -> str | None:
    """PostgreSQL keeps no text with a NUL sign in it."""
    return text.replace("\0", "") if text else None
