"""What the batch scoring service is asked and what it answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_ROWS = 10_000
LONGEST_ID = 64

Level = Literal["red", "orange", "yellow", "blue", "none"]


class Reason(BaseModel):
    """Why a score is what it is; contributions add up to margin - base_margin."""

    code: str
    name_zh: str
    name_en: str
    contribution: float
    feature: str | None
    value: float | None
    text_zh: str
    text_en: str


class Score(BaseModel):
    """One group's score; probability, margin and base_margin are null on a rules list."""

    model_config = ConfigDict(protected_namespaces=())

    group_id: str
    tier: str
    level: Level
    rank: int
    probability: float | None
    margin: float | None
    base_margin: float | None
    expected_value: float | None = Field(description="Revenue expected to be lost, in fen.")
    method: Literal["model", "rules", "out_of_fold"]
    model_name: str
    model_version: str
    stale: bool
    reasons: list[Reason]


class Scores(BaseModel):
    """A page of a batch, the riskiest group first."""

    batch_id: str
    as_of: date
    total: int
    limit: int
    offset: int
    scores: list[Score]


class Result(BaseModel):
    """The answer for one of the ids that were asked for."""

    group_id: str
    status: Literal["ok", "unknown_group", "not_scored"]
    why: str | None = Field(default=None, description="Why the group has no score.")
    score: Score | None = None


class Results(BaseModel):
    """The answers, in the order of the question."""

    batch_id: str
    as_of: date
    results: list[Result]


class Question(BaseModel):
    """Groups to look up."""

    model_config = ConfigDict(extra="forbid")

    group_ids: list[Annotated[str, Field(max_length=LONGEST_ID)]] = Field(
        min_length=1, max_length=MOST_ROWS
    )
    as_of: date | None = None


class Health(BaseModel):
    """Whether the service answers, and from which batch."""

    status: Literal["ok", "nothing_published", "degraded"]
    batch_id: str | None = None
    as_of: date | None = None
    problem: str | None = None
