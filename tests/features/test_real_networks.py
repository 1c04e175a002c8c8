"""Real calls through the call-graph features, beside a few lines of pandas on the raw files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from data_contracts.contract import source_tables
from features import Tables, group_features, member_features, on_duckdb
from features.catalog import FEATURES, GROUP_FEATURES, MEMBER_FEATURES
from models.fitting import Recipe
from models.inner_choice import fit_by_inner_choice
from models.rows import Rows
from models.split import stratified_folds
from models.training import TrainingConfig
from pipelines.intake.ingestion import ingest
from pipelines.mapping import load_mapping
from pipelines.storage import Home
from pipelines.workplace import open_workplace

DATA = Path(__file__).parents[3] / "shared" / "data"
BETWEEN_DELIVERIES = date(2015, 2, 15)
AFTER_BOTH = date(2015, 3, 15)
THEMES = {f"features.{theme}" for theme in ("member.circle", "member.rival_circle", "group.calls")}
OF_MEMBERS = [f for f in MEMBER_FEATURES if f.formula.__module__ in THEMES]
OF_GROUPS = [f for f in GROUP_FEATURES if f.formula.__module__ in THEMES or f.name == "members"]
TREES = TrainingConfig(seed=3, threads=1, rounds=150, learning_rate=0.03, leaves=5)


def folder(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real data set {name} is not on this machine")
    return DATA / name


# ---- 4,964 customers of an operator, and who of them churned at two moments


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Tables:
    home = Home(tmp_path_factory.mktemp("network"))
    ingest(folder("call_network"), home, load_mapping("call_network"), token_key=b"k" * 32)
    return open_workplace(home.path).tables


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    frame = pd.read_csv(folder("call_network") / "customers.csv", dtype={"id": str})
    return frame.assign(id="N" + frame["id"]).set_index("id")


@pytest.fixture(scope="module")
def known(network) -> pd.DataFrame:
    rows = member_features(network, [BETWEEN_DELIVERIES], OF_MEMBERS).set_index("user_id")
    return rows.drop(columns=["as_of", "group_id"])


def test_everybody_who_is_still_there_has_features(known, customers):
    there = customers[customers["known_churn_at_t"] == 0]

    assert sorted(known.index) == sorted(there.index)
    assert (len(there), int(there["future_churn"].sum())) == (4_539, 349)


def test_neighbours_and_those_lost_are_counted_as_in_the_raw_file(known, customers):
    edges = "N" + pd.read_csv(folder("call_network") / "edges.csv", dtype=str)
    ends = pd.concat([edges, edges.set_axis(["to", "from"], axis=1)])
    lost = ends["to"].map(customers["known_churn_at_t"]).groupby(ends["from"])

    assert known["circle_size"].equals(lost.size().reindex(known.index).astype(float))
    assert known["alters_lost"].equals(lost.sum().reindex(known.index).astype(float))
    assert known["circle_lost_share"].to_numpy() == pytest.approx(lost.mean()[known.index])


def test_losses_around_are_shared_out_by_circles(known, customers):
    """The same by floating numbers: each loss over the circle of the lost, passed on once."""
    edges = "N" + pd.read_csv(folder("call_network") / "edges.csv", dtype=str)
    ends = pd.concat([edges, edges.set_axis(["to", "from"], axis=1)])
    size = ends.groupby("from").size()
    part = ends["to"].map(customers["known_churn_at_t"]) / ends["to"].map(size)
    near = part.groupby(ends["from"]).sum()
    far = (ends["to"].map(near) / ends["to"].map(size)).groupby(ends["from"]).sum()

    expected = (near + far / 5).reindex(known.index)
    assert known["losses_around"].to_numpy() == pytest.approx(expected, abs=1e-4)


def test_the_known_churn_of_neighbours_alone_ranks_those_who_leave_next(known, customers):
    left = customers["future_churn"].reindex(known.index)

    alone = roc_auc_score(left, known["alters_lost"])
    assert alone == pytest.approx(0.69, abs=0.02)
    assert roc_auc_score(left, known["losses_around"]) > alone


def test_the_features_together_beat_the_count_of_churned_neighbours(known, customers):
    """Compared within each held-out fold, on the same customers."""
    left = customers["future_churn"].reindex(known.index).to_numpy()
    rows = Rows(known, left, known.index.to_numpy())
    directions = {name: FEATURES[name].direction or 0 for name in known}
    recipe = Recipe("member_churn", "future_churn", TREES, isotonic_from=10**6, monotone=directions)
    gains = []
    for kept, held_out in stratified_folds(left, folds=5, repeats=4, seed=20090101):
        model = fit_by_inner_choice(rows.take(kept), recipe, (), folds=3)
        of_model = roc_auc_score(left[held_out], model.probability(known.iloc[held_out]))
        alone = roc_auc_score(left[held_out], known["alters_lost"].iloc[held_out])
        gains.append(of_model - alone)
    print(f"AUC gained over the count alone: {np.mean(gains):.4f}, by fold {np.round(gains, 3)}")

    assert np.mean(gains) > 0.005
    assert np.mean(np.array(gains) > 0) >= 0.7


def test_churn_that_is_told_later_is_not_known_before(network, known, customers):
    """After the second delivery the neighbours' later churn counts as well, before it none does."""
    assert known["loss_exposure"].isna().all()  # how long they talked is not told
    later = member_features(network, [AFTER_BOTH], OF_MEMBERS).set_index("user_id")

    assert (later["alters_lost"] - known["alters_lost"].reindex(later.index)).max() > 0
    assert len(later) == 4_539 - 349


# ---- 3,600 calls of 536 people over 28 days


@pytest.fixture(scope="module")
def calls() -> pd.DataFrame:
    return pd.read_csv(folder("calls_copenhagen") / "calls.csv")


@pytest.fixture(scope="module")
def talkers(calls) -> list[int]:
    """Whoever called the most people, and whom they and those called."""
    called = calls.groupby("caller")["callee"].agg(set)
    first = int(called.map(len).idxmax())
    met = called[first]
    return sorted({first, *met, *(one for each in met for one in called.get(each, ()))})


def test_degree_and_reciprocity_are_those_of_the_raw_calls(calls, talkers):
    everybody = sorted(set(calls["caller"]) | set(calls["callee"]))
    rows = member_features(copenhagen(calls, everybody), [DAY], OF_MEMBERS).set_index("user_id")
    called = {one: set(calls[calls["caller"] == one]["callee"]) for one in everybody}
    callers = {one: set(calls[calls["callee"] == one]["caller"]) for one in everybody}

    assert len(rows) == len(everybody)
    for one in everybody:
        found = rows.loc[f"P{one}"]
        assert found["circle_size"] == len(called[one] | callers[one])
        both_ways = len(called[one] & callers[one])
        assert found["circle_reciprocity"] == both_ways / len(called[one] | callers[one])


def test_density_and_reciprocity_of_a_small_group_are_those_of_the_raw_calls(calls, talkers):
    found = group_features(copenhagen(calls, talkers), [DAY], OF_GROUPS).iloc[0]
    among = calls[calls["caller"].isin(talkers) & calls["callee"].isin(talkers)]
    directed = {(a, b) for a, b in zip(among["caller"], among["callee"], strict=True)}
    pairs = {frozenset(pair) for pair in directed}
    mutual = [pair for pair in pairs if {tuple(pair), tuple(pair)[::-1]} <= directed]
    print(f"{len(talkers)} people, {len(pairs)} pairs who talked, {len(mutual)} both ways")

    assert len(talkers) > 10
    assert len(pairs) > len(mutual) > 0
    assert found["members"] == len(talkers)
    assert found["vnet_density"] == 2 * len(pairs) / (len(talkers) * (len(talkers) - 1))
    assert found["vnet_reciprocity"] == len(mutual) / len(pairs)


def test_a_missed_call_is_a_call_without_talk(calls):
    missed = calls[calls["duration"] == -1]
    people = sorted(set(missed["caller"]) | set(missed["callee"]))

    rows = member_features(copenhagen(missed, people), [DAY], OF_MEMBERS)
    assert len(missed) > 0
    assert rows["circle_size"].sum() == 2 * len(
        {frozenset(pair) for pair in zip(missed["caller"], missed["callee"], strict=True)}
    )
    assert rows["closest_share"].isna().all()


DAY = date(2014, 3, 13)
LOADED = "2014-03-05"
MONTH = "201402"
"""A month of 28 days, as many as the study has."""
TYPES = {"integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP"}


def copenhagen(calls: pd.DataFrame, group: list[int]) -> Tables:
    """The calls as those of one month; the people of ``group`` are the members of a group."""
    talk = calls["duration"].clip(lower=0)  # -1 seconds: missed
    ends = {"user": calls["caller"], "peer": calls["callee"]}
    made = pd.DataFrame({**ends, "n_out": 1, "sec_out": talk})
    got = pd.DataFrame({**ends, "n_in": 1, "sec_in": talk}).rename(
        columns={"user": "peer", "peer": "user"}
    )
    edges = pd.concat([made, got]).fillna(0).groupby(["user", "peer"], as_index=False).sum()
    people = pd.Series(sorted({*edges["user"], *group}))
    return as_tables(
        member=pd.DataFrame(
            {"user_id": people.map("P{}".format), "msisdn_hash": people.map("{:032x}".format)}
        ).assign(status="active"),
        membership_hist=pd.DataFrame({"user_id": map("P{}".format, group)}).assign(
            group_id="g", valid_from="2014-01-01", valid_to="9999-12-31"
        ),
        group_snapshot=pd.DataFrame({"group_id": ["g"], "month": MONTH, "tier": "C"}),
        call_edge_month=edges.assign(
            user_id=edges["user"].map("P{}".format),
            peer_key=edges["peer"].map("{:032x}".format),
            month=MONTH,
            peer_net="CM_other",
        ),
    )


def as_tables(**frames: pd.DataFrame) -> Tables:
    """Tables that hold ``frames``; a column of the contract that a frame lacks is unknown."""
    connection = duckdb.connect()
    relations = {}
    for name, frame in frames.items():
        given = frame.assign(load_time=LOADED, op="I")
        columns = ", ".join(
            f"CAST({column.name if column.name in given else 'NULL'}"
            f" AS {TYPES.get(column.kind, 'VARCHAR')}) AS {column.name}"
            for column in source_tables()[name].columns
        )
        connection.register("given", given)
        connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM given")
        relations[name] = nw.from_native(connection.table(name))
    return on_duckdb(connection, relations)
