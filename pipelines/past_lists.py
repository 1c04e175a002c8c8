"""Lists of the past, made again from what was known on their days.

What was known by an origin are the rows of the training table whose outcome had matured by then.
Their features are as known on their own days, and their labels use nothing that is later than their
maturity. They are not quite what a table made on the origin would hold: which features are refused,
and so which early days are left out and how many groups are known to have transferred, is decided
on all days of today's table, and the chance of having been treated is estimated with what was
logged since. A table for each origin would take as long as training does each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from models.baseline import rules_points
from models.capacity import Capacity, Worklist
from models.errors import TrainingRefused
from models.fitting import Recipe, fit_and_calibrate
from models.frames import Floats
from models.split import Split, rolling_origins
from pipelines.cards import versions_of
from pipelines.errors import GateError
from pipelines.judged_rows import judged_rows
from pipelines.judging import split_rule
from pipelines.storage import keep_frame
from pipelines.training_table import TrainingTable
from pipelines.workplace import Workplace


@dataclass(frozen=True)
class Origin:
    """A day on which a model is made anew.

    Attributes:
        day: The day, that of the first list it serves.
        split: ``fit`` and ``calibrate`` hold days whose outcome was known by then, ``test`` the
            days of the lists that it serves.
    """

    day: date
    split: Split


def origins(place: Workplace, table: TrainingTable, months: int) -> list[Origin]:
    """The days on which models are made anew, for the lists of the last months that can be judged.

    Raises:
        GateError: There is no scoring day.
    """
    lists = _judged_days(table.days, months, place.settings.backtest.lists_a_month)
    if not lists:
        raise GateError("No list of the past can be judged yet: bring a longer history.")
    rule, every = split_rule(place, table), place.settings.backtest.retrain_every
    found = []
    for start in range(0, len(lists), every):
        days = [day for of_month in lists[start : start + every] for day in of_month]
        rolled = rolling_origins(table.days, days[0], days[-1], len(table.days), rule)
        found.append(Origin(days[0], replace(rolled[days[0]], test=tuple(days))))
    return found


def scores(place: Workplace, table: TrainingTable, recipe: Recipe, origin: Origin) -> pd.DataFrame:
    """Every group on the days of an origin's lists, scored by what could be made on the origin.

    Returns:
        ``as_of``, ``group_id``, ``score``, ``method`` (model or rules) and ``why`` the rules.
    """
    rows = table.frame[table.frame["as_of"].isin(set(origin.split.test))]
    found = rows[["as_of", "group_id"]].reset_index(drop=True)
    why = _too_few(place, table, origin)
    if not why:
        days = {"fit": origin.split.fit, "calibration": origin.split.calibrate}
        try:
            model = fit_and_calibrate(
                table.rows(origin.split.fit),
                table.rows(origin.split.calibrate),
                recipe,
                versions_of(place, table, origin.day, days),
            )
        except TrainingRefused as refused:
            why = str(refused)
        else:
            return found.assign(score=model.probability(rows), method="model", why="")
    points = _points(place, rows)
    return found.assign(score=points, method="rules", why=why)


def kept_scores(
    place: Workplace, table: TrainingTable, recipe: Recipe, origin: Origin, folder: Path
) -> pd.DataFrame:
    """As ``scores``; what an earlier call finished is read from the folder."""
    file = folder / f"{origin.day}.parquet"
    if not file.exists():
        keep_frame(scores(place, table, recipe, origin), file)
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


def made_from(place: Workplace, as_of: date, recipe: Recipe, months: int) -> str:
    """A name for all that the lists depend on."""
    content = {**place.versions(as_of), "as_of": as_of.isoformat(), "months": str(months)}
    if recipe.prior is not None:
        text = recipe.prior.booster.model_to_string()
        content["prior"] = hashlib.sha256(text.encode()).hexdigest()
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


def _too_few(place: Workplace, table: TrainingTable, origin: Origin) -> str:
    """Why no model could be made on the origin; empty if one could."""
    matures_after = timedelta(place.group_label.matures_after)
    known = table.frame[table.frame["as_of"] <= origin.day - matures_after]
    groups = known.loc[known["label"] == 1, "group_id"].nunique()
    needed = place.settings.risk_list.min_transferred_groups
    if groups < needed:
        return f"{groups} groups were known to have transferred, {needed} are needed"
    if not origin.split.fit:
        return "too few scoring days had matured to fit and calibrate on"
    return ""
