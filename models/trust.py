"""Can the promised risks be trusted? Figures of probabilities, read off the running sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.frames import Floats
from models.metrics import Steps, found_in_top, ratio

CERTAIN = 1e-6
"""A risk nearer to 0 or 1 than this is taken for this, so that one row cannot cost infinity."""
PASSES = 50
CLOSE_ENOUGH = 1e-9


def calibration_error(steps: Steps, bins: int = 10) -> float:
    """Mean distance between what was promised and what came, over bins of equal weight."""
    edges = np.linspace(0, steps.rows[-1], bins + 1)
    promised = np.diff(np.interp(edges, steps.rows, steps.expected))
    came = np.diff(np.interp(edges, steps.rows, steps.positives))
    return ratio(float(np.abs(promised - came).sum()), steps.rows[-1])


def expected_over_observed(steps: Steps) -> float:
    """Positives promised for each that came; 1 is right on the whole, NaN if none came."""
    return ratio(steps.expected[-1], steps.positives[-1])


def expected_over_observed_in_top(steps: Steps, share: float) -> float:
    """The same among the top ``share`` of rows, where the promises are acted on."""
    promised = float(np.interp(share * steps.rows[-1], steps.rows, steps.expected))
    return ratio(promised, found_in_top(steps, share))


def brier(steps: Steps) -> float:
    """Mean squared distance of promise and outcome; 0 is perfect, less is better.

    Source:
        Brier (1950), Verification of forecasts expressed in terms of probability,
        Monthly Weather Review 78(1).
    """
    came, stayed = _outcomes(steps)
    missed = came * (1.0 - steps.score) ** 2 + stayed * steps.score**2
    return ratio(float(missed.sum()), steps.rows[-1])


def log_loss(steps: Steps) -> float:
    """Mean negative log-likelihood of the outcomes, in nats a row; less is better."""
    came, stayed = _outcomes(steps)
    chance = _bounded(steps)
    missed = came * np.log(chance) + stayed * np.log1p(-chance)
    return ratio(float(-missed.sum()), steps.rows[-1])


@dataclass(frozen=True)
class CalibrationLine:
    """Log-odds of the outcome as ``intercept + slope`` × the promised log-odds.

    Attributes:
        slope: 1 is right; below, the promises are too bold: high ones too high, low too low.
        intercept: Where the line stands at a promise of one half; 0 is right if the slope is 1.
    """

    slope: float
    intercept: float


def calibration_line(steps: Steps) -> CalibrationLine:
    """The line by maximum likelihood, or NaN where there is none.

    There is none with a single class or a single promise, or if some promise parts the classes, no
    positive below it and no other above: the steeper the line, the better it fits, without end.

    Example:
        >>> from models.metrics import Ranking
        >>> chance = np.repeat([0.2, 0.8], 10)
        >>> came = [1, 1] + [0] * 8 + [1] * 8 + [0, 0]
        >>> calibration_line(Ranking.of(came, chance).weighed())
        CalibrationLine(slope=1.0, intercept=0.0)

    Source:
        Cox (1958), Two further applications of a model for binary regression, Biometrika 45.
    """
    came, stayed = _outcomes(steps)
    rows = came + stayed
    held = rows > 0
    chance = _bounded(steps)[held]
    promised = np.log(chance) - np.log1p(-chance)
    if not _mixed(promised[came[held] > 0], promised[stayed[held] > 0]):
        return CalibrationLine(float("nan"), float("nan"))
    rate = came.sum() / rows.sum()
    calibrated, ignorant = (0.0, 1.0), (float(np.log(rate / (1.0 - rate))), 0.0)
    for start in (calibrated, ignorant):
        if found := _by_newton(start, promised, came[held], rows[held]):
            return found
    return CalibrationLine(float("nan"), float("nan"))


def calibration_slope(steps: Steps) -> float:
    """Slope of the calibration line; 1 is right, below 1 the promises are too bold."""
    return calibration_line(steps).slope


def _by_newton(
    start: tuple[float, float], promised: Floats, came: Floats, rows: Floats
) -> CalibrationLine | None:
    """The line by Newton's steps, or nothing where they run away."""
    intercept, slope = start
    for _ in range(PASSES):
        chance = 1.0 / (1.0 + np.exp(-np.clip(intercept + slope * promised, -500.0, 500.0)))
        surplus = came - rows * chance
        spread = rows * chance * (1.0 - chance)
        along = spread * promised
        first, mixed, second = spread.sum(), along.sum(), along @ promised
        size = first * second - mixed**2
        if not size > 0:
            return None
        up, tilt = surplus.sum(), surplus @ promised
        step = (second * up - mixed * tilt) / size, (first * tilt - mixed * up) / size
        intercept, slope = intercept + float(step[0]), slope + float(step[1])
        if max(map(abs, step)) < CLOSE_ENOUGH:
            return CalibrationLine(round(slope, 9), round(intercept, 9))
    return None


def _mixed(came: Floats, stayed: Floats) -> bool:
    """Whether both classes reach beyond the other; without this no line is the likeliest."""
    if not len(came) or not len(stayed):
        return False
    return bool(came.max() > stayed.min() and stayed.max() > came.min())


def _outcomes(steps: Steps) -> tuple[Floats, Floats]:
    """Weight of the positive and of the other rows of each step."""
    came: NDArray[np.float64] = np.diff(steps.positives)
    return came, np.diff(steps.rows) - came


def _bounded(steps: Steps) -> Floats:
    return np.clip(steps.score, CERTAIN, 1.0 - CERTAIN)
