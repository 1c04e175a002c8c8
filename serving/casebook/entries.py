"""What people and data add to a case: each entry once, by its id."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from serving import words
from serving.casebook.schema import as_json
from serving.errors import CasebookError

Result = Literal["kept", "lost", "gone_before", "false_alarm", "unverifiable"]
RESULTS: tuple[Result, ...] = get_args(Result)
MET = frozenset({"contacted_kept", "contract_signed", "competitor_confirmed"})
"""Feedback that nobody can give who has not spoken with the group."""

LONGEST_EVENT_ID = 120
_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


def refuse_no_id(what: str, given: str) -> None:
    """Let an id pass as the contracts write ids."""
    if not _ID.fullmatch(given):
        raise CasebookError(
            f"{what} is no id: {given!r}; ids are up to 40 letters, digits, - and _ long"
        )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What every entry has.

    Attributes:
        event_id: The entry's own id: recorded again, it changes nothing.
        case_id: The case.
        by: Who says so: an id of staff.
        at: When it is recorded.
        happened_at: When it happened, if earlier.
    """

    event_id: str
    case_id: str
    by: str
    at: datetime
    happened_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.event_id or len(self.event_id) > LONGEST_EVENT_ID:
            raise CasebookError(
                f"an entry for case {self.case_id} needs an id of its own, of at most "
                f"{LONGEST_EVENT_ID} signs"
            )
        refuse_no_id("who says so", self.by)

    def content(self) -> str:
        """The entry but for when it was recorded, to tell a repeated one from another."""
        told = {name: value for name, value in asdict(self).items() if name != "at"}
        return as_json({"kind": type(self).__name__.lower(), **told})


@dataclass(frozen=True, kw_only=True)
class Accepted(_Entry):
    """The account manager has taken the case."""


@dataclass(frozen=True, kw_only=True)
class Contact(_Entry):
    """Somebody of the group was spoken with."""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Action(_Entry):
    """Something was done for the group.

    Attributes:
        action_code: What, as the list of actions names it.
        cost_fen: What it cost; the costs of several actions add up.
        accepted: Whether the group took it; None where it is not known yet.
    """

    action_code: str
    cost_fen: int
    accepted: bool | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_no_id("the action", self.action_code)
        if self.cost_fen < 0:
            raise CasebookError(f"an action cannot cost {self.cost_fen} fen")


@dataclass(frozen=True, kw_only=True)
class Feedback(_Entry):
    """What the account manager reports; a later report replaces an earlier one.

    Attributes:
        code: One of ``serving.words.FEEDBACK``.
        note: In the manager's own words.
        next_step: What comes next.
    """

    code: str
    note: str | None = None
    next_step: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.code not in words.FEEDBACK:
            raise CasebookError(
                f"there is no feedback {self.code!r}; there are {', '.join(words.FEEDBACK)}"
            )


@dataclass(frozen=True, kw_only=True)
class Verification(_Entry):
    """What the data say of the group after the wait, whatever was reported.

    Attributes:
        result: ``kept``: it was in danger and is still there; ``lost``: it went after the alert;
            ``gone_before``: it had gone when the alert came; ``false_alarm``: it was in no danger;
            ``unverifiable``: the data do not tell.
    """

    result: Result

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.result not in RESULTS:
            raise CasebookError(
                f"there is no result {self.result!r}; there are {', '.join(RESULTS)}"
            )


Entry: TypeAlias = Accepted | Contact | Action | Feedback | Verification
