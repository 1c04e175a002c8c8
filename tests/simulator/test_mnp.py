"""Number portability: from its day on more numbers leave us whole, and announce it."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from simulator import portability
from simulator.dekads import NEVER, day, dekads, months
from simulator.draws import Draws
from simulator.preset import load
from simulator.world import simulate

OFFICIAL = "2019-11-27"
COUNTY = load("mnp_2019")
SMALL = {
    "world.months": 8,
    "population.groups": {"A": 2, "B": 10, "C": 20},
    "mnp.month": 4,
    "mnp.day": 1,
    "member.initial_dual": 0.5,
}
"""Half of the members have a rival's SIM, so that many take their numbers along."""


def members(count, **columns):
    """Members of whom only what matters is known: by default long with us and without a rival."""
    usual = {
        "count": count,
        "key": np.arange(count, dtype=np.uint64),
        "opened": np.full(count, day("2010-01-01")),
        "dual_from": np.full(count, NEVER),
        "dual_to": np.full(count, NEVER),
    }
    return SimpleNamespace(**{**usual, **columns})


def dekad_from(text):
    """The dekad of the preset's world that begins on a day."""
    calendar = months(COUNTY.world.start, COUNTY.world.months)
    return next(d for month in calendar for d in dekads(month) if d.first == day(text))


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnp")
    simulate(load("mnp_2019", SMALL), 1, folder)
    connection = duckdb.connect()
    for table in (folder / "landing").iterdir():
        connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM '{table}/*.parquet'")
    for table in (folder / "truth").glob("*.parquet"):
        connection.execute(f"CREATE VIEW {table.stem} AS SELECT * FROM '{table}'")
    return lambda query: connection.execute(query).fetchall()


def test_numbers_can_be_taken_along_from_the_official_day():
    assert not portability.in_force(COUNTY, day(OFFICIAL) - 1)
    assert portability.in_force(COUNTY, day(OFFICIAL))


def test_in_2009_nothing_of_the_kind_exists():
    county = load("county_xinxing_2009")

    assert not portability.in_force(county, day("2010-12-31"))
    assert portability.dual_share(county, day("2010-12-31")) == county.member.dual_share


def test_the_share_that_keeps_our_sim_beside_the_rival_s_falls_from_72_to_45_percent():
    before, after = day(OFFICIAL) - 1, day(OFFICIAL)

    assert portability.dual_share(COUNTY, before) == 0.72
    assert portability.dual_share(COUNTY, after) == 0.45
    assert portability.dual_given_move(COUNTY, before) == 0.72
    assert portability.dual_given_move(COUNTY, after) == 0.45


def test_a_running_contract_bars_a_number_from_going():
    bound = np.array([True] * 500 + [False] * 500)

    barred = portability.barred(COUNTY, Draws(1), members(1000), bound, dekad_from("2020-03-01"))

    assert barred[:500].all()
    assert barred[500:].mean() == pytest.approx(COUNTY.bill.arrears, abs=0.02)


def test_a_number_younger_than_120_days_cannot_go():
    today = dekad_from("2020-03-01")
    ages = np.array([0, 119, 120, 121])

    barred = portability.barred(
        load("mnp_2019", {"bill.arrears": 0}),
        Draws(1),
        members(4, opened=today.first - ages),
        np.zeros(4, dtype=bool),
        today,
    )

    assert barred.tolist() == [True, True, False, False]


def test_who_owes_last_month_s_bill_cannot_go():
    today, draws = dekad_from("2020-03-11"), Draws(1)
    preset = load("mnp_2019", {"bill.arrears": 0.3})
    owing = portability.owes(preset, draws, members(1000).key, today.month.index - 1)

    barred = portability.barred(preset, draws, members(1000), np.zeros(1000, dtype=bool), today)

    assert (barred == owing).all()
    assert 0.2 < owing.mean() < 0.4


def test_nobody_is_barred_before_the_day():
    barred = portability.barred(
        COUNTY, Draws(1), members(50), np.ones(50, dtype=bool), dekad_from("2019-11-21")
    )

    assert not barred.any()


def test_who_has_a_rival_s_sim_or_defects_takes_his_number_and_others_give_it_up():
    today = dekad_from("2020-03-01")
    dual, was_dual = np.full(4, NEVER), np.full(4, NEVER)
    dual[[0, 1]] = today.first - 100
    was_dual[1] = today.first - 50

    takes = portability.takes_number(
        COUNTY, members(4, dual_from=dual, dual_to=was_dual), np.arange(4), np.array([2]), today
    )

    assert takes.tolist() == [True, False, True, False]


def test_a_number_goes_within_15_days_of_the_decision():
    everyone = np.arange(2000)
    today = dekad_from("2020-03-01")

    days = portability.wait(COUNTY, Draws(1), members(2000), everyone, everyone[:1000], today)

    assert set(days[:1000]) == set(range(16))
    assert not days[1000:].any()


def test_nobody_asks_for_portability_before_it_exists(ask):
    assert ask(
        "SELECT min(open_time) >= TIMESTAMP '2018-10-01' FROM ticket WHERE cat = 'mnp_query'"
    ) == [(True,)]


def test_80_percent_of_those_who_take_their_number_along_ask_on_the_day_they_decide(ask):
    asks, goes = ask(
        """WITH states AS (
             SELECT user_id, state, date, lag(state) OVER (PARTITION BY user_id ORDER BY date)
               AS before FROM gt_member_state),
           ports AS (SELECT user_id, date FROM states
             WHERE state = 'gone' AND before = 'dual'
                 AND date BETWEEN DATE '2018-10-01' AND DATE '2019-02-28')
           SELECT count(*) FILTER (EXISTS (FROM ticket AS t WHERE t.user_id = ports.user_id
             AND cat = 'mnp_query' AND open_time::DATE = date)), count(*) FROM ports"""
    )[0]

    assert goes > 100
    assert asks / goes == pytest.approx(0.8, abs=0.1)


def test_some_ask_and_stay(ask):
    stayers = ask(
        """SELECT count(DISTINCT user_id) FROM ticket WHERE cat = 'mnp_query' AND user_id NOT IN
             (SELECT user_id FROM member WHERE status <> 'active')"""
    )[0][0]

    assert stayers > 5
