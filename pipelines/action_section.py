"""The table of retention actions, read from its file and checked to the last key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pipelines.action_parts import ActionPart, Bundle, Choice, DriverPart, MeansPart, Part
from pipelines.errors import UsageError
from pipelines.setting_sections import Share
from serving.actions.kinds import LEVERS, REASONS

if TYPE_CHECKING:
    from serving.actions.table import ActionTable

DEFAULT_FILE = Path(__file__).parent / "config" / "actions.toml"
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
Placed = Annotated[str, Field(pattern=r"^[A-D]\.(red|orange|yellow|blue|none)$")]
Weight = Annotated[float, Field(gt=0, le=1)]
_COSTS = ("cost_group_fen", "cost_member_fen", "cost_revenue_share")


class DrivenBy(Part):
    """The one map from reasons and levers to drivers."""

    reasons: dict[str, dict[str, Weight]]
    levers: dict[str, dict[str, Weight]]

    @field_validator("reasons", "levers")
    @classmethod
    def _complete(cls, given: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        asked = set(REASONS if info.field_name == "reasons" else LEVERS)
        if unknown := sorted(set(given) - asked):
            raise ValueError(f"{unknown[0]} is none of the {info.field_name}")
        if missing := sorted(asked - set(given)):
            raise ValueError(f"says nothing of {', '.join(missing)}")
        return given


class TableFile(Part):
    """A file of actions, as it stands."""

    choice: Choice
    means: MeansPart
    assumed_risk: dict[Placed, Share]
    bundle: Bundle
    drivers: dict[str, DriverPart]
    driven_by: DrivenBy
    actions: dict[Code, ActionPart]

    @model_validator(mode="after")
    def _drivers_and_fallbacks(self) -> TableFile:
        maps = {
            **{f"actions.{code}.aptness": set(one.aptness) for code, one in self.actions.items()},
            **{f"driven_by.reasons.{code}": set(d) for code, d in self.driven_by.reasons.items()},
            **{f"driven_by.levers.{code}": set(d) for code, d in self.driven_by.levers.items()},
        }
        for key, named in maps.items():
            if unknown := sorted(named - set(self.drivers)):
                raise ValueError(f"{key}: unknown driver {unknown[0]!r}; see [drivers]")
        for code in ("DO_NOT_DISTURB", "WATCH"):
            if code not in self.actions:
                raise ValueError(f"actions: {code} is missing; it stands for leaving groups alone")
            if any(getattr(self.actions[code], cost) for cost in _COSTS):
                raise ValueError(f"actions.{code} must cost nothing")
        return self

    def table(self) -> ActionTable:
        """The table that actions are chosen from."""
        from features.definition import Text
        from serving.actions.bundling import BundleRule
        from serving.actions.table import ActionTable, Driver

        return ActionTable(
            drivers={n: Driver(Text(d.zh, d.en), d.price) for n, d in self.drivers.items()},
            reasons=self.driven_by.reasons,
            levers=self.driven_by.levers,
            actions={code: one.action(code) for code, one in self.actions.items()},
            bundle=BundleRule(**self.bundle.model_dump()),
            **self.choice.model_dump(),
        )


class Actions(BaseModel):
    """Which table of actions holds; its content, not its place, counts for a list's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    _content: TableFile = PrivateAttr()

    def model_post_init(self, _context: Any) -> None:
        """Read the file.

        Raises:
            UsageError: It cannot be read, or holds what is unknown or out of bounds.
        """
        self._content = read_table(Path(self.file) if self.file else DEFAULT_FILE)

    @property
    def content(self) -> TableFile:
        """The table, checked."""
        return self._content


def read_table(file: Path) -> TableFile:
    """A file of actions, checked.

    Raises:
        UsageError: It cannot be read, or holds what is unknown or out of bounds; the message names
            the file and each key.
    """
    try:
        return TableFile(**tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"The table of actions {file} cannot be read: {error}") from error
    except (ValidationError, TypeError) as error:
        raise UsageError(f"The table of actions {file} is wrong.{_faults(error)}") from error


def _faults(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return f"\n  {error}"
    lines = ""
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        lines += f"\n  {key + ': ' if key else ''}{fault['msg']}"
    return lines
