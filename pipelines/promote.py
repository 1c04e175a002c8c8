"""Promote and roll back: which version of a model scores from now on, and why."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.errors import DONE, GATE_REFUSED, GroupchurnError, UsageError
from pipelines.orchestration import step
from pipelines.storage import Home

if TYPE_CHECKING:
    from rich.console import RenderableType

    from models.gate import Decision
    from pipelines.workplace import Workplace

ModelName = Literal["group_transfer", "member_churn"]
MOST_KEPT = 4_000
"""Characters of reasons kept in a tag of the registry."""


class Promoted(dict[str, Any]):
    """What the gate found and which version scores now; exit code 3 where it was refused."""

    @property
    def exit_code(self) -> int:
        """0 done, 3 refused."""
        return DONE if self["promoted"] else GATE_REFUSED

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from pipelines.console import table

        rows = [
            {"": "yes" if one["passed"] else "NO", "asked": one["name"], "answer": one["sentence"]}
            for one in self["criteria"]
        ]
        ending = f"{self['model']}: {self['outcome']}"
        return Group(table(rows), Text(ending)) if rows else Group(Text(ending))


def promote(
    version: int,
    /,
    model: ModelName = "group_transfer",
    as_of: date | None = None,
    force: str | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Promoted:
    """Make a version the champion, which scores from now on, if it is surely better.

    It is judged beside the champion on later days that neither has learnt from, by the limits of
    [promotion] in the settings. The former champion stays registered: `groupchurn models rollback`
    brings it back.

    Args:
        version: Number of the version, see `groupchurn models list`.
        model: Which model.
        as_of: Day by which outcomes are known; left out, the day of the newest delivery.
        force: Promote though the gate refuses, for this reason; it is written down with your name.

    Example:
        groupchurn models promote 2 --as-of 2011-06-23
    """
    from pipelines.workplace import open_workplace

    place = open_workplace(home, config)
    registry = place.registry
    champion = registry.champion(model) if place.home.mlflow.exists() else None
    if champion == version:
        raise UsageError(f"{model} {version} is the champion already.")
    if force is not None and not force.strip():
        raise UsageError("--force needs a reason: say in a few words why the gate is overruled.")
    registry.load(model, version)  # force overrules the gate, never a damaged model
    decision = _asked(place, model, version, champion, as_of, forced=bool(force))
    promoted = decision.passed or bool(force)
    if promoted:
        registry.tag(model, version, _why(decision, force))
        registry.set_alias(model, "champion", version)
    return Promoted(
        {
            "model": model,
            "promoted": promoted,
            "champion": version if promoted else champion,
            "former": champion,
            "outcome": _outcome(version, champion, decision, force),
            "criteria": [
                {
                    "name": one.name,
                    "passed": one.passed,
                    "figure": one.figure,
                    "limit": one.limit,
                    "sentence": one.sentence,
                }
                for one in decision.criteria
            ],
        }
    )


def rollback(
    model: ModelName = "group_transfer", home: Path = Path("var")
) -> Mapping[str, str | int]:
    """Let the former champion score again; done twice, the one before it.

    Nothing is trained or compared. The former champion is read and checked first; if it is damaged
    nothing changes.

    Args:
        model: Which model.

    Example:
        groupchurn models rollback
    """
    from models.registry import Registry

    place = Home(home)  # not a workplace: nobody should wait for features to be imported
    if not place.mlflow.exists():
        raise UsageError(f"No model is registered in {home}: run `groupchurn train` first.")
    registry = Registry(f"sqlite:///{place.mlflow.absolute()}", place.artifacts)
    left, now = registry.rollback(model)
    said = {"rolled_back_at": _now(), "rolled_back_by": _who(), "rolled_back_to": str(now)}
    registry.tag(model, left, said)
    return {"model": model, "champion": now, "rolled back from": left}


def _asked(
    place: Workplace,
    model: str,
    version: int,
    champion: int | None,
    as_of: date | None,
    *,
    forced: bool,
) -> Decision:
    """What the gate says; under force even that it could not be asked."""
    from models.errors import ModelsError
    from models.gate import Decision
    from models.gate_refusals import Criterion
    from pipelines.later_days import decision

    try:
        return step("gate", decision, place, model, version, champion, as_of)
    except (GroupchurnError, ModelsError) as error:
        if not forced:
            raise
        return Decision((Criterion("the gate", False, f"It could not be asked: {error}"),))


def _why(decision: Decision, force: str | None) -> dict[str, str]:
    """Tags of a promotion: when, by whom, and by which right."""
    said = {"promoted_at": _now(), "promoted_by": _who()}
    if decision.passed:
        return {**said, "promoted_because": "the gate passed it"}
    reasons = " ".join(decision.reasons)[:MOST_KEPT]
    return {**said, "promoted_because": f"by force: {force}", "gate_refused_because": reasons}


def _outcome(version: int, champion: int | None, decision: Decision, force: str | None) -> str:
    if decision.passed:
        return f"version {version} is the champion and scores from now on."
    refused = f"the gate refuses version {version}: {' '.join(decision.reasons)}"
    if force:
        return f"version {version} is the champion by force ({force}), though {refused}"
    stays = f"version {champion} stays champion" if champion else "there is still no champion"
    return f"{refused} So {stays}."


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container need not have a name for its user
        return "unknown"
