"""What the casebook goes by: clocks by level, waits, cool-down; every value comes from config."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

Level = Literal["red", "orange", "yellow", "blue"]
LEVELS: tuple[Level, ...] = ("red", "orange", "yellow", "blue")
"""The gravest first."""
LONGEST_ID = 40
"""Signs of an id in the contracts."""


@dataclass(frozen=True)
class LevelRule:
    """What one level asks for; times as ``serving.casebook.clocks.ends`` reads them.

    Attributes:
        contact: By when the group must first be contacted, from the moment it was given out.
        feedback: By when the account manager must have reported.
        escalate: When the case is passed up if nobody has been contacted; empty for never.
        escalate_to: Office to which it goes where the list names nobody.
        longest_snooze_days: Longest time for which a case can be put aside; 0 for not at all.
    """

    contact: str
    feedback: str
    escalate: str
    escalate_to: str
    longest_snooze_days: int


@dataclass(frozen=True)
class CaseRules:
    """The rules of the casebook.

    Attributes:
        levels: What each level asks for.
        dispatch_days: Days from a list's knowledge day to the day on which it is given out.
        dispatch_hour: And the hour of that day.
        cool_down_days: After a case is closed, its group gets no new one for so long, unless on a
            higher level.
        close_after_lists: Lists in a row without the group that close a case nobody has worked.
        expire_days: Days from the end of its feedback's time after which an untouched case expires.
        verify_days: Days from its opening after which the data tell what became of a case.
    """

    levels: Mapping[str, LevelRule]
    dispatch_days: int
    dispatch_hour: int
    cool_down_days: int
    close_after_lists: int
    expire_days: int
    verify_days: int

    def __post_init__(self) -> None:
        if missing := [level for level in LEVELS if level not in self.levels]:
            raise ValueError(f"case rules: nothing is said of the levels {', '.join(missing)}")

    def given_out(self, as_of: date) -> datetime:
        """When the list of a knowledge day is given out."""
        day = as_of + timedelta(days=self.dispatch_days)
        return datetime.combine(day, time(self.dispatch_hour))


def graver(one: str, other: str) -> bool:
    """Whether ``one`` is the graver of two levels.

    >>> graver("red", "orange"), graver("blue", "blue")
    (True, False)
    """
    order: tuple[str, ...] = LEVELS
    return order.index(one) < order.index(other)


def case_id(as_of: date, group_id: str) -> str:
    """The id of the case that the list of a day opens for a group.

    >>> case_id(date(2011, 1, 3), "89100000000123")
    '20110103-89100000000123'
    """
    return named("", as_of, group_id)


def named(prefix: str, as_of: date, group_id: str) -> str:
    """An id from a day and a group, of a checksum in place of a group's id that is too long."""
    short = len(prefix) + 9 + len(group_id) <= LONGEST_ID
    tail = group_id if short else hashlib.sha256(group_id.encode()).hexdigest()[:24]
    return f"{prefix}{as_of:%Y%m%d}-{tail}"
