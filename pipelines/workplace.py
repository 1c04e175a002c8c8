"""What every flow works with: a home, its settings, and what has been stored there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import data_contracts
import features
import models
import pipelines
from data_contracts.contract import source_tables
from features.cache import Cache
from models.baseline import Rule
from models.capacity import Slots
from models.judged import Offer, Terms
from models.labels import BesideRule, LabelRule
from models.profit import Acceptance
from models.registry import Registry
from models.states import StateRule
from models.training import TrainingConfig
from models.treated import TreatedRule
from pipelines import settings as all_settings
from pipelines.errors import UsageError
from pipelines.storage import Home, Warehouse
from serving.store import PublishedStore

if TYPE_CHECKING:
    from features import Tables
    from pipelines.settings import Settings
    from serving.casebook.book import Casebook
    from serving.why.stability import ReasonRule

GROUP_MODEL = "group_transfer"
MEMBER_MODEL = "member_churn"
PRIOR_MODEL = "transfer_prior"
TIERS = ("C",)
"""Tiers whose groups are scored and listed."""


@dataclass(frozen=True)
class Workplace:
    """One home with its settings; whatever is stored there is opened when first asked for."""

    home: Home
    settings: Settings

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.home)

    @cached_property
    def tables(self) -> Tables:
        """The operator's tables.

        Raises:
            UsageError: Nothing has been ingested yet.
        """
        kept = Cache(self.home.features, self.warehouse.manifest.version)
        tables = self._on_spark(kept) if self.settings.engine.spark else self._on_duckdb(kept)
        if not tables.frames:
            raise UsageError(
                f"There are no tables in {self.home.warehouse}: run `groupchurn ingest DIR` first."
            )
        return tables

    def _on_duckdb(self, kept: Cache) -> Tables:
        engine = self.settings.engine
        connection = self.warehouse.connect(
            memory_limit=engine.memory_limit, threads=engine.threads
        )
        return features.on_duckdb(connection, self.warehouse.tables(connection), cache=kept)

    def _on_spark(self, kept: Cache) -> Tables:
        from features.spark_engine import on_spark, spark_session

        try:
            session = spark_session(self.settings.engine.spark)
        except ModuleNotFoundError as missing:
            raise UsageError(
                f"engine.spark is set, but {missing.name} is not installed: install what "
                "requirements-spark.lock names, or leave engine.spark empty to use DuckDB."
            ) from missing
        stored = {name: self.warehouse.files(name) for name in source_tables()}
        present = {name: files for name, files in stored.items() if files}
        return on_spark(session, present, cache=kept)

    @cached_property
    def registry(self) -> Registry:
        return Registry(f"sqlite:///{self.home.mlflow.absolute()}", self.home.artifacts)

    @cached_property
    def store(self) -> PublishedStore:
        return PublishedStore(self.home.published)

    @cached_property
    def casebook(self) -> Casebook:
        """The cases, in a file of this home unless the settings name a database."""
        from serving.casebook.book import Casebook

        cases = self.settings.casebook
        return Casebook.open(cases.url or self.home.path / "casebook.db", cases.rule())

    @property
    def group_label(self) -> LabelRule:
        return LabelRule(**self.settings.label.model_dump(), states=self._states)

    @property
    def member_label(self) -> LabelRule:
        return LabelRule(**self.settings.member_label.model_dump(), states=self._states)

    @property
    def beside_labels(self) -> BesideRule:
        """The labels beside a group's transfer."""
        return BesideRule(**self.settings.beside_labels.model_dump())

    @property
    def treated(self) -> TreatedRule:
        """What becomes of rows treated in their label window."""
        return TreatedRule(**self.settings.treated.model_dump())

    @property
    def _states(self) -> StateRule:
        return StateRule(**self.settings.states.model_dump())

    @property
    def training(self) -> TrainingConfig:
        """The knobs of the trees, with the threads of this machine."""
        knobs = self.settings.training.model_dump()
        return TrainingConfig(threads=self.settings.engine.threads, **knobs)

    @property
    def terms(self) -> Terms:
        """By what a list is judged."""
        settings, offer = self.settings, self.settings.profit
        return Terms(
            slots=Slots(**settings.capacity.model_dump()),
            offer=Offer(
                Acceptance(offer.acceptance_alpha, offer.acceptance_beta),
                contact_cost=offer.contact_cost,
                incentive_share=offer.incentive_share,
                clv_months=offer.clv_months,
                margin=offer.margin,
            ),
            months_at_risk=settings.risk_list.months_at_risk,
            revenue_share=settings.risk_list.revenue_share,
        )

    @property
    def reason_rule(self) -> ReasonRule:
        """What a reason needs to be shown."""
        from serving.why.stability import ReasonRule

        return ReasonRule(**self.settings.reasons.model_dump())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules baseline."""
        return tuple(Rule(**rule.model_dump(exclude_none=True)) for rule in self.settings.rules)

    def versions(self, as_of: date | None = None) -> dict[str, str]:
        """What a result was made from: data, settings and code, each as a hash.

        Args:
            as_of: Day of knowledge, beyond which data do not matter; None for all that is stored.
        """
        return {
            "data_version": self.warehouse.manifest.version(as_of),
            "config_hash": self.settings.digest,
            "code_version": code_version(data_contracts, features, models, pipelines),
        }


def open_workplace(home: Path, config: Path | None = None) -> Workplace:
    """The workplace of ``home`` with the settings of ``config`` over the defaults."""
    return Workplace(Home(home), all_settings.load(config))


def code_version(*packages: ModuleType) -> str:
    """SHA-256 of the code, contracts and presets of some packages."""
    digest = hashlib.sha256()
    for package in packages:
        root = Path(package.__path__[0])
        for file in sorted((*root.rglob("*.py"), *root.rglob("*.yaml"))):
            digest.update(str(file.relative_to(root)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
