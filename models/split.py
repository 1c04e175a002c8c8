"""Part a training table by time, so that no label window is shared, or by strata without time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import SplitError

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class SplitRule:
    """How far apart the parts of a time split lie, and how long its later parts are.

    Attributes:
        embargo_days: Calendar days between the last development day and the first test day:
            gap + horizon + maturity, so that every development label was known by then.
        calibration_embargo_days: Calendar days between the last fit day and the first
            calibration day: gap + horizon, so that their label windows do not overlap.
        test_days: How many scoring days (as_of dates) the test part has.
        calibration_days: How many scoring days the calibration part has.
        fit_days: The fewest scoring days that are worth fitting on.
    """

    embargo_days: int
    calibration_embargo_days: int
    test_days: int
    calibration_days: int
    fit_days: int = 1

    def __post_init__(self) -> None:
        if min(self.test_days, self.calibration_days, self.fit_days) < 1:
            raise SplitError("split rule: every part needs at least one scoring day")
        if not 0 <= self.calibration_embargo_days <= self.embargo_days:
            raise SplitError(
                f"split rule: the calibration embargo ({self.calibration_embargo_days} d) must lie "
                f"between 0 and the embargo ({self.embargo_days} d), which contains it"
            )


@dataclass(frozen=True)
class Split:
    """Scoring days of each part, oldest first; ``test`` is empty for a model that is deployed."""

    fit: tuple[date, ...]
    calibrate: tuple[date, ...]
    test: tuple[date, ...]


def split_by_time(days: Iterable[date], origin: date, rule: SplitRule) -> Split:
    """Newest days to test, older ones to calibrate, the oldest to fit, embargoes between them.

    Args:
        days: Scoring days whose labels have matured; repeats are allowed.
        origin: The day on which the model is made.
        rule: Embargoes and lengths.

    Raises:
        SplitError: Too few days, or a label window that is not over by the origin.

    Example:
        >>> rule = SplitRule(170, 100, test_days=1, calibration_days=1)
        >>> days = [date(2010, month, 3) for month in range(1, 13)]
        >>> split = split_by_time(days, date(2011, 6, 3), rule)
        >>> [str(part[-1]) for part in (split.fit, split.calibrate, split.test)]
        ['2010-02-03', '2010-06-03', '2010-12-03']
    """
    known = _matured(days, origin, rule)
    test = _newest(known, rule.test_days, "test", rule)
    development = _up_to(known, test[0] - timedelta(days=rule.embargo_days))
    fit, calibrate = _fit_and_calibrate(development, rule, total=len(known))
    return Split(fit, calibrate, test)


def split_for_deployment(days: Iterable[date], origin: date, rule: SplitRule) -> Split:
    """Every matured day to fit and calibrate; the model was evaluated by ``split_by_time``.

    Raises:
        SplitError: Too few days, or a label window that is not over by the origin.
    """
    known = _matured(days, origin, rule)
    fit, calibrate = _fit_and_calibrate(known, rule, total=len(known))
    return Split(fit, calibrate, ())


def stratified_folds(
    label: ArrayLike, *, folds: int, repeats: int, seed: int
) -> Iterator[tuple[Rows, Rows]]:
    """Folds for data without time: each row is held out once a repeat, each fold alike in label.

    Yields:
        ``folds * repeats`` pairs of row numbers (to train on, held out), repeat by repeat.

    Raises:
        SplitError: A class has fewer rows than there are folds.
    """
    from sklearn.model_selection import RepeatedStratifiedKFold  # type: ignore[import-untyped]

    classes = np.asarray(label).astype(bool)
    fewest = min(int(classes.sum()), int((~classes).sum()))
    if fewest < folds:
        raise SplitError(
            f"the rarer class has {fewest} rows, too few for {folds} folds; ask for fewer folds "
            "or bring more labelled rows"
        )
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    yield from splitter.split(np.zeros(len(classes)), classes)


def _matured(days: Iterable[date], origin: date, rule: SplitRule) -> tuple[date, ...]:
    known = tuple(sorted(set(days)))
    over_by = origin - timedelta(days=rule.calibration_embargo_days)
    early = [day for day in known if day > over_by]
    if early:
        raise SplitError(
            f"{len(early)} scoring days (newest {early[-1]}) have a label window that is not over "
            f"by {origin}; offer only days whose labels have matured"
        )
    return known


def _fit_and_calibrate(
    development: Sequence[date], rule: SplitRule, total: int
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    calibrate = _newest(development, rule.calibration_days, "calibration", rule)
    fit = _up_to(development, calibrate[0] - timedelta(days=rule.calibration_embargo_days))
    if len(fit) < rule.fit_days:
        raise SplitError(
            f"{len(fit)} of {total} matured scoring days are left to fit on, {rule.fit_days} are "
            f"needed: calibration starts on {calibrate[0]} and fitting must end "
            f"{rule.calibration_embargo_days} d before; {_remedy(rule)}"
        )
    return fit, calibrate


def _newest(days: Sequence[date], count: int, part: str, rule: SplitRule) -> tuple[date, ...]:
    if len(days) < count:
        span = f" ({days[0]} to {days[-1]})" if days else ""
        raise SplitError(
            f"{len(days)} matured scoring days{span} are left for the {part} part, {count} are "
            f"needed; {_remedy(rule)}"
        )
    return tuple(days[-count:])


def _up_to(days: Sequence[date], last: date) -> tuple[date, ...]:
    return tuple(day for day in days if day <= last)


def _remedy(rule: SplitRule) -> str:
    return (
        f"bring a longer history, or ask for fewer test ({rule.test_days}) or calibration "
        f"({rule.calibration_days}) days"
    )
