"""From an operator's tables to a C-class risk list, as its three users meet it."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd

from features.catalog import FEATURES
from pipelines.publish import publish
from pipelines.score import score
from pipelines.storage import Home
from pipelines.workplace import GROUP_MODEL, open_workplace
from serving.store import PublishedStore

DAY = date(2010, 7, 3)


def test_every_listed_group_has_a_risk_and_reasons_that_add_up(trained_home):
    batch = published(trained_home)
    scores, rows = batch.frame("group_score"), batch.frame("risk_list")

    assert set(scores["method"]) == {"model"}
    assert scores["probability"].between(0, 1).all()
    assert set(rows["group_id"]) <= set(scores["group_id"])
    assert rows["reason_1_zh"].notna().all()
    assert rows["reason_1_en"].notna().all()
    assert scores["additivity_gap"].max() <= 1e-6
    for _, row in scores.iterrows():
        moved = sum(reason["contribution"] for reason in json.loads(row["reasons"]))
        assert abs(row["base_margin"] + moved - row["margin"]) <= 1e-6


def test_scoring_and_publishing_again_gives_the_same_bytes(trained_home):
    before = published(trained_home)
    files = {path.name: path.read_bytes() for path in before.folder.iterdir()}

    score(DAY, home=trained_home)
    publish(DAY, home=trained_home)

    after = published(trained_home)
    assert after.batch_id == before.batch_id
    assert {path.name: path.read_bytes() for path in after.folder.iterdir()} == files


def test_the_model_was_logged_with_figures_and_is_champion(trained_home):
    registry = open_workplace(trained_home).registry
    newest = registry.versions(GROUP_MODEL)[0]
    model = registry.load(GROUP_MODEL, "champion")

    assert set(newest.aliases) == {"champion", "challenger"}
    assert newest.tags["label_version"] == "L_transfer_90/1"
    assert set(model.features) <= set(FEATURES)


def test_features_stay_in_the_ranges_that_they_promise(trained_home):
    place = open_workplace(trained_home)
    tables = [pd.read_parquet(file) for file in (place.home.work / "training").rglob("*.parquet")]

    assert len(tables) == 2
    for table in tables:
        for name in set(table.columns) & set(FEATURES):
            known = table[name].dropna()
            feature = FEATURES[name]
            assert known.between(feature.low, feature.high).all(), name


def test_members_are_scored_too(trained_home):
    members = published(trained_home).frame("member_score")

    assert members["rank"].is_unique
    assert members["probability"].between(0, 1).all()


def published(home):
    return PublishedStore(Home(home).published).current(DAY)
