"""The learnt effect of treating: for a list only once its gate has opened on random episodes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from models.uplift import gate, learn
from pipelines import console
from pipelines.loop_episodes import cases_known, drawn
from pipelines.loop_trial import expected_of, features_of, trial_of
from pipelines.workplace import Workplace


def learned_effect(place: Workplace, as_of: date, scores: pd.DataFrame) -> pd.DataFrame | None:
    """By how much treating each group would lower its risk, as results have taught it.

    Args:
        place: With the log of treatments, if there is one.
        as_of: Day of the list.
        scores: Of ``serving.scoring``: ``group_id`` and ``probability``.

    Returns:
        ``group_id`` and ``tau`` for every group with a probability; None while the gate is shut,
        so that aptness × risk chooses. `groupchurn report loop` says which, and on what grounds.
    """
    uplift, rule = place.settings.uplift, place.settings.uplift.gate()
    cases = cases_known(place, as_of)
    if cases.empty or cases["is_holdout"].eq(True).sum() < rule.held:
        return None
    found = drawn(place, cases, as_of, date.min)
    trial = trial_of(place, found.episodes, rule)
    knobs = uplift.knobs(place.settings.engine.threads)
    if not gate(trial, knobs, rule).opens:
        return None
    console.say("Actions are chosen by the learnt effect: its gate is open.")
    at_risk = scores[scores["probability"].notna()].sort_values("group_id", ignore_index=True)
    now = at_risk[["group_id"]].assign(drawn_on=as_of, score=at_risk["probability"])
    features = features_of(place, now)
    tau = learn(trial, knobs).effect(features, expected_of(place, now, features))
    return now[["group_id"]].assign(tau=np.asarray(tau))
