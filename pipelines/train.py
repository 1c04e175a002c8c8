"""Train: from many days' features and labels to registered models, judged on later days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipelines.orchestration import step
from pipelines.results import Trained
from pipelines.workplace import GROUP_MODEL, MEMBER_MODEL, Workplace, open_workplace

if TYPE_CHECKING:
    from models.fitting import Recipe
    from pipelines.training_table import TrainingTable


def train(as_of: date, home: Path = Path("var"), config: Path | None = None) -> Trained:
    """Build the training tables, fit, calibrate, evaluate and log the models known on a day.

    A model is judged on the newest days whose labels have matured by a twin that has seen neither
    them nor the embargo before them; then it is fitted on all days and registered as challenger
    (as champion too where there is none yet). With too few transferred groups to learn from there
    is no group model, and the list stays the rules list.

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
    member = step("member model", _train, place, members, _recipe(place, members), as_of)
    group = step("group model", _train_groups, place, groups, as_of)
    return Trained({**group, "member_model": member})


def _train_groups(place: Workplace, table: TrainingTable, as_of: date) -> dict[str, Any]:
    needed = place.settings.risk_list.min_transferred_groups
    if table.positive_entities >= needed:
        return _train(place, table, _recipe(place, table), as_of)
    return {
        "method": "rules",
        "why": f"{table.positive_entities} groups have transferred on the days whose labels have "
        f"matured, {needed} are needed to learn from (risk_list.min_transferred_groups): "
        "the list is the rules list and says so",
    }


def _train(place: Workplace, table: TrainingTable, recipe: Recipe, as_of: date) -> dict[str, Any]:
    from models.fitting import fit_and_calibrate
    from models.split import split_for_deployment
    from pipelines.judging import judge, reported, split_rule

    with TemporaryDirectory() as scratch:
        verdict = judge(place, table, recipe, as_of, Path(scratch))
        split = split_for_deployment(table.days, as_of, split_rule(place, table))
        made_of = {
            "as_of": as_of.isoformat(),
            "label_version": recipe.label,
            **place.versions(as_of),
        }
        fit_rows, calibration_rows = table.rows(split.fit), table.rows(split.calibrate)
        model = fit_and_calibrate(fit_rows, calibration_rows, recipe, made_of)
        logged = place.registry.log(
            model,
            experiment=recipe.name,
            params=place.settings.training.model_dump(),
            metrics=verdict.metrics,
            tags={"rules_auc": f"{verdict.baseline['auc'].value:.4f}", **made_of}
            if verdict.baseline
            else made_of,
            files=verdict.files,
        )
    aliases = ["challenger"]
    if not any("champion" in version.aliases for version in place.registry.versions(recipe.name)):
        aliases.append("champion")
    for alias in aliases:
        place.registry.set_alias(recipe.name, alias, logged.version)
    return {
        "method": "model",
        **reported(verdict, place.settings.evaluation.suspicious_auc),
        "run_id": logged.run_id,
        "model_version": logged.version,
        "aliases": aliases,
    }


def _recipe(place: Workplace, table: TrainingTable) -> Recipe:
    from features.catalog import FEATURES
    from models.fitting import Recipe

    of_groups = table.entity == "group_id"
    directions = {name: FEATURES[name].direction for name in table.features}
    return Recipe(
        name=GROUP_MODEL if of_groups else MEMBER_MODEL,
        label=(place.group_label if of_groups else place.member_label).version,
        training=place.training,
        isotonic_from=place.settings.calibration.isotonic_from,
        monotone={name: direction for name, direction in directions.items() if direction},
    )
