"""From a raw margin to a probability that can be taken at its word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from models.errors import ModelRefused, TrainingRefused
from models.frames import Floats

Method = Literal["platt", "isotonic"]

HIGHEST_LOG_ODDS = 13.8  # a probability of one in a million; nobody knows more than that
ORDER_SLOPE = 1e-3  # keeps the model's order inside a plateau, so that ties do not shuffle a list
BEYOND_THE_DATA = 50.0  # margins; farther out than any booster goes
MOST_STEPS = 100
STILL = 1e-10


@dataclass(frozen=True)
class Calibration:
    """A rising curve from margin to log-odds: knots, straight lines between, flat outside.

    Attributes:
        method: How the knots were found.
        x: Raw margins of the knots, rising.
        y: Log-odds at the knots, rising.
    """

    method: Method
    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        knots = np.array([self.x, self.y]) if len(self.x) == len(self.y) else np.empty((2, 0))
        if knots.shape[1] < 2 or not np.isfinite(knots).all() or (np.diff(knots) <= 0).any():
            raise ModelRefused("calibration: needs at least two knots that rise in both x and y")

    def probability(self, margin: ArrayLike) -> Floats:
        """The probability for each raw margin, strictly between 0 and 1."""
        log_odds = np.interp(np.asarray(margin, dtype=np.float64), self.x, self.y)
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """The knots as plain lists; floats survive JSON to the bit."""
        return {"method": self.method, "x": list(self.x), "y": list(self.y)}

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Calibration:
        """The calibration that ``to_json`` wrote.

        Raises:
            ModelRefused: A part is missing or the knots do not rise.
        """
        if set(content) != {"method", "x", "y"} or content["method"] not in ("platt", "isotonic"):
            raise ModelRefused("calibration: expected method (platt or isotonic), x and y")
        return Calibration(content["method"], tuple(content["x"]), tuple(content["y"]))


@dataclass(frozen=True)
class Promise:
    """What a prior promises for the rows that a curve is fitted on.

    Attributes:
        probability: Its probability for each row.
        positives: It has as much say as so many positive rows.
    """

    probability: ArrayLike
    positives: int


def fit_calibration(
    margin: ArrayLike, label: ArrayLike, *, isotonic_from: int, promise: Promise | None = None
) -> Calibration:
    """Fit the curve on rows that the booster has not seen, later than those it has.

    Args:
        margin: Raw scores.
        label: 0 or 1 for each.
        isotonic_from: Positives from which there are enough for an isotonic curve; with
            fewer, Platt's two parameters are all the data can bear.
        promise: What a prior promises, for a curve between its promise and what came.

    Raises:
        TrainingRefused: A margin or label is unknown, or there is a single class.

    Example:
        >>> curve = fit_calibration([-1.0, 0.0, 1.0, 2.0], [0, 0, 1, 1], isotonic_from=1000)
        >>> curve.method, bool(curve.probability(2.0) > curve.probability(-1.0))
        ('platt', True)

    Source:
        Platt (1999), Probabilistic outputs for support vector machines, for the curve and for
        targets short of 0 and 1, which keep it finite when the classes do not overlap.
    """
    margins = np.asarray(margin, dtype=np.float64)
    labels = np.asarray(label, dtype=np.float64)
    if margins.shape != labels.shape or margins.ndim != 1 or not np.isfinite(margins).all():
        raise TrainingRefused("calibration: needs one known margin for each label")
    if not np.isin(labels, (0.0, 1.0)).all():
        raise TrainingRefused("calibration: labels must be 0 or 1 and known")
    positives, negatives = int(labels.sum()), int((1 - labels).sum())
    if not positives or not negatives:
        raise TrainingRefused(
            f"calibration: {positives} positives and {negatives} negatives; both classes are "
            "needed, so take more calibration days"
        )
    target = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    if promise is not None:
        share = promise.positives / (promise.positives + positives)
        # A loss linear in its target: a blend of targets is the blend of both likelihoods.
        target = (1 - share) * target + share * np.asarray(promise.probability, dtype=np.float64)
    return (_isotonic if positives >= isotonic_from else _platt)(margins, target)


def _platt(margin: Floats, target: Floats) -> Calibration:
    slope, intercept = _logistic(margin, target)
    ends = np.array([-HIGHEST_LOG_ODDS, HIGHEST_LOG_ODDS])
    return _calibration("platt", (ends - intercept) / slope, ends)


def _isotonic(margin: Floats, target: Floats) -> Calibration:
    from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]

    curve = IsotonicRegression(out_of_bounds="clip").fit(margin, target)
    x = np.asarray(curve.X_thresholds_, dtype=np.float64)
    y = _log_odds(np.asarray(curve.y_thresholds_, dtype=np.float64))
    x = np.concatenate([[x[0] - BEYOND_THE_DATA], x, [x[-1] + BEYOND_THE_DATA]])
    y = np.concatenate([y[:1], y, y[-1:]]) + ORDER_SLOPE * (x - margin.mean())
    return _calibration("isotonic", x, y)


def _calibration(method: Method, x: Floats, y: Floats) -> Calibration:
    return Calibration(method, tuple(map(float, x)), tuple(map(float, y)))


def _logistic(margin: Floats, target: Floats) -> tuple[float, float]:
    """Slope and intercept of largest likelihood; flat where the margin tells nothing or errs."""
    centre, spread = float(margin.mean()), float(margin.std())
    level = float(_log_odds(np.array([target.mean()]))[0])
    if spread > STILL:
        slope, intercept = _likeliest_line((margin - centre) / spread, target, level)
        if slope / spread > ORDER_SLOPE:
            return slope / spread, intercept - slope * centre / spread
    return ORDER_SLOPE, level - ORDER_SLOPE * centre


def _likeliest_line(x: Floats, target: Floats, level: float) -> tuple[float, float]:
    """Newton's method with halved steps, for x of mean 0 and deviation 1, from a flat line.

    Sums are numpy's own, since a BLAS gives other last bits for other numbers of threads.
    """
    slope, intercept = 0.0, level
    for _ in range(MOST_STEPS):
        rise, shift = _newton_step(x, target, slope, intercept)
        loss = _loss(x, target, slope, intercept)
        while _loss(x, target, slope - rise, intercept - shift) > loss + STILL:
            rise, shift = rise / 2, shift / 2
        slope, intercept = slope - rise, intercept - shift
        if max(abs(rise), abs(shift)) < STILL:
            break
    return slope, intercept


def _newton_step(x: Floats, target: Floats, slope: float, intercept: float) -> tuple[float, float]:
    rate = 1 / (1 + np.exp(-(slope * x + intercept)))
    error, curvature = rate - target, rate * (1 - rate)
    xx, x1, one = (float((curvature * x**power).sum()) for power in (2, 1, 0))
    first, second = float((error * x).sum()), float(error.sum())
    determinant = xx * one - x1 * x1
    return (one * first - x1 * second) / determinant, (xx * second - x1 * first) / determinant


def _loss(x: Floats, target: Floats, slope: float, intercept: float) -> float:
    log_odds = slope * x + intercept
    return float((np.logaddexp(0, log_odds) - target * log_odds).sum())


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(np.log(probability / (1 - probability)), dtype=np.float64)
