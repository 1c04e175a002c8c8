"""List and compare registered models: figures side by side, who moved and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from planted_versions import (
    DAYS,
    JUDGED,
    NAME,
    NEWEST,
    fill,
    judge_on,
    start_again,
    world,
)

from pipelines import console, judged_rows, score
from pipelines.model_commands import compare, list_models
from pipelines.promote import promote
from pipelines.workplace import open_workplace


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("models") / "home"
    fill(folder)
    return folder


@pytest.fixture(autouse=True)
def champion_one(home, monkeypatch) -> None:
    start_again(home, monkeypatch)


def test_compare_sets_two_versions_side_by_side_and_says_who_moved_and_why(home, monkeypatch):
    day = world(1, JUDGED, seed=9)
    monkeypatch.setattr(score, "eligible", lambda place, as_of: (day, {}))

    result = compare(2, 1, as_of=NEWEST, moved=5, home=home)

    better = next(one for one in result["figures"] if one.figure == "precision_at_capacity")
    assert better.difference.low > 0
    assert better.difference.value == pytest.approx(better.one.value - better.other.value)
    assert result["said"].startswith("8 later days, 2010-01-13 to 2010-03-24: 7,200 rows")
    assert len(result["moved"]) == 5
    registry = open_workplace(home).registry
    ranked = {
        version: day.assign(risk=registry.load(NAME, version).margin(day))
        .sort_values(["risk", "group_id"], ascending=[False, True])["group_id"]
        .tolist()
        for version in (1, 2)
    }
    for move in result["moved"]:
        places = [ranked[version].index(move.group_id) + 1 for version in (1, 2)]
        assert [move.rank_before, move.rank_after] == places
        up = move.rank_after < move.rank_before
        assert all((shift.after > shift.before) == up for shift in move.why)
        if move.how in ("entered", "left"):
            lock_in = move.why[0]
            assert (lock_in.code, lock_in.feature) == ("R04", "lock_share")
            assert lock_in.before == 0  # version 1 does not read it
            assert lock_in.text_en
    assert {"entered", "left"} & {move.how for move in result["moved"]}


def test_compare_without_later_days_says_from_when_and_still_who_moved(home, monkeypatch):
    day = world(1, JUDGED, seed=9)
    judge_on(world(DAYS, date(2009, 1, 3), seed=3), monkeypatch)
    monkeypatch.setattr(score, "eligible", lambda place, as_of: (day, {}))

    result = compare(2, 1, as_of=NEWEST, moved=3, home=home)

    assert result["figures"] == ()
    assert "there will be enough on 2010-08-12" in result["said"]
    assert len(result["moved"]) == 3


def test_a_version_beside_itself_moves_nobody(home, monkeypatch):
    day = world(1, JUDGED, seed=9)
    monkeypatch.setattr(score, "eligible", lambda place, as_of: (day, {}))

    result = compare(1, 1, as_of=NEWEST, home=home)

    assert result["moved"] == ()
    assert {one.difference.value for one in result["figures"]} == {0.0}


def test_results_are_shown_to_people_and_to_programs(home, monkeypatch, capsys):
    monkeypatch.setattr(score, "eligible", lambda place, as_of: (world(1, JUDGED, seed=9), {}))
    for result in (
        promote(3, as_of=NEWEST, home=home),
        compare(2, 1, as_of=NEWEST, home=home),
        list_models(home),
    ):
        console.show(result)
        console.show_json(result)
    shown = capsys.readouterr().out

    assert "NO" in shown
    assert "precision_at_capacity" in shown
    assert "R04" in shown


def test_the_list_of_models_tells_who_is_champion_and_by_which_right(home):
    promote(2, as_of=NEWEST, home=home)

    rows = {row["version"]: row for row in list_models(home)}

    assert rows[2]["aliases"] == ("champion",)
    assert rows[2]["promoted because"] == "the gate passed it"
    assert rows[1]["aliases"] == ()
    assert rows[1]["as_of"] == "2010-01-03"


def test_an_empty_home_has_no_models_and_makes_no_database(tmp_path):
    assert list_models(tmp_path) == []
    assert not (tmp_path / "mlflow.db").exists()


def test_size_bands_meet_at_their_edges():
    found = judged_rows.size_band(pd.Series([1, 9, 10, 29, 30, 100]), [10, 30, 100])

    assert found.tolist() == [
        "under 10", "under 10", "10-29", "10-29", "30-99", "100 and more"
    ]  # fmt: skip
