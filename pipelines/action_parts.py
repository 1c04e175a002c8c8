"""The rows of the table of retention actions: the type and the bounds of each key."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.setting_sections import Count, Days, Share
from serving.actions.kinds import KINDS, LEVELS

if TYPE_CHECKING:
    from serving.actions.facts import Condition
    from serving.actions.table import Action

TEMPLATE = frozenset({"bound", "treated", "members", "vnet_members", "cap", "term"})
_TEXTS = ("name", "offer", "talking")
Fen = Annotated[int, Field(ge=0)]
Apt = Annotated[float, Field(ge=0, le=1.2)]
Amount = Annotated[float, Field(ge=0)]
Word = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A part of the file: keys that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(Part):
    """Words in both languages."""

    zh: Word
    en: Word


class DriverPart(Said):
    """``serving.actions.table.Driver``."""

    price: bool = False


class Choice(Part):
    """How actions are weighed; fields of ``serving.actions.table.ActionTable``."""

    lever_share: Share
    lever_days: Count
    lever_half_life: Annotated[float, Field(gt=0)]
    lock_log_odds: Annotated[float, Field(le=0)]
    reach_ordinary: Share
    least_net_fen: Fen
    follow_through: Share
    ruled_out: Days


class MeansPart(Part):
    """Money, visits and patience."""

    budget_county_month_fen: Fen
    budget_fen: dict[str, Fen]
    visits_manager: Days
    visits_desk: Days
    visits_chief: Days
    quiet_days: Days
    contact_visits: tuple[
        Literal["routine", "key_person", "care", "retention", "project", "complaint"], ...
    ]


class Bundle(Part):
    """``serving.actions.bundling.BundleRule``."""

    ending_days: Days
    high_bill_fen: Fen
    key_weight: Annotated[float, Field(ge=1)]
    suggested: Days


class Binds(Part):
    """``serving.actions.bundling.MemberRule``."""

    most: Count
    least_bill_fen: Fen = 0
    least_days: Days = 0
    named: bool = False


class ConditionPart(Part):
    """``serving.actions.facts.Condition``."""

    fact: str = ""
    at_least: float | str | None = None
    at_most: float | str | None = None
    is_in: tuple[str, ...] = ()
    any_of: tuple[ConditionPart, ...] = ()

    @model_validator(mode="after")
    def _says_one_thing(self) -> ConditionPart:
        limits = [self.at_least is not None, self.at_most is not None, bool(self.is_in)]
        if self.any_of:
            if self.fact or any(limits):
                raise ValueError("any_of stands alone, without a fact or a limit")
            return self
        if self.fact not in KINDS:
            raise ValueError(f"unknown fact {self.fact!r}; there are {', '.join(KINDS)}")
        if sum(limits) != 1:
            raise ValueError(f"{self.fact}: give one of at_least, at_most and is_in")
        kind = KINDS[self.fact]
        for limit in (self.at_least, self.at_most):
            if kind == "level" and limit is not None and limit not in LEVELS:
                raise ValueError(
                    f"{self.fact}: {limit!r} is no level; there are {', '.join(LEVELS)}"
                )
            if kind not in ("level", "word") and isinstance(limit, str):
                raise ValueError(f"{self.fact}: {limit!r} must be a number")
        if kind == "word" and not self.is_in:
            raise ValueError(f"{self.fact}: give is_in, the values of which one must hold")
        if self.is_in and kind not in ("word", "level"):
            raise ValueError(f"{self.fact}: give at_least or at_most, it is a number")
        return self

    def condition(self) -> Condition:
        """The condition."""
        from serving.actions.facts import Condition

        plain = self.model_dump(exclude={"any_of"})
        return Condition(any_of=tuple(one.condition() for one in self.any_of), **plain)


class ActionPart(Part):
    """``serving.actions.table.Action``, but for its code."""

    name: Said
    offer: Said
    talking: Said
    channel: Literal["visit", "executive", "phone", "sms", "none"]
    aptness: dict[str, Apt] = Field(default_factory=dict)
    otherwise: Apt = 0.0
    strength: Annotated[float, Field(gt=0, le=1)] = 1.0
    lock_gain: Share = 0.0
    cost_group_fen: Fen = 0
    cost_member_fen: Fen = 0
    cost_revenue_share: Share = 0.0
    term_months: Days = 0
    offer_cap_fen: Fen = 0
    offer_cap_member_fen: Fen = 0
    letter: Literal["", "any", "crbt", "vnet", "other", "all"] = ""
    opens_letter: bool = False
    visit: Literal["none", "manager", "chief"] = "none"
    hours: Amount
    commercial: bool = True
    conditions: tuple[ConditionPart, ...] = ()
    binds: Binds | None = None
    per_member: str = ""

    @field_validator("offer", "talking")
    @classmethod
    def _known_places(cls, said: Said) -> Said:
        for text in (said.zh, said.en):
            names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            if unknown := sorted(names - TEMPLATE):
                raise ValueError(
                    f"{{{unknown[0]}}} is not known here; there are {', '.join(sorted(TEMPLATE))}"
                )
        return said

    @field_validator("per_member")
    @classmethod
    def _known_count(cls, fact: str) -> str:
        if fact and KINDS.get(fact) != "count":
            raise ValueError(f"{fact!r} counts nobody")
        return fact

    def action(self, code: str) -> Action:
        """The action of this code."""
        from features.definition import Text
        from serving.actions.bundling import MemberRule
        from serving.actions.table import Action

        texts: dict[str, Any] = {name: Text(**getattr(self, name).model_dump()) for name in _TEXTS}
        plain = self.model_dump(exclude={*_TEXTS, "conditions", "binds"})
        return Action(
            code=code,
            conditions=tuple(one.condition() for one in self.conditions),
            binds=None if self.binds is None else MemberRule(**self.binds.model_dump()),
            **texts,
            **plain,
        )
