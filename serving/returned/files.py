"""Files that people send back, read as tables of cells: workbooks and CSV, whoever saved them.

A returned file comes from outside. It is never trusted to be what its name says, to be small once
unpacked, or to hold only what was asked for.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from serving.csv_files import decoded, undefused
from serving.errors import FilledInError, ListError

MOST_BYTES = 50_000_000
MOST_UNPACKED = 300_000_000
MOST_PARTS = 2_000
MOST_RATIO = 200
MOST_ROWS = 50_000
MOST_COLUMNS = 200
"""What a file of a list can never need: a larger one is broken or hostile."""
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",;\t"
_CHUNK = 1 << 20
_FORBIDDEN = tuple(
    text.encode(encoding)
    for text in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)

Value = str | float | date | None


@dataclass(frozen=True)
class Cell:
    """One cell; ``broken`` says why it holds no value that can be taken: formula or error."""

    value: Value = None
    broken: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return self.broken is None and (self.value is None or not str(self.value).strip())


EMPTY = Cell()


@dataclass(frozen=True)
class Table:
    """One sheet of a file: rows by their number as a person sees it, from 1."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def tables(content: bytes) -> list[Table]:
    """The sheets of a workbook, or the one table of a CSV file.

    Raises:
        FilledInError: It is neither, too large, or built to do harm.
    """
    if len(content) > MOST_BYTES:
        raise FilledInError(
            f"the file is larger than {MOST_BYTES // 1_000_000} MB; no filled-in list is"
        )
    if content.startswith(OLD_EXCEL):
        raise FilledInError(
            "the file is an Excel file of the old kind (.xls), or has a password; save it without "
            "a password as .xlsx or CSV"
        )
    if content.startswith(ZIP):
        _refuse_bombs(content)
        return list(_sheets(content))
    return [_csv(content)]


def _refuse_bombs(content: bytes) -> None:
    """Unpack once and throw away, to see how much it is and that no part defines entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
            if len(infos) > MOST_PARTS:
                raise FilledInError(f"the workbook has {len(infos)} parts; no list has so many")
            unpacked = 0
            for info in infos:
                unpacked += _unpacked(parts, info, MOST_UNPACKED - unpacked)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise FilledInError(
            f"the file is no readable workbook ({error}); open it and save it again as .xlsx"
        ) from error


def _unpacked(parts: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> int:
    size, tail = 0, b""
    with parts.open(info) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            packed = max(info.compress_size, 1)
            if size > most or (size > 10 * _CHUNK and size > MOST_RATIO * packed):
                raise FilledInError("the workbook is far too large once unpacked; nothing was read")
            window = tail + chunk
            if info.filename.endswith((".xml", ".rels")) and any(
                text in window for text in _FORBIDDEN
            ):
                raise FilledInError(
                    "the workbook defines entities of its own, which no spreadsheet program does; "
                    "nothing was read"
                )
            tail = window[-32:]
    return size


def _sheets(content: bytes) -> Iterator[Table]:
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        for sheet in book.worksheets:
            # What a file says of its own size is not to be relied on.
            sheet.reset_dimensions()
            yield Table(str(sheet.title), tuple(_rows(sheet)))
        book.close()
    except FilledInError:
        raise
    # openpyxl tells a damaged file by whatever exception comes first.
    except Exception as error:
        raise FilledInError(
            f"the workbook cannot be read ({type(error).__name__}); open it and save it again as "
            ".xlsx"
        ) from error


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise FilledInError(f"sheet {sheet.title!r} has more than {MOST_ROWS:,} rows")
        if all(cell.value is None for cell in row):
            continue
        cells = tuple(_cell(cell) for cell in row)
        if not all(cell.empty for cell in cells):
            yield number, _without_tail(cells)


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "f":
        return Cell(str(value), "formula")
    if cell.data_type == "e":
        return Cell(str(value), "error")
    if isinstance(value, bool):
        return Cell(str(value))
    if isinstance(value, datetime | date):
        return Cell(value)
    if isinstance(value, int | float):
        return Cell(float(value))
    # A carriage return inside a text is kept in this way.
    return Cell(str(value).replace("_x000D_", "\r"))


def _csv(content: bytes) -> Table:
    try:
        text = decoded(content)
    except ListError as error:
        raise FilledInError(str(error)) from error
    if "\0" in text:
        raise FilledInError("the file is neither a workbook (.xlsx) nor CSV")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS or len(row) > MOST_COLUMNS:
                raise FilledInError(
                    f"the file has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns"
                )
            cells = tuple(Cell(undefused(value)) if value else EMPTY for value in row)
            if not all(cell.empty for cell in cells):
                rows.append((number, _without_tail(cells)))
    except csv.Error as error:
        raise FilledInError(f"the file cannot be read as CSV ({error})") from error
    return Table("", tuple(rows))


def _without_tail(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    length = len(cells)
    while length and cells[length - 1].empty:
        length -= 1
    return cells[:length]
