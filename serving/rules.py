"""Levels, their caps, and who is not scored at all: one function and one sentence each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

Level = Literal["red", "orange", "yellow", "none"]
Exclusion = Callable[[pd.DataFrame], "pd.Series[bool]"]


@dataclass(frozen=True)
class LevelLimits:
    """From which risk up a group stands in a level, and how many may stand there.

    Attributes:
        red: Smallest risk for red: a calibrated probability, or points for a rules list.
        orange: The same for orange.
        yellow: The same for yellow.
        most_red: Largest share of an area's groups that may be red.
        most_red_and_orange: Largest share of an area's groups that may be red or orange.
    """

    red: float
    orange: float
    yellow: float
    most_red: float
    most_red_and_orange: float

    def __post_init__(self) -> None:
        if not self.red >= self.orange >= self.yellow > 0:
            raise ValueError(
                f"level limits: red {self.red}, orange {self.orange}, yellow {self.yellow}; "
                "they must fall and stay above 0"
            )
        if not 0 <= self.most_red <= self.most_red_and_orange <= 1:
            raise ValueError(
                f"level caps: most_red {self.most_red}, most_red_and_orange "
                f"{self.most_red_and_orange}; both are shares and the second is not smaller"
            )

    def uncapped(self, risk: float) -> Level:
        """The level of a risk while there is room for everybody."""
        if risk >= self.red:
            return "red"
        if risk >= self.orange:
            return "orange"
        return "yellow" if risk >= self.yellow else "none"


def levels(scores: pd.DataFrame, area: pd.Series[str], limits: LevelLimits) -> pd.Series[str]:
    """The level of each group; who finds no room in a level stands in the next lower one.

    Args:
        scores: One row a group: ``method``, ``rank`` (1 the most urgent, no two alike), and the
            risk that ``limits`` speak about: ``points`` for a rules list, else ``probability``.
        area: The area whose capacity the group draws on; groups of no known area share one.
        limits: Limits and caps. Caps round down: 1.5 % of 120 groups is one group.
    """
    risk = scores["points"].where(scores["method"].eq("rules"), scores["probability"])
    placed: dict[Any, Level] = {}
    for _, ranks in scores["rank"].groupby(area.fillna(""), sort=True):
        urgent_first = ranks.sort_values().index
        found = _within_caps(risk[urgent_first].to_list(), limits)
        placed.update(zip(urgent_first, found, strict=True))
    return pd.Series([placed[row] for row in scores.index], index=scores.index, dtype="str")


def _within_caps(risks: list[float], limits: LevelLimits) -> list[Level]:
    """Levels of one area's groups, given from the most urgent down."""
    red_left = room(limits.most_red, len(risks))
    urgent_left = room(limits.most_red_and_orange, len(risks))
    placed: list[Level] = []
    for risk in risks:
        level = limits.uncapped(risk)
        if level == "red" and not red_left:
            level = "orange"
        if level in ("red", "orange") and not urgent_left:
            level = "yellow"
        red_left -= level == "red"
        urgent_left -= level in ("red", "orange")
        placed.append(level)
    return placed


def room(share: float, groups: int) -> int:
    """How many of ``groups`` a share allows, rounded down.

    >>> room(0.015, 200)
    3
    """
    # 0.07 of 100 is 7.000000000000001 and 0.29 of 100 is 28.999999999999996.
    return math.floor(share * groups + 1e-9)


def is_lost(groups: pd.DataFrame) -> pd.Series[bool]:
    """The group has already left, or its file is void."""
    return groups["lifecycle"].isin(["lost", "void"])


def is_test(groups: pd.DataFrame) -> pd.Series[bool]:
    """The group exists only for tests."""
    return _known(groups["is_test"] == True)  # noqa: E712 - unknown is neither true nor false


def has_nobody_left(groups: pd.DataFrame) -> pd.Series[bool]:
    """None of the group's members is on net any more."""
    return _known(groups["members"] == 0)


EXCLUSIONS: tuple[Exclusion, ...] = (is_lost, is_test, has_nobody_left)
"""Who is never scored; of several sentences that hold, the first is given."""


def excluded(groups: pd.DataFrame) -> dict[str, str]:
    """The groups that are not to be scored, each with the sentence that says why.

    Args:
        groups: ``group_id``, ``lifecycle``, ``is_test`` and ``members`` (on net), missing where
            unknown; what is unknown excludes nobody.
    """
    found: dict[str, str] = {}
    for rule in EXCLUSIONS:
        for group_id in groups.loc[rule(groups), "group_id"]:
            found.setdefault(group_id, str(rule.__doc__))
    return dict(sorted(found.items()))


def _known(condition: pd.Series[bool]) -> pd.Series[bool]:
    return condition.fillna(False).astype(bool)
