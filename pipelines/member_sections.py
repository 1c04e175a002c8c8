"""The sections of the settings about members' hazards and the share of value that a group loses."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

Count = Annotated[int, Field(ge=1)]
SomeShare = Annotated[float, Field(gt=0, le=1)]


class Hazards(BaseModel):
    """Member models; ``models.hazards.HazardConfig`` and the trees, but for the threads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    history_months: Count
    back_days: Count
    refit_days: Count
    fewest_days: Count
    negatives_per_row: Count
    seed: int
    rounds: Count
    learning_rate: SomeShare
    leaves: Annotated[int, Field(ge=2)]
    minimum_rows_per_leaf: Count
    l2: Annotated[float, Field(ge=0)]
    feature_fraction: SomeShare
    maximum_bins: Annotated[int, Field(ge=2)]
    minimum_positives: Count


class Severity(BaseModel):
    """Share of value lost; ``models.severity.SeverityConfig``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feature: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    limits: tuple[float, ...]
    prior_groups: Annotated[float, Field(gt=0)]
    fewest_groups: Count

    @field_validator("limits")
    @classmethod
    def _rise(cls, limits: tuple[float, ...]) -> tuple[float, ...]:
        if any(low >= high for low, high in pairwise(limits)):
            raise ValueError("limits must rise")
        return limits
