"""The sections of the settings: the type and the bounds of each number.

What a number does, its unit, date and source stand above it in ``config/default.toml``. Fields are
called like those of the rule or config in a lower room that they fill.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
SomeShare = Annotated[float, Field(gt=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Section):
    """When a group, or a member, counts as lost; the fields of ``models.labels.LabelRule``."""

    name: str
    version: str
    loss_share: Share
    loss_members: Count
    min_members: Count
    gap_days: Days
    horizon_days: Count
    maturity_days: Days

    @property
    def window_days(self) -> int:
        """Days from ``as_of`` to the end of the label window."""
        return self.gap_days + self.horizon_days

    @property
    def embargo_days(self) -> int:
        """Days from ``as_of`` until the label is known, which keep training apart from the test."""
        return self.window_days + self.maturity_days


class States(_Section):
    """What became of a member; ``models.states.StateRule``."""

    outgoing_kept: Share
    incoming_kept: Share
    one_sided: Share
    second_sim_kept: Share
    second_sim_months: Count
    shrunk_kept: Share
    deep_outgoing_kept: Share
    deep_incoming_kept: Share
    season_members: Count
    reentry_days: Days
    reentry_traits: Count
    reentry_circle: Annotated[float, Field(gt=0, le=1)]
    reentry_contacts: Count
    arrears_months: Count
    dissolved: tuple[str, ...]


class BesideLabels(_Section):
    """Labels that stand beside a group's transfer; ``models.labels.BesideRule``."""

    soon_days: Count
    divert_days: Count
    silent_share: Share
    hard_share: Share


class Treated(_Section):
    """What becomes of rows treated in their label window; ``models.treated.TreatedRule``."""

    mode: Literal["keep", "exclude", "weight"]
    most_weight: Annotated[float, Field(ge=1)]
    visits: tuple[str, ...]


class Study(_Section):
    """From which days a model learns."""

    slide_dekads: Count
    as_of_lag_days: Days
    history_months: Count
    absent_days: Share


class Split(_Section):
    """Scoring days of each part; the embargoes between them follow from the label."""

    test_days: Count
    calibration_days: Count
    fit_days: Count


class Folds(_Section):
    """How snapshots without time are dealt out; ``models.out_of_fold.Folding``."""

    folds: Annotated[int, Field(ge=2)]
    inner_folds: Annotated[int, Field(ge=2)]
    repeats: Count
    seed: int


class Training(_Section):
    """The trees; ``models.training.TrainingConfig``, but for the threads."""

    seed: int
    rounds: Count
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    leaves: Annotated[int, Field(ge=2)]
    minimum_rows_per_leaf: Count
    l2: Annotated[float, Field(ge=0)]
    feature_fraction: Annotated[float, Field(gt=0, le=1)]
    maximum_bins: Annotated[int, Field(ge=2)]
    minimum_positives: Count
    bags: Count
    prior_rounds: Count


class Pretraining(_Section):
    """Simulated worlds to learn from before the operator's own."""

    preset: str
    worlds: Count
    seed: int
    first_month: Count
    spread: Annotated[float, Field(ge=0)]
    varied: tuple[str, ...]
    rounds: Count
    leaves: Annotated[int, Field(ge=2)]
    learning_rate: Annotated[float, Field(gt=0, le=1)]


class GroupModel(_Section):
    """What only the model of group transfer is told."""

    use_prior: bool
    member_hazards: bool
    interval_widening: Annotated[float, Field(ge=1, le=10)]
    leave_out: tuple[str, ...]


class Calibration(_Section):
    """When the calibration curve is isotonic, and how much a prior has to say in it."""

    isotonic_from: Count
    prior_positives: Annotated[int, Field(ge=0)]


class Evaluation(_Section):
    """How surely figures are told, and when they are too good."""

    draws: Annotated[int, Field(ge=100)]
    seed: int
    suspicious_auc: Share
    unseen_folds: Annotated[int, Field(ge=0, le=10)]


class Capacity(_Section):
    """Groups that can be worked a list; ``models.capacity.Slots``."""

    manager: Annotated[float, Field(ge=0)]
    unmanaged: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _somebody_works(self) -> Capacity:
        if not self.manager + self.unmanaged:
            raise ValueError("manager and unmanaged are both 0: nobody works the list")
        return self


class Profit(_Section):
    """What retention costs and keeps; ``models.judged.Offer``."""

    acceptance_alpha: Annotated[float, Field(gt=0)]
    acceptance_beta: Annotated[float, Field(gt=0)]
    contact_cost: Annotated[float, Field(ge=0)]
    incentive_share: Share
    clv_months: Annotated[float, Field(gt=0)]
    margin: Annotated[float, Field(gt=0, le=1)]


class Promotion(_Section):
    """When a model may score; the fields of ``models.gate.GateRule``, and what a size level is."""

    metric: Literal["precision_at_capacity", "value_recall_at_capacity", "average_precision"]
    least_gain: Annotated[float, Field(ge=0, lt=1)]
    slices: tuple[str, ...]
    size_bands: tuple[Count, ...]
    slice_positives: Count
    slice_loss: Share
    top_share: Annotated[float, Field(gt=0, le=1)]
    least_expected_over_observed: Annotated[float, Field(gt=0, le=1)]
    most_expected_over_observed: Annotated[float, Field(ge=1)]
    least_slope: Annotated[float, Field(gt=0, le=1)]
    most_slope: Annotated[float, Field(ge=1)]
    least_days: Count


class Backtest(_Section):
    """How lists of the past are made in hindsight, and when one warned in time."""

    lists_a_month: Annotated[int, Field(ge=1, le=3)]
    retrain_every: Count
    enough_days: Count


class Intake(_Section):
    """What a delivery may lack before the run stops."""

    max_bad_share: Share
    stale_missing_share: Share
    max_missing_share: Share


class Levels(_Section):
    """Limits and room of the levels; the fields of ``serving.rules.LevelLimits``."""

    red: float
    orange: float
    yellow: Annotated[float, Field(gt=0)]
    most_red: Share
    most_red_and_orange: Share

    @model_validator(mode="after")
    def _fall(self) -> Levels:
        if not self.red >= self.orange >= self.yellow:
            raise ValueError("red, orange and yellow must fall")
        if self.most_red > self.most_red_and_orange:
            raise ValueError("most_red is larger than most_red_and_orange, which includes it")
        return self


class RiskList(_Section):
    """How long a list is, what it shows, and when a model may make it."""

    min_length: Days
    min_transferred_groups: Count
    months_at_risk: Annotated[float, Field(gt=0)]
    revenue_share: Share


class Engine(_Section):
    """The machine; nothing that is computed depends on it."""

    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")]
    spark: str
    threads: Count
    min_free_gb: Annotated[float, Field(ge=0)]


class Rule(_Section):
    """Points for one feature on the risky side of a limit; ``models.baseline.Rule``."""

    feature: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    points: Count
    text_zh: str
    text_en: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_a_limit(self) -> Rule:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least or at_most")
        return self
