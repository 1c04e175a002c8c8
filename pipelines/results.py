"""What commands print of results that are too large for a line a value."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from models.comparison import Compared

ON_TOP = ("precision_at_2pct", "recall_at_2pct", "precision_at_10pct", "recall_at_10pct")
_BESIDE = ("rules", "logistic", "member_model")
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
            "logistic regression": self.get("logistic", {}),
            "member model": self.get("member_model", {}),
        }
        shown = {title: model for title, model in columns.items() if model}
        names = [name for name in _names(shown) if name not in _BESIDE]
        rows = [
            {"": name, **{title: _text(model.get(name)) for title, model in shown.items()}}
            for name in names
        ]
        return Group(table(rows))


class Evaluated(dict[str, Any]):
    """Scorers beside each other; the plain values are figures by scorer."""

    def __init__(self, compared: Mapping[str, Compared]) -> None:
        super().__init__({name: _plain(one) for name, one in compared.items()})
        self._compared = compared

    def __rich__(self) -> RenderableType:
        from rich.console import Group

        from pipelines.console import table

        figures = [
            {
                "": name,
                **{scorer: str(one.figures[name]) for scorer, one in self._compared.items()},
            }
            for name in ("auc", "average_precision", *ON_TOP, "n", "positives")
        ]
        for name in ("log_loss", "regret"):
            per = {scorer: f"{getattr(one, name):.5f}" for scorer, one in self._compared.items()}
            figures.append({"": name, **per})
        bands = [
            {"risk": f"{low:.1%} to {high:.1%}", **self._band(place)}
            for place, (low, high) in enumerate(self._edges())
        ]
        return Group(
            table(figures), "Promised and observed rate by band (group-days):", table(bands)
        )

    def _edges(self) -> list[tuple[float, float]]:
        one = next(iter(self._compared.values())).bands
        return list(zip(one["low"], one["high"], strict=True))

    def _band(self, place: int) -> dict[str, str]:
        rows = {scorer: one.bands.iloc[place] for scorer, one in self._compared.items()}
        return {
            scorer: f"{row.promised:.3f} / {row.observed:.3f} ({int(row.n):,})" if row.n else "-"
            for scorer, row in rows.items()
        }


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
                "tier": row["tier"],
                "level": row["level"],
                "risk": "-" if pd.isna(row["probability"]) else f"{row['probability']:.1%}",
                "why": _why(row, "zh"),
                "in English": _why(row, "en"),
                "what to do": _known(row["action_en"]),
            }
            for row in rows.to_dict("records")
        ]
        shown: list[RenderableType] = [self["trained"].__rich__()]
        if top:
            first = top[0]["group"]
            shown += [table(top), f"Why a group: {sys.argv[0]} explain {first} --language en"]
        shown.append(
            f"How close to the best possible: {sys.argv[0]} evaluate --truth {self['truth']}"
        )
        return Group(*shown, f"The list of {listed['as_of']}: {listed['workbook']}")


def _plain(one: Compared) -> dict[str, Any]:
    return {
        **{name: one.figures[name].value for name in ("auc", "average_precision", *ON_TOP)},
        "log_loss": one.log_loss,
        "regret": one.regret,
        "n": int(one.figures["n"].value),
        "positives": int(one.figures["positives"].value),
        "calibration": one.bands[one.bands["n"] > 0].to_dict("records"),
    }


def _names(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The names of all values, in the order in which they first come."""
    return list(dict.fromkeys(name for model in models.values() for name in model))


def _why(row: Mapping[Any, Any], language: str) -> str:
    """What put the group on the list: what happened to it, else its strongest reason."""
    happened, reason = (_known(row[f"{name}_{language}"]) for name in ("level_why", "reason_1"))
    return happened if row["method"] == "trigger" else reason or happened


def _known(text: object) -> str:
    return text if isinstance(text, str) else ""


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(f"{x:.3f}" if isinstance(x, float) else str(x) for x in value)
    return "" if value is None else str(value)
