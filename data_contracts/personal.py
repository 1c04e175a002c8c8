"""Recognise plain phone and identity numbers, so that intake can refuse them.

Phone and identity numbers enter this system as tokens only. A cell that holds one in the
plain, alone or inside a sentence, written with +86, blanks, dashes or full-width digits, is
refused. What is recognised:

* a mainland mobile number: 11 digits from 13 to 19, with or without 86, +86 or 0086;
* an identity number of 18 places whose province, day of birth and check digit are right
  (GB 11643-1999);
* an identity number of 15 digits, the form before 1999, with province and day of birth.

A run of digits inside a longer run of digits or Latin letters is left alone, so group ids
of 14 digits, months, moments and tokens in hexadecimal are not taken for any of these.
Numeric columns should not be scanned: an amount of 13 800 138 000 li looks like a phone.
"""

# ruff: noqa: S608 - writing SQL is the purpose; every name and text is quoted by cast
from __future__ import annotations

import re
from typing import Literal

from data_contracts.cast import literal, quoted
from data_contracts.contract import Table

PersonalKind = Literal["mobile", "identity_18", "identity_15"]

WIDE = "０１２３４５６７８９＋－Ｘｘ　"
PLAIN = "0123456789+-Xx "
GAP = "[ -]?"
PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"
MONTH_AND_DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
BEFORE, AFTER = "(?:^|[^0-9A-Za-z_])", "(?:$|[^0-9A-Za-z_])"
MOBILE = rf"{BEFORE}(?:(?:\+|00)?86{GAP})?1{GAP}[3-9](?:{GAP}[0-9]){{9}}{AFTER}"
BORN = f"(?:18|19|20)[0-9]{{2}}{MONTH_AND_DAY}"
IDENTITY_18 = rf"{BEFORE}({PROVINCE}[0-9]{{4}}{GAP}{BORN}{GAP}[0-9]{{3}}[0-9Xx]){AFTER}"
IDENTITY_15 = rf"{BEFORE}{PROVINCE}[0-9]{{4}}{GAP}[0-9]{{2}}{MONTH_AND_DAY}{GAP}[0-9]{{3}}{AFTER}"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def plain_personal_value(text: str) -> PersonalKind | None:
    """What kind of plain personal number ``text`` holds; None where it holds none.

    Example:
        >>> plain_personal_value("请拨 +86 138-0013-8000")
        'mobile'
        >>> plain_personal_value("11010519491231002X")
        'identity_18'
        >>> plain_personal_value("89100000000123") is None
        True
    """
    plain = text.translate(str.maketrans(WIDE, PLAIN))
    if any(_checks(number) for number in re.findall(IDENTITY_18, plain)):
        return "identity_18"
    if re.search(IDENTITY_15, plain):
        return "identity_15"
    return "mobile" if re.search(MOBILE, plain) else None


def personal_kind_sql(expression: str) -> str:
    """SQL for the same judgement on a text ``expression``: its kind as text, or NULL.

    Example: ``SELECT count(*) FROM t WHERE <personal_kind_sql('"short_no"')> IS NOT NULL``.
    """
    plain = f"translate({expression}, {literal(WIDE)}, {literal(PLAIN)})"
    found = f"regexp_extract_all({plain}, {literal(IDENTITY_18)}, 1)"
    places = enumerate(WEIGHTS, start=1)
    total = " + ".join(f"{weight} * CAST(n[{place}] AS INTEGER)" for place, weight in places)
    check = f"substr({literal(CHECK_DIGITS)}, 1 + ({total}) % 11, 1)"
    closed_up = f"list_transform({found}, lambda n: translate(n, ' -', ''))"
    right = f"list_filter({closed_up}, lambda n: upper(n[18]) = {check})"
    return (
        f"CASE WHEN len({right}) > 0 THEN 'identity_18'"
        f" WHEN regexp_matches({plain}, {literal(IDENTITY_15)}) THEN 'identity_15'"
        f" WHEN regexp_matches({plain}, {literal(MOBILE)}) THEN 'mobile' END"
    )


def personal_query(table: Table, source: str) -> str:
    """Query for ``column``, ``kind`` and ``n``, the cells of ``source`` with a plain number.

    Looks at every text column of the contract; one scan, one row per column and kind found,
    and never the number itself.
    """
    scans = [
        f'SELECT {literal(column.name)} AS "column",'
        f" {personal_kind_sql(f'CAST({quoted(column.name)} AS VARCHAR)')} AS kind FROM {source}"
        for column in table.columns
        if column.kind == "string"
    ]
    return (
        'SELECT "column", kind, count(*) AS n FROM ('
        + " UNION ALL ".join(scans)
        + ') WHERE kind IS NOT NULL GROUP BY ALL ORDER BY "column", kind'
    )


def _checks(number: str) -> bool:
    places = number.replace(" ", "").replace("-", "")
    total = sum(w * int(digit) for w, digit in zip(WEIGHTS, places[:17], strict=True))
    return CHECK_DIGITS[total % 11] == places[17].upper()
