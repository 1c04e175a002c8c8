"""The settings: ``config/default.toml``, then a file of the user's own, then the environment.

A key that nobody knows is an error, in a file as in the environment.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipelines.action_section import Actions
from pipelines.candidate_section import Candidates
from pipelines.casebook_section import Cases, Holdout
from pipelines.errors import UsageError
from pipelines.kpi_section import Kpis
from pipelines.level_section import Alerting
from pipelines.loop_section import AlreadyGone, Loop, Response, Uplift
from pipelines.member_sections import Hazards, Severity
from pipelines.reason_section import Reasons, WhatIf
from pipelines.scorecard_section import Scorecards
from pipelines.setting_sections import (
    Backtest,
    BesideLabels,
    Calibration,
    Capacity,
    Engine,
    Evaluation,
    Folds,
    GroupModel,
    Intake,
    Label,
    Levels,
    Pretraining,
    Profit,
    Promotion,
    RiskList,
    Rule,
    Split,
    States,
    Study,
    Training,
    Treated,
)
from pipelines.tuning_section import Tuning

DEFAULT_FILE = Path(__file__).parent / "config" / "default.toml"
PREFIX = "GROUPCHURN_"
LEVEL = "__"

_ELSEWHERE: Mapping[str, Any] = {
    "engine": True,
    "tuning": True,
    "kpi": True,
    "actions": True,  # its content counts, not where it lies
    "casebook": {"url", "idle_days"},
}
"""What no list depends on."""


class Settings(BaseSettings):
    """Every setting there is, checked. Make one with ``load``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=LEVEL, extra="forbid", frozen=True
    )

    label: Label
    member_label: Label
    states: States
    beside_labels: BesideLabels
    treated: Treated
    study: Study
    split: Split
    folds: Folds
    candidates: Candidates
    training: Training
    pretraining: Pretraining
    group_model: GroupModel
    hazards: Hazards
    severity: Severity
    response: Response
    already_gone: AlreadyGone
    loop: Loop
    uplift: Uplift
    actions: Actions
    calibration: Calibration
    evaluation: Evaluation
    capacity: Capacity
    profit: Profit
    promotion: Promotion
    backtest: Backtest
    tuning: Tuning
    intake: Intake
    levels: Levels
    rules_levels: Levels
    alerting: Alerting
    risk_list: RiskList
    casebook: Cases
    holdout: Holdout
    scorecard: Scorecards
    reasons: Reasons
    what_if: WhatIf
    kpi: Kpis
    engine: Engine
    rules: tuple[Rule, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all settings that results depend on: a list's id of its settings."""
        settings = self.model_dump_json(exclude=_ELSEWHERE)
        settings += self.actions.content.model_dump_json()
        return hashlib.sha256(settings.encode()).hexdigest()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes before the files."""
        return env_settings, init_settings


def load(config: Path | None = None) -> Settings:
    """The settings that hold.

    Args:
        config: A TOML file that overrides some of the defaults.

    Raises:
        UsageError: The file cannot be read, or a key is unknown or has a value out of bounds.
    """
    _refuse_unknown_variables()
    own = read(config) if config else {}
    try:
        return Settings(**_merged(read(DEFAULT_FILE), own))
    except ValidationError as error:
        raise UsageError(f"The settings are wrong.{_where(error, own, config)}") from error


def read(file: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        UsageError: It cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"The settings file {file} cannot be read: {error}") from error


def leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """``(label.loss_share, 0.4)`` and so on; a list is one value."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield above + key, value


def variable(key: str) -> str:
    """The environment variable that overrides a key such as ``label.loss_share``."""
    return PREFIX + key.replace(".", LEVEL).upper()


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], Mapping) and isinstance(above[key], Mapping):
            both[key] = _merged(below[key], above[key])
    return both


def _refuse_unknown_variables() -> None:
    known = {variable(key) for key, _ in leaves(read(DEFAULT_FILE))}
    given = {name for name in os.environ if name.startswith(PREFIX) and LEVEL in name}
    if unknown := sorted(given - known):
        raise UsageError(
            f"Environment variable {unknown[0]} names no setting. "
            "`groupchurn config show` lists all settings."
        )


def _where(error: ValidationError, own: Mapping[str, Any], config: Path | None) -> str:
    """One line a fault: the key, what is wrong and where it was set."""
    lines = ""
    given = {key for key, _ in leaves(own)}
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        inside = any(
            f"{name}.".startswith(f"{key}.") or f"{key}.".startswith(f"{name}.") for name in given
        )
        if variable(key) in os.environ:
            source = f"environment variable {variable(key)}"
        else:
            source = f"{config}" if inside else "the defaults and your overrides together"
        lines += f"\n  {key}: {fault['msg']} ({source})"
    return lines
