"""Planted models before the gate: later days whose risk is known, and what a model says of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import FEATURES
from models.capacity import Slots
from models.feature_version import feature_version
from models.gate import Decision, GateRule, decide
from models.gate_refusals import Candidate, Known

RULE = GateRule(
    metric="precision_at_capacity",
    least_gain=0.0,
    slices=("county", "tier"),
    slice_positives=30,
    slice_loss=0.05,
    top_share=0.05,
    least_expected_over_observed=0.8,
    most_expected_over_observed=1.25,
    least_slope=0.8,
    most_slope=1.2,
    least_days=6,
    suspicious_auc=0.9,
    slots=Slots(manager=3, unmanaged=6),
    draws=200,
    seed=1,
)
READS = ("group_out_fall", "lock_share")
KNOWN = Known("L_transfer_90/1", FEATURES)
MADE_OF = {
    "feature_version": feature_version(READS, FEATURES),
    "fit_rows": 4000,
    "fit_positives": 200,
    "calibration_rows": 2000,
    "calibration_positives": 100,
}
GROUPS, DAYS = 1000, 8


def risk(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def knowing_only(seen):
    """The risk of who sees only part of the log-odds: the mean over the unseen part, N(0, 1.2²)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    chances = risk(-3.2 + seen[:, None] + 1.2 * nodes[None, :])
    return (chances * weights).sum(axis=1) / weights.sum()


def later_days() -> pd.DataFrame:
    """Later days of 1,000 groups with log-odds -3.2 + seen + hidden, each of deviation 1.2."""
    rng = np.random.default_rng(11)
    group = np.tile(np.arange(GROUPS), DAYS)
    seen, hidden = (rng.normal(0, 1.2, GROUPS)[group] for _ in range(2))
    label = (rng.random(len(group)) < risk(-3.2 + seen + hidden)).astype(int)
    first = date(2011, 1, 13)
    return pd.DataFrame(
        {
            "as_of": [first + timedelta(10 * int(day)) for day in np.repeat(range(DAYS), GROUPS)],
            "group_id": [f"g{number:04}" for number in group],
            "label": label,
            "owner": [f"s{number % 40}" if number % 10 else "none" for number in group],
            "county": np.where(group % 4 == 0, "east", "west"),
            "tier": "C",
            "value": 1000.0,
            "seen": seen,
            "hidden": hidden,
            "noise": rng.normal(size=len(group)),
        }
    )


def candidate(title: str, rows: pd.DataFrame, chances: Any, **made_of: Any) -> Candidate:
    return Candidate(
        title,
        rows.assign(probability=chances),
        "L_transfer_90/1",
        READS,
        {**MADE_OF, **made_of},
    )


def good(rows: pd.DataFrame) -> Any:
    return np.array(risk(-3.2 + rows["seen"] + rows["hidden"]))


def of_champion(rows: pd.DataFrame) -> Any:
    return knowing_only(rows["seen"].to_numpy())


def judge(rows: pd.DataFrame, chances: Any, rule: GateRule = RULE, **made_of: Any) -> Decision:
    champion = candidate("version 1", rows, of_champion(rows))
    return decide(candidate("version 2", rows, chances, **made_of), champion, KNOWN, rule)


def failed(decision: Decision) -> Mapping[str, str]:
    return {one.name: one.sentence for one in decision.criteria if not one.passed}
