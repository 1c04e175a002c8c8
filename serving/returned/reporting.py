"""From what was filled in to the casebook: what is new is recorded, what is known changes nothing.

A row says what holds on the day it comes back. Its entries carry ids made of what they say, so the
same file sent twice is recorded once, in whatever order old and new versions arrive; a changed cell
is a new entry beside the old one. The cost on a row is what was spent so far: of a higher one only
the difference is recorded.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Protocol

import pandas as pd

from features.definition import Text
from serving.casebook.entries import Action, Contact, Entry, Feedback
from serving.casebook.recording import Recorded
from serving.csv_files import csv_table
from serving.errors import CasebookError
from serving.returned.answers import Unreadable
from serving.returned.filled_in import Answers, Rejected, Report

LAST_MINUTE = time(23, 59)
"""Of a day nothing is told but the day."""
_BESIDE = ("contact_role", "intent", "rival", "rival_offer", "next_step_date")
_TAIL = re.compile(r"\n?\[((?:[a-z_]+=[0-9A-Za-z_-]+ ?)+)\]$")


class FeedbackSink(Protocol):
    """What feedback needs of the casebook."""

    def case_of(self, list_id: str, group_id: str) -> str:
        """The case that a row of a list belongs to; CasebookError where there is none."""

    def case(self, case_id: str) -> dict[str, Any]:
        """One case as it stands."""

    def trail(self, case_id: str) -> list[dict[str, Any]]:
        """What was recorded of a case."""

    def record_all(self, entries: Sequence[Entry]) -> Recorded:
        """Take entries together; one that is refused does not stop the others."""


@dataclass(frozen=True)
class Taken:
    """What became of reports; each is in exactly one of the three.

    Attributes:
        new: Reports that added something.
        known: Reports that had been taken before.
        refused: Reports that their cases cannot take.
    """

    new: int
    known: int
    refused: tuple[Rejected, ...]


def take(reports: Iterable[Report], book: FeedbackSink, at: datetime) -> Taken:
    """Record reports.

    Args:
        reports: Good rows of a filled-in list.
        book: The casebook.
        at: When they came back, the operator's local time.
    """
    new, known, refused = 0, 0, []
    for report in reports:
        try:
            entries = _entries(report, book, at)
            recorded = book.record_all(entries)
        except Unreadable as error:
            refused.append(Rejected(report.place, error.text))
            continue
        except CasebookError as error:
            refused.append(Rejected(report.place, Text(f"工单不能登记：{error}", str(error))))
            continue
        if recorded.refused:
            why = recorded.refused[0].why
            refused.append(Rejected(report.place, Text(f"工单不能登记：{why}", why)))
        elif recorded.new:
            new += 1
        else:
            known += 1
    return Taken(new, known, tuple(refused))


def _entries(report: Report, book: FeedbackSink, at: datetime) -> list[Entry]:
    """The entries that a report still has to add to its case."""
    about, given = report.about, report.answers
    if given.feedback is None and given.contact_date is None and given.action_given is None:
        raise Unreadable(
            "请填反馈、联系日期或实际动作中的至少一项",
            "give a feedback, the day of the contact or what was done; a note alone says nothing",
        )
    case_id = book.case_of(about.list_id, about.group_id)
    _refuse_too_early(given.contact_date, book.case(case_id))
    row = f"fb-{_short(about.list_id, about.group_id)}"
    before = {str(event["event_id"]): event for event in book.trail(case_id) if event["event_id"]}
    spent = sum(
        json.loads(event["entry"])["cost_fen"]
        for name, event in before.items()
        if name.startswith(f"{row}-action-")
    )
    met = given.contact_date
    common: dict[str, Any] = {
        "case_id": case_id,
        "by": about.owner,
        "at": at,
        "happened_at": min(datetime.combine(met, LAST_MINUTE), at) if met else None,
    }

    def named(kind: str, *content: object) -> str:
        return f"{row}-{kind}-{_short(*content)}"

    found: list[Entry] = []
    told = None if given.feedback else note_of(given)
    if met or told:  # an action without a feedback has no room for the note
        found.append(Contact(event_id=named("contact", met, told), note=told, **common))
    if given.action_given:
        name = named("action", given.action_given, given.cost_fen, met)
        more = (given.cost_fen or 0) - spent if given.cost_fen is not None else 0
        if more < 0 and name not in before:
            less, before_it = (given.cost_fen or 0) / 100, spent / 100
            raise Unreadable(
                f"费用{less:g}元少于此前已报的{before_it:g}元",
                f"a cost of {less:g} yuan is less than the {before_it:g} yuan reported before",
            )
        found.append(
            Action(event_id=name, action_code=given.action_given, cost_fen=max(more, 0), **common)
        )
    if given.feedback:
        told, then = note_of(given), given.next_step_date
        found.append(
            Feedback(
                event_id=named("feedback", given.feedback, told, then),
                code=given.feedback,
                note=told,
                next_step=then.isoformat() if then else None,
                **{**common, "happened_at": None},
            )
        )
    return [entry for entry in found if entry.event_id not in before]


def _refuse_too_early(met: date | None, case: Mapping[str, Any]) -> None:
    """Nobody can have acted on a list that he did not have yet."""
    given_out = case["dispatched_at"] or case["opened_at"]
    if met and datetime.combine(met, LAST_MINUTE) < given_out:
        raise Unreadable(
            f"联系日期{met}在清单派发（{given_out:%Y-%m-%d}）之前",
            f"contacted on {met}, before the list was given out on {given_out:%Y-%m-%d}",
        )


def rejected_file(rejected: Iterable[Rejected]) -> bytes:
    """Bad rows as CSV: where each stood, why it was not taken, and its cells under their titles.

    The titles are those of the list, so that the file can be put right and sent in itself.
    """
    rows = [
        {"row": bad.place.row, "sheet": bad.place.sheet, "原因": bad.why.zh, "reason": bad.why.en}
        | {title: text for title, text in bad.place.cells.items() if title}
        for bad in rejected
    ]
    return csv_table(pd.DataFrame(rows))


def note_of(given: Answers) -> str | None:
    """The note with, at its end, the answers that a case has no column for.

    >>> note_of(Answers(notes="asks for a discount", intent="2", rival="CT"))
    'asks for a discount\\n[intent=2 rival=CT]'
    """
    beside = {name: getattr(given, name) for name in _BESIDE if getattr(given, name) is not None}
    if given.feedback:
        beside.pop("next_step_date", None)  # that has a column of its own
    tail = f"[{' '.join(f'{name}={value}' for name, value in beside.items())}]" if beside else ""
    return "\n".join(part for part in (given.notes, tail) if part) or None


def answers_of(note: str | None) -> tuple[str | None, Mapping[str, str]]:
    """The note as it was written, and the answers at its end.

    >>> answers_of("asks for a discount\\n[intent=2 rival=CT]")
    ('asks for a discount', {'intent': '2', 'rival': 'CT'})
    """
    found = _TAIL.search(note or "")
    if note is None or found is None:
        return note, {}
    pairs = (pair.partition("=") for pair in found[1].split())
    return note[: found.start()] or None, {name: value for name, _, value in pairs}


def _short(*content: object) -> str:
    said = [part.isoformat() if isinstance(part, date) else part for part in content]
    text = json.dumps(said, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
