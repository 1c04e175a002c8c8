"""Each cause can be switched off, and nothing else changes when it is."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulator.dekads import dekads, months
from simulator.dynamics import CALM
from simulator.preset import load, override
from simulator.society import Society
from simulator.world import simulate

WORLD = {"population.groups": {"A": 0, "B": 5, "C": 300}, "population.size_mu.C": 1.8}


def run(overrides, count=12):
    society = Society(load("county_xinxing_2009", {**WORLD, **overrides}), 1)
    calm = np.ones(society.groups.count, dtype=bool)
    happened = []
    for month in months("2008-01", count):
        for dekad in dekads(month):
            happened.append(society.step(dekad))
            calm &= society.rivalry.state == CALM
    return society, happened, calm


def drivers(happened):
    return [driver for dekad in happened for driver in dekad.transfers.driver]


def fates(society, happened, groups):
    """Every change of state of those who were members of ``groups`` from the first day on."""
    first = society.groups.size.sum()
    return {
        (int(m), int(day), int(state))
        for dekad in happened
        for m, day, state in zip(*vars(dekad.doings.changes).values(), strict=True)
        if m < first and m in groups
    }


def test_without_attacks_no_group_moves_because_of_one():
    _, happened, _ = run({"attack.mult": 0})

    assert sum(len(dekad.attacks.group) for dekad in happened) == 0
    assert set(drivers(happened)) <= {"background"}


def test_three_times_the_attacks_move_more_groups():
    _, quiet, _ = run({})
    _, wild, _ = run({"attack.mult": 3})

    assert len(drivers(wild)) > 1.5 * len(drivers(quiet))


def test_without_attacks_those_never_attacked_live_exactly_as_before():
    alone = {"circle.tie_hazard": 1}  # else those they call in other groups move them
    society, wild, calm = run({"attack.mult": 3, **alone})
    other, quiet, calm_too = run({"attack.mult": 0, **alone})
    untouched = calm & calm_too
    group = np.repeat(society.groups.index, society.groups.size)
    members = set(np.flatnonzero(untouched[group]).tolist())

    assert len(members) > 500
    assert fates(society, wild, members) == fates(other, quiet, members)


def test_without_diversion_nobody_becomes_dual():
    _, happened, _ = run({"member.diversion": 0, "attack.mult": 3})

    states = np.concatenate([dekad.doings.changes.state for dekad in happened])
    assert 1 not in states
    assert drivers(happened)


def test_without_expiry_effect_the_lock_that_acts_stays_level():
    _, happened, _ = run({"lock.expiry_effect": 0})

    for dekad in happened:
        assert (dekad.lock.acting == dekad.lock.level).all()
    assert "lock_expiry" not in drivers(happened)


def test_an_ended_contract_raises_the_hazard_of_leaving_and_a_live_one_lowers_it():
    society, _, _ = run({}, count=6)
    dekad = dekads(months("2008-01", 7)[6])[0]
    book = society.locking.contracts
    factor = society.locking.hard_churn_factor(society.members, dekad)
    since = dekad.first - book.last_end
    just, never = ~book.live & (since < 30), ~book.live & (since > 10_000)
    tier_c = society.groups.tier[society.members.group] == 2

    live, ended, free = (factor[tier_c & chosen].mean() for chosen in (book.live, just, never))
    assert live / free == pytest.approx(0.25)
    assert ended / free == pytest.approx(2.2)


def test_a_lever_with_weight_zero_is_not_used():
    _, happened, _ = run({"attack.levers_c.tariff_cut": 0, "attack.levers_ab.tariff_cut": 0})

    assert 0 not in np.concatenate([dekad.attacks.lever for dekad in happened])


def test_the_truth_lies_apart_from_the_landing_and_says_so(world):
    landing = [path.name for path in (world / "landing").rglob("*")]

    assert not [name for name in landing if "gt_" in name or "truth" in name]
    assert "Never read this folder" in (world / "truth" / "README.txt").read_text()


def test_the_truth_holds_states_attacks_transfers_and_parameters(world, small):
    truth = world / "truth"
    states = pq.read_table(truth / "gt_group_state.parquet")

    assert states.num_rows == 65 * (8 + 4) * 3  # groups × months × dekads
    assert set(states.column("state").to_pylist()) == {"calm", "resisted", "intent", "transferred"}
    assert pq.read_table(truth / "gt_attack.parquet").num_rows > 0
    assert pq.read_table(truth / "gt_member_state.parquet").column_names == [
        "user_id", "date", "state",
    ]  # fmt: skip
    moved = pq.read_table(truth / "gt_transfer.parquet").column("group_id").to_pylist()
    assert len(moved) == len(set(moved))
    parameters = json.loads((truth / "gt_params.json").read_text())
    assert parameters["seed"] == 1
    assert parameters["parameters"]["attack.mult"]["value"] == 3
    assert len(parameters["parameters"]) == len(small.parameters)


def test_reports_say_less_than_the_truth_and_later(world):
    attacks = pq.read_table(world / "truth" / "gt_attack.parquet")
    reports = pq.ParquetDataset(world / "landing" / "rival_event").read().to_pylist()
    true = {row["event_id"] for row in attacks.to_pylist()}

    told = [row for row in reports if row["event_id"] in true]

    assert 0 < len(told) < 0.5 * len(true)
    assert all(row["load_time"] > row["event_time"] for row in told)


def test_a_loss_is_reported_after_it_about_the_time_before(world):
    moved = pq.read_table(world / "truth" / "gt_transfer.parquet").to_pylist()
    on = {row["group_id"]: row["date"] for row in moved}
    reports = pq.ParquetDataset(world / "landing" / "rival_event").read().to_pylist()

    lost = [row for row in reports if row["outcome_claimed"] == "lost"]

    assert lost
    for row in lost:
        assert row["event_time"].date() <= on[row["group_id"]] or row["event_date"] is None
        assert row["load_time"].date() > on[row["group_id"]]


def test_a_world_of_one_group_runs(tmp_path):
    alone = override(
        load("toy"), {"population.groups": {"A": 0, "B": 0, "C": 1}, "world.months": 1}
    )

    simulate(alone, 1, tmp_path)

    assert (tmp_path / "landing" / "usage_month" / "200802.parquet").exists()
