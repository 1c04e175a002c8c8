"""What commands print of results that are too large for a line a value."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

LISTED = 5
"""Groups of the list that the demo shows."""


class Trained(dict[str, Any]):
    """What was logged of the models, figure by figure; as a table, one column a model."""

    def __rich__(self) -> RenderableType:
        from rich.console import Group

        from pipelines.console import table

        columns = {
            "group model" if "member_model" in self else "model": self,
            "rules on the same days": self.get("rules", {}),
            "member model": self.get("member_model", {}),
        }
        shown = {title: model for title, model in columns.items() if model}
        names = [name for name in _names(shown) if name not in ("rules", "member_model")]
        rows = [
            {"": name, **{title: _text(model.get(name)) for title, model in shown.items()}}
            for name in names
        ]
        return Group(table(rows))


class Demonstrated(dict[str, Any]):
    """The models and the list of a demo."""

    def __rich__(self) -> RenderableType:
        import pandas as pd
        from rich.console import Group

        from pipelines.console import table

        listed: Mapping[str, Any] = self["list"]
        folder: Path = listed["folder"]
        rows = pd.read_parquet(folder / "risk_list.parquet").sort_values("rank").head(LISTED)
        top = [
            {
                "group": row["group_id"],
                "band": row["band"],
                "risk": "-" if pd.isna(row["probability"]) else f"{row['probability']:.1%}",
                "strongest reason": row["reason_1_zh"],
                "in English": row["reason_1_en"],
            }
            for _, row in rows.iterrows()
        ]
        shown: list[RenderableType] = [self["trained"].__rich__()]
        if top:
            first = top[0]["group"]
            shown += [table(top), f"Why a group: {sys.argv[0]} explain {first} --language en"]
        return Group(*shown, f"The list of {listed['as_of']}: {listed['workbook']}")


def _names(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names of all values, in the order in which they first come."""
    return list(dict.fromkeys(name for model in models.values() for name in model))


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(f"{x:.3f}" if isinstance(x, float) else str(x) for x in value)
    return "" if value is None else str(value)
