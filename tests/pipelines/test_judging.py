"""The verdict on a recipe: figures on later days, beside simpler scores, for groups and members."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from planted_versions import RECIPE, facts, world

from models.comparison import OF_ANY_SCORE
from pipelines import judged_rows as judged_room
from pipelines.judging import judge, reported
from pipelines.training_table import TrainingTable
from pipelines.workplace import open_workplace

AS_OF = date(2011, 4, 3)
RULES = """
[[rules]]
feature = "group_out_fall"
points = 1
text_zh = "跌"
text_en = "falls"
at_least = 0.5
"""
LEARNT = replace(RECIPE, training=replace(RECIPE.training, rounds=20))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A home without tables, where groups have made-up owners in two counties."""
    monkeypatch.setattr(judged_room, "known_facts", facts)
    config = tmp_path / "own.toml"
    config.write_text("[evaluation]\ndraws = 100\nunseen_folds = 2\n" + RULES, encoding="utf-8")
    return open_workplace(tmp_path / "var", config)


@pytest.fixture(scope="module")
def frame():
    return world(60, date(2009, 1, 3), seed=5)


def test_a_groups_model_is_judged_at_capacity_beside_rules_and_a_regression(place, frame, tmp_path):
    table = TrainingTable(frame, "group_id", frozenset({"tickets"}))

    found = judge(place, table, LEARNT, AS_OF, tmp_path)

    assert found.test_days == tuple(table.days[-12:])
    assert set(found.baselines) == {"rules", "logistic"}
    assert found.baseline is found.baselines["rules"]
    one, rules, line = (
        each["precision_at_capacity"].value
        for each in (found.metrics, found.baselines["rules"], found.baselines["logistic"])
    )
    assert one > rules  # which look at half of what makes the risk
    assert line > rules  # and the made-up risk is a line, which a regression is made for
    gained = found.gains.set_index(["scorer", "figure"])["gain"]
    assert gained["rules", "precision_at_capacity"] == pytest.approx(one - rules)
    assert set(found.gains["figure"]) == set(OF_ANY_SCORE)
    assert set(found.slices["by"]) == {"county", "tier", "size_band", "industry", "managed"}
    assert {"value_recall_at_capacity", "empb_per_head_fen"} <= set(found.metrics)
    assert {file.name for file in found.files} == {
        *("reliability.png", "lift.png", "contributions.png", "profit.png", "owners.png"),
        "gains.csv",
    }
    assert all(file.stat().st_size for file in found.files)
    shown = reported(found, 0.9)
    assert "precision_at_capacity" in shown["logistic"]


def test_groups_and_counties_that_were_never_seen_stand_beside(place, frame, tmp_path):
    table = TrainingTable(frame, "group_id", frozenset({"tickets"}))

    found = judge(place, table, LEARNT, AS_OF, tmp_path).metrics

    # each group keeps its two features, so a model may know groups by heart; of others it may not
    assert found["unseen_group_auc"].value < found["auc"].value
    assert found["unseen_county_auc"].value < found["auc"].value
    assert found["unseen_group_auc"].value > 0.7


def test_the_twin_tells_what_the_gate_asks_of_a_model(place, frame, tmp_path):
    table = TrainingTable(frame, "group_id", frozenset({"tickets"}))

    twin = judge(place, table, LEARNT, AS_OF, tmp_path).twin

    assert twin.metadata["as_of"] == AS_OF.isoformat()
    assert len(twin.metadata["feature_version"]) > 0
    assert twin.metadata["calibration_to"] < table.days[-12].isoformat()


def test_who_was_treated_since_is_a_slice_of_its_own(place, frame, tmp_path):
    treated = frame.assign(treated=(frame["group_id"] < "g0090").astype(int))
    hidden = frozenset({"tickets", "treated"})

    found = judge(place, TrainingTable(treated, "group_id", hidden), LEARNT, AS_OF, tmp_path)

    rows = found.slices.query("by == 'treated' and figure == 'auc'").set_index("slice")["rows"]
    assert rows.to_dict() == {"0": 12 * (900 - 90), "1": 12 * 90}


def test_members_are_judged_one_by_one(place, frame, tmp_path):
    members = frame.rename(columns={"group_id": "user_id"}).assign(
        group_id="G1", as_of=frame["as_of"]
    )
    table = TrainingTable(members, "user_id", frozenset({"tickets"}))

    found = judge(place, table, LEARNT, AS_OF, tmp_path)

    assert found.baseline == {}
    assert found.slices.empty
    assert found.metrics["positive_clusters"].value > 100
    assert "precision_at_capacity" not in found.metrics
    assert "auc" in reported(found, 0.9)
