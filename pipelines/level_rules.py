"""The settings of levels, triggers and routing as the rules that serving reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.alerting.business import BusinessRules
from serving.alerting.level_rules import (
    AssumedRisk,
    Hysteresis,
    LevelLimits,
    LevelRules,
    Limits,
    LossLimits,
)
from serving.alerting.routing import RoutingRules
from serving.alerting.triggers import KINDS, TriggerRules

if TYPE_CHECKING:
    from pipelines.settings import Settings


def level_rules(settings: Settings, *, by_points: bool) -> LevelRules:
    """How levels are drawn.

    Args:
        by_points: C groups were ranked by the rules, because too few transfers are known.
    """
    own, money = settings.alerting, settings.risk_list
    limits = settings.rules_levels if by_points else settings.levels
    return LevelRules(
        small=LevelLimits(**limits.model_dump()),
        large=Limits(**own.large_levels.model_dump()),
        loss=LossLimits(
            months=money.months_at_risk,
            revenue_share=money.revenue_share,
            **own.loss.model_dump(),
        ),
        key_diverted=own.key_diverted,
        hysteresis=Hysteresis(**own.hysteresis.model_dump()),
        cool_down_days=own.cool_down_days,
        assumed_small=AssumedRisk(**own.assumed_small.model_dump()),
        assumed_large=AssumedRisk(**own.assumed_large.model_dump()),
    )


def trigger_rules(settings: Settings) -> TriggerRules:
    """What overrides a score."""
    own = settings.alerting.triggers.model_dump()
    levels = {kind: own.pop(kind) for kind in KINDS}
    return TriggerRules(
        small={kind: pair[0] for kind, pair in levels.items()},
        large={kind: pair[1] for kind, pair in levels.items()},
        **own,
    )


def business_rules(settings: Settings) -> BusinessRules:
    """What is due in the ordinary course of business."""
    return BusinessRules(**settings.alerting.business.model_dump())


def routing_rules(settings: Settings) -> RoutingRules:
    """How many rows of a list a person gets."""
    return RoutingRules(**settings.alerting.routing.model_dump())
