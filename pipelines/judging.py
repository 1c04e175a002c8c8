"""What a recipe is worth: its figures on later days, beside the rules, with pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models.baseline import rules_points
from models.evaluation import Estimate, evaluate
from models.fitting import Recipe, fit_and_calibrate
from models.frames import Floats
from models.plots import contribution_summary, lift_curve, reliability
from models.split import SplitRule, split_by_time
from pipelines.training_table import MEMBER_EVERY, TrainingTable
from pipelines.workplace import Workplace

SHOWN = (
    "auc",
    "average_precision",
    "lift_at_10pct",
    "calibration_error",
    "expected_over_observed",
    "n",
    "positives",
)
PICTURED = 2_000
"""Rows in the summary of contributions: more make the picture darker, not clearer."""


@dataclass(frozen=True)
class Verdict:
    """Figures on the test days, those of the rules on the same rows, and pictures of both."""

    metrics: Mapping[str, Estimate]
    baseline: Mapping[str, Estimate]
    files: tuple[Path, ...]


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

    Args:
        folder: Where the pictures go.

    Raises:
        SplitError: There are too few days.
        TrainingRefused: There are too few positives, or only one class.
    """
    split = split_by_time(table.days, as_of, split_rule(place, table))
    model = fit_and_calibrate(table.rows(split.fit), table.rows(split.calibrate), recipe)
    test = table.rows(split.test)
    probability = model.probability(test.features)
    drawn = place.settings.evaluation
    evaluated = partial(
        evaluate, test.label, cluster=test.cluster, draws=drawn.draws, seed=drawn.seed
    )
    metrics = evaluated(probability)
    baseline: dict[str, Estimate] = {}
    scores: dict[str, Floats] = {recipe.name: probability}
    if {rule.feature for rule in place.rules} <= set(test.features.columns):
        scores["rules"] = np.asarray(rules_points(test.features, place.rules), np.float64)
        baseline = evaluated(scores["rules"], calibrated=False)
    some = test.features.iloc[:: -(-len(test.features) // PICTURED)]
    files = (
        reliability(test.label, probability, folder / "reliability.png"),
        lift_curve(test.label, scores, folder / "lift.png"),
        contribution_summary(model.contributions(some), some, folder / "contributions.png"),
    )
    return Verdict(metrics, baseline, files)


def reported(verdict: Verdict, suspicious_auc: float) -> dict[str, Any]:
    """The figures that are shown, and a warning where one looks too good."""
    shown = figures(verdict.metrics)
    if verdict.baseline:
        shown["rules"] = figures(verdict.baseline)
    if verdict.metrics["auc"].value > suspicious_auc:
        shown["warning"] = f"an AUC above {suspicious_auc} is a leak until it is explained"
    return shown


def figures(metrics: Mapping[str, Estimate]) -> dict[str, Any]:
    """The figures that people ask for first, each with its interval."""
    return {name: metrics[name] for name in SHOWN if name in metrics}
