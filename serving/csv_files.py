"""Lists as CSV that Excel opens: in UTF-8 or GB18030, and no cell that it takes for a formula.

A cell that begins with a sign which starts a formula gets an apostrophe in front, as Excel itself
marks a text; so does one that begins with apostrophes and then such a sign, so that taking one away
gives the text back exactly (``undefused``). Numbers are written as they are, negative ones too.
Each cell stands in quotes, so that neither a line end nor a semicolon splits it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

import pandas as pd

from serving.errors import ListError
from serving.sheets.cells import Content, clean, known
from serving.sheets.headings import content, headings, shown
from serving.words import Language, say

Encoding = Literal["utf-8", "gb18030"]
# Full-width signs, too: a Chinese Excel takes them for the narrow ones.
_STARTS_A_FORMULA = re.compile("^'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_MARK = "\ufeff"


def csv_list(
    rows: pd.DataFrame,
    language: Language = "zh",
    encoding: Encoding = "utf-8",
    *,
    area_names: Mapping[str, str] | None = None,
) -> bytes:
    """The list as the workbook shows it, the columns to fill in among the others.

    Args:
        rows: The list of ``serving.risk_list``.
        language: Language of titles, codes and reasons.
        encoding: Either begins with its byte order mark, by which programs know it.
        area_names: Names to show in place of ids of areas.
    """
    columns = headings(rows)
    texts = shown(rows, language, area_names).to_dict("records")
    lines: list[list[str]] = [[say(heading.title, language) for heading in columns]]
    for row in texts:
        cells = [content(row.get(heading.column), heading, language) for heading in columns]
        lines.append([_written(cell) for cell in cells])
    return _encoded(lines, encoding)


def csv_table(frame: pd.DataFrame, encoding: Encoding = "utf-8") -> bytes:
    """Any frame as CSV, under the names of its columns; values as they are.

    Raises:
        ListError: A text cannot be written in the encoding.
    """
    lines = [[_written(str(name)) for name in frame.columns]]
    for row in frame.itertuples(index=False, name=None):
        lines.append([_written(_plain(value)) for value in row])
    return _encoded(lines, encoding)


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> defused("=1+1"), defused("'=1+1"), defused("it's -5")
    ("'=1+1", "''=1+1", "it's -5")
    """
    return f"'{text}" if _STARTS_A_FORMULA.match(text) else text


def undefused(text: str) -> str:
    """What ``defused`` was given.

    >>> undefused("'=1+1"), undefused("''=1+1"), undefused("'t was so")
    ('=1+1', "'=1+1", "'t was so")
    """
    return text[1:] if text.startswith("'") and _STARTS_A_FORMULA.match(text) else text


def _plain(value: object) -> Content:
    if not known(value):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _written(cell: Content) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return defused(clean(cell))
    if isinstance(cell, float | int):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return f"{cell:%Y-%m-%d}"


def _encoded(lines: list[list[str]], encoding: Encoding) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(lines)
    try:
        return (_MARK + text.getvalue()).encode(encoding)
    except UnicodeEncodeError as error:
        raise ListError(f"the list cannot be written in {encoding}: {error}") from error


def decoded(content: bytes) -> str:
    """The text of a CSV file, whichever of the usual encodings it was saved in.

    Raises:
        ListError: It is in none of UTF-8, UTF-16, GB18030 and its part GBK.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        # GB18030 reads nearly anything, so that it comes last.
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding).removeprefix(_MARK)
        except UnicodeDecodeError:
            continue
    raise ListError(
        "the file is in none of UTF-8, UTF-16 and GB18030 (GBK); save it as CSV UTF-8 or .xlsx"
    )
