"""A made-up directory: names and numbers behind the tokens of a delivery.

An operator keeps its own, apart from the tables; here it lets the delivery of named lists be tried.
It is made from the tokens alone, so that it knows nothing that the tables do not.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉梅建国志华文秀"
PLACES = ("新兴", "云浮", "罗定", "郁南", "云安", "簕竹", "天堂", "稔村", "太平", "东成")
TRADES = ("五金", "食品", "贸易", "运输", "建材", "家具", "服装", "石材", "印刷", "电子", "农资")
FORMS = ("有限公司", "厂", "商行", "中心", "经营部", "合作社")
COLUMNS = ("token", "name", "number")


def write_directory(landing: Path, file: Path) -> int:
    """Write a line for every group, member and employee of a delivery.

    Args:
        landing: The delivery.
        file: CSV in UTF-8 with the columns token, name and number; groups have no number. Numbers
            begin with 000, as no real one does.

    Returns:
        How many lines there are.
    """
    lines = [
        *((token, _company(token), "") for token in _tokens(landing, "group_snapshot", "group_id")),
        *(
            (token, _person(token), _number(token))
            for token in _tokens(landing, "member", "user_id")
        ),
        *(
            (token, _person(token), _number(token))
            for token in _tokens(landing, "staff", "staff_id")
        ),
    ]
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    return len(lines)


def _tokens(landing: Path, table: str, column: str) -> list[str]:
    found: set[str] = set()
    for delivered in sorted((landing / table).glob("*.parquet")):
        found.update(pq.read_table(delivered, columns=[column])[column].drop_null().to_pylist())
    return sorted(found)


def _company(token: str) -> str:
    place, trade, form, one, two = _choices(token, PLACES, TRADES, FORMS, GIVEN, GIVEN)
    return f"{place}{one}{two}{trade}{form}"


def _person(token: str) -> str:
    family, one, two, short = _choices(token, FAMILY, GIVEN, GIVEN, range(3))
    return f"{family}{one}" if short == 0 else f"{family}{one}{two}"


def _number(token: str) -> str:
    return f"000{int.from_bytes(_digest(f'number {token}')[:6], 'big') % 10**8:08d}"


def _choices(token: str, *offered: Iterable[object]) -> Iterator[object]:
    for byte, options in zip(_digest(token), offered, strict=False):
        known = list(options)
        yield known[byte % len(known)]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
