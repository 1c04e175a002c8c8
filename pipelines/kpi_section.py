"""The section of the settings of the KPI report, and its table of KPIs."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import UsageError
from pipelines.setting_sections import Count, Days, Share, SomeShare

if TYPE_CHECKING:
    from serving.kpi.terms import Kpi, Limits, Reading

DEFAULT_FILE = Path(__file__).parent / "config" / "kpis.toml"
Points = Annotated[float, Field(ge=0)]
Codes = Annotated[tuple[str, ...], Field(min_length=1)]
Word = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KpiRow(_Part):
    """One KPI of the table; ``serving.kpi.terms.Kpi``."""

    code: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
    zh: Word
    en: Word
    kind: Literal["flow", "retention", "level"]
    direction: Literal["higher", "lower"]
    unit: Literal["percent", "yuan", "minutes", "count"]
    shown: Literal["percent", "wan_yuan", "yuan", "minutes", "count"]
    decimals: Annotated[int, Field(ge=0, le=4)]
    formula: str = ""
    products: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_worked_out(self) -> KpiRow:
        from serving.kpi.measures import MEASURES

        if self.formula and self.formula not in MEASURES:
            raise ValueError(f"there is no formula {self.formula!r}; known: {', '.join(MEASURES)}")
        if (self.formula == "product_revenue") != bool(self.products):
            raise ValueError("products and the formula product_revenue need each other")
        return self

    def kpi(self) -> Kpi:
        """As the report knows it."""
        from features.definition import Text
        from serving.kpi.terms import Kpi

        return Kpi(name=Text(self.zh, self.en), **self.model_dump(exclude={"zh", "en"}))


class KpiTable(_Part):
    """The file of KPIs, as it stands."""

    kpi: Annotated[tuple[KpiRow, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> KpiTable:
        codes = [row.code for row in self.kpi]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"{twice[0]} stands there twice")
        return self


class Kpis(_Part):
    """The KPI report; fields of ``serving.kpi.terms.Limits`` and ``Reading``."""

    file: str
    progress: Literal["day", "month", "working_day"]
    holidays: tuple[date, ...]
    made_up: tuple[date, ...]
    ahead_points: float
    near_points: Points
    near_retention_points: Points
    differs_points: Points
    differs_share: Share
    unexplained_points: Points
    value_points: Points
    quiet_share: Share
    second_sim_share: Share
    at_risk_share: Points
    fewest_holdout: Count
    target_base: Word
    group_base: Word
    member_base: Word
    off: Codes
    lost: Codes
    void: tuple[str, ...]
    contracted: Codes
    key_roles: Codes
    hard_contracts: Codes
    agreements: Codes
    vnet: Codes
    package_vnet: Codes
    short_sms: Codes
    value_floor_fen: Annotated[int, Field(gt=0)]
    value_low_months: Count
    vnet_minutes: Days
    of_package: bool
    short_messages: Count
    quiet_ratio: SomeShare
    reference_months: Count
    least_seen: SomeShare
    second_sim_score: Share
    soon_days: Count
    contact_days: Count
    case_days: Count
    case_levels: Codes
    verify_days: Count

    def definitions(self) -> dict[str, Kpi]:
        """The KPIs by code, in the order of the report.

        Raises:
            UsageError: The table cannot be read, or a row of it is wrong.
        """
        path = Path(self.file) if self.file else DEFAULT_FILE
        try:
            table = KpiTable(**tomllib.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            faults = error.errors(include_url=False)
            told = "".join(f"\n  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in faults)
            raise UsageError(f"The table of KPIs {path} is wrong.{told}") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"The table of KPIs {path} cannot be read: {error}") from error
        return {row.code: row.kpi() for row in table.kpi}

    def limits(self) -> Limits:
        """What is judged by."""
        from dataclasses import fields

        from serving.kpi.terms import Limits, WorkingDays

        working = WorkingDays(frozenset(self.holidays), frozenset(self.made_up))
        given = {f.name: getattr(self, f.name) for f in fields(Limits) if f.name != "working"}
        return Limits(working=working, **given)

    def reading(self) -> Reading:
        """How tables are read."""
        from dataclasses import fields

        from serving.kpi.terms import Reading

        given: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(Reading)}
        for name, value in given.items():
            given[name] = frozenset(value) if isinstance(value, tuple) else value
        return Reading(**given)
