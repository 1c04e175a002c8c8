"""What a recipe is worth for groups, and for counties, of which its model has never seen a row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from models.errors import TrainingRefused
from models.evaluation import Estimate, evaluate
from models.fitting import Recipe
from models.rows import Rows
from models.split import Split
from models.unseen import Fold, Parts, unseen_counties, unseen_groups, unseen_probability
from pipelines import console
from pipelines.judged_rows import judged_rows
from pipelines.training_table import TrainingTable
from pipelines.workplace import Workplace

TOLD = ("auc", "average_precision", "expected_over_observed")


def of_newcomers(
    place: Workplace, table: TrainingTable, recipe: Recipe, split: Split, rows: pd.DataFrame
) -> dict[str, Estimate]:
    """Figures of the test rows, each scored by a model that has seen no row of its group or county.

    Every fold costs as much as a model: evaluation.unseen_folds of the settings says how many.

    Args:
        place: Whose settings and tables.
        table: Of groups.
        recipe: What makes the model.
        split: With test days.
        rows: Judged rows of the test days.

    Returns:
        ``unseen_group_auc`` and so on; the same of counties where there is more than one. None
        where no folds are asked for, or too little is left to learn from.
    """
    folds = place.settings.evaluation.unseen_folds
    if not folds:
        return {}
    test = Rows(rows[table.features], rows["label"].to_numpy(), rows["group_id"].to_numpy())
    parts = Parts(table.rows(split.fit), table.rows(split.calibrate), test)
    day, seed = parts.days(split), place.settings.evaluation.seed
    groups = unseen_groups(day, parts.groups, split, folds=folds, seed=seed)
    found = _figures(place, "group", parts, groups, recipe)
    if rows["county"].nunique() > 1:
        county = _counties(place, table, split, rows).reindex(parts.groups).to_numpy(object)
        left_out = unseen_counties(day, county, split, most_folds=folds)
        found |= _figures(place, "county", parts, left_out, recipe)
    return found


def _figures(
    place: Workplace, who: str, parts: Parts, folds: Iterable[Fold], recipe: Recipe
) -> dict[str, Estimate]:
    drawn = place.settings.evaluation
    try:
        chance = unseen_probability(parts, folds, recipe)
    except TrainingRefused as refused:
        console.say(f"No figures of an unseen {who}: {refused}")
        return {}
    known = np.isfinite(chance)
    figures = evaluate(
        np.asarray(parts.test.label)[known],
        chance[known],
        np.asarray(parts.test.cluster)[known],
        draws=drawn.draws,
        seed=drawn.seed,
    )
    return {f"unseen_{who}_{name}": figures[name] for name in TOLD}


def _counties(
    place: Workplace, table: TrainingTable, split: Split, rows: pd.DataFrame
) -> pd.Series[str]:
    """The newest known county of each group that was there when a part began or ended."""
    ends = {part[end] for part in (split.fit, split.calibrate) for end in (0, -1)}
    seen = pd.concat([judged_rows(place, table, sorted(ends)), rows], ignore_index=True)
    newest: pd.Series[str] = seen.sort_values("as_of").groupby("group_id")["county"].last()
    return newest
