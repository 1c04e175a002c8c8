"""The sections of the settings that say which reasons are shown, and what a what-if supposes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.setting_sections import Count, Days, Share


class Reasons(BaseModel):
    """What a reason needs to be shown; ``serving.why.stability.ReasonRule``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_stability: Share
    least_contribution: Annotated[float, Field(ge=0)]
    fewest_peers: Count


class WhatIf(BaseModel):
    """What each step of a what-if supposes; ``serving.why.what_if.Supposed``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ending_days: Count
    most_bundled: Count
    bundle_type: Literal["deposit_bonus", "tariff_subsidy", "gift", "evoucher"]
    bundle_months: Literal[6, 12, 18, 24, 36]
    bundle_bonus_fen: Annotated[int, Field(ge=0)]
    visited_within_days: Count
    letter_months: Count
    letter_ending_days: Days
