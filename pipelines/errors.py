"""Errors that end a command, each with the exit code that a script can act on."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
GATE_REFUSED: Final = 3
CONTRACT_BROKEN: Final = 4


class GroupchurnError(Exception):
    """Something a person has to know: what is wrong, where, and what to do.

    Args:
        message: Sentences for the person at the terminal; never holds a value of personal data.
        exit_code: What the command ends with: 1 failed, 2 usage, 3 gate refused, 4 contract broken.
    """

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(GroupchurnError):
    """The command was asked for something that it cannot do (exit code 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, USAGE)


class GateError(GroupchurnError):
    """A quality gate refused the result (exit code 3)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, GATE_REFUSED)


class ContractBrokenError(GroupchurnError):
    """The data do not keep their contract (exit code 4); what was published before stays."""

    def __init__(self, message: str) -> None:
        super().__init__(message, CONTRACT_BROKEN)
