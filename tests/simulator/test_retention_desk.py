"""The office knows what has been loaded, not what has happened."""

import numpy as np
import pytest

from benchmarks.treatment_world import Bare, Nowhere
from simulator.agreements import LIVE, News
from simulator.dekads import LONG_AGO, dekads, months
from simulator.desk import Desk
from simulator.office import Office
from simulator.preset import load
from simulator.society import Society
from simulator.tables.rivals import Told

TODAY, LATER = dekads(months("2008-01", 1)[0])[:2]


class Letters:
    """Reports that are on their way."""

    def __init__(self, *told):
        self._told = list(told)

    def take_told(self):
        told, self._told = self._told, []
        return told


@pytest.fixture(scope="module")
def society():
    return Society(load("toy", {"population.groups": {"A": 1, "B": 2, "C": 20}}), 1)


def report(group, day, wants=False, lost=False):
    return Told(np.array([group]), np.array([day]), np.array([wants]), lost)


def desk(society, *told):
    bare = Bare(society)
    return Desk(Office(society, Nowhere()), Letters(*told), bare, bare), bare


def test_a_report_is_known_from_the_day_on_which_it_is_loaded(society):
    mine, _ = desk(society, report(3, TODAY.last, wants=True), report(4, LATER.last))

    now, then = mine.known(TODAY).report.copy(), mine.known(LATER)

    assert now[3] == TODAY.last
    assert now[4] == LONG_AGO
    assert then.report[4] == LATER.last
    assert then.wants[3] == TODAY.last
    assert then.wants[4] == LONG_AGO


def test_a_loss_is_known_when_its_report_is_loaded_or_when_the_group_is_struck_off(society):
    mine, register = desk(society, report(3, LATER.last, lost=True))
    register.lost_on[5] = TODAY.last

    assert np.flatnonzero(mine.known(TODAY).lost).tolist() == [5]
    assert np.flatnonzero(mine.known(LATER).lost).tolist() == [3, 5]


def test_hotline_calls_of_a_month_are_known_in_the_first_dekad_of_the_next(society):
    mine, counts = desk(society)
    last, first = dekads(months("2008-01", 1)[0])[2], dekads(months("2008-01", 2)[1])[0]
    counts.hotline[7] = 9

    assert mine.known(last).calls[7] == 0
    assert mine.known(first).calls[7] == 9


def test_only_contracts_signed_long_ago_count_as_ending(society):
    who = np.flatnonzero(society.members.group == 0)[:2]
    ends = np.full(2, TODAY.last + 30)
    signed = np.array([TODAY.last - 365, TODAY.last - 20])
    one = np.ones(2, dtype=np.int64)
    fresh = News(who, one, 12 * one, signed, ends, LIVE, signed)
    before, after = desk(society)[0], desk(society)[0]
    after.note([News(who, one, one, signed, np.full(2, LONG_AGO), LIVE, signed)])
    before.note([fresh])

    more = before.known(TODAY).ending[0] - after.known(TODAY).ending[0]

    assert more == pytest.approx(1 / society.groups.size[0])
