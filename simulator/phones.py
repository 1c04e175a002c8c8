"""Telephone numbers as tokens, who has them from time to time, and how often they call."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from simulator import draws as random
from simulator.cells import Cells, pick
from simulator.dekads import Month
from simulator.draws import Bits, Draws, Flags, Floats, Ints

_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype=np.uint16)
_CHANCES = 4096
_UNEVENNESS = 2.0


def token_bits(draws: Draws, process: str, entity: Bits) -> tuple[Bits, Bits]:
    """The two halves of each entity's token, see ``Draws.token``."""
    return draws.bits(process, entity, 1), draws.bits(process, entity, 2)


def tokens(front: Bits, back: Bits) -> Cells:
    """Tokens of 32 hexadecimal digits, as ``Draws.token`` writes them, but a column at a time."""
    parts = np.stack([front, back], axis=1).astype(">u8").view(np.uint8)
    ends = np.arange(len(front) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(front), pa.py_buffer(ends), pa.py_buffer(_HEX[parts]))


def tenants(
    draws: Draws, process: str, place: Bits | Ints, month: int, stay: float
) -> tuple[Bits, Ints]:
    """Who takes a place in people's circles in a month; one follows another.

    Args:
        place: What the place is known by, for ever.
        month: Months since the world's start.
        stay: Mean time that one person stays, in months; from 0.4 to 1.6 times that.

    Returns:
        An id of each person, and the month since when he has been there (negative before the
        world's start).
    """
    months = stay * (0.4 + 1.2 * draws.uniform(f"{process}.stay", place))
    phase = draws.uniform(f"{process}.phase", place)
    number = np.floor(month / months + phase)
    since = np.ceil((number - phase) * months).astype(np.int64)
    return draws.bits(process, place, number.astype(np.uint64)), since


def calls(bits: Bits, shift: int, mean: Floats) -> Ints:
    """How many calls there are, ``mean`` on average, from 24 of the random ``bits``.

    Uneven as calls are: their number varies more than Poisson's.
    """
    busy = _busyness()[(bits >> np.uint64(shift)) & np.uint64(_CHANCES - 1)]
    rest = ((bits >> np.uint64(shift + 12)) & np.uint64(_CHANCES - 1)).astype(np.float64)
    return np.asarray(np.floor(mean * busy + (rest + 0.5) / _CHANCES), dtype=np.int64)


def fraction(bits: Bits, shift: int) -> Floats:
    """A number between 0 and 1 from 12 of the random ``bits``."""
    return ((bits >> np.uint64(shift)) & np.uint64(_CHANCES - 1)).astype(np.float64) / _CHANCES


def months_since_start(days: Ints, now: Month) -> Ints:
    """The month of each day, counted from the world's start; ``now`` is one of its months."""
    counted = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(counted - _since_1970(now) + now.index, dtype=np.int64)


def month_names(index: Ints, now: Month, known: Flags | None = None) -> Cells:
    """Codes YYYYMM of months counted from the world's start, unknown where not ``known``."""
    counted = np.where(known, index, now.index) if known is not None else index
    first = int(counted.min(initial=now.index))
    edges = np.datetime64(first - now.index + _since_1970(now), "M") + np.arange(
        int(counted.max(initial=now.index)) - first + 1
    )
    names = [str(edge).replace("-", "") for edge in edges]
    code = counted - first
    return pick(names, code if known is None else np.where(known, code, -1))


def _since_1970(month: Month) -> int:
    return 12 * (int(month.code[:4]) - 1970) + month.number - 1


@cache
def _busyness() -> Floats:
    return random.gamma((np.arange(_CHANCES) + 0.5) / _CHANCES, _UNEVENNESS)
