"""A figure of the operator's documents beside what a simulated world shows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

Verdict = Literal["met", "within chance", "missed", "nothing to measure"]

Z = 1.96
"""Standard errors on each side that hold 95 % of a normal distribution."""

MIN_CLUSTERS = 2


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        number: Its number in the document's list (domain.md §2); C90 for the 90-day transfer.
        name, name_zh: What is counted, of what.
        wanted: The document's value.
        low, high: What is still right, both included; infinite where only one side matters.
        tolerance: The same in words.
        numerator, denominator: What was counted; the measured value is their quotient.
        clusters: How many cases chance deals with as one (groups, as a rule) were counted.
        squares: Sum of the squares by which their numerators miss the measured value.
        unit: How the value reads: in per cent, or as a plain number.
    """

    number: str
    name: str
    name_zh: str
    wanted: float
    low: float
    high: float
    tolerance: str
    numerator: float
    denominator: float
    clusters: float
    squares: float
    unit: Literal["percent", "number"]

    @property
    def measured(self) -> float:
        """The simulated value; not a number where there was nothing to count."""
        return self.numerator / self.denominator if self.denominator else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Where the value behind the counted one lies with 95 % confidence.

        The spread between clusters tells how far chance reaches (Cochran 1977, ratio estimator):
        members of one group are alike, and months of one group overlap. Shares have the interval of
        Wilson (1927) for as many independent cases. Of a single cluster nothing is known.
        """
        value = self.measured
        if self.clusters < MIN_CLUSTERS or not self.denominator:
            return value, value
        variance = self.squares / self.denominator**2
        if self.unit == "number":
            half = Z * math.sqrt(variance * self.clusters / (self.clusters - 1))
            return value - half, value + half
        certain = not 0 < value < 1 or not variance
        return _wilson(value, self.clusters if certain else value * (1 - value) / variance)

    @property
    def verdict(self) -> Verdict:
        """Met; outside, but no further than so few cases stray by chance; or missed."""
        if not self.denominator:
            return "nothing to measure"
        if self.low <= self.measured <= self.high:
            return "met"
        least, most = self.interval
        return "within chance" if most >= self.low and least <= self.high else "missed"


def pooled(figures: Iterable[Figure]) -> list[Figure]:
    """The figures of several worlds taken together, in the order of the first.

    Counts are added up, so that a world counts by its size.
    """
    every = list(figures)
    order = list(dict.fromkeys((figure.number, figure.name) for figure in every))
    by_name = sorted(every, key=lambda figure: order.index((figure.number, figure.name)))
    together = []
    for _, same in groupby(by_name, key=lambda figure: (figure.number, figure.name)):
        group = list(same)
        together.append(
            replace(
                group[0],
                numerator=sum(f.numerator for f in group if f.denominator),
                denominator=sum(f.denominator for f in group),
                clusters=sum(f.clusters for f in group),
                squares=sum(f.squares for f in group),
            )
        )
    return together


def _wilson(share: float, cases: float) -> tuple[float, float]:
    centre = (share + Z**2 / (2 * cases)) / (1 + Z**2 / cases)
    variance = max(share * (1 - share), 0) / cases + Z**2 / (4 * cases**2)
    half = Z / (1 + Z**2 / cases) * math.sqrt(variance)
    return centre - half, centre + half
