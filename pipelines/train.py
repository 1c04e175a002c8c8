"""Train: from many days' features and labels to registered models, judged on later days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipelines.orchestration import step
from pipelines.results import Trained
from pipelines.workplace import PRIOR_MODEL, Workplace, open_workplace

if TYPE_CHECKING:
    from pipelines.judging import Verdict
    from pipelines.training_table import TrainingTable


def train(as_of: date, home: Path = Path("var"), config: Path | None = None) -> Trained:
    """Build the training tables, fit, calibrate, evaluate and log the models known on a day.

    A model is judged on the newest days whose labels have matured by a twin that has seen neither
    them nor the embargo before them; then it is fitted on all days and registered as challenger
    (as champion too where there is none yet and nothing speaks against it). With too few
    transferred groups to learn from there is no group model, and the list stays the rules list.

    Args:
        as_of: Day on which the models are made: they learn from what was known by then.

    Example:
        groupchurn train --as-of 2011-01-03
    """
    place = open_workplace(home, config)
    if not place.warehouse.capabilities["time"]:
        from pipelines.study import train_on_snapshot

        return Trained(step("train on the snapshot", train_on_snapshot, place, as_of))
    from pipelines.training_table import training_tables

    groups, members = step("training tables", training_tables, place, as_of)
    member = step("member model", _train, place, members, as_of)
    group = step("group model", _train_groups, place, groups, as_of)
    return Trained({**group, "member_model": member})


def _train_groups(place: Workplace, table: TrainingTable, as_of: date) -> dict[str, Any]:
    needed = place.settings.risk_list.min_transferred_groups
    if table.positive_entities >= needed:
        return _train(place, table, as_of)
    return {
        "method": "rules",
        "why": f"{table.positive_entities} groups have transferred on the days whose labels have "
        f"matured, {needed} are needed to learn from (risk_list.min_transferred_groups): "
        "the list is the rules list and says so",
    }


def _train(place: Workplace, table: TrainingTable, as_of: date) -> dict[str, Any]:
    from models.fitting import fit_and_calibrate
    from models.split import split_for_deployment
    from pipelines.cards import versions_of, write_cards_of
    from pipelines.judging import judge, reported, split_rule
    from pipelines.recipes import recipe_of

    recipe = recipe_of(place, table)
    of_groups = table.entity == "group_id"
    with TemporaryDirectory() as scratch:
        verdict = judge(place, table, recipe, as_of, Path(scratch))
        split = split_for_deployment(table.days, as_of, split_rule(place, table))
        days = {"fit": split.fit, "calibration": split.calibrate}
        versions = versions_of(place, table, as_of, days)
        beside = _beside_groups(place, table, as_of) if of_groups else {}
        if recipe.prior is not None:
            beside["prior"] = place.registry.champion(PRIOR_MODEL)
        model = fit_and_calibrate(
            table.rows(split.fit), table.rows(split.calibrate), recipe, {**versions, **beside}
        )
        cards = write_cards_of(
            place,
            model,
            {**days, "test": verdict.test_days},
            verdict.metrics,
            Path(scratch),
            of_groups=of_groups,
            baseline=verdict.baseline,
            slices=verdict.slices,
        )
        logged = place.registry.log(
            model,
            experiment=recipe.name,
            params=place.settings.training.model_dump(),
            metrics=verdict.metrics,
            tags=versions,
            files=(*verdict.files, *cards),
        )
    return {
        "method": "model",
        **reported(verdict, place.settings.evaluation.suspicious_auc),
        "run_id": logged.run_id,
        "model_version": logged.version,
        **_named(place, table, recipe.name, logged.version, verdict),
    }


def _named(
    place: Workplace, table: TrainingTable, name: str, version: int, verdict: Verdict
) -> dict[str, Any]:
    """Call the version challenger, and champion too where there is none that it would replace."""
    from pipelines.later_days import of_a_first_model

    aliases, warnings = ["challenger"], {}
    if not any("champion" in each.aliases for each in place.registry.versions(name)):
        found = of_a_first_model(place, name, table, verdict.test_days, verdict.twin)
        if found.may_start:
            aliases.append("champion")
        if not found.passed:
            warnings = {"warnings": list(found.reasons)}
    for alias in aliases:
        place.registry.set_alias(name, alias, version)
    return {"aliases": aliases, **warnings}


def _beside_groups(place: Workplace, table: TrainingTable, as_of: date) -> dict[str, Any]:
    """What a group's model needs beside its trees: member models by version, and severity."""
    from pipelines.severity import severity_of
    from pipelines.training_table import hazard_models

    logged = {
        hazard: place.registry.log(
            model,
            experiment="member_hazards",
            params=place.settings.hazards.model_dump(),
            metrics={},
            tags={"as_of": as_of.isoformat(), "label_version": model.label},
        ).version
        for hazard, model in hazard_models(place, as_of).items()
    }
    return {
        "hazards": logged,
        "severity": severity_of(place, table),
        "interval_widening": place.settings.group_model.interval_widening,
    }
