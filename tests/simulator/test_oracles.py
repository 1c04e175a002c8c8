"""O1 knows every hidden state, O2 what was loaded by the day: neither knows the future."""

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.metrics import Ranking, auc
from simulator.dekads import dekads, following, months
from simulator.locking import Outlook
from simulator.oracle.latent import within
from simulator.oracle.replay import open_world, replay
from simulator.oracle.score import oracle_scores
from simulator.preset import PresetError, load
from simulator.society import Society
from simulator.world import simulate

WORLD = {
    "population.groups": {"A": 0, "B": 2, "C": 700},
    "population.size_mu.C": 1.9,
    "population.areas": 8,
    "world.months": 18,
    "usage.dekads_from": 1,
    "attack.mult": 2,
    "treatment.logged": 0,
    "treatment.random": 0,
}
DAYS = [months("2008-01", 18)[m].last + 3 for m in range(8, 18)]


@pytest.fixture(scope="module")
def wooed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wooed")
    simulate(load("toy", WORLD), 3, out)
    return out


@pytest.fixture(scope="module")
def scores(wooed) -> pd.DataFrame:
    return oracle_scores(open_world(wooed / "truth"), DAYS)


def found(rows, scorer):
    return auc(Ranking.of(rows["transfers"], rows[scorer]).weighed())


def test_who_sees_the_hidden_states_finds_more_than_who_sees_the_tables(scores):
    assert scores["transfers"].sum() > 50
    assert found(scores, "o1") > found(scores, "o2") + 0.02
    assert found(scores, "o2") > 0.65


def test_who_knows_less_promises_the_same_on_the_whole(scores):
    assert scores["o2"].mean() == pytest.approx(scores["o1"].mean(), rel=0.15)


def test_groups_that_have_moved_by_the_day_are_not_scored(wooed, scores):
    moved = pd.read_parquet(wooed / "truth" / "gt_transfer.parquet").set_index("group_id")["date"]
    day = pd.to_datetime(scores["as_of"], unit="D")

    when = pd.to_datetime(scores["group_id"].map(moved))

    assert not (when <= day).any()
    assert ((when - day).dt.days <= 90).equals(scores["transfers"])


def test_what_is_loaded_after_the_day_changes_neither(wooed, scores, tmp_path):
    early = tmp_path / "early"
    shutil.copytree(wooed / "truth", early / "truth")
    day = DAYS[4]
    for file in (wooed / "landing").rglob("*.parquet"):
        target = early / file.relative_to(wooed)
        target.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(
            f"SELECT * FROM '{file}' WHERE load_time < DATE '1970-01-01' + {day + 1}"
        ).write_parquet(str(target))

    known = oracle_scores(open_world(early / "truth"), [day])

    whole = scores[scores["as_of"] == day].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, whole)


def test_a_treatment_given_at_a_dekad_s_end_counts_from_that_day(tmp_path):
    treated = {**WORLD, "world.months": 6, "treatment.logged": 3, "treatment.random": 0.3}
    simulate(load("toy", treated), 4, tmp_path)
    given = pd.read_parquet(tmp_path / "truth" / "gt_treatment.parquet")
    day = given["date"].value_counts().index[0]
    rows = given[given["date"] == day].set_index("group_id")

    known = oracle_scores(open_world(tmp_path / "truth"), [(day - date(1970, 1, 1)).days])

    o1 = known.set_index("group_id")["o1"].reindex(rows.index)
    assert (rows["p0"] - rows["p1"]).abs().max() > 0.01
    here = o1.notna()  # a group may have moved by the day
    assert o1[here].to_numpy() == pytest.approx(rows["p1"][here].to_numpy())


def test_a_world_of_another_version_is_refused(wooed, tmp_path):
    told = json.loads((wooed / "truth" / "gt_params.json").read_text())
    told["parameters"]["attack.fury"] = told["parameters"].pop("attack.mult")
    (tmp_path / "gt_params.json").write_text(json.dumps(told))

    with pytest.raises(PresetError, match=r"another version of the simulator \(.*attack"):
        open_world(tmp_path)


def test_a_world_is_lived_through_again_exactly(wooed):
    told = pq.read_table(wooed / "truth" / "gt_transfer.parquet")["group_id"].to_pylist()
    world = open_world(wooed / "truth")

    again = [
        moment.society.groups.ids()[group]
        for moment in replay(world, 0)
        for group in moment.happened.transfers.group
    ]

    assert again == told


def test_the_oracle_that_knows_all_is_right_on_the_whole():
    promised, came = 0.0, 0
    for seed in (1, 2):
        society = Society(load("toy", WORLD), seed)
        chances = []
        for month in months("2008-01", 24):
            for dekad in dekads(month):
                society.step(dekad)
                if 3 <= month.index < 20 and dekad.index % 3 == 2:
                    chances.append((dekad.last, society.present(dekad).risk()))
        moved = society.rivalry.transfer_day
        for day, risk in chances:
            promised += risk.sum()
            came += ((moved > day) & (moved <= day + 90)).sum()

    assert came > 300
    assert promised / came == pytest.approx(1.0, abs=0.12)


def test_within_a_dekad_every_day_is_as_likely():
    dekad = dekads(months("2009-01", 1)[0])[2]  # ends on 31 January
    ahead = tuple(following(dekad, 3))  # 1-10, 11-20, 21-28 February
    outlook = Outlook(ahead, np.zeros(1), np.zeros((3, 1)), np.zeros((3, 1)))
    chances = np.array([[0.10], [0.20], [0.36]])

    early = within(chances, outlook, dekad.last + 5, days=10)

    # On 5 February half of the first tenth has gone; by the 15th half of the second as well.
    assert early == pytest.approx([(0.15 - 0.05) / (1 - 0.05)])
