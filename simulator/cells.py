"""Columns of operator tables from arrays: texts by code, unknown cells, dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.draws import Flags, Ints

Cells: TypeAlias = Any
"""A column of an Arrow table; pyarrow has no types of its own to show."""


def pick(names: Sequence[str | None], codes: Ints) -> Cells:
    """The text of each code; a code of -1 is unknown."""
    texts = pa.array([*names, None], pa.string())
    return texts.take(pa.array(np.where(codes < 0, len(names), codes)))


def known(values: NDArray[Any], flags: Flags) -> Cells:
    """Values where ``flags``, unknown elsewhere."""
    return pa.array(values, mask=~flags)


def dates(days: Ints, flags: Flags | None = None) -> Cells:
    """Dates from day numbers, unknown where not ``flags``."""
    mask = None if flags is None else ~flags
    return pa.array(days.astype(np.int32), pa.int32(), mask=mask).view(pa.date32())


def moments(microseconds: Ints, flags: Flags | None = None) -> Cells:
    """Timestamps from microseconds, unknown where not ``flags``."""
    mask = None if flags is None else ~flags
    return pa.array(microseconds, pa.int64(), mask=mask).view(pa.timestamp("us"))
