"""What a command says: results on standard output, all talk and progress on standard error."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_SECONDS_BETWEEN_LINES = 5.0
_WIDTH_OF_PLAIN_TEXT = 140


class _Talk:
    """Where talk goes. Silent until a command turns it on, so that library use prints nothing."""

    def __init__(self) -> None:
        self.on = False
        self.bars: Progress | None = None

    @property
    def console(self) -> Console:
        return Console(stderr=True, highlight=False, soft_wrap=True)


_talk = _Talk()


@contextmanager
def talking(*, on: bool = True) -> Iterator[None]:
    """Let this process talk and show progress, or be silent, in the meantime."""
    before, _talk.on = _talk.on, on
    try:
        yield
    finally:
        _talk.on = before


def say(text: str) -> None:
    """One line for the person who waits."""
    if _talk.on:
        (_talk.bars.console if _talk.bars else _talk.console).print(text, markup=False)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Show that a part of the work is under way and, when it is done, how long it took."""
    if not _talk.on:
        yield
        return
    with _bars() as bars:
        line = bars.add_task(name, total=None) if bars else None
        if bars is None:
            say(f"{name} ...")
        start = time.perf_counter()
        try:
            yield
        finally:
            if bars and line is not None:
                bars.remove_task(line)
        say(f"{name}: {time.perf_counter() - start:.1f} s")


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """A callback to tell ``(done, total)`` to: a bar on a terminal, else a line now and then.

    Example:
        with progress("features") as tell:
            member_features(..., progress=tell)
    """
    if not _talk.on:
        yield lambda done, total: None
        return
    with _bars() as bars:
        if bars is None:
            yield _Lines(text)
            return
        line = bars.add_task(text, total=None)
        try:
            yield lambda done, total: bars.update(line, completed=done, total=total)
        finally:
            bars.remove_task(line)


class _Lines:
    """Progress for logs: a line every few seconds, none for what is quickly done."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.told = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        if time.perf_counter() - self.told >= _SECONDS_BETWEEN_LINES:
            self.told = time.perf_counter()
            say(f"{self.text}: {done} of {total}")


@contextmanager
def _bars() -> Iterator[Progress | None]:
    """The one live display of this process; none without a terminal."""
    if _talk.bars or not sys.stderr.isatty():
        yield _talk.bars
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_talk.console, transient=True) as bars:
        _talk.bars = bars
        try:
            yield bars
        finally:
            _talk.bars = None


def show(result: object) -> None:
    """Print a result for people on standard output.

    Text is printed as it is and an object with ``__rich__`` draws itself. A list of mappings or
    dataclasses becomes a table; a single one becomes a list of its plain values, followed by a
    table for each list or mapping of rows in it. None prints nothing.
    """
    output = _output()
    if isinstance(result, str):
        output.print(result, markup=False, highlight=False, soft_wrap=True)
    elif hasattr(result, "__rich__"):
        output.print(result)
    elif isinstance(result, Sequence):
        output.print(table(result) if result else "Nothing to show.")
    elif result is not None:
        for part in _page(_fields(result)):
            output.print(part)


def _page(content: Mapping[str, object]) -> Iterator[Table]:
    rows = {name: _rows(value) for name, value in content.items()}
    if single := [{"": name, " ": content[name]} for name, found in rows.items() if not found]:
        yield table(single, header=False)
    for name, found in rows.items():
        if found:
            yield table(found, title=name)


def _rows(value: object) -> Sequence[object]:
    """``value`` as rows of a table, if that is what it is: a list of them, or named ones."""
    if isinstance(value, Mapping):
        named = {key: row for key, row in value.items() if _is_row(row)}
        return [{"": key, **_fields(row)} for key, row in named.items()] if named else ()
    if isinstance(value, Sequence) and value and _is_row(value[0]):
        return value
    return ()


def table(rows: Sequence[object], *, title: str | None = None, header: bool = True) -> Table:
    """A table of rows, mappings or dataclasses, that all have the same fields."""
    drawn = Table(
        box=box.SIMPLE_HEAD, show_header=header, pad_edge=False, title=title, title_justify="left"
    )
    for number, (name, value) in enumerate(_fields(rows[0]).items()):
        right = isinstance(value, int | float) and not isinstance(value, bool)
        justify: Literal["left", "right"] = "right" if right else "left"
        drawn.add_column(name, justify=justify, overflow="fold", no_wrap=number == 0)
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in _fields(row).values()))
    return drawn


def show_json(result: object) -> None:
    """Print a result for programs on standard output, as one JSON document."""
    text = json.dumps(plain(result), ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write(text + "\n")


def plain(value: object) -> Any:
    """``value`` in the types that JSON has; an unknown number (NaN) becomes null.

    Raises:
        TypeError: It holds something that has no JSON form, such as a frame.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if dataclasses.is_dataclass(value):
        return {name: plain(inner) for name, inner in _fields(value).items()}
    if isinstance(value, Iterable) and not hasattr(value, "columns"):
        return [plain(inner) for inner in value]
    if hasattr(value, "item"):  # a number of numpy's
        return plain(value.item())
    raise TypeError(f"{type(value).__name__} has no JSON form; return plain values")


def _is_row(value: object) -> bool:
    return isinstance(value, Mapping) or dataclasses.is_dataclass(value)


def _fields(row: object) -> dict[str, object]:
    if isinstance(row, Mapping):
        return {str(key): value for key, value in row.items()}
    if dataclasses.is_dataclass(row):
        return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return {"": row}


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return str(plain(value) if isinstance(value, Enum) else value)


def _output() -> Console:
    """Standard output; piped, it is as wide as the text needs rather than cut at 80."""
    width = None if sys.stdout.isatty() else _WIDTH_OF_PLAIN_TEXT
    return Console(width=width)
