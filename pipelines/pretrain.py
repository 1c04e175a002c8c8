"""Pre-train: a model of simulated worlds, to go before that of an operator with few transfers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.orchestration import step
from pipelines.workplace import PRIOR_MODEL, Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd

    from models.bundle import Model


def pretrain(as_of: date, home: Path = Path("var"), config: Path | None = None) -> dict[str, Any]:
    """Learn from simulated worlds how likely groups go; `train` then starts from there.

    A county sees too few transfers to tell a trace from chance. Simulated worlds show thousands,
    each with its true risk. What they teach is only as right as the simulator is: `train` asks the
    operator's own transfers how far to believe it, and the later days tell whether it helped. A
    world takes a minute or two and is kept; stopped, the command goes on where it was.

    Args:
        as_of: Day on which the model will be made: it reads the features that are there by then.

    Example:
        groupchurn pretrain --as-of 2011-01-03
    """
    place = open_workplace(home, config)
    from pipelines.pretraining_worlds import pretraining_rows
    from pipelines.training_table import training_tables

    groups, _ = step("training tables", training_tables, place, as_of)
    rows = step("simulated worlds", pretraining_rows, place)
    model = step("pre-trained model", fitted, place, rows, groups.features)
    made_of = {"as_of": as_of.isoformat(), "label_version": model.label, **place.versions(as_of)}
    logged = place.registry.log(
        model,
        experiment=PRIOR_MODEL,
        params=place.settings.pretraining.model_dump(),
        metrics={},
        tags=made_of,
    )
    place.registry.set_alias(PRIOR_MODEL, "champion", logged.version)
    return {
        "model": PRIOR_MODEL,
        "model_version": logged.version,
        "worlds": place.settings.pretraining.worlds,
        "group_days": len(rows),
        "features": len(model.features),
        "mean_risk": float(rows["chance"].mean()),
    }


def fitted(place: Workplace, rows: pd.DataFrame, available: list[str]) -> Model:
    """The model of simulated worlds, from those of their features that are available.

    Args:
        place: Whose settings and threads.
        rows: From ``pretraining_rows``.
        available: Features that an operator's table has.
    """
    from dataclasses import replace

    from features.catalog import FEATURES
    from models.bundle import Model
    from models.calibration import Calibration
    from models.feature_version import feature_version
    from models.frames import golden_rows
    from models.training import fit_chances
    from pipelines.recipes import directions

    wanted = place.settings.pretraining
    names = [name for name in available if name in rows.columns]
    knobs = replace(
        place.training,
        rounds=wanted.rounds,
        leaves=wanted.leaves,
        learning_rate=wanted.learning_rate,
    )
    booster = fit_chances(rows[names], rows["chance"], knobs, directions(names))
    return Model(
        name=PRIOR_MODEL,
        label="chance to move in 90 days, in simulated worlds",
        booster=booster,
        features=tuple(names),
        calibration=Calibration("platt", (-50.0, 50.0), (-50.0, 50.0)),
        golden=golden_rows(rows[names], seed=place.training.seed),
        metadata={
            "worlds": wanted.worlds,
            "group_days": len(rows),
            "feature_version": feature_version(names, FEATURES),
        },
    )
