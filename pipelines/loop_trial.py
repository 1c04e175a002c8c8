"""The randomised episodes as a learnt effect reads them: features, risk and expected effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.uplift import GateRule, Trial
from pipelines.workplace import TIERS, Workplace


def trial_of(place: Workplace, episodes: pd.DataFrame, rule: GateRule) -> Trial:
    """Episodes with known outcome and a model's risk, with what was known when they were drawn.

    With too few of them for any gate no features are computed: they would decide nothing.
    """
    known = episodes[episodes["moved"].notna() & episodes["score"].notna()]
    known = known.sort_values(["drawn_on", "group_id"], ignore_index=True)
    treated = known["arm"].eq("treat").to_numpy(np.float64)
    too_few = treated.sum() < rule.treated or (1 - treated).sum() < rule.held
    features = known[[]] if too_few else features_of(place, known)
    risk = known["score"].to_numpy(np.float64)
    return Trial(
        features=features,
        expected=risk * 0.0 if too_few else expected_of(place, known, features),
        risk=risk,
        treated=treated,
        propensity=known["propensity"].to_numpy(np.float64),
        moved=known["moved"].to_numpy(np.float64),
        cluster=known["group_id"].to_numpy(),
    )


def features_of(place: Workplace, known: pd.DataFrame) -> pd.DataFrame:
    """What the trees read of groups on the days on which they were drawn.

    Args:
        known: ``drawn_on``, ``group_id`` and ``score``, the risk then.
    """
    from features import group_features
    from features.catalog import GROUP_FEATURES

    days = sorted(set(known["drawn_on"]))
    told = group_features(place.tables, days, tiers=TIERS).rename(columns={"as_of": "drawn_on"})
    hidden = set(place.settings.group_model.leave_out)
    names = [f.name for f in GROUP_FEATURES if f.name in told and f.name not in hidden]
    rows = known[["drawn_on", "group_id", "score"]].merge(
        told[["drawn_on", "group_id", *names]], how="left", on=["drawn_on", "group_id"]
    )
    return rows.rename(columns={"score": "risk_when_drawn"})[["risk_when_drawn", *names]].astype(
        np.float64
    )


def expected_of(place: Workplace, known: pd.DataFrame, features: pd.DataFrame) -> np.ndarray:
    """What a wholly apt action was expected to save in each group."""
    from models.response import Offers, expected_effect, relieved
    from models.response_evidence import responses_known

    rule = place.settings.response.rule()
    days = sorted(set(known["drawn_on"]))
    lookback = place.settings.loop.offer_days
    told = responses_known(place.tables, days, lookback).rename(columns={"as_of": "drawn_on"})
    offers = known[["drawn_on", "group_id"]].merge(told, how="left", on=["drawn_on", "group_id"])
    counts = [offers[name].astype(np.float64).fillna(0.0) for name in ("accepted", "refused")]
    risk = relieved(known["score"], offers["since_accepted"].astype(np.float64), rule)
    managed = features["managed"] if "managed" in features else pd.Series(1.0, features.index)
    alone = 1.0 - managed.fillna(1.0)
    return expected_effect(risk, 1.0, np.nan, alone, np.nan, rule, Offers(*counts))
