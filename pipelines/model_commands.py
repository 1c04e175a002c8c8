"""Look at registered models: which there are, and how two of them differ."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.commands import DEFAULT_HOME
from pipelines.promote import ModelName
from pipelines.storage import Home
from pipelines.workplace import GROUP_MODEL, Workplace, open_workplace

if TYPE_CHECKING:
    from rich.console import RenderableType

    from models.bundle import Model
    from models.movers import Move
    from models.side_by_side import Pair

Row = dict[str, object]
TOLD = ("auc", "average_precision", "precision_at_capacity", "expected_over_observed")
"""Figures of the training that the list of models shows, where they were logged."""


class Compared(dict[str, Any]):
    """Two versions side by side: figures, and the groups that moved."""

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from pipelines.console import table

        one, other = self["versions"]
        shown: list[RenderableType] = [Text(self["said"])]
        if self["figures"]:
            rows = [
                {
                    "": pair.figure,
                    f"version {one}": str(pair.one),
                    f"version {other}": str(pair.other),
                    f"{one} less {other}": str(pair.difference),
                }
                for pair in self["figures"]
            ]
            shown.append(table(rows))
        if self["moved"]:
            shown.append(table([_told(move) for move in self["moved"]], title=self["list"]))
        return Group(*shown)


class Listed(list[Row]):
    """Registered versions; as a table without the tags, which are long."""

    def __rich__(self) -> RenderableType | str:
        from pipelines.console import table

        if not self:
            return "Nothing to show."
        hidden = ("run_id", "tags")
        return table([{k: v for k, v in row.items() if k not in hidden} for row in self])


def list_models(home: Path = DEFAULT_HOME) -> Listed:
    """Versions of all registered models, newest first, with their aliases and first figures.

    Example:
        groupchurn models list
    """
    place = Home(home)
    if not place.mlflow.exists():  # asking MLflow would make the database
        return Listed()
    from models.registry import Registry

    registry = Registry(f"sqlite:///{place.mlflow.absolute()}", place.artifacts)
    rows = Listed()
    for name in registry.names():
        for entry in registry.versions(name):
            figures = registry.figures(entry.run_id)
            rows.append(
                {
                    "model": name,
                    "version": entry.version,
                    "aliases": entry.aliases,
                    "as_of": entry.tags.get("as_of"),
                    "label": entry.tags.get("label_version"),
                    **{figure: figures.get(figure) for figure in TOLD},
                    "promoted because": entry.tags.get("promoted_because"),
                    "run_id": entry.run_id,
                    "tags": dict(entry.tags),
                }
            )
    return rows


def compare(
    one: int,
    other: int,
    /,
    as_of: date,
    model: ModelName = "group_transfer",
    moved: int = 10,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Compared:
    """Set two versions side by side: their figures on later days, and who moved on the list.

    Figures come from days whose outcome is known and that neither has learnt from; where there are
    none, it says from when there will be. Differences are taken in the same bootstrap draws.

    Args:
        one: Number of a version, see `groupchurn models list`.
        other: Number of the version that it is compared with.
        as_of: Day of the list whose order is compared, and by which outcomes are known.
        model: Which model.
        moved: How many groups to tell of that moved most; 0 for none.

    Example:
        groupchurn models compare 2 1 --as-of 2011-06-23
    """
    place = open_workplace(home, config)
    models = [place.registry.load(model, version) for version in (one, other)]
    figures, said = _figures(place, model, models, as_of)
    moves = _moved(place, models, as_of, moved) if moved and model == GROUP_MODEL else ()
    return Compared(
        {
            "model": model,
            "versions": (one, other),
            "as_of": as_of,
            "said": said,
            "figures": figures,
            "list": f"Who moved on the list of {as_of}, from version {other} to version {one}:",
            "moved": moves,
        }
    )


def _figures(
    place: Workplace, name: str, models: list[Model], as_of: date
) -> tuple[tuple[Pair, ...], str]:
    from models.side_by_side import side_by_side
    from pipelines.judged_rows import judged_rows, scored
    from pipelines.later_days import gate_rule, later_days, table_of, too_few
    from pipelines.score import as_read_by

    table = table_of(place, name, as_of)
    days = later_days(place, table, models)
    if not days:
        return (), too_few(place, models, 0, gate_rule(place, name).least_days)
    rows = judged_rows(place, table, days)
    drawn = place.settings.evaluation
    one, other = (scored(as_read_by(place, model, rows), model) for model in models)
    found = side_by_side(
        one,
        other,
        place.terms if name == GROUP_MODEL else None,
        draws=drawn.draws,
        seed=drawn.seed,
    )
    groups = rows.loc[rows["label"] == 1, "group_id"].nunique()
    what = "groups" if name == GROUP_MODEL else "members"
    said = f"{len(days)} later days, {days[0]} to {days[-1]}: {len(rows):,} rows, {groups} positive"
    return found, f"{said} {what}."


def _moved(place: Workplace, models: list[Model], as_of: date, most: int) -> tuple[Move, ...]:
    from models.hazard_features import READABLE
    from models.movers import moves
    from pipelines.score import as_read_by, eligible

    features, _ = eligible(place, as_of)
    one, other = models
    read = as_read_by(place, other, features), as_read_by(place, one, features)
    top = place.settings.risk_list.min_length
    return moves(other, one, read, READABLE, top=top, most=most)


def _told(move: Move) -> dict[str, object]:
    return {
        "group": move.group_id,
        "how": move.how,
        "rank": f"{move.rank_before} → {move.rank_after}",
        "risk": f"{move.risk_before:.1%} → {move.risk_after:.1%}",
        "why": "; ".join(map(str, move.why)),
    }
