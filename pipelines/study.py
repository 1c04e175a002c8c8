"""Snapshots without time: fit and calibrate in repeated folds, list only out-of-fold scores."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from features import group_features, member_features
from models.fitting import Recipe, fit_with_inner_folds
from models.labels import group_lost, member_silent
from models.out_of_fold import Folding, OutOfFold, out_of_fold
from models.rows import Rows
from pipelines.drafts import Draft, Maker, read_draft, write_draft
from pipelines.errors import UsageError
from pipelines.judging import figures
from pipelines.manifest import Study
from pipelines.workplace import Workplace

DELIVERED_AFTER = timedelta(60)
"""Days after the label's period by which all of it has been delivered."""


@dataclass(frozen=True)
class _Snapshot:
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
    snapshot = _snapshot(place, as_of)
    scored = _unseen(place, snapshot)
    write_draft(place, as_of, Draft(_maker(place, snapshot.recipe), _scores(snapshot, scored)))
    model = fit_with_inner_folds(
        snapshot.rows, snapshot.recipe, folds=place.settings.folds.inner_folds
    )
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
        "auc_of_single_repeats": [repeat["auc"] for repeat in scored.repeats],
        "run_id": logged.run_id,
        "model_version": logged.version,
    }


def score_snapshot(place: Workplace, as_of: date) -> dict[str, Any]:
    """List every row by its out-of-fold score; no model that has seen a row scores it."""
    study = _study(place, as_of)
    draft = read_draft(place, as_of)
    if draft.maker != _maker(place, _recipe(place, study.label)):
        raise UsageError(
            "The data or the settings have changed since the folds were scored: run "
            f"`groupchurn train --as-of {as_of}` again."
        )
    return {
        "as_of": as_of,
        "method": draft.maker.method,
        **{name: len(frame) for name, frame in draft.frames.items() if name != "features"},
    }


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


def _scores(snapshot: _Snapshot, scored: OutOfFold) -> dict[str, pd.DataFrame]:
    from features.catalog import FEATURES
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


def _unseen(place: Workplace, snapshot: _Snapshot) -> OutOfFold:
    folding = Folding(**place.settings.folds.model_dump())
    draws = place.settings.evaluation.draws
    return out_of_fold(snapshot.rows, snapshot.recipe, folding, draws=draws)


def _snapshot(place: Workplace, as_of: date) -> _Snapshot:
    study = _study(place, as_of)
    known = _delivered(study.period)
    if study.label == "L_member_silent":
        entity = "user_id"
        features = member_features(place.tables, [as_of])
        labels = member_silent(place.tables, as_of, study.period, known)
    elif study.label == "L_group_lost":
        entity = "group_id"
        features = group_features(place.tables, [as_of], tiers=None)
        labels = group_lost(place.tables, as_of, known)
    else:
        raise UsageError(
            f"The mapping's label {study.label!r} is unknown; there are L_member_silent and "
            "L_group_lost."
        )
    frame = features.merge(labels[[entity, "label"]], how="inner", on=entity, validate="1:1")
    numbers = frame.drop(columns=["as_of", "user_id", "group_id", "tier", "label"], errors="ignore")
    read = numbers.dropna(axis="columns", how="all")
    rows = Rows(read, frame["label"].to_numpy(), frame[entity].to_numpy())
    return _Snapshot(frame, entity, rows, _recipe(place, study.label))


def _recipe(place: Workplace, label: str) -> Recipe:
    return Recipe(
        name=label.removeprefix("L_"),
        label=label,
        training=place.training,
        isotonic_from=place.settings.calibration.isotonic_from,
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
