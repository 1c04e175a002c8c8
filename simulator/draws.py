"""Random numbers that depend on what they are for, never on when they are drawn.

Each number is a hash of (seed, county, process, entity, step). So the order of drawing, the number
of workers and every other process leave it as it is: raise one hazard, and only the events that
this hazard decides change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ENTITY_STRIDE = np.uint64(0x9E3779B97F4A7C15)
_STEP_STRIDE = np.uint64(0xD1B54A32D192ED03)
_GRID = 20_001


class Draws:
    """Random numbers of one county of a world.

    Args:
        seed: Any whole number; another seed gives an unrelated world.
        county: Counties of one world share nothing either.

    Example:
        >>> draws = Draws(1)
        >>> bool((draws.uniform("rain", [1, 2])[::-1] == draws.uniform("rain", [2, 1])).all())
        True
    """

    def __init__(self, seed: int, county: int = 0) -> None:
        self.seed = seed
        self._world = f"{seed}/{county}" if county else f"{seed}"
        self._keys: dict[str, np.uint64] = {}

    def bits(self, process: str, entity: ArrayLike, step: ArrayLike = 0) -> Bits:
        """64 random bits for each entity (shape of ``entity`` broadcast with ``step``)."""
        ids = np.atleast_1d(np.asarray(entity)).astype(np.uint64)
        steps = np.atleast_1d(np.asarray(step)).astype(np.uint64)
        return _mix(_mix(ids * _ENTITY_STRIDE + self._key(process)) + steps * _STEP_STRIDE)

    def uniform(self, process: str, entity: ArrayLike, step: ArrayLike = 0) -> Floats:
        """Numbers spread evenly over the open interval (0, 1)."""
        top = (self.bits(process, entity, step) >> np.uint64(11)).astype(np.float64)
        return (top + 0.5) * 2.0**-53

    def normal(self, process: str, entity: ArrayLike, step: ArrayLike = 0) -> Floats:
        """Standard normal numbers (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(process, entity, step)))
        turn = np.cos(2.0 * np.pi * self.uniform(f"{process}/angle", entity, step))
        return np.asarray(radius * turn, dtype=np.float64)

    def happens(
        self, process: str, probability: ArrayLike, entity: ArrayLike, step: ArrayLike = 0
    ) -> Flags:
        """Whether an event of the given probability happens to each entity."""
        return self.uniform(process, entity, step) < np.asarray(probability, dtype=np.float64)

    def count(self, process: str, mean: ArrayLike, entity: ArrayLike, step: ArrayLike = 0) -> Ints:
        """Poisson counts; a higher mean never gives a lower count. Meant for means under 50."""
        chance = self.uniform(process, entity, step)
        means = np.broadcast_to(np.asarray(mean, dtype=np.float64), chance.shape)
        term = np.exp(-means)
        reached, counts = term.copy(), np.zeros(chance.shape, dtype=np.int64)
        for k in range(1, 200):
            above = chance > reached
            if not above.any():
                break
            counts += above
            term = term * means / k
            reached += term
        return counts

    def whole(
        self, process: str, low: ArrayLike, high: ArrayLike, entity: ArrayLike, step: ArrayLike = 0
    ) -> Ints:
        """Whole numbers spread evenly over ``low`` to ``high``, both included."""
        width = np.asarray(high) - np.asarray(low) + 1
        drawn = np.floor(self.uniform(process, entity, step) * width) + low
        return np.asarray(drawn, dtype=np.int64)

    def choice(
        self, process: str, weights: Sequence[float], entity: ArrayLike, step: ArrayLike = 0
    ) -> Ints:
        """Index of one of the weighted alternatives for each entity."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        chance = self.uniform(process, entity, step)
        return np.searchsorted(edges[:-1] / edges[-1], chance, side="right").astype(np.int64)

    def token(self, process: str, entity: ArrayLike) -> list[str]:
        """A keyed token of 32 hexadecimal digits for each entity."""
        front, back = self.bits(process, entity, 1), self.bits(process, entity, 2)
        return [f"{a:016x}{b:016x}" for a, b in zip(front.tolist(), back.tolist(), strict=True)]

    def _key(self, process: str) -> np.uint64:
        if process not in self._keys:
            digest = blake2b(f"{self._world}/{process}".encode(), digest_size=8).digest()
            self._keys[process] = np.uint64(int.from_bytes(digest, "big"))
        return self._keys[process]


def beta(chance: Floats, a: float, b: float) -> Floats:
    """Quantiles of the Beta(a, b) distribution, ``a`` and ``b`` at least 0.5."""
    angles, reached = _beta_table(a, b)
    return np.asarray(np.sin(np.interp(chance, reached, angles)) ** 2)


def gamma(chance: Floats, shape: float) -> Floats:
    """Quantiles of the gamma distribution with mean 1 and the given shape (at least 1)."""
    values, reached = _gamma_table(shape)
    return np.interp(chance, reached, values)


def normal_quantile(chance: Floats) -> Floats:
    """Quantiles of the standard normal distribution, cut at ± 6."""
    values, reached = _normal_table()
    return np.interp(chance, reached, values)


def normal_chance(value: Floats) -> Floats:
    """How likely a standard normal number is at most ``value``."""
    values, reached = _normal_table()
    return np.interp(value, values, reached)


def weights(shares: Mapping[str, float]) -> tuple[list[str], list[float]]:
    """Names and weights of a table of shares, in its own order."""
    return list(shares), list(shares.values())


def dekad_hazard(monthly: ArrayLike) -> Floats:
    """The hazard of a dekad, three of which make the monthly one: 1 - (1 - h)^(1/3)."""
    bounded = np.clip(np.asarray(monthly, dtype=np.float64), 0.0, 1.0)
    return np.asarray(1.0 - (1.0 - bounded) ** (1.0 / 3.0))


def logistic(x: ArrayLike) -> Floats:
    """The inverse of the log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64))))


def _mix(x: Bits) -> Bits:
    """Scramble 64 bits (the finaliser of splitmix64, Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _reached(values: Floats, density: Floats) -> Floats:
    steps = np.diff(values) * (density[1:] + density[:-1]) / 2
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(reached / reached[-1], dtype=np.float64)


@cache
def _beta_table(a: float, b: float) -> tuple[Floats, Floats]:
    # In the angle of x = sin²(angle) the density stays finite down to a = b = 0.5.
    angles = np.linspace(0.0, np.pi / 2, _GRID)
    density = np.sin(angles) ** (2 * a - 1) * np.cos(angles) ** (2 * b - 1)
    return angles, _reached(angles, density)


@cache
def _gamma_table(shape: float) -> tuple[Floats, Floats]:
    values = np.linspace(0.0, 12.0, _GRID)
    return values, _reached(values, values ** (shape - 1) * np.exp(-shape * values))


@cache
def _normal_table() -> tuple[Floats, Floats]:
    values = np.linspace(-6.0, 6.0, _GRID)
    return values, _reached(values, np.exp(-(values**2) / 2))
