"""What a person wrote into a cell, as a code, a day, an amount or a text.

Each function returns the value, or None for an empty cell, and raises ``Unreadable`` with the
sentence that the person gets back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from features.definition import Text
from serving.returned.files import Cell

HIDDEN = "***"
MOST_COST_FEN = 100_000_000
"""What the table of treatments can hold."""
# Mobile numbers, and numbers of identity cards: neither may be stored.
_PERSONAL = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"
    r"|(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\d)"
)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T][\d:.]*)?")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_FIRST_SERIAL, _LAST_SERIAL = date(2000, 1, 1), date(2100, 1, 1)
_SERIAL_ZERO = date(1899, 12, 30).toordinal()


class Unreadable(ValueError):
    """A cell holds what cannot be taken; the text says what and what to write."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def written(cell: Cell) -> str | None:
    """The cell's text, numbers without a needless ``.0``; None where it is empty.

    Raises:
        Unreadable: It holds a formula or an error.
    """
    if cell.broken:
        raise Unreadable(
            "单元格里是公式或错误值，请改填文字或数字",
            "the cell holds a formula or an error; write the value itself",
        )
    if cell.empty:
        return None
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return str(value)


def choice(cell: Cell, offered: Mapping[str, Text]) -> str | None:
    """The code of what was chosen: written as in either language's list, or as the code itself."""
    text = written(cell)
    if text is None:
        return None
    meant = plain(text)
    for code, words in offered.items():
        known = [plain(one) for one in (code, words.zh, words.en)]
        # A choice such as "4 may stay" may be written as its number alone.
        if meant in known or (code.isdigit() and meant == f"{code}分"):
            return code
    raise Unreadable(
        f"不认识“{short(text)}”，请从下列中选：{'、'.join(one.zh for one in offered.values())}",
        f"{short(text)!r} is none of the choices: {', '.join(one.en for one in offered.values())}",
    )


def day(cell: Cell, since: date) -> date | None:
    """A day as Excel keeps it, or as 2011-01-06, 2011/1/6, 2011年1月6日, 20110106 or 1月6日.

    Args:
        cell: What was filled in.
        since: Day of the list; a day without a year is the first such day from then on.
    """
    value = cell.value
    if cell.broken is None and isinstance(value, datetime):
        return value.date()
    if cell.broken is None and isinstance(value, date):
        return value
    text = written(cell)
    if text is None:
        return None
    meant = unicodedata.normalize("NFKC", text).strip()
    try:
        found = _day(meant, since)
    except ValueError:
        found = None
    if found is None:
        raise Unreadable(
            f"“{short(text)}”不是日期，请写成2011-01-06这样",
            f"{short(text)!r} is no day; write it like 2011-01-06",
        )
    return found


def fen(cell: Cell) -> int | None:
    """An amount of yuan in fen; a sign for yuan and commas may stand with it."""
    text = written(cell)
    if text is None:
        return None
    meant = unicodedata.normalize("NFKC", text).strip()
    bare = re.sub(r"^[¥￥]\s*|\s*(元|yuan|rmb)$", "", meant, flags=re.IGNORECASE).replace(",", "")
    try:
        exact = Decimal(bare) * 100
    except InvalidOperation:
        exact = Decimal("NaN")
    # Excel keeps 0.1 + 0.2 as 0.30000000000000004.
    amount = exact.quantize(Decimal(1)) if exact.is_finite() and abs(exact) < 10**15 else None
    if amount is None or abs(exact - amount) > Decimal("0.0001"):
        raise Unreadable(
            f"“{short(text)}”不是金额，请填元，最多两位小数",
            f"{short(text)!r} is no amount; write yuan, with two decimals at most",
        )
    if not 0 <= amount <= MOST_COST_FEN:
        raise Unreadable(
            f"费用“{short(text)}”应在0到{MOST_COST_FEN // 100}元之间",
            f"a cost is from 0 to {MOST_COST_FEN // 100} yuan, not {short(text)}",
        )
    return int(amount)


def note(cell: Cell) -> str | None:
    """A text as it was written, but for numbers that identify a person: those are blotted out.

    >>> note(Cell("ask Wang, 138 0000 0000"))
    'ask Wang, ***'
    """
    text = written(cell)
    if text is None:
        return None
    even = re.sub(r"\r\n?", "\n", text).strip()
    return _PERSONAL.sub(HIDDEN, even)


def plain(text: str) -> str:
    """A text to compare by: full-width signs, capitals and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).lstrip("'\ufeff")


def short(text: str) -> str:
    """The beginning of a text, to be quoted, without numbers of people."""
    quoted = _PERSONAL.sub(HIDDEN, text)
    return quoted if len(quoted) <= 30 else f"{quoted[:29]}…"


def _day(text: str, since: date) -> date | None:
    if found := _DAY.fullmatch(text) or _PLAIN_DAY.fullmatch(text):
        return date(*(int(part) for part in found.groups()))
    if found := _SHORT_DAY.fullmatch(text):
        month, number = (int(part) for part in found.groups())
        this_year = date(since.year, month, number)
        return this_year if this_year >= since else date(since.year + 1, month, number)
    if text.isdecimal():
        # A cell of days that lost its format holds the number of days since 1899-12-30.
        serial = date.fromordinal(_SERIAL_ZERO + int(text))
        return serial if _FIRST_SERIAL <= serial < _LAST_SERIAL else None
    return None
