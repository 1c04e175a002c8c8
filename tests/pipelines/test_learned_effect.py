"""A learnt effect chooses actions only once its gate has opened."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from models.uplift import Trial
from pipelines import learned_effect as room
from pipelines.learned_effect import learned_effect
from pipelines.settings import load

DAY = date(2011, 1, 3)
SCORES = pd.DataFrame({"group_id": ["g2", "g1", "g3"], "probability": [0.2, 0.1, np.nan]})


def trial(size: int, *, works: bool) -> Trial:
    """Half of the groups can be saved where treating works, told apart by one feature."""
    rng = np.random.default_rng(7)
    kind, treated = rng.random(size) < 0.5, rng.random(size) < 0.5
    saved = 0.25 * kind * treated if works else 0.0
    return Trial(
        features=pd.DataFrame({"lock_share": kind * 1.0}),
        expected=np.full(size, 0.05) + rng.normal(0, 1e-3, size),
        risk=np.full(size, 0.3),
        treated=treated * 1.0,
        propensity=np.full(size, 0.5),
        moved=(rng.random(size) < 0.3 - saved) * 1.0,
        cluster=np.arange(size),
    )


@pytest.fixture
def asked(monkeypatch):
    """A place with many cases held out, whose trial is planted."""

    def ask(planted: Trial, held: int = 5_000) -> pd.DataFrame | None:
        cases = pd.DataFrame({"is_holdout": [True] * held})
        monkeypatch.setattr(room, "cases_known", lambda *_: cases)
        monkeypatch.setattr(room, "drawn", lambda *_: SimpleNamespace(episodes=None))
        monkeypatch.setattr(room, "trial_of", lambda *_: planted)
        now = pd.DataFrame({"lock_share": [1.0, 0.0]})
        monkeypatch.setattr(room, "features_of", lambda *_: now)
        monkeypatch.setattr(room, "expected_of", lambda *_: np.array([0.05, 0.05]))
        return learned_effect(SimpleNamespace(settings=load()), DAY, SCORES)

    return ask


def test_an_open_gate_tells_each_group_with_a_risk_what_treating_saves(asked):
    found = asked(trial(8_000, works=True))

    assert found["group_id"].tolist() == ["g1", "g2"]
    assert found["tau"].iloc[0] > found["tau"].iloc[1] + 0.1  # planted: .25 against 0


def test_while_nothing_is_shown_nothing_is_learnt(asked):
    assert asked(trial(8_000, works=False)) is None


def test_with_few_held_out_nobody_looks(asked):
    assert asked(trial(8_000, works=True), held=3) is None
