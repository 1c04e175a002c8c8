"""Read the cells of a pandas column as its contract says.

This is the second reading of the same words: ``cast`` has DuckDB do it, this has Python and
pandas do it, sharing nothing but the contract, so that one can be held against the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.contract import Column, Kind

BLANKS = " \t\r\n\u00a0\u3000"
LOST = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f" + "\ufffd]"
PLACES = Decimal("0.0001")
LARGEST = Decimal(10) ** 14
WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), False),
}


@dataclass(frozen=True)
class Cells:
    """A column as delivered, as understood, and whether each cell could be understood.

    ``given`` is the delivered column with blanks made missing; ``values`` is what the cells
    mean, missing where a cell is blank or unreadable; ``readable`` is False only for a cell
    that is given and not understood.
    """

    given: pd.Series[Any]
    values: pd.Series[Any]
    readable: NDArray[np.bool_]


def read_cells(series: pd.Series[Any], column: Column) -> Cells:
    """Understand every cell of ``series`` as a cell of ``column``."""
    given = _without_blanks(series)
    if column.kind == "string":
        return _text_cells(given)
    quick = _quick(given, column.kind)
    if quick is not None:
        return quick
    read = READERS[column.kind]
    missing = given.isna().to_numpy()
    found = [
        None if blank else _understood(read, cell)
        for cell, blank in zip(given.tolist(), missing, strict=True)
    ]
    values = pd.Series(_array(found, column.kind), index=given.index)
    readable: NDArray[np.bool_] = values.notna().to_numpy() | missing
    return Cells(given, values, readable)


def _without_blanks(series: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(series.dtype, pd.StringDtype):
        return series.mask((series.str.strip(BLANKS) == "").fillna(False).astype(bool))
    if series.dtype == object:
        blank = [isinstance(cell, str) and not cell.strip(BLANKS) for cell in series.tolist()]
        return series.mask(np.array(blank, dtype=bool))
    return series


def _text_cells(given: pd.Series[Any]) -> Cells:
    values = given.map(str, na_action="ignore") if given.dtype == object else given
    values = values.astype("str")
    lost = values.str.contains(LOST, regex=True).fillna(False).astype(bool)
    return Cells(given, values, ~lost.to_numpy())


def _quick(given: pd.Series[Any], kind: Kind) -> Cells | None:
    """Whole columns at a time where pandas already knows what they hold, else None."""
    dtype, every = given.dtype, np.ones(len(given), dtype=bool)
    if pd.api.types.is_bool_dtype(dtype):
        return Cells(given, given, every) if kind == "boolean" else None
    if kind in ("integer", "decimal", "float") and pd.api.types.is_numeric_dtype(dtype):
        numbers = given if given.notna().all() else given.astype("float64")
        plain = numbers.to_numpy(dtype="float64", na_value=np.nan)
        missing = np.isnan(plain)
        readable = missing | np.isfinite(plain)
        if kind == "integer":
            readable &= missing | (plain == np.floor(plain))
        if kind == "decimal":
            readable &= missing | (np.abs(plain) < float(LARGEST))
            if not np.allclose(plain, np.round(plain, 4), rtol=1e-15, atol=0, equal_nan=True):
                return None
        return Cells(given, numbers.where(readable), readable)
    if kind in ("date", "timestamp") and isinstance(dtype, np.dtype) and dtype.kind == "M":
        whole = (given.dt.normalize() == given) | given.isna()
        readable = whole.to_numpy() if kind == "date" else every
        return Cells(given, given.where(readable), readable)
    return None


def _array(found: list[Any], kind: Kind) -> NDArray[Any]:
    if kind in ("date", "timestamp"):
        return np.array(found, dtype="datetime64[us]")
    if kind == "boolean":
        return np.array(found, dtype=object)
    if kind == "integer" and None not in found:
        return np.array(found, dtype="int64")
    return np.array([math.nan if cell is None else float(cell) for cell in found], dtype="float64")


def _understood(read: Callable[[Any], Any], cell: object) -> Any:
    try:
        return read(cell.strip(BLANKS) if isinstance(cell, str) else cell)
    except (ValueError, InvalidOperation):
        return None


def _number(cell: Any) -> Decimal:
    if isinstance(cell, (bool, np.bool_)):
        raise ValueError("a truth value is no number")
    text = str(cell)
    if not re.fullmatch(r"[0-9.eE+-]+", text):
        raise ValueError("not the writing of a number")
    return Decimal(text)


def _integer(cell: Any) -> int | None:
    if isinstance(cell, str) and re.search("[eE]|^[+-]?[.]", cell):
        return None
    number = _number(cell)
    fits = -(2**63) <= number < 2**63 and number == number.to_integral_value()
    return int(number) if fits else None


def _decimal(cell: Any) -> Decimal | None:
    number = _number(cell)
    if abs(number) >= LARGEST:
        return None
    return number.quantize(PLACES, rounding=ROUND_HALF_UP)


def _float(cell: Any) -> float | None:
    number = float(_number(cell))
    return number if math.isfinite(number) else None


def _boolean(cell: Any) -> bool | None:
    return WORDS.get(str(cell).lower())


def _timestamp(cell: Any) -> datetime | None:
    if isinstance(cell, datetime):
        return cell if cell.tzinfo is None else None
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    text = str(cell)
    if not re.match("[1-9][0-9]{3}-..-..", text) or not re.fullmatch("[0-9 T:.-]+", text):
        return None
    if len(text) > 10 and not re.fullmatch(".{10}[ T]..:..(:..([.][0-9]{1,9})?)?", text):
        return None
    whole, _, fraction = text.partition(".")
    moment = datetime.fromisoformat(whole)
    return moment.replace(microsecond=int(fraction.ljust(6, "0")[:6])) if fraction else moment


def _date(cell: Any) -> datetime | None:
    moment = _timestamp(cell)
    return moment if moment is not None and moment.time() == time() else None


READERS: dict[Kind, Callable[[Any], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
