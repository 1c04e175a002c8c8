"""The section of the settings that says what is tried on the inner folds of a snapshot."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipelines.setting_sections import Count

Pull = Annotated[float, Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Trees(_Section):
    """Knobs of the trees that inner folds may choose; the rest are those of ``Training``."""

    rounds: Count
    leaves: Annotated[int, Field(ge=2)]
    minimum_rows_per_leaf: Count
    l2: Annotated[float, Field(ge=0)]


class Candidates(_Section):
    """What speaks beside [training] on small data; ``models.inner_choice``."""

    bags: Count
    trees: tuple[Trees, ...]
    lines: tuple[Pull, ...]
