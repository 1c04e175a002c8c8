"""The rules baseline: points for what experienced people look at. To beat, or to fall back on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from models.errors import ModelsError
from models.frames import feature_frame


@dataclass(frozen=True)
class Rule:
    """Points for one feature on the risky side of a limit.

    Attributes:
        feature: Name of the feature.
        points: Points that the rule gives, more is riskier.
        text_zh: What it means, in Chinese.
        text_en: What it means, in English.
        at_least: The rule holds from this value up, in the feature's unit.
        at_most: The rule holds up to this value. At least one of the two is given.
    """

    feature: str
    points: int
    text_zh: str
    text_en: str
    at_least: float = -math.inf
    at_most: float = math.inf

    def __post_init__(self) -> None:
        if not (self.at_least > -math.inf or self.at_most < math.inf):
            raise ModelsError(f"rule on {self.feature}: give at_least or at_most")

    def holds(self, value: pd.Series[float]) -> pd.Series[bool]:
        """Whether the rule holds for each value; of the unknown it says nothing."""
        return value.between(self.at_least, self.at_most)


def rules_hold(frame: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Which rules hold for which rows: one boolean column a rule, in the order of the rules.

    Raises:
        FeatureError: A rule names a feature that the frame lacks.
    """
    features = feature_frame(frame, sorted({rule.feature for rule in rules}))
    held = {number: rule.holds(features[rule.feature]) for number, rule in enumerate(rules)}
    return pd.DataFrame(held, index=frame.index)


def rules_points(frame: pd.DataFrame, rules: Sequence[Rule]) -> pd.Series[float]:
    """The sum of the points of the rules that hold, for each row; no rule, no points.

    Raises:
        FeatureError: A rule names a feature that the frame lacks.

    Example:
        >>> near = Rule("lock_in_days", 3, "即将到期", "contract ends soon", at_most=60)
        >>> rules_points(pd.DataFrame({"lock_in_days": [30.0, 90.0]}), [near]).tolist()
        [3.0, 0.0]
    """
    points = rules_hold(frame, rules).mul([rule.points for rule in rules]).sum(axis=1)
    return points.astype("float64").rename("points")
