"""Hold whole groups, or whole counties, out of everything before the test: what is new to a model.

On top of a split by time, never instead of it: the held out are judged on the test days by a model
that has seen neither those days nor any earlier row of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import SplitError
from models.fitting import Recipe, fit_and_calibrate
from models.frames import Floats
from models.rows import Rows
from models.split import Split

Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class Fold:
    """Row numbers of each part: by time, and without the held out before the test."""

    fit: Numbers
    calibrate: Numbers
    test: Numbers


@dataclass(frozen=True)
class Parts:
    """Rows of the three parts of a split by time; folds number them one part after the other."""

    fit: Rows
    calibrate: Rows
    test: Rows

    @property
    def groups(self) -> NDArray[np.object_]:
        """Id of each row's group, part after part."""
        parts = (self.fit, self.calibrate, self.test)
        return np.concatenate([np.asarray(part.cluster, dtype=object) for part in parts])

    def days(self, split: Split) -> NDArray[np.datetime64]:
        """A day of its part for each row, which is all that a fold asks of a day."""
        sizes = [len(part.features) for part in (self.fit, self.calibrate, self.test)]
        firsts = [split.fit[0], split.calibrate[0], split.test[0]]
        return np.repeat(np.array(firsts, dtype="datetime64[D]"), sizes)


def unseen_probability(parts: Parts, folds: Iterable[Fold], recipe: Recipe) -> Floats:
    """The risk of each test row by a model of its fold, which has seen nothing of the held out.

    Args:
        parts: The rows.
        folds: Of ``parts``, numbered one part after the other.
        recipe: As of the model that is judged; fitted once a fold.

    Returns:
        For each test row; NaN for rows that are in the test of no fold.

    Raises:
        TrainingRefused: A fold's rows cannot bear a model.
    """
    found = np.full(len(parts.test.features), np.nan)
    calibrated_from = len(parts.fit.features)
    tested_from = calibrated_from + len(parts.calibrate.features)
    for fold in folds:
        calibrate = parts.calibrate.take(fold.calibrate - calibrated_from)
        model = fit_and_calibrate(parts.fit.take(fold.fit), calibrate, recipe)
        test = fold.test - tested_from
        found[test] = model.probability(parts.test.features.iloc[test])
    return found


def unseen_groups(
    day: ArrayLike, group: ArrayLike, split: Split, *, folds: int, seed: int
) -> Iterator[Fold]:
    """Deal the groups out to folds; the test rows of a fold are of groups that it holds out.

    Args:
        day: Scoring day of each row.
        group: Id of each row's group.
        split: The parts in time, with a test.
        folds: Parts that the groups are dealt out to; each costs a fit.
        seed: Of the deal; neither it nor the order of rows decides how many are dealt to each.

    Yields:
        A fold at a time. Each test row is in the test of exactly one; a fold may hold out only
        groups that have no row on the test days, and is left out then.

    Raises:
        SplitError: There are fewer groups than folds, or fewer than two folds.

    Example:
        >>> days = [date(2010, 1, 3)] * 2 + [date(2010, 5, 3)] * 2 + [date(2010, 11, 3)] * 2
        >>> split = Split((days[0],), (days[2],), (days[4],))
        >>> for fold in unseen_groups(days, ["G1", "G2"] * 3, split, folds=2, seed=1):
        ...     print(fold.fit, fold.calibrate, fold.test)
        [1] [3] [4]
        [0] [2] [5]
    """
    ids = np.unique(np.asarray(group))
    if not 2 <= folds <= len(ids):
        raise SplitError(
            f"unseen groups: {len(ids)} groups cannot be dealt out to {folds} folds; ask for at "
            "least 2 and at most as many as there are groups"
        )
    shuffled = np.random.default_rng(seed).permutation(ids)
    return _folds(day, group, split, np.array_split(shuffled, folds))


def unseen_counties(
    day: ArrayLike, county: ArrayLike, split: Split, *, most_folds: int
) -> Iterator[Fold]:
    """Leave counties out: one at a time, or some together where there are more than folds.

    Args:
        day: Scoring day of each row.
        county: Id of each row's county; missing where unknown, which counts as a county.
        split: The parts in time, with a test.
        most_folds: Folds that may be fitted; counties are dealt out in the order of their ids.

    Yields:
        As ``unseen_groups``.

    Raises:
        SplitError: All rows are of one county, so there is none that a model has not seen.
    """
    named = np.array([str(one) for one in np.asarray(county, dtype=object)])
    ids = np.unique(named)
    if len(ids) < 2:
        raise SplitError(
            "unseen counties: all rows are of one county, so nothing can be said of a county that "
            "the model has not seen; train on several counties together"
        )
    count = min(max(most_folds, 2), len(ids))
    return _folds(day, named, split, [ids[first::count] for first in range(count)])


def _folds(
    day: ArrayLike, who: ArrayLike, split: Split, deals: Sequence[NDArray[np.generic]]
) -> Iterator[Fold]:
    days, ids = np.asarray(day, dtype="datetime64[D]"), np.asarray(who)
    fit, calibrate, test = (_on(days, part) for part in (split.fit, split.calibrate, split.test))
    for deal in deals:
        held = np.isin(ids, deal)
        if (test & held).any():
            parts = (fit & ~held, calibrate & ~held, test & held)
            yield Fold(*(np.flatnonzero(part) for part in parts))


def _on(days: NDArray[np.datetime64], part: tuple[date, ...]) -> NDArray[np.bool_]:
    return np.isin(days, np.array(part, dtype="datetime64[D]"))
