"""The world shows the figures of the operator's own summaries."""

import numpy as np
import pytest

from simulator.dekads import dekads, months
from simulator.members import DUAL, GONE
from simulator.preset import load
from simulator.society import Society
from simulator.traffic import presence, traffic

MANY_C = {"population.groups": {"A": 0, "B": 0, "C": 4000}, "population.size_mu.C": 1.6}


def lives(overrides, count, seed=1):
    """A society and what happened in each of its dekads, without any delivery."""
    society = Society(load("county_xinxing_2009", overrides), seed)
    happened = [
        society.step(dekad) for month in months("2008-01", count) for dekad in dekads(month)
    ]
    return society, happened


@pytest.fixture(scope="module")
def attacked():
    return lives({**MANY_C, "attack.mult": 4}, 9)


def test_59_percent_of_attacked_c_groups_intend_to_move(attacked):
    intends = np.concatenate([dekad.attacks.intent for dekad in attacked[1]])

    assert len(intends) > 1500
    assert intends.mean() == pytest.approx(0.59, abs=0.04)


def test_price_is_the_most_common_lever(attacked):
    levers = np.concatenate([dekad.attacks.lever for dekad in attacked[1]])

    assert np.bincount(levers).argmax() == 0  # tariff_cut
    assert (levers == 0).mean() == pytest.approx(0.45, abs=0.04)


def test_over_70_percent_of_those_who_follow_their_group_keep_our_number(attacked):
    society, happened = attacked
    to_rival = np.concatenate(
        [
            dekad.doings.changes.state[
                society.members.move_dekad[dekad.doings.changes.member] == index
            ]
            for index, dekad in enumerate(happened)
        ]
    )

    assert len(to_rival) > 1000
    assert (to_rival == DUAL).mean() >= 0.70


def test_members_of_a_transferring_group_move_together(attacked):
    society, happened = attacked
    first = society.rivalry.transfer_day
    who = np.concatenate([d.doings.changes.member for d in happened])
    day = np.concatenate([d.doings.changes.day for d in happened])
    state = np.concatenate([d.doings.changes.state for d in happened])
    since = day - first[society.members.group[who]]
    moved = np.isin(state, (DUAL, GONE)) & (first[society.members.group[who]] > 0)

    within_two_months = moved & (since >= -9) & (since <= 70)

    assert within_two_months.sum() / moved.sum() > 0.6


def test_75_percent_of_vnet_users_talk_over_30_minutes_in_it():
    preset = load(
        "county_xinxing_2009",
        {"population.groups": {"A": 4, "B": 60, "C": 0}, "usage.season.1": 1.0},
    )
    society, month = Society(preset, 1), months("2008-01", 1)[0]
    total = np.zeros(2 * society.members.count)
    for dekad in dekads(month):
        society.step(dekad)
        there = presence(society.members, dekad)
        state = society.rivalry.state
        minutes = traffic(
            preset, society.draws, society.groups, society.members, state, there, dekad
        )
        total[there.who] += minutes.vnet_out + minutes.vnet_in
    users = there.who[society.members.vnet[there.who]]

    assert len(users) > 5000
    assert (total[users] > 30).mean() == pytest.approx(0.75, abs=0.02)


def test_lock_stays_near_its_mean_while_contracts_end_and_are_renewed():
    society, happened = lives({"population.groups": {"A": 10, "B": 60, "C": 300}}, 24)
    tier = society.groups.tier

    for t, wanted in enumerate((0.55, 0.50, 0.18)):
        lock = np.array([d.lock.now[tier == t].mean() for d in happened])
        assert lock[18:].mean() == pytest.approx(wanted, abs=0.06)
        assert abs(lock[54:].mean() - lock[:18].mean()) < 0.06


def test_lock_falls_when_a_group_s_contracts_end_together_and_comes_back():
    society, happened = lives(
        {"population.groups": {"A": 0, "B": 200, "C": 0}, "population.size_mu.B": 3.5}, 12
    )
    ends = society.groups.expiry_month * 3  # the dekad after the month of the main expiry
    seen = [(g, d) for g, d in enumerate(ends.tolist()) if 6 <= d < 30]
    lock = np.array([d.lock.now for d in happened])

    before = np.mean([lock[d - 4, g] for g, d in seen])
    after = np.mean([lock[d, g] for g, d in seen])
    later = np.mean([lock[d + 6, g] for g, d in seen])

    assert after < 0.8 * before
    assert later > after + 0.03
