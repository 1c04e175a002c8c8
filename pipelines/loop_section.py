"""The sections of the settings of the loop: how groups respond, and what treating has shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipelines.setting_sections import Count, Share, SomeShare

if TYPE_CHECKING:
    from models.effect import Enough
    from models.response import GoneRule, ResponseRule
    from models.training import TrainingConfig
    from models.uplift import GateRule

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


class AlreadyGone(BaseModel):
    """By what it shows that a group has gone already; ``models.response.GoneRule``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    constant: float
    weights: dict[str, float]

    def rule(self) -> GoneRule:
        """The rule with these values."""
        from models.response import GoneRule

        return GoneRule(self.constant, self.weights)


class Loop(BaseModel):
    """What the loop's report tells, and from where on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fewest_holdout: Count
    fewest_moved: Count
    offer_days: Count

    def enough(self) -> Enough:
        """How much must be known before an effect is told."""
        from models.effect import Enough

        return Enough(self.fewest_holdout, self.fewest_moved)


class Uplift(BaseModel):
    """The learnt treatment effect: its trees, and the gate that lets it rank."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fewest_treated: Count
    fewest_holdout: Count
    fewest_moved: Count
    folds: Annotated[int, Field(ge=2)]
    top: SomeShare
    draws: Count
    seed: int
    rounds: Count
    learning_rate: SomeShare
    leaves: Annotated[int, Field(ge=2)]
    minimum_rows_per_leaf: Count
    l2: Annotated[float, Field(ge=0)]
    feature_fraction: SomeShare
    maximum_bins: Annotated[int, Field(ge=2)]

    def gate(self) -> GateRule:
        """When it may rank."""
        from models.uplift import GateRule

        return GateRule(
            treated=self.fewest_treated,
            held=self.fewest_holdout,
            moved=self.fewest_moved,
            folds=self.folds,
            top=self.top,
            draws=self.draws,
            seed=self.seed,
        )

    def knobs(self, threads: int) -> TrainingConfig:
        """The knobs of its trees, on so many threads."""
        from models.training import TrainingConfig

        return TrainingConfig(
            seed=self.seed,
            rounds=self.rounds,
            learning_rate=self.learning_rate,
            leaves=self.leaves,
            minimum_rows_per_leaf=self.minimum_rows_per_leaf,
            l2=self.l2,
            feature_fraction=self.feature_fraction,
            maximum_bins=self.maximum_bins,
            minimum_positives=1,
            bags=1,
            prior_rounds=1,
            threads=threads,
        )
