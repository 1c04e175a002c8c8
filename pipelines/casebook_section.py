"""The sections of the settings of cases, and of whom they hold out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.setting_sections import Count, Days, SomeShare

if TYPE_CHECKING:
    from serving.alerting.holdout import HoldoutRule
    from serving.casebook.rules import CaseRules

Four = tuple[str, str, str, str]


class Cases(BaseModel):
    """The life of a case; ``serving.casebook.rules.CaseRules``, its levels in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    dispatch_days: Days
    dispatch_hour: Annotated[int, Field(ge=0, le=23)]
    first_contact: Four
    feedback: Four
    escalate: Four
    escalate_to: Four
    longest_snooze_days: tuple[Days, Days, Days, Days]
    cool_down_days: Days
    close_after_lists: Count
    expire_days: Days
    verify_days: Count
    danger_share: SomeShare
    idle_days: Count

    @field_validator("first_contact", "feedback", "escalate")
    @classmethod
    def _spans(cls, spans: Four) -> Four:
        from datetime import datetime

        from serving.casebook.clocks import ends

        for span in filter(None, spans):
            ends(span, datetime(2009, 1, 1))  # noqa: DTZ001 - any day will do
        return spans

    @model_validator(mode="after")
    def _said(self) -> Self:
        if not all((*self.first_contact, *self.feedback)):
            raise ValueError("first_contact and feedback need a time for every level")
        if any(span and not to for span, to in zip(self.escalate, self.escalate_to, strict=True)):
            raise ValueError("escalate_to says nothing of a level that is passed up")
        return self

    def rule(self) -> CaseRules:
        """The rules with these values."""
        from serving.casebook.rules import LEVELS, CaseRules, LevelRule

        asked = zip(
            self.first_contact,
            self.feedback,
            self.escalate,
            self.escalate_to,
            self.longest_snooze_days,
            strict=True,
        )
        return CaseRules(
            levels=dict(zip(LEVELS, (LevelRule(*one) for one in asked), strict=True)),
            dispatch_days=self.dispatch_days,
            dispatch_hour=self.dispatch_hour,
            cool_down_days=self.cool_down_days,
            close_after_lists=self.close_after_lists,
            expire_days=self.expire_days,
            verify_days=self.verify_days,
        )


class Holdout(BaseModel):
    """Who is held out; ``serving.alerting.holdout.HoldoutRule``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: Annotated[float, Field(ge=0, le=0.5)]
    seed: Annotated[str, Field(min_length=1)]
    hold_days: Count

    def rule(self) -> HoldoutRule:
        """The rule with these values."""
        from serving.alerting.holdout import HoldoutRule

        return HoldoutRule(**self.model_dump())
