"""What a recipe is worth: its figures on later days, beside simpler scores, with pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.bundle import Model
from models.capacity import Capacity, Worklist
from models.comparison import gains
from models.evaluation import Estimate, evaluate
from models.fitting import Recipe, fit_and_calibrate
from models.frames import Floats
from models.judged import Judged, judge_rows
from models.plots import (
    contribution_summary,
    hits_by_owner,
    lift_curve,
    profit_curve,
    reliability,
)
from models.profit import FORMULA, Stakes
from models.slices import sliced
from models.split import Split, SplitRule, split_by_time
from models.steadiness import steadiness
from pipelines.cards import versions_of
from pipelines.judged_rows import judged_rows, scored
from pipelines.newcomers import of_newcomers
from pipelines.simple_scores import SIMPLE, simple_scores
from pipelines.training_table import MEMBER_EVERY, TrainingTable
from pipelines.workplace import Workplace

SHOWN = (
    "precision_at_capacity",
    "value_recall_at_capacity",
    "auc",
    "average_precision",
    "lift_at_10pct",
    "calibration_error",
    "expected_over_observed",
    "list_jaccard",
    "n",
    "positives",
)
FOUND_BESIDE = ("label_30", "label_silent")
"""Labels of groups that the same list should find too: those that go soon, or without a sound."""
PICTURED = 2_000
"""Rows in the summary of contributions: more make the picture darker, not clearer."""


@dataclass(frozen=True)
class Verdict:
    """What a twin of the model, made from older days only, was worth on the test days.

    Attributes:
        metrics: Its figures; also of groups and counties that it had never seen, where asked for.
        baselines: Figures of the rules and of a logistic regression on the same rows, of groups.
        slices: Figures by tier, county, size and so on, as ``models.slices.sliced`` gives them.
        gains: By how much it beats the baselines, as ``models.comparison.gains`` gives them.
        twin: The model that was judged; the one in use has learnt from the test days too.
        test_days: The days that it was judged on.
        files: Pictures and tables.
        formula: By which formula profit was reckoned.
    """

    metrics: Mapping[str, Estimate]
    baselines: Mapping[str, Mapping[str, Estimate]]
    files: tuple[Path, ...]
    twin: Model
    test_days: tuple[date, ...]
    slices: pd.DataFrame = field(default_factory=pd.DataFrame)
    gains: pd.DataFrame = field(default_factory=pd.DataFrame)
    formula: str = FORMULA

    @property
    def baseline(self) -> Mapping[str, Estimate]:
        """Figures of the rules; none where the table lacks what they read."""
        return self.baselines.get("rules", {})


def split_rule(place: Workplace, table: TrainingTable) -> SplitRule:
    """How the table's days are parted; a members' table has fewer days, six dekads apart."""
    label, split = place.settings.label, place.settings.split
    rule = SplitRule(
        embargo_days=label.embargo_days,
        calibration_embargo_days=label.window_days,
        **split.model_dump(),
    )
    if table.entity == "group_id":
        return rule
    return replace(
        rule,
        test_days=-(-split.test_days // MEMBER_EVERY),
        calibration_days=-(-split.calibration_days // MEMBER_EVERY),
        fit_days=-(-split.fit_days // MEMBER_EVERY),
    )


def judge(
    place: Workplace, table: TrainingTable, recipe: Recipe, as_of: date, folder: Path
) -> Verdict:
    """Fit and calibrate on the older days and evaluate on the newest ones, the embargo between.

    Members are judged one by one: they have no owners and no value, and are cut into no slices.

    Args:
        folder: Where the pictures go.

    Raises:
        SplitError: There are too few days.
        TrainingRefused: There are too few positives, or only one class.
    """
    split = split_by_time(table.days, as_of, split_rule(place, table))
    twin = _twin(place, table, recipe, as_of, split)
    rows = scored(_known(judged_rows(place, table, split.test)), twin)
    if table.entity != "group_id":
        drawn = place.settings.evaluation
        metrics = evaluate(
            rows["label"], rows["probability"], rows["group_id"], draws=drawn.draws, seed=drawn.seed
        )
        files = _pictures(twin, rows, {recipe.name: rows["probability"]}, folder)
        return Verdict(metrics, {}, files, twin, split.test)
    with one_thread():
        return _of_groups(place, table, recipe, split, rows, twin, folder)


def one_thread() -> AbstractContextManager[object]:
    """Sums of numpy on one core: with more, the last bits hang on how many, and each sum waits.

    The trees, which have threads of their own and are the same on any number, keep theirs.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def _of_groups(
    place: Workplace,
    table: TrainingTable,
    recipe: Recipe,
    split: Split,
    rows: pd.DataFrame,
    twin: Model,
    folder: Path,
) -> Verdict:
    terms = place.terms
    draws, seed = place.settings.evaluation.draws, place.settings.evaluation.seed
    simple = simple_scores(place, table.rows(split.fit), rows)
    baselines = {
        name: judge_rows(
            rows.assign(probability=score),
            terms,
            draws=draws,
            seed=seed,
            calibrated=SIMPLE[name],
        )
        for name, score in simple.items()
    }
    scores = {recipe.name: rows["probability"].to_numpy(), **simple}
    gained = gains(rows, scores, terms, first=recipe.name, draws=draws, seed=seed)
    return Verdict(
        metrics={
            **judge_rows(rows, terms, draws=draws, seed=seed),
            **steadiness(rows, _worked(place, rows), draws=draws, seed=seed),
            **_of_other_labels(rows, draws=draws, seed=seed),
            **of_newcomers(place, table, recipe, split, rows),
        },
        baselines=baselines,
        files=(
            *_pictures(twin, rows, scores, folder),
            *_pictures_of_capacity(place, rows, scores, folder),
            _as_csv(gained, folder / "gains.csv"),
        ),
        twin=twin,
        test_days=split.test,
        slices=sliced(rows, terms, draws=draws, seed=seed, by=_cut_by(place, rows)),
        gains=gained,
    )


def _of_other_labels(rows: pd.DataFrame, *, draws: int, seed: int) -> dict[str, Estimate]:
    """How well the risk of a transfer finds what else became of groups, where that is known."""
    found: dict[str, Estimate] = {}
    for label in FOUND_BESIDE:
        known = rows.dropna(subset=label) if label in rows else pd.DataFrame({label: []})
        if known[label].nunique() > 1:
            told = evaluate(
                known[label],
                known["probability"],
                known["group_id"],
                draws=draws,
                seed=seed,
                calibrated=False,
            )
            found |= {f"{name}_{label}": told[name] for name in ("auc", "average_precision")}
    return found


def _worked(place: Workplace, rows: pd.DataFrame) -> Floats:
    """How much of each row its owner works, the riskiest first."""
    capacity = Capacity.of_rows(rows, place.terms.slots)
    return Worklist.of(rows["probability"], capacity).worked()


def reported(verdict: Verdict, suspicious_auc: float) -> dict[str, Any]:
    """The figures that are shown, and a warning where one looks too good."""
    shown = figures(verdict.metrics)
    for name, baseline in verdict.baselines.items():
        shown[name] = figures(baseline)
    if verdict.metrics["auc"].value > suspicious_auc:
        shown["warning"] = f"an AUC above {suspicious_auc} is a leak until it is explained"
    return shown


def figures(metrics: Mapping[str, Estimate]) -> dict[str, Any]:
    """The figures that people ask for first, each with its interval."""
    return {name: metrics[name] for name in SHOWN if name in metrics}


def _twin(
    place: Workplace, table: TrainingTable, recipe: Recipe, as_of: date, split: Split
) -> Model:
    days = {"fit": split.fit, "calibration": split.calibrate}
    versions = versions_of(place, table, as_of, days)
    return fit_and_calibrate(table.rows(split.fit), table.rows(split.calibrate), recipe, versions)


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose outcome has matured, those treated since among them, as in the gate."""
    return rows[rows["label"].notna()].reset_index(drop=True)


def _cut_by(place: Workplace, rows: pd.DataFrame) -> Sequence[str]:
    """Columns that the list is looked at by; who was treated since only where somebody was."""
    treated = "treated" in rows and rows["treated"].nunique() > 1
    return (*place.settings.promotion.slices, "managed", *(["treated"] if treated else []))


def _pictures(
    twin: Model, rows: pd.DataFrame, scores: Mapping[str, Any], folder: Path
) -> tuple[Path, ...]:
    some = rows.iloc[:: -(-len(rows) // PICTURED)].loc[:, list(twin.features)]
    return (
        reliability(rows["label"], rows["probability"], folder / "reliability.png"),
        lift_curve(rows["label"], scores, folder / "lift.png"),
        contribution_summary(twin.contributions(some), some, folder / "contributions.png"),
    )


def _pictures_of_capacity(
    place: Workplace, rows: pd.DataFrame, scores: Mapping[str, Floats], folder: Path
) -> tuple[Path, ...]:
    judged = Judged.of(rows, place.terms)
    worked = judged.worklist.worked()
    profits = judged.profits
    as_given = np.argsort(profits.order)
    stakes = Stakes(profits.stakes.gain[as_given], profits.stakes.cost[as_given])
    return (
        profit_curve(
            scores, stakes, judged.acceptance, folder / "profit.png", worked=float(worked.mean())
        ),
        hits_by_owner(rows["owner"], rows["label"], worked, folder / "owners.png"),
    )


def _as_csv(table: pd.DataFrame, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False, lineterminator="\n")
    return file
