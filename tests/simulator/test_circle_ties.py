"""Members follow those whom they call, and nobody else."""

from dataclasses import fields

import numpy as np
import pytest

from simulator.dekads import LONG_AGO, NEVER, dekads, months
from simulator.members import DUAL, GONE, SOLE
from simulator.preset import load
from simulator.society import Society

WORLD = {"population.groups": {"A": 0, "B": 4, "C": 250}, "population.size_mu.C": 2.2}
HAZARD, CAP, DECAY, WINDOW = 1.8, 4.0, 1.2, 3


def society(overrides=None, seed=1):
    return Society(load("county_xinxing_2009", {**WORLD, **(overrides or {})}), seed)


def live(overrides, count, seed=1):
    made = society(overrides, seed)
    for month in months("2008-01", count):
        for dekad in dekads(month):
            made.step(dekad)
    return made


def first_dekad():
    return dekads(months("2008-01", 1)[0])[0]


def undisturbed():
    """A society in which nobody has been lost so far."""
    made = society({"member.initial_dual": 0})
    assert (made.ties.pull(first_dekad()) == 1).all()
    return made


def lose(made, who, day, state=GONE):
    made.members.state[who] = state
    if state == GONE:
        made.members.off[who] = day
    else:
        made.members.dual_from[who] = day


def test_ties_are_among_people_who_are_there_and_none_is_tied_to_himself_or_twice():
    made = live({}, 6)
    ties = made.ties
    pairs = set(zip(ties.source.tolist(), ties.target.tolist(), strict=True))

    assert len(pairs) == len(ties.source)
    assert (ties.source != ties.target).all()
    there = made.members.here | (made.members.state == GONE)
    assert there[ties.source].all()
    assert there[ties.target].all()


def test_people_in_larger_groups_call_more_colleagues():
    made = society()
    calls = np.bincount(made.ties.source, minlength=made.members.count)
    size = made.groups.size[made.members.group]

    small, middle, large = (
        calls[(size >= low) & (size < high)].mean() for low, high in ((3, 6), (10, 20), (80, 999))
    )
    assert small < middle < large
    assert 2 < calls.mean() < 9


def test_leaders_are_called_more_than_others():
    made = society()
    called = np.bincount(made.ties.target, minlength=made.members.count)

    large = made.groups.size[made.members.group] >= 10
    first, later = (large & (made.members.cell == 0)), (large & (made.members.cell > 2))
    assert called[first].mean() > 1.25 * called[later].mean()


def test_groups_of_a_park_have_ties_to_each_other_and_none_go_farther():
    made = society()
    ties, group, park = made.ties, made.members.group, made.groups.park
    source, target = group[ties.source], group[ties.target]
    abroad = source != target

    assert (park[source[abroad]] == park[target[abroad]]).all()
    assert abroad.sum() / made.groups.count == pytest.approx(8, rel=0.15)


def test_the_number_of_ties_of_a_member_stays_about_what_it_was():
    before, after = society(), live({}, 24)

    def each(made):
        both = made.members.here[made.ties.source] & made.members.here[made.ties.target]
        return both.sum() / made.members.here.sum()

    assert each(after) == pytest.approx(each(before), rel=0.15)


def test_newcomers_call_and_are_called():
    made = live({}, 12)
    fresh = made.members.here & (np.arange(made.members.count) >= made.groups.size.sum())
    calls = np.bincount(made.ties.source, minlength=made.members.count)[fresh]
    called = np.bincount(made.ties.target, minlength=made.members.count)[fresh]

    assert fresh.sum() > 100
    assert calls.mean() > 2
    assert called.mean() > 2


def test_who_calls_somebody_just_lost_is_pulled_by_the_weight_of_the_tie():
    made, dekad = undisturbed(), first_dekad()
    lost = int(made.ties.target[0])
    lose(made, lost, dekad.first)

    pull = made.ties.pull(dekad)

    calls = made.ties.target == lost
    expected = np.ones(made.members.count)
    expected[made.ties.source[calls]] = np.minimum(HAZARD ** made.ties.weight[calls], CAP)
    assert pull == pytest.approx(expected)


def test_ordinary_ties_pull_by_about_eight_tenths():
    made, dekad = undisturbed(), first_dekad()
    lost = np.arange(0, made.members.count, 60)
    lose(made, lost, dekad.first)

    pull = made.ties.pull(dekad)

    one_lost = np.bincount(made.ties.source, np.isin(made.ties.target, lost)) == 1
    assert pull[: len(one_lost)][one_lost].mean() == pytest.approx(1.85, abs=0.1)


def test_being_called_by_somebody_lost_pulls_nobody():
    made, dekad = undisturbed(), first_dekad()
    ties = made.ties
    mutual = set(zip(ties.source.tolist(), ties.target.tolist(), strict=True))
    one_way = next(
        (s, t)
        for s, t in zip(ties.source.tolist(), ties.target.tolist(), strict=True)
        if (t, s) not in mutual
    )
    lose(made, one_way[0], dekad.first)

    assert made.ties.pull(dekad)[one_way[1]] == 1


@pytest.mark.parametrize("state", [DUAL, GONE])
def test_the_pull_fades_and_is_over_after_three_months(state):
    made, dekad = undisturbed(), first_dekad()
    lost = int(made.ties.target[0])
    caller, weight = int(made.ties.source[0]), float(made.ties.weight[0])

    pulls = []
    for days in (0, 30, 60, 95):
        lose(made, lost, dekad.first - days, state)
        pulls.append(made.ties.pull(dekad)[caller])

    months_ago = 30 / (365.25 / 12)
    assert pulls[0] > pulls[1] > pulls[2] > pulls[3] == 1
    assert pulls[1] == pytest.approx(HAZARD ** (weight * np.exp(-months_ago / DECAY)))


def test_who_came_back_pulls_nobody_any_more():
    made, dekad = undisturbed(), first_dekad()
    lost = int(made.ties.target[0])
    lose(made, lost, dekad.first - 20, DUAL)
    made.members.state[lost], made.members.dual_to[lost] = SOLE, dekad.first - 5

    assert (made.ties.pull(dekad) == 1).all()


def test_no_number_of_losses_pulls_more_than_the_cap():
    made, dekad = undisturbed(), first_dekad()
    lose(made, np.arange(0, made.members.count, 2), dekad.first)

    assert made.ties.pull(dekad).max() == CAP


def test_members_who_lost_one_whom_they_call_take_a_rival_sim_about_18_times_as_often():
    loose = {
        "population.groups": {"A": 0, "B": 0, "C": 1500},
        "member.adopt_calm": 0.3,
        "member.initial_dual": 0,
        "attack.mult": 0,
        "lock.effect": 0,
    }
    made = society(loose)
    dekad = first_dekad()
    lost = np.arange(0, made.members.count, 15)
    lose(made, lost, dekad.first)
    count = made.members.count
    outgoing = np.bincount(made.ties.source, np.isin(made.ties.target, lost), count)
    incoming = np.bincount(made.ties.target, np.isin(made.ties.source, lost), count)
    there = made.members.here.copy()

    happened = made.step(dekad)

    changes = happened.doings.changes
    took = np.zeros(made.members.count, dtype=bool)
    took[changes.member[changes.state == DUAL]] = True
    took = took[:count]
    none = took[there & (outgoing == 0) & (incoming == 0)].mean()
    assert took[there & (outgoing == 1)].mean() / none == pytest.approx(1.85, abs=0.25)
    assert took[there & (outgoing == 0) & (incoming == 1)].mean() / none == pytest.approx(
        1.0, abs=0.2
    )


def test_without_the_hazard_the_world_is_the_one_without_ties_bit_for_bit():
    off = live({"circle.tie_hazard": 1, "attack.mult": 3}, 9)
    without = live({"circle.colleagues": 0, "circle.park_ties": 0, "attack.mult": 3}, 9)

    assert len(off.ties.source) > 1000
    assert len(without.ties.source) == 0
    for field in fields(off.members):
        mine, theirs = getattr(off.members, field.name), getattr(without.members, field.name)
        assert np.array_equal(mine, theirs), field.name


def test_the_hazard_makes_more_members_take_a_rival_sim_and_moves_few_more_groups():
    quiet, caught = live({"circle.tie_hazard": 1}, 18), live({"circle.tie_hazard": 3}, 18)

    def took(made):
        since = made.members.dual_from
        return ((since > made.start) & (since < NEVER)).sum()

    assert took(caught) > took(quiet)
    moved = [(made.rivalry.transfer_day != LONG_AGO).sum() for made in (quiet, caught)]
    assert moved[1] == pytest.approx(moved[0], rel=0.35, abs=6)


def test_the_same_seed_ties_the_same_people():
    one, other = live({}, 4), live({}, 4)

    assert np.array_equal(one.ties.source, other.ties.source)
    assert np.array_equal(one.ties.target, other.ties.target)
    assert np.array_equal(one.ties.weight, other.ties.weight)
