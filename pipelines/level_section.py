"""The section of the settings that says how levels are drawn, what triggers them, who gets them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.setting_sections import Count, Days, Share, SomeShare

Fen = Annotated[int, Field(ge=0)]
AnyLevel = Literal["red", "orange", "yellow", "blue", "none"]
ByTier = tuple[AnyLevel, AnyLevel]
"""For C groups, and for A, B and double-top-100 groups."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LargeLevels(_Section):
    """Points from which an A, B or double-top-100 group stands in a level."""

    red: float
    orange: float
    yellow: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _fall(self) -> LargeLevels:
        if not self.red >= self.orange >= self.yellow:
            raise ValueError("red, orange and yellow must fall")
        return self


class Loss(_Section):
    """What expected loss does to a level; ``serving.alerting.level_rules.LossLimits``."""

    least_red_fen: Fen
    lift_fen: Annotated[int, Field(gt=0)]


class Hysteresis(_Section):
    """When a level is kept for one list; ``serving.alerting.level_rules.Hysteresis``."""

    margin: Annotated[float, Field(ge=0, lt=1)]
    most_days: Days


class Assumed(_Section):
    """The probability that stands for a level; ``serving.alerting.level_rules.AssumedRisk``."""

    red: Share
    orange: Share
    yellow: Share
    blue: Share


class Triggers(_Section):
    """What overrides a score; ``serving.alerting.triggers.TriggerRules``."""

    days: Count
    oldest_days: Count
    lost_reasons: tuple[str, ...]
    binding_levers: tuple[str, ...]
    vnet_members: Count
    vnet_share: SomeShare
    several_key_lost: ByTier
    key_person_lost: ByTier
    contact_lost: ByTier
    key_member_lost: ByTier
    vnet_dissolved: ByTier
    agreement_broken: ByTier
    attack_intent: ByTier
    attack_bound: ByTier
    attack_open: ByTier
    attack_reported: ByTier
    rival_mentioned: ByTier


class Business(_Section):
    """What is due in the ordinary course of business; ``serving.alerting.business``."""

    ending_share: SomeShare
    ending_members: Count
    letter_days: Days
    lapsed_days: Days
    arrears_fen: Count
    downgrade_months: Days
    unified_pay_fall: SomeShare
    visits_a: Days
    visits_b: Days
    low_bill_fen: Count
    low_bill_share: SomeShare
    low_bill_members: Count


class Routing(_Section):
    """How many rows a person gets of one list; ``serving.alerting.routing.RoutingRules``."""

    manager: Count
    chief: Count


class Alerting(_Section):
    """Everything about levels beside their limits for C groups."""

    large_levels: LargeLevels
    loss: Loss
    key_diverted: Share
    hysteresis: Hysteresis
    cool_down_days: Days
    assumed_small: Assumed
    assumed_large: Assumed
    triggers: Triggers
    business: Business
    routing: Routing
