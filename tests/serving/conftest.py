"""A small county: four features with words, a model of them, and what is known of its groups."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.definition import Feature, group_feature
from features.reasons import Reason
from models.bundle import Model
from models.calibration import fit_calibration
from models.frames import golden_rows
from models.training import TrainingConfig, fit
from pipelines import settings
from pipelines.level_rules import level_rules, routing_rules
from serving.alerting.level_rules import LevelRules
from serving.alerting.levels import levels
from serving.alerting.routing import routes
from serving.alerting.triggers import COLUMNS as TRIGGER
from serving.facts import Sources, group_facts
from serving.provenance import Provenance
from serving.risk_list import ListRules, Told, alerts, published_scores, risk_list, to_list
from serving.scoring import group_scores
from serving.store import WORKBOOK, Batch
from serving.why.changes import changed
from serving.workbook import workbook

DAY = date(2011, 1, 3)


@group_feature(
    unit="share",
    pivot=0,
    between=(-1000, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=("打出分钟下降{size:.0%}", "outgoing minutes fell {size:.0%}"),
    lowers=("打出分钟上升{size:.0%}", "outgoing minutes rose {size:.0%}"),
)
def mou_out_fall(mou_out_m):
    """Fall of outgoing minutes."""


@group_feature(
    unit="share",
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=("异网占比{value:.0%}", "{value:.0%} of the minutes go to rivals"),
    lowers=("异网占比仅{value:.0%}", "only {value:.0%} of the minutes go to rivals"),
)
def rival_share(mou_out_rival_m):
    """Share of minutes to rivals."""


@group_feature(
    unit="share",
    between=(0, 1),
    family="subsidy",
    reason=Reason.LOCK_IN,
    raises=("仅{value:.0%}的成员在约", "only {value:.0%} are under contract"),
    lowers=("{value:.0%}的成员在约", "{value:.0%} are under contract"),
)
def lock_share(contracts_live):
    """Share of members under contract."""


@group_feature(
    unit="days",
    between=(0, 365),
    family="management",
    reason=Reason.OWNER,
    raises=("距上次走访{value:.0f}天", "{value:.0f} days since the last visit"),
)
def days_since_visit(age):
    """Days since the last visit."""


@pytest.fixture(scope="session")
def catalogue() -> dict[str, Feature]:
    return {f.name: f for f in (mou_out_fall, rival_share, lock_share, days_since_visit)}


@pytest.fixture(scope="session")
def day() -> date:
    return DAY


@pytest.fixture(scope="session")
def feature_table() -> pd.DataFrame:
    """400 groups of one day; a tenth of the falls and half of the visits are unknown."""
    rng = np.random.default_rng(11)
    size = 400
    fall = rng.uniform(-0.5, 1, size)
    fall[::10] = np.nan
    return pd.DataFrame(
        {
            "as_of": DAY,
            "group_id": [f"G{number:04d}" for number in range(size)],
            "tier": "C",
            "mou_out_fall": fall,
            "rival_share": rng.random(size),
            "lock_share": rng.random(size),
            "days_since_visit": np.where(
                rng.random(size) < 0.5, np.nan, rng.integers(0, 300, size)
            ),
            "members": rng.integers(3, 40, size).astype(float),
            "key_members": 2.0,
            "days_to_next_end": 30.0,
            "group_arpu": 7000.0,
        }
    )


@pytest.fixture(scope="session")
def model(feature_table: pd.DataFrame, catalogue: dict[str, Feature]) -> Model:
    """Groups leave when minutes fall, most of all where few are under contract."""
    rng = np.random.default_rng(12)
    read = feature_table[list(catalogue)]
    chance = 0.02 + 0.6 * read["mou_out_fall"].clip(0, 1).fillna(0.1) * (1 - read["lock_share"])
    label = (rng.random(len(read)) < chance).astype(float)
    trees = TrainingConfig(seed=1, threads=1, rounds=20, leaves=7, minimum_rows_per_leaf=10)
    booster = fit(read, label, trees)
    margin = booster.predict(read, raw_score=True)
    curve = fit_calibration(margin, label, isotonic_from=10**6)
    names = tuple(catalogue)
    return Model("group_transfer", "L_transfer_90", booster, names, curve, golden_rows(read))


@pytest.fixture(scope="session")
def scores(model: Model, feature_table: pd.DataFrame, catalogue) -> pd.DataFrame:
    return group_scores(model, feature_table, catalogue)


def snapshots_of(group_ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group_id": group_ids,
            "group_name": [f"集团{number}" for number in range(len(group_ids))],
            "tier": "C",
            "area_id": "P1",
            "industry_l1": "trade",
            "lifecycle": "in_use",
            "is_test": None,
            "am_staff_id": [None if number % 2 else "S01" for number in range(len(group_ids))],
            "active_members": None,
            "mobile_revenue_fen": None,
            "fixed_revenue_fen": None,
        }
    )


@pytest.fixture(scope="session")
def snapshots() -> Callable[[list[str]], pd.DataFrame]:
    return snapshots_of


@pytest.fixture(scope="session")
def facts(feature_table: pd.DataFrame) -> pd.DataFrame:
    groups = snapshots_of(feature_table["group_id"].to_list())
    return group_facts(Sources(groups, feature_table), DAY)


@pytest.fixture(scope="session")
def level_limits() -> LevelRules:
    """Those of the settings: red from .20, orange from .10, yellow from .05, caps 1.5 % and 5 %."""
    return level_rules(settings.load(), by_points=False)


@pytest.fixture(scope="session")
def list_rules(level_limits: LevelRules) -> ListRules:
    cases = settings.load().casebook.rule()
    return ListRules(level_limits.small, cases, months_at_risk=3, revenue_share=0.7, at_least=50)


@pytest.fixture(scope="session")
def tell(catalogue) -> Callable[..., Told]:
    """What is known of groups on the first list, without staff, events and actions."""

    def told(scores: pd.DataFrame, facts: pd.DataFrame, rules: LevelRules) -> Told:
        placed = levels(scores, facts, pd.DataFrame(columns=list(TRIGGER)), rules, DAY)
        return Told(
            as_of=DAY,
            scores=scores,
            facts=facts,
            levels=placed,
            routes=routes(placed, facts, None, None, routing_rules(settings.load()), DAY),
            changes=changed(scores, None, catalogue),
            features=facts[["group_id"]],
        )

    return told


@pytest.fixture(scope="session")
def told(scores, facts, level_limits, tell) -> Told:
    return tell(scores, facts, level_limits)


@pytest.fixture(scope="session")
def made() -> Provenance:
    return Provenance(
        model_name="group_transfer",
        model_version="1",
        run_id="0123",
        label_version="L_transfer_90/1",
        config_hash="c0ffee",
        data_version="da7a",
        data_cutoff=date(2010, 12, 31),
        freshness={"usage_month": "201012", "visit": "2011-01-02"},
    )


@pytest.fixture(scope="session")
def listed(told, list_rules, made) -> pd.DataFrame:
    return risk_list(to_list(told.levels, set(), list_rules.at_least), told, list_rules, made)


@pytest.fixture(scope="session")
def batch(scores, facts, told, list_rules, made, listed) -> Batch:
    return Batch(
        as_of=DAY,
        frames={
            "group_score": published_scores(scores, facts, told.levels, list_rules, made),
            "risk_list": listed,
            "alert": alerts(told, None),
        },
        metadata={"not_scored": {"G9999": "The group exists only for tests."}},
        files={WORKBOOK: workbook(listed, None, made, list_rules)},
    )
