"""The section of the settings that says what a scorecard of past lists covers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from pipelines.setting_sections import Count


class Scorecards(BaseModel):
    """The scorecard; fields of ``serving.scorecard.ScorecardRule``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lists: Count
    fewest_holdout: Count
    fewest_lost: Count
