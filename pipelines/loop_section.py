"""The sections of the settings of the loop: how groups respond, and what treating has shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipelines.setting_sections import Share

if TYPE_CHECKING:
    from models.response import ResponseRule

Weights = tuple[float, float, float, float, float]
Positive = Annotated[float, Field(gt=0)]
SomeChance = Annotated[float, Field(gt=0, lt=1)]


class Response(BaseModel):
    """Who responds how to being treated; the fields of ``models.response.ResponseRule``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    persuadable: Weights
    lost_cause: Weights
    sure_thing: Weights
    sleeping_dog: Weights
    risk_mean: float
    risk_sd: Positive
    price_share: Share
    never_met_share: Share
    takes: tuple[SomeChance, SomeChance, SomeChance, SomeChance]
    won_over: Annotated[float, Field(le=0)]
    kept: Share
    woken: Annotated[float, Field(ge=0)]

    def rule(self) -> ResponseRule:
        """The rule with these values."""
        from models.response import ResponseRule

        return ResponseRule(**self.model_dump())
