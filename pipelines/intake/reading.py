"""Delivered files as rows: Parquet as it is typed, CSV as text."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from pipelines.errors import ContractBrokenError

LINE = "_line"
_CHUNK = 1 << 22
_QUOTATION_MARK = b'"'
_ARROW_NAMES = {"utf-8-sig": "utf8", "gb18030": "gb18030"}


@dataclass(frozen=True)
class CsvRows:
    """A CSV file: every column as text, an empty cell as unknown.

    ``torn`` are the rows with too many or too few cells, as (row, text); ``rows`` leaves them out.
    Its column ``_line`` counts from 1, the first row after the header, torn ones too.
    """

    rows: pa.Table
    torn: tuple[tuple[int, str], ...]


def read_csv(path: Path, name: str) -> CsvRows:
    """Read a CSV file with a header, in UTF-8 (with or without BOM) or GB18030.

    Raises:
        ContractBrokenError: Another encoding, a quotation mark that is never closed, or two columns
            of one name.
    """
    encoding = _encoding(path, name)
    header, has_rows = _header(path, name, encoding)
    torn: list[tuple[int, str]] = []
    if has_rows:
        cells = _cells(path, name, encoding, header, torn)
    else:
        cells = pa.table({column: pa.array([], pa.string()) for column in header})
    return CsvRows(_numbered(cells, [row for row, _ in torn]), tuple(torn))


def csv_columns(path: Path, name: str) -> list[str]:
    """Names of the columns of a CSV file, under the same conditions as ``read_csv``."""
    header, _ = _header(path, name, _encoding(path, name))
    return [column.strip() for column in header]


def _cells(
    path: Path, name: str, encoding: str, header: list[str], torn: list[tuple[int, str]]
) -> pa.Table:
    def set_aside(row: pc.InvalidRow) -> str:
        torn.append((row.number - 1, row.text))  # pyarrow counts the header as row 1
        return "skip"

    try:
        cells = pc.read_csv(
            path,
            # only the serial reader knows the numbers of torn rows
            read_options=pc.ReadOptions(encoding=_ARROW_NAMES[encoding], use_threads=False),
            parse_options=pc.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        # the reader's own message may quote cells, and cells may be personal
        raise ContractBrokenError(f"{name} cannot be read as CSV. Save it again as CSV.") from None
    return cells.rename_columns([column.strip() for column in header])


def _numbered(cells: pa.Table, torn: list[int]) -> pa.Table:
    numbers = np.arange(1, cells.num_rows + len(torn) + 1)
    return cells.append_column(LINE, pa.array(np.delete(numbers, np.array(torn, int) - 1)))


def _header(path: Path, name: str, encoding: str) -> tuple[list[str], bool]:
    """Column names as they stand in the file, and whether any row follows."""
    with path.open(encoding=encoding, newline="") as file:
        header = next(csv.reader(file), [])
        has_rows = any(line.strip() for line in file)
    names = [column.strip() for column in header]
    double = sorted({column for column in names if names.count(column) > 1})
    if double:
        raise ContractBrokenError(f"{name} has two columns named {', '.join(double)}. Keep one.")
    return header, has_rows


def _encoding(path: Path, name: str) -> str:
    if _count_quotation_marks(path) % 2:  # the reader would take the rest of the file as one cell
        raise ContractBrokenError(f"{name}: a quotation mark is opened and never closed.")
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise ContractBrokenError(
        f"{name} is neither UTF-8 nor GB18030 text. Save it as CSV UTF-8 and deliver it again."
    )


def _count_quotation_marks(path: Path) -> int:
    with path.open(
        "rb"
    ) as file:  # in both encodings this byte is never a part of another character
        return sum(chunk.count(_QUOTATION_MARK) for chunk in iter(lambda: file.read(_CHUNK), b""))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
