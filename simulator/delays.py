"""When a row that happened on a day reaches the warehouse."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from simulator.dekads import month_end
from simulator.draws import Draws, Floats, Ints
from simulator.parameters import Shares

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS
HOUR = 3_600 * MICROSECONDS


def load_times(
    draws: Draws, table: str, law: Shares, entity: ArrayLike, day: Ints, step: ArrayLike = 0
) -> Ints:
    """When rows of a table are loaded, in microseconds since 1970.

    Args:
        table: Name that the random numbers hang on.
        law: The table's law, see ``observation.Delivery``.
        entity: What each row is about.
        day: Day on which each row happened, or the last day of its period.
        step: Tells rows about the same entity apart.
    """
    chance = draws.uniform(f"{table}.load", entity, step)
    on_time = law["on_time"]
    waits, trails = on_time + law["month_end"], on_time + law["month_end"] + law["long"]
    late = law["last"] + 1 + _geometric(draws, f"{table}.late", law["tail"], entity, step)
    very_late = law["long_days"] + 1 + _geometric(draws, f"{table}.very_late", 10, entity, step)
    delay = np.where(chance < trails, very_late, late)
    before = draws.whole(f"{table}.closing", 0, 1, entity, step)
    closing = np.maximum(month_end(day) - before, day + 1)
    delay = np.where(chance < waits, closing - day, delay)
    prompt = draws.whole(f"{table}.prompt", law["first"], law["last"], entity, step)
    delay = np.where(chance < on_time, prompt, delay)
    moment = draws.uniform(f"{table}.moment", entity, step)
    # Nightly loads run from two to six; what is loaded on its own day comes late in the evening.
    clock = np.where(delay == 0, 22 + 1.9 * moment, 2 + 4 * moment)
    whole = (day + delay) * DAY + np.floor(clock * 3600) * MICROSECONDS
    return np.asarray(whole, dtype=np.int64)


def office_hours(draws: Draws, process: str, entity: ArrayLike, day: Ints) -> Ints:
    """A moment between eight and twenty o'clock of each day, in microseconds since 1970."""
    seconds = draws.whole(f"{process}.clock", 8 * 3600, 20 * 3600 - 1, entity, day)
    return day * DAY + seconds * MICROSECONDS


def end_of(day: Ints) -> Ints:
    """The last second of each day, in microseconds since 1970."""
    return day * DAY + (DAY - MICROSECONDS)


def _geometric(
    draws: Draws, process: str, mean: float, entity: ArrayLike, step: ArrayLike
) -> Floats:
    if mean <= 0:
        return np.zeros(1)
    chance = draws.uniform(process, entity, step)
    return np.asarray(np.floor(np.log(chance) / np.log(mean / (1.0 + mean))))
