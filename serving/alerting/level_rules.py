"""What decides on which level a group stands; every number is the operator's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

RiskLevel = Literal["red", "orange", "yellow", "none"]
Level = Literal["red", "orange", "yellow", "blue", "none"]
SEVERITY: Mapping[str, int] = {"none": 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}
"""Levels as numbers, 4 the gravest."""
BY_SEVERITY: tuple[Level, ...] = ("none", "blue", "yellow", "orange", "red")


@dataclass(frozen=True)
class Limits:
    """From which risk up a group stands in a level.

    Attributes:
        red: Smallest risk for red: a calibrated probability, or points of the rules.
        orange: The same for orange.
        yellow: The same for yellow.
    """

    red: float
    orange: float
    yellow: float

    def __post_init__(self) -> None:
        if not self.red >= self.orange >= self.yellow > 0:
            raise ValueError(
                f"level limits: red {self.red}, orange {self.orange}, yellow {self.yellow}; "
                "they must fall and stay above 0"
            )

    def uncapped(self, risk: float) -> RiskLevel:
        """The level of a risk while there is room for everybody."""
        if risk >= self.red:
            return "red"
        if risk >= self.orange:
            return "orange"
        return "yellow" if risk >= self.yellow else "none"


@dataclass(frozen=True)
class LevelLimits(Limits):
    """Limits, and how many groups may stand above them.

    Attributes:
        most_red: Largest share of an area's groups that may be red.
        most_red_and_orange: Largest share of an area's groups that may be red or orange.
    """

    most_red: float
    most_red_and_orange: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.most_red <= self.most_red_and_orange <= 1:
            raise ValueError(
                f"level caps: most_red {self.most_red}, most_red_and_orange "
                f"{self.most_red_and_orange}; both are shares and the second is not smaller"
            )


@dataclass(frozen=True)
class LossLimits:
    """What a group's expected loss does to its level; see ``levels.expected_loss``.

    Attributes:
        months: Months of revenue that count as lost when a group goes.
        revenue_share: Share of a group's revenue that goes with it, where the model knows none.
        least_red_fen: Below this nobody's day is turned over: red becomes orange.
        lift_fen: From this up a group stands one level higher.
    """

    months: float
    revenue_share: float
    least_red_fen: float
    lift_fen: float


@dataclass(frozen=True)
class Hysteresis:
    """When a group keeps a level for one list although its risk is below the limit.

    Attributes:
        margin: Share of the limit by which its risk may fall short.
        most_days: A list older than this is not the one before.
    """

    margin: float
    most_days: int


@dataclass(frozen=True)
class AssumedRisk:
    """The probability that stands for a level in the order of the list, where a group stands there
    for another reason than its own probability."""

    red: float
    orange: float
    yellow: float
    blue: float

    def of(self, level: str) -> float:
        """For one level; 0 without one.

        >>> AssumedRisk(0.2, 0.1, 0.05, 0.005).of("orange")
        0.1
        """
        return 0.0 if level == "none" else float(getattr(self, level))


@dataclass(frozen=True)
class LevelRules:
    """How levels are drawn.

    Attributes:
        small: Limits and caps of C groups: probability, or points where the rules made the list.
        large: Limits of A, B and double-top-100 groups, in points of the rules; nobody is capped.
        loss: What expected loss does.
        key_diverted: From this probability up a C group with a diverted key member is red.
        hysteresis: When a level is kept.
        cool_down_days: Days after a closed case within which a group is not alerted again, unless
            its level rises or something new happens.
        assumed_small: Stand-in probabilities of C groups, for the order of the list.
        assumed_large: The same of large groups.
    """

    small: LevelLimits
    large: Limits
    loss: LossLimits
    key_diverted: float
    hysteresis: Hysteresis
    cool_down_days: int
    assumed_small: AssumedRisk
    assumed_large: AssumedRisk


def room(share: float, groups: int) -> int:
    """How many of ``groups`` a share allows, rounded down.

    >>> room(0.015, 200)
    3
    """
    # 0.07 of 100 is 7.000000000000001 and 0.29 of 100 is 28.999999999999996.
    return math.floor(share * groups + 1e-9)
