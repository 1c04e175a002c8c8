"""From an operator's tables to a C-class risk list, as its three users meet it."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pandas as pd
import pytest

from features.catalog import FEATURES
from pipelines.errors import UsageError
from pipelines.publish import publish
from pipelines.run import run
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
    small = rows[rows["tier"] == "C"]
    assert set(small["group_id"]) <= set(scores["group_id"])
    alerted = rows[rows["level"] != "none"]
    assert (alerted["reason_1_zh"].notna() | alerted["level_why_zh"].notna()).all()
    assert (rows["reason_1_zh"].notna() == rows["reason_1_en"].notna()).all()
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


def test_later_deliveries_change_no_byte_of_a_list(trained_home, small_world, tmp_path):
    extracts, home = tmp_path / "extracts", tmp_path / "home"
    for file in small_world.glob("landing/*/*.parquet"):
        if file.stem[:6] <= f"{DAY:%Y%m}":  # batches of dekads are named YYYYMMd
            (extracts / file.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, extracts / file.parent.name)
    home.mkdir()
    shutil.copy(Home(trained_home).mlflow, Home(home).mlflow)

    run(DAY, extracts, home=home)

    with_all_that_came_later = published(trained_home)
    assert len(list(extracts.rglob("*.parquet"))) < len(list(small_world.rglob("*.parquet")))
    assert published(home).batch_id == with_all_that_came_later.batch_id


def test_a_model_may_not_score_a_day_that_it_has_learnt_from(trained_home):
    with pytest.raises(UsageError, match="train for that day"):
        score(date(2010, 6, 3), home=trained_home)


def test_publishing_refuses_scores_of_other_settings(trained_home, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text("[risk_list]\nmin_length = 10\n")

    with pytest.raises(UsageError, match="again"):
        publish(DAY, home=trained_home, config=other)


def test_the_model_was_logged_with_figures_and_is_champion(trained_home):
    registry = open_workplace(trained_home).registry
    newest = registry.versions(GROUP_MODEL)[0]
    model = registry.load(GROUP_MODEL, "champion")

    assert set(newest.aliases) == {"champion", "challenger"}
    assert newest.tags["label_version"] == "L_transfer_90/2"
    assert set(model.features) <= set(FEATURES)


def test_features_stay_in_the_ranges_that_they_promise(trained_home):
    place = open_workplace(trained_home)
    tables = [pd.read_parquet(file) for file in (place.home.work / "training").rglob("*.parquet")]

    assert tables
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
