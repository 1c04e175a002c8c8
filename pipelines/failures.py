"""What a person is told when a command fails, and the code that a script is told."""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from data_contracts.contract import ContractError
from pipelines.errors import CONTRACT_BROKEN, FAILED, USAGE, GroupchurnError


def tell(error: Exception, command: str, home: Path, *, debug: bool) -> int:
    """Write what went wrong to standard error.

    An error that was raised for people is told in its own words. Any other is a fault of ours: its
    trace goes to a file under ``home/log``.

    Returns:
        The exit code.
    """
    code = exit_code(error)
    if debug:
        traceback.print_exception(error)
    if code is not None:
        _print(f"{error}")
        return code
    kind = type(error).__name__
    _print(
        f"groupchurn {command} failed unexpectedly: {kind}: {error}\n{_trace(error, command, home)}"
    )
    return FAILED


def let_go(error: BaseException | None) -> None:
    """Forget what was being worked on when the error came, and all errors behind it.

    Else open tables outlive the interpreter, and DuckDB prints a page about it after the message.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def exit_code(error: Exception) -> int | None:
    """The exit code of an error that was raised for people; None for any other."""
    from models.errors import ModelsError
    from serving.errors import ServingError
    from simulator.preset import PresetError

    if isinstance(error, GroupchurnError):
        return error.exit_code
    if isinstance(error, ContractError):
        return CONTRACT_BROKEN
    if isinstance(error, PresetError):
        return USAGE
    known = isinstance(error, ModelsError | ServingError) or _of_features(error)
    return FAILED if known else None


def _of_features(error: Exception) -> bool:
    """Whether it is a FeatureError, told without importing features: it may be what failed."""
    return any(kind.__module__ == "features.errors" for kind in type(error).__mro__)


def _trace(error: Exception, command: str, home: Path) -> str:
    """Where the trace was written; an error while writing must not hide the first one."""
    now = datetime.now(UTC)
    file = home / "log" / f"{now:%Y%m%dT%H%M%S}-{command.replace(' ', '-')}.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError as unwritable:
        return f"The trace could not be written ({unwritable}); --debug shows it."
    return f"The trace is in {file}. Please send it to whoever looks after groupchurn."


def _print(text: str) -> None:
    sys.stderr.write(f"Error: {text}\n")
