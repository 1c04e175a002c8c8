"""Snapshots without time: fit and calibrate in repeated folds, list only out-of-fold scores."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd

from features import group_features, member_features
from features.catalog import FEATURES
from models.bootstrap import Estimate
from models.fitting import Recipe
from models.inner_choice import Candidate, fit_by_inner_choice
from models.labels import group_lost, member_silent
from models.linear import LinearConfig
from models.out_of_fold import OF_ORDER, Fit, Folding, OutOfFold, out_of_fold
from models.rows import Rows
from models.snapshot_labels import member_gone
from models.training import TrainingConfig
from pipelines.drafts import Draft, Maker, read_draft, write_draft
from pipelines.errors import UsageError
from pipelines.judging import figures
from pipelines.manifest import Study
from pipelines.workplace import Workplace

DELIVERED_AFTER = timedelta(60)
"""Days after the label's period by which all of it has been delivered."""


@dataclass(frozen=True)
class Snapshot:
    """Rows of one day with their label: whose they are, and what is known of them."""

    frame: pd.DataFrame
    entity: str
    rows: Rows
    recipe: Recipe


def train_on_snapshot(place: Workplace, as_of: date) -> dict[str, Any]:
    """Score every row by models that have not seen it; log the figures, register no champion.

    Raises:
        UsageError: The mapping does not say which day and label the snapshot is for, or it is
            another day.
        TrainingRefused: There is only one class, or too few positives.
    """
    snapshot = snapshot_of(place, as_of)
    fit = fit_of(place, snapshot.recipe)
    draws = place.settings.evaluation.draws
    scored = out_of_fold(snapshot.rows, fit, folding_of(place), draws=draws)
    write_draft(place, as_of, Draft(_maker(place, snapshot.recipe), _scores(snapshot, scored)))
    model = fit(snapshot.rows)
    logged = place.registry.log(
        model,
        experiment=snapshot.recipe.name,
        params=place.settings.training.model_dump(),
        metrics=scored.metrics,
        tags={"label_version": snapshot.recipe.label, "split": "folds", **place.versions()},
    )
    return {
        "method": "out_of_fold",
        **figures(scored.metrics),
        **{f"list_{name}": one for name, one in _of_order(scored.listed).items()},
        "auc_of_single_repeats": [repeat["auc"] for repeat in scored.repeats],
        "run_id": logged.run_id,
        "model_version": logged.version,
    }


def score_snapshot(place: Workplace, as_of: date) -> dict[str, Any]:
    """List every row by its out-of-fold score; no model that has seen a row scores it."""
    study = _study(place, as_of)
    draft = read_draft(place, as_of)
    if draft.maker != _maker(place, _recipe(place, study.label, ())):
        raise UsageError(
            "The data or the settings have changed since the folds were scored: run "
            f"`groupchurn train --as-of {as_of}` again."
        )
    return {
        "as_of": as_of,
        "method": draft.maker.method,
        **{name: len(frame) for name, frame in draft.frames.items() if name != "features"},
    }


def snapshot_of(place: Workplace, as_of: date) -> Snapshot:
    """The features of the snapshot's day and its label, as the mapping's study names them.

    Raises:
        UsageError: As ``train_on_snapshot``.
    """
    study = _study(place, as_of)
    known = _delivered(study.period)
    if study.label in OF_MEMBERS:
        entity = "user_id"
        features = member_features(place.tables, [as_of])
        labels = OF_MEMBERS[study.label](place, study, as_of, known)
    elif study.label == "L_group_lost":
        entity = "group_id"
        features = group_features(place.tables, [as_of], tiers=None)
        labels = group_lost(place.tables, as_of, known)
    else:
        known_labels = ", ".join([*OF_MEMBERS, "L_group_lost"])
        raise UsageError(
            f"The mapping's label {study.label!r} is unknown; there are {known_labels}."
        )
    frame = features.merge(labels[[entity, "label"]], how="inner", on=entity, validate="1:1")
    numbers = frame.drop(columns=["as_of", "user_id", "group_id", "tier", "label"], errors="ignore")
    read = numbers.dropna(axis="columns", how="all")
    rows = Rows(read, frame["label"].to_numpy(), frame[entity].to_numpy())
    return Snapshot(frame, entity, rows, _recipe(place, study.label, tuple(read.columns)))


def fit_of(place: Workplace, recipe: Recipe) -> Fit:
    """How a model of a snapshot is made; inner folds choose among the settings' candidates."""
    return partial(
        fit_by_inner_choice,
        recipe=replace(recipe, training=_in_bags(place, recipe)),
        candidates=candidates_of(place, recipe),
        folds=place.settings.folds.inner_folds,
    )


def candidates_of(place: Workplace, recipe: Recipe) -> list[Candidate]:
    """What the inner folds try beside the recipe's own trees."""
    section = place.settings.candidates
    trees = [replace(_in_bags(place, recipe), **one.model_dump()) for one in section.trees]
    fewest = recipe.training.minimum_positives
    return [*trees, *(LinearConfig(pull, fewest) for pull in section.lines)]


def _in_bags(place: Workplace, recipe: Recipe) -> TrainingConfig:
    return replace(recipe.training, bags=place.settings.candidates.bags)


def folding_of(place: Workplace) -> Folding:
    """How the rows of a snapshot are dealt out."""
    return Folding(**place.settings.folds.model_dump())


def _of_order(found: dict[str, Estimate]) -> dict[str, Estimate]:
    return {name: one for name, one in figures(found).items() if name in OF_ORDER}


def _silent(place: Workplace, study: Study, day: date, known: date) -> pd.DataFrame:
    return member_silent(place.tables, day, study.period, known)


def _gone(place: Workplace, study: Study, day: date, known: date) -> pd.DataFrame:
    return member_gone(place.tables, day, known)


OF_MEMBERS = {"L_member_silent": _silent, "L_member_gone": _gone}


def _maker(place: Workplace, recipe: Recipe) -> Maker:
    versions = place.versions()
    return Maker(
        method="out_of_fold",
        name=recipe.name,
        version="out-of-fold",
        run_id=None,
        label_version=recipe.label,
        data_version=versions["data_version"],
        config_hash=versions["config_hash"],
    )


def _scores(snapshot: Snapshot, scored: OutOfFold) -> dict[str, pd.DataFrame]:
    from serving.scoring import explained_groups, ranked_members

    if snapshot.entity == "user_id":
        margin = scored.contributions.margin
        return {
            "members": ranked_members(snapshot.frame, margin, scored.probability, "out_of_fold")
        }
    ranked = explained_groups(
        snapshot.frame, scored.contributions, scored.probability, FEATURES, "out_of_fold"
    )
    return {"features": snapshot.frame, "groups": ranked}


def _recipe(place: Workplace, label: str, features: tuple[str, ...]) -> Recipe:
    directions = {name: FEATURES[name].direction for name in features}
    return Recipe(
        name=label.removeprefix("L_"),
        label=label,
        training=place.training,
        isotonic_from=place.settings.calibration.isotonic_from,
        monotone={name: direction for name, direction in directions.items() if direction},
    )


def _study(place: Workplace, as_of: date) -> Study:
    study = place.warehouse.study
    if study is None:
        raise UsageError(
            "These data have no time axis and their mapping has no [study] with as_of, label and "
            "period: add it, or ingest tables with load_time."
        )
    if study.as_of != as_of.isoformat():
        raise UsageError(
            f"These data are a snapshot and can only be looked at from {study.as_of}, the day that "
            f"their mapping names: give --as-of {study.as_of}."
        )
    return study


def _delivered(period: str) -> date:
    year, month = int(period[:4]), int(period[4:])
    return date(year, month, calendar.monthrange(year, month)[1]) + DELIVERED_AFTER
