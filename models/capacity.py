"""What a list is worth to those who work it: each account manager has time for a few groups.

A list of a city is never worked from the top down by one person. Each owner works the top of their
own part, as many groups a day of list as they have slots; who has fewer groups than slots works all
of them. The unmanaged of a county have an owner of their own, a team with slots of its own.
Rows tied in score are worked in part, all alike, so that the order of tied rows never matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import ratio

UNMANAGED = "none"
"""Owner of the groups that no account manager looks after; in each county another."""


@dataclass(frozen=True)
class Slots:
    """Groups that can be worked a day of list; ``[capacity]`` of the settings.

    Attributes:
        manager: By one account manager.
        unmanaged: By those who look after all the unmanaged groups of a county.
    """

    manager: float
    unmanaged: float


@dataclass(frozen=True)
class Capacity:
    """Rows by who works them and when, and how many each can work. Make one with ``of``.

    Attributes:
        block: Number of each row's day and owner, from 0.
        slots: Slots of each block.
    """

    block: NDArray[np.intp]
    slots: Floats

    @staticmethod
    def of(day: ArrayLike, owner: ArrayLike, slots: ArrayLike) -> Capacity:
        """Deal rows to owners and days.

        Args:
            day: Day of list of each row.
            owner: Who works each row.
            slots: Groups that an owner works a day of list: one number for all or one a row,
                the same throughout a day and owner.

        Raises:
            EvaluationError: No rows, lengths differ, or slots are no number, negative, all zero,
                or differ within a day and owner.
        """
        frame = pd.DataFrame({"day": np.asarray(day), "owner": np.asarray(owner).astype(str)})
        if not len(frame):
            raise EvaluationError("capacity: there are no rows")
        each = np.broadcast_to(np.asarray(slots, dtype=np.float64), len(frame))
        if not (np.isfinite(each).all() and (each >= 0).all() and each.any()):
            raise EvaluationError("capacity: slots must be known, not negative and not all zero")
        groups = frame.groupby(["day", "owner"], sort=True, dropna=False)
        block = np.asarray(groups.ngroup(), dtype=np.intp)
        of_block = np.zeros(int(block.max()) + 1)
        of_block[block] = each
        if (of_block[block] != each).any():
            raise EvaluationError("capacity: slots differ within one day and owner")
        return Capacity(block, of_block)

    @staticmethod
    def of_rows(rows: pd.DataFrame, slots: Slots) -> Capacity:
        """The capacity for judged rows: ``as_of``, ``owner`` and ``county``.

        The unmanaged (owner ``none`` or unknown) are worked county by county.

        Raises:
            EvaluationError: As ``of``; or a column is missing.
        """
        if missing := sorted({"as_of", "owner", "county"} - set(rows.columns)):
            raise EvaluationError(f"capacity: the rows lack {missing}")
        unmanaged = (rows["owner"].isna() | (rows["owner"] == UNMANAGED)).to_numpy()
        team = f"{UNMANAGED} of " + rows["county"].astype(str)
        owner = rows["owner"].astype(object).where(~unmanaged, team)
        return Capacity.of(
            rows["as_of"], owner, np.where(unmanaged, slots.unmanaged, slots.manager)
        )


@dataclass(frozen=True)
class Worklist:
    """The rows in the order that each owner works them. Make one with ``of``; draw with ``worked``.

    Attributes:
        order: Row numbers, block by block, highest score first.
        step: Number of the step of each row in that order; tied rows of a block are one step.
        first: Position in ``order`` of the first row of each step.
        opens: Number of the first step of the step's block.
        slots: Slots of the step's block.
    """

    order: NDArray[np.intp]
    step: NDArray[np.intp]
    first: NDArray[np.intp]
    opens: NDArray[np.intp]
    slots: Floats

    @staticmethod
    def of(score: ArrayLike, capacity: Capacity) -> Worklist:
        """Sort once, for any number of draws.

        Raises:
            EvaluationError: A score is unknown, or there is not one a row.
        """
        scores = np.asarray(score, dtype=np.float64)
        if scores.shape != capacity.block.shape:
            raise EvaluationError(
                f"capacity: {len(scores)} scores for {len(capacity.block)} rows with an owner"
            )
        if unknown := int((~np.isfinite(scores)).sum()):
            raise EvaluationError(f"capacity: the score is unknown for {unknown} rows")
        order = np.lexsort((-scores, capacity.block))
        block, ranked = capacity.block[order], scores[order]
        new_block = np.append(True, np.diff(block) != 0)
        new_step = new_block | np.append(True, np.diff(ranked) != 0)
        first = np.flatnonzero(new_step)
        opens = np.maximum.accumulate(np.where(new_block[first], np.arange(len(first)), 0))
        return Worklist(order, np.cumsum(new_step) - 1, first, opens, capacity.slots[block[first]])

    def worked(self, weight: Floats | None = None) -> Floats:
        """How much of each row is worked when it counts ``weight`` times; once if not given.

        Returns:
            In the order of the rows given to ``of``: 0 for a row below the capacity, its weight
            for one above, between for rows tied at the limit.
        """
        ranked = self._ranked(weight)
        worked = np.empty_like(ranked)
        worked[self.order] = ranked * self._shares(ranked)[self.step]
        return worked

    def totals(self, values: Sequence[Floats], weight: Floats | None = None) -> list[float]:
        """Sums of several values over the rows that are worked.

        Step by step, not row by row: else the order of tied rows would show in the last bits.
        """
        ranked = self._ranked(weight)
        shares = self._shares(ranked)
        steps = (np.add.reduceat(ranked * each[self.order], self.first) for each in values)
        return [float((shares * step).sum()) for step in steps]

    def _ranked(self, weight: Floats | None) -> Floats:
        ones: Floats = np.ones(len(self.order))
        return ones if weight is None else weight[self.order]

    def _shares(self, ranked: Floats) -> Floats:
        """How much of each step is worked."""
        size = np.add.reduceat(ranked, self.first)
        before = np.cumsum(size) - size
        room = self.slots - (before - before[self.opens])
        taken: Floats = np.clip(room, 0, size)
        return np.divide(taken, size, out=np.zeros_like(size), where=size > 0)


def precision_at_capacity(
    label: ArrayLike,
    score: ArrayLike | Worklist,
    capacity: Capacity,
    weight: Floats | None = None,
    within: ArrayLike | None = None,
) -> float:
    """Share of positives among the rows that are worked, over all owners and days.

    Args:
        label: 0 or 1 for each row.
        score: Of each row, the higher the earlier it is worked; or a ``Worklist`` of it and this
            capacity, to sort only once for many draws.
        capacity: Who works each row, and how many.
        weight: How many times each row counts; once if not given. Slots do not grow with it.
        within: Whether each row belongs to the slice that is asked about. All rows still compete
            for the slots: it is the same list, of which only these rows are counted.

    Returns:
        Σ hits of each day and owner / Σ rows that they work. NaN if nothing is worked.

    Raises:
        EvaluationError: Scores are unknown, or lengths differ.

    Example:
        >>> alone = Capacity.of(["d"] * 4, ["Li", "Li", "Wu", "Wu"], 1)
        >>> precision_at_capacity([1, 0, 0, 1], [0.9, 0.8, 0.7, 0.1], alone)
        0.5
    """
    rows = len(capacity.block)
    worklist = _worklist(score, capacity)
    inside = np.ones(rows) if within is None else _per_row(within, rows)
    return ratio(*worklist.totals([_per_row(label, rows) * inside, inside], weight))


def value_recall_at_capacity(
    label: ArrayLike,
    score: ArrayLike | Worklist,
    capacity: Capacity,
    value: ArrayLike,
    weight: Floats | None = None,
) -> float:
    """Share of the value of all positives that the worked rows hold.

    Args:
        value: What each row is worth, in any unit, not negative; 1 for all gives plain recall.
        label, score, capacity, weight: As in ``precision_at_capacity``.

    Returns:
        Between 0 and 1; NaN without positives of any value.

    Raises:
        EvaluationError: Scores are unknown, or lengths differ.

    Example:
        >>> alone = Capacity.of(["d"] * 4, ["Li", "Li", "Wu", "Wu"], 1)
        >>> value_recall_at_capacity([1, 0, 0, 1], [0.9, 0.8, 0.7, 0.1], alone, [30, 0, 0, 10])
        0.75
    """
    rows = len(capacity.block)
    at_stake = _per_row(label, rows) * _per_row(value, rows)
    counts = np.ones(rows) if weight is None else weight
    (caught,) = _worklist(score, capacity).totals([at_stake], weight)
    return ratio(caught, float((counts * at_stake).sum()))


def _worklist(score: ArrayLike | Worklist, capacity: Capacity) -> Worklist:
    return score if isinstance(score, Worklist) else Worklist.of(score, capacity)


def _per_row(values: ArrayLike, rows: int) -> Floats:
    each = np.asarray(values, dtype=np.float64)
    if each.shape != (rows,):
        raise EvaluationError(f"capacity: {each.shape} values for {rows} rows")
    return each
