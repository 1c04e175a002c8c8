"""Lists of the past, made again from what was known on their days.

A list is what training on its origin and scoring on its day would have given: the training table is
that of the origin, so that which features are refused, how many groups are known to have
transferred and who was treated are as known then. Only what became of the groups is from today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.baseline import rules_points
from models.capacity import Capacity, Worklist
from models.errors import SplitError, TrainingRefused
from models.fitting import fit_and_calibrate
from models.frames import Floats
from models.labels import GROUP_DAY
from models.split import split_for_deployment
from pipelines.cards import versions_of
from pipelines.errors import GateError
from pipelines.hazards import hazards_on
from pipelines.judged_rows import judged_rows
from pipelines.judging import split_rule
from pipelines.recipes import recipe_of
from pipelines.score import eligible
from pipelines.storage import keep_frame
from pipelines.training_table import TrainingTable, hazard_models, training_tables
from pipelines.workplace import PRIOR_MODEL, Workplace

if TYPE_CHECKING:
    from models.bundle import Model


@dataclass(frozen=True)
class Origin:
    """A day on which a model is made anew, that of the first of the lists that it serves."""

    day: date
    lists: tuple[date, ...]


def origins(place: Workplace, days: Sequence[date], months: int) -> list[Origin]:
    """The days on which models are made anew, for the lists of the last months that can be judged.

    Args:
        place: Whose settings.
        days: Scoring days whose outcome is known today, in order.
        months: How many months of lists.

    Raises:
        GateError: There is no scoring day.
    """
    lists = _judged_days(days, months, place.settings.backtest.lists_a_month)
    if not lists:
        raise GateError("No list of the past can be judged yet: bring a longer history.")
    every = place.settings.backtest.retrain_every
    parts = [lists[start : start + every] for start in range(0, len(lists), every)]
    served = [tuple(day for of_month in part for day in of_month) for part in parts]
    return [Origin(days[0], days) for days in served]


def scores(place: Workplace, origin: Origin) -> pd.DataFrame:
    """Every eligible group on the days of an origin's lists, scored by what it could have made.

    Returns:
        ``as_of``, ``group_id``, ``score``, ``method`` (model or rules) and ``why`` the rules.
    """
    try:
        made, hazards = learnt(place, training_tables(place, origin.day)[0], origin.day)
    except (GateError, SplitError, TrainingRefused) as refused:
        made, hazards = str(refused), {}
    lists = [_list(place, day, made, hazards) for day in origin.lists]
    return pd.concat(lists, ignore_index=True)


def learnt(
    place: Workplace, table: TrainingTable, day: date
) -> tuple[Model | str, Mapping[str, Model]]:
    """The model that training on a day would have registered, or why there is none.

    Args:
        place: Whose settings and prior.
        table: The training table as known on the day.
        day: The day.

    Returns:
        The model, or the reason for a rules list; and the member models that it reads.

    Raises:
        SplitError: Too few days had matured to fit and calibrate on.
        TrainingRefused: The rows cannot bear a model.
    """
    needed = place.settings.risk_list.min_transferred_groups
    if table.positive_entities < needed:
        known = table.positive_entities
        return f"{known} groups were known to have transferred, {needed} are needed", {}
    split = split_for_deployment(table.days, day, split_rule(place, table))
    days = {"fit": split.fit, "calibration": split.calibrate}
    model = fit_and_calibrate(
        table.rows(split.fit),
        table.rows(split.calibrate),
        recipe_of(place, table),
        versions_of(place, table, day, days),
    )
    return model, hazard_models(place, day)


def _list(
    place: Workplace, day: date, made: Model | str, hazards: Mapping[str, Model]
) -> pd.DataFrame:
    features, _ = eligible(place, day)
    found = features[GROUP_DAY]
    if isinstance(made, str):
        return found.assign(score=_points(place, features), method="rules", why=made)
    if hazards:
        told = hazards_on(place, hazards, day)
        features = features.merge(told, how="left", on=GROUP_DAY, validate="1:1")
    return found.assign(score=made.probability(features), method="model", why="")


def kept_scores(place: Workplace, origin: Origin, folder: Path) -> pd.DataFrame:
    """As ``scores``; what an earlier call finished is read from the folder."""
    file = folder / f"{origin.day}.parquet"
    if not file.exists():
        keep_frame(scores(place, origin), file)
    found = pd.read_parquet(file)
    return found.assign(as_of=pd.to_datetime(found["as_of"]).dt.date)


def list_rows(place: Workplace, table: TrainingTable, scored_rows: pd.DataFrame) -> pd.DataFrame:
    """Who stood on the list of each day, and what became of them; see ``models.hindsight``.

    Each owner works as many groups a list as capacity says: the riskiest by the model's list, those
    with the most points by the rules, any by chance. Groups whose outcome is unknown have taken
    their places, and are left out then.
    """
    days = sorted(scored_rows["as_of"].unique())
    rows = judged_rows(place, table, days)
    keyed = ["as_of", "group_id"]
    rows = rows.merge(scored_rows, how="inner", on=keyed, validate="1:1")
    capacity = Capacity.of_rows(rows, place.terms.slots)
    listed = {
        "model": Worklist.of(rows["score"], capacity).worked(),
        "rules": Worklist.of(_points(place, rows), capacity).worked(),
        "chance": Worklist.of(np.zeros(len(rows)), capacity).worked(),
    }
    onset = rows["onset"] if "onset" in rows else pd.Series(np.nan, rows.index)
    columns = [*keyed, "owner", "label", "value", "score", "method", "why"]
    found = rows[columns].assign(onset=onset, **listed)
    return found[found["label"].notna()].reset_index(drop=True)


def made_from(place: Workplace, as_of: date, months: int) -> str:
    """A name for all that the lists depend on."""
    content = {**place.versions(as_of), "as_of": as_of.isoformat(), "months": str(months)}
    if place.home.mlflow.exists() and place.registry.versions(PRIOR_MODEL):
        content["prior"] = str(place.registry.champion(PRIOR_MODEL))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _points(place: Workplace, rows: pd.DataFrame) -> Floats:
    """Points of the rules; of a feature that the table had to do without they know nothing."""
    lacking = {rule.feature for rule in place.rules} - set(rows.columns)
    known = rows.assign(**dict.fromkeys(sorted(lacking), np.nan))
    return np.asarray(rules_points(known, place.rules), dtype=np.float64)


def _judged_days(days: Sequence[date], months: int, lists_a_month: int) -> list[list[date]]:
    """The first days of list of each of the last months."""
    by_month: dict[str, list[date]] = {}
    for day in days:
        by_month.setdefault(f"{day:%Y-%m}", []).append(day)
    return [by_month[month][:lists_a_month] for month in sorted(by_month)[-months:]]
