"""Lists of the past: each is made from what was known on its day, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from planted_versions import RECIPE, facts, world

from models.fitting import fit_and_calibrate
from pipelines import backtest, console, judged_rows as judged_room, past_lists
from pipelines.past_lists import Origin, kept_scores, list_rows, origins, scores
from pipelines.training_table import TrainingTable
from pipelines.workplace import Workplace, open_workplace

FIRST = date(2009, 1, 3)
DAYS = 60  # to 16 August 2010
MATURES_AFTER = 10 + 90 + 70
FEW = 'feature = "group_out_fall"\npoints = 1\ntext_zh = "跌"\ntext_en = "falls"\n'
SMALL_WORLD_DAY = date(2010, 7, 3)
RULES = f"[[rules]]\n{FEW}at_least = 0.5\n[[rules]]\n{FEW}at_least = 1.5\n"
LEARNT = replace(RECIPE, training=replace(RECIPE.training, rounds=10))


@pytest.fixture(scope="module")
def table() -> TrainingTable:
    return TrainingTable(world(DAYS, FIRST, seed=5), "group_id", frozenset({"tickets"}))


@pytest.fixture
def open_with(tmp_path):
    """A home without tables, whose rules read what the made-up table has."""

    def opened(more: str = "") -> Workplace:
        config = tmp_path / "own.toml"
        config.write_text(more + RULES, encoding="utf-8")
        return open_workplace(tmp_path / "var", config)

    return opened


def known_by(table: TrainingTable, day: date) -> TrainingTable:
    """What training on the day would have found of the planted table."""
    matured = table.frame["as_of"] <= day - timedelta(MATURES_AFTER)
    return replace(table, frame=table.frame[matured].reset_index(drop=True))


@pytest.fixture
def planted(table, monkeypatch):
    """The planted table in place of the tables of a home; the days on which it was asked for."""
    asked: list[date] = []

    def training_tables(place, day):
        asked.append(day)
        return known_by(table, day), None

    def eligible(place, day):
        rows = table.frame[table.frame["as_of"] == day]
        return rows.drop(columns="label").reset_index(drop=True), {}

    monkeypatch.setattr(past_lists, "training_tables", training_tables)
    monkeypatch.setattr(past_lists, "eligible", eligible)
    monkeypatch.setattr(past_lists, "recipe_of", lambda *_: LEARNT)
    return asked


def test_each_month_has_its_first_list_and_models_are_made_anew_every_third(open_with, table):
    rolled = origins(open_with(), table.days, 12)

    lists = [day for origin in rolled for day in origin.lists]
    assert [f"{day:%Y-%m}" for day in lists] == [
        *[f"2009-{month:02}" for month in range(9, 13)],
        *[f"2010-{month:02}" for month in range(1, 9)],
    ]
    assert all(day.day <= 10 for day in lists)  # lists are 10 days apart
    assert [origin.day for origin in rolled] == lists[::3]


def test_a_list_is_what_training_on_its_origin_and_scoring_on_its_day_give(
    open_with, table, planted
):
    place = open_with()
    origin = origins(place, table.days, 12)[-1]

    found = scores(place, origin)

    assert planted == [origin.day]
    known = known_by(table, origin.day)
    calibrate = known.days[-6:]
    fit = [day for day in known.days if day <= calibrate[0] - timedelta(10 + 90)]
    model = fit_and_calibrate(table.rows(fit), table.rows(calibrate), LEARNT)
    rows = table.frame[table.frame["as_of"].isin(set(origin.lists))]
    assert (found["score"].to_numpy() == model.probability(rows)).all()
    assert set(found["method"]) == {"model"}
    assert found["group_id"].tolist() == rows["group_id"].tolist()


@pytest.mark.usefixtures("planted")
def test_where_too_few_transfers_were_known_the_rules_make_the_list_and_say_so(open_with, table):
    place = open_with("[risk_list]\nmin_transferred_groups = 800\n")
    origin = origins(place, table.days, 12)[-1]
    groups = known_by(table, origin.day).positive_entities

    found = scores(place, origin)

    assert set(found["method"]) == {"rules"}
    assert set(found["why"]) == {f"{groups} groups were known to have transferred, 800 are needed"}
    fall = table.frame.loc[table.frame["as_of"].isin(origin.lists), "group_out_fall"]
    points = (fall >= 0.5).astype(int) + (fall >= 1.5).astype(int)
    assert found["score"].tolist() == points.tolist()


@pytest.mark.usefixtures("planted")
def test_days_too_few_to_fit_on_give_a_rules_list(open_with, table):
    place = open_with()

    found = scores(place, origins(place, table.days, 12)[0])

    # by September 2009 the outcomes of January to mid March are known, and fitting has to end
    # 100 days before calibration begins
    assert set(found["method"]) == {"rules"}
    assert "scoring days" in found["why"].iloc[0]


@pytest.mark.usefixtures("planted")
def test_a_killed_backtest_goes_on_where_it_was(open_with, table, tmp_path, monkeypatch):
    place = open_with()
    done, other = origins(place, table.days, 12)[-2:]
    first = kept_scores(place, done, tmp_path / "kept")
    (tmp_path / "kept" / f"{other.day}.draft").write_bytes(b"half a file")
    made: list[Origin] = []

    def counted(*given):
        made.append(given[-1])
        return scores(*given)

    monkeypatch.setattr(past_lists, "scores", counted)
    again = [kept_scores(place, one, tmp_path / "kept") for one in (done, other)]

    assert made == [other]
    pd.testing.assert_frame_equal(again[0], first)


@pytest.mark.usefixtures("planted")
def test_each_manager_works_two_groups_a_list_and_the_team_of_a_county_fourteen(
    open_with, table, monkeypatch
):
    monkeypatch.setattr(judged_room, "known_facts", facts)
    place = open_with("[capacity]\nmanager = 2\nunmanaged = 14\n")
    scored = scores(place, origins(place, table.days, 12)[-1])

    rows = list_rows(place, table, scored)

    a_list = rows[rows["as_of"] == rows["as_of"].min()]
    # 900 groups: those of number 0, 5, … have no manager, half of them in each of two counties;
    # the others are worked by 48 of 60 managers (n % 60 is never a multiple of 5)
    places = 48 * 2 + 2 * 14
    for name in ("model", "rules", "chance"):
        assert a_list[name].sum() == pytest.approx(places)
    of_s1 = a_list[a_list["owner"] == "s1"].sort_values("score", ascending=False)
    assert of_s1["model"].tolist()[:3] == [1, 1, 0]
    assert of_s1["chance"].tolist() == pytest.approx([2 / len(of_s1)] * len(of_s1))


@pytest.mark.usefixtures("planted")
def test_a_director_gets_a_table_a_picture_and_files(open_with, table, monkeypatch, capsys):
    monkeypatch.setattr(judged_room, "known_facts", facts)
    onset = np.where(table.frame["label"] == 1, 40.0, np.nan)
    known = replace(
        table,
        frame=table.frame.assign(onset=onset),
        leave_out=table.leave_out | {"onset"},
    )
    place = open_with()

    rows, name = backtest.past_lists(place, known, date(2011, 2, 3), 12)
    found = backtest.judged(place, rows, name, "en")

    # three months by rules, see the days too few above, and nine by the three models after
    assert [month["method"] for month in found["months"]] == ["rules"] * 3 + ["model"] * 9
    assert [str(why["from"])[:7] for why in found["rules_because"]] == ["2009-09"]
    for month in found["months"]:
        assert month["model"] <= month["perfect"] <= month["came"]
        assert month["listed"] - month["false_alarms"] == pytest.approx(month["model"])
    assert found["totals"]["precision_model"].low > found["totals"]["precision_chance"].high
    assert found["totals"]["lead_days_model"].value == 40
    assert found["picture"].read_bytes().startswith(b"\x89PNG")
    files = {file.name for file in found["tables"].glob("*.csv")}
    assert files == {"months.csv", "totals.csv", "lists.csv"}
    console.show_json(found)
    assert '"more_than_rules"' in capsys.readouterr().out
    console.show(found)
    assert "The list less rules" in capsys.readouterr().out


@pytest.mark.slow
def test_lists_are_by_rules_until_enough_transfers_were_known(trained_home):
    found = backtest.backtest(SMALL_WORLD_DAY, home=trained_home, months=6)

    methods = [month["method"] for month in found["months"]]
    assert methods == sorted(methods, reverse=True)  # rules, then model
    assert methods[0] == "rules"
    assert "60 are needed" in found["rules_because"][0]["why"]
    for month in found["months"]:
        assert month["model"] <= month["came"]
        if month["method"] == "rules":
            assert month["model"] == month["rules"]
