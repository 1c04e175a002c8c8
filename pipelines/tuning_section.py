"""The section of the settings that says how knobs are searched for."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipelines.setting_sections import Count, SomeShare

Counts = tuple[Count, Count]
Weight = Annotated[float, Field(gt=0)]


class Tuning(BaseModel):
    """The search for knobs; ``models.tuning.Search``, lowest and highest value of each knob."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trials: Count
    random_trials: Count
    origins: Count
    measured_days: Count
    bags: Count
    seed: int
    rounds: Counts
    prior_rounds: Counts
    learning_rate: tuple[SomeShare, SomeShare]
    leaves: Counts
    minimum_rows_per_leaf: Counts
    l2: tuple[Weight, Weight]
    feature_fraction: tuple[SomeShare, SomeShare]
