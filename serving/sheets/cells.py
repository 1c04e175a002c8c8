"""What may stand in a cell: texts that no program takes for anything but text."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import pandas as pd

from serving.words import Language

Content = str | float | datetime | None

LONGEST_TEXT = 32_767
"""Signs that a cell holds; Excel refuses the file where one holds more."""
LONGEST_NAME = 31
"""Signs that the name of a sheet has room for."""
LINE = 15
TALLEST = 409
"""Points of a line, and of the tallest row that Excel shows."""
SIGNS_TO_A_WIDTH: Mapping[Language, float] = {"zh": 1.0, "en": 1.3}
"""Calibri is the narrower font."""

# No file in XML may hold these, escaped or not; a tab and a line end may stay.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RICH = ("<r>", "</r>")


def clean(text: str) -> str:
    """A text as a cell can hold it: line ends alike, no sign that XML forbids, not too long.

    >>> clean("one\\r\\ntwo\\x00")
    'one\\ntwo\ufffd'
    """
    plain = _NOT_IN_XML.sub("\ufffd", re.sub(r"\r\n?", "\n", text))
    # Excel counts a sign outside the basic plane twice.
    if _units(plain) > LONGEST_TEXT:
        plain = _cut(plain, LONGEST_TEXT - 1) + "…"
    # xlsxwriter takes a text between these for XML of its own and writes it as it stands.
    if plain.startswith(_RICH[0]) and plain.endswith(_RICH[1]):
        plain = f" {plain}" if _units(plain) < LONGEST_TEXT else plain[:-1]
    return plain


def sheet_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """A name that a sheet may have, unlike those that are ``taken``, capitals or not.

    >>> sheet_name("A/B: 1", ["a b  1"])
    'A B  1 (2)'
    """
    used = {name.casefold() for name in taken} | {"history"}
    plain = _NOT_IN_A_NAME.sub(" ", _NOT_IN_XML.sub(" ", wanted)).strip("' ") or "-"
    name, number = _cut(plain, LONGEST_NAME).strip("' "), 1
    while name.casefold() in used:
        number += 1
        ending = f" ({number})"
        name = _cut(plain, LONGEST_NAME - len(ending)).strip("' ") + ending
    return name


def midnight(day: date) -> datetime:
    """The day's first moment: what a cell with a day holds."""
    return datetime.combine(day, time())


def known(value: Any) -> bool:
    """Whether there is a value at all."""
    return not pd.isna(value)


def height(contents: Iterable[Content], widths: Iterable[float], language: Language) -> int:
    """Points that the longest text of a row needs; not every program works that out itself."""
    signs = SIGNS_TO_A_WIDTH[language]
    cells = zip(contents, widths, strict=True)
    lines = [lines_of(text, int(width * signs)) for text, width in cells if isinstance(text, str)]
    return min(LINE * max(lines, default=1), TALLEST)


def lines_of(text: str, width: int) -> int:
    """Lines of a text in a column; Chinese characters are two Latin ones wide."""
    return sum(_wrapped(line, width) for line in text.split("\n")) or 1


def _wrapped(line: str, width: int) -> int:
    wide = (sign * (2 if unicodedata.east_asian_width(sign) in "WF" else 1) for sign in line)
    return max(len(textwrap.wrap("".join(wide), width)), 1)


def _units(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)


def _cut(text: str, units: int) -> str:
    """The beginning of ``text`` that is at most so long as Excel counts."""
    if _units(text) <= units:
        return text
    kept, left = [], units
    for sign in text:
        left -= 2 if sign > "\uffff" else 1
        if left < 0:
            break
        kept.append(sign)
    return "".join(kept)
