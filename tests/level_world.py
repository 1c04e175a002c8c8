"""Groups with what their levels are drawn from, for the tests of levels."""

from __future__ import annotations

from datetime import date

import pandas as pd

from serving.alerting.level_rules import (
    AssumedRisk,
    Hysteresis,
    LevelLimits,
    LevelRules,
    Limits,
    LossLimits,
)
from serving.alerting.triggers import COLUMNS

DAY = date(2011, 1, 3)
LOSS = LossLimits(months=3, revenue_share=0.7, least_red_fen=10_000, lift_fen=40_000)
RULES = LevelRules(
    small=LevelLimits(0.20, 0.10, 0.05, most_red=1, most_red_and_orange=1),
    large=Limits(6, 4, 3),
    loss=LOSS,
    key_diverted=0.10,
    hysteresis=Hysteresis(margin=0.15, most_days=15),
    cool_down_days=30,
    assumed_small=AssumedRisk(0.2, 0.1, 0.05, 0.005),
    assumed_large=AssumedRisk(0.05, 0.02, 0.01, 0.002),
)
NOTHING = pd.DataFrame(columns=COLUMNS)


def facts_of(groups):
    """Groups with revenue such that nothing is too little or very much: 3 x .7 x 1,000 yuan."""
    known = {
        "tier": "C",
        "county_id": "R1",
        "double_top100": False,
        "monthly_revenue_fen": 90_000,
        "key_members_diverting": 0,
    }
    return pd.DataFrame([{"group_id": name, **known, **own} for name, own in groups.items()])


def scores_of(probabilities, **points):
    rows = [(name, "model", p, None) for name, p in probabilities.items()]
    rows += [(name, "rules", None, p) for name, p in points.items()]
    return pd.DataFrame(rows, columns=["group_id", "method", "probability", "points"])


def happened(*rows):
    """Triggers as group, kind, level and day."""
    return pd.DataFrame(
        [(g, kind, level, on, f"{kind}了", f"{kind} on {on}", DAY) for g, kind, level, on in rows],
        columns=COLUMNS,
    )
