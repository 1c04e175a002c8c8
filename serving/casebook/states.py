"""The life of a case: the states it can be in and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from serving.errors import CasebookError

State = Literal[
    "generated",
    "dispatched",
    "accepted",
    "contacted",
    "action",
    "feedback",
    "verified",
    "closed",
    "escalated",
    "expired",
    "snoozed",
]
STATES: tuple[State, ...] = get_args(State)

_WORKED = frozenset[State]({"contacted", "action", "feedback"})
_ENDS = frozenset[State]({"verified", "closed"})

MOVES: Mapping[State, frozenset[State]] = {
    "generated": _ENDS | {"dispatched"},
    "dispatched": _WORKED | _ENDS | {"accepted", "escalated", "expired", "snoozed"},
    "accepted": _WORKED | _ENDS | {"escalated", "expired", "snoozed"},
    "contacted": _WORKED | _ENDS | {"escalated", "snoozed"},
    "action": _WORKED | _ENDS | {"escalated", "snoozed"},
    "feedback": _WORKED | _ENDS | {"dispatched", "snoozed"},
    "escalated": _WORKED | _ENDS | {"accepted", "dispatched", "expired", "snoozed"},
    "expired": _WORKED | _ENDS | {"dispatched"},
    "snoozed": _WORKED | _ENDS | {"dispatched", "accepted", "escalated"},
    "verified": frozenset({"closed"}),
    "closed": frozenset(),
}
"""From each state, where a case can go.

Steps may be skipped: who writes only the feedback into the workbook has contacted somebody. A case
that has had its feedback, or that nobody worked in time, is given out again when its level rises.
"""

WAITING = frozenset[State]({"dispatched", "accepted"})
"""States in which the clock of the first contact runs; in ``escalated`` it has run out."""
WORKED = frozenset[State]({"contacted", "action"})
"""States in which the clock of the feedback runs, beside those in which nobody has come yet."""
UNTOUCHED = frozenset[State]({"dispatched", "accepted", "escalated"})
"""States of a case in which nobody has contacted the group."""


def refuse_impossible(case_id: str, now: str, wanted: State) -> None:
    """Let a possible move pass.

    Raises:
        CasebookError: There is no such move; the message names those that there are.

    Example:
        >>> refuse_impossible("20110103-G1", "dispatched", "contacted")
    """
    moves = next(moves for state, moves in MOVES.items() if state == now)
    if wanted in moves:
        return
    if not moves:
        raise CasebookError(
            f"case {case_id} is {now} and takes no more entries; a new one is opened when a list "
            "names its group again after the cool-down, or on a higher level"
        )
    there_are = ", ".join(state for state in STATES if state in moves)
    raise CasebookError(
        f"case {case_id} is {now} and cannot become {wanted}; from there it can become {there_are}"
    )
