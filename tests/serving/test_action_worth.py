"""What drives a group, how apt an action is for it, and what it is expected to save."""

from __future__ import annotations

import math

import numpy as np
import pytest
from action_world import RESPONSE, TABLE, terms
from hypothesis import given, strategies as st

from models.response import Offers, expected_effect
from serving.actions.worth import OTHER, aptness, drive, effect, stake
from serving.why.reasons import SpokenReason


def reason(code, contribution):
    return SpokenReason(code, code, code, contribution, "f", 1.0, code, code)


def test_reasons_are_shares_of_drivers_and_what_lowers_the_risk_says_nothing():
    found = drive([reason("R07", 3.0), reason("R08", 1.0), reason("R04", -2.0)], [], TABLE)

    assert found.weights == {"price": 0.75, "service": 0.25}
    assert math.isnan(found.price)


def test_reports_weigh_seven_tenths_and_fade_by_half_in_sixty_days():
    reports = [("tariff_cut", 0.0), ("handset_gift", 60.0)]

    found = drive([reason("R08", 1.0)], reports, TABLE)

    # Levers weigh 1 and .5, so two thirds and one third of .70; the reasons keep .30.
    assert found.weights == pytest.approx(
        {"price": 0.7 * 2 / 3, "service": 0.3, "handset": 0.7 / 3}
    )
    assert found.price == pytest.approx(2 / 3)
    assert found.levers == ("tariff_cut", "handset_gift")


def test_the_first_lever_of_a_report_counts_full_and_the_others_half():
    found = drive([], [("exec_lobby|agreement", 0.0)], TABLE)

    assert found.weights == pytest.approx({"exec_lobby": 2 / 3, "agreement": 1 / 3})


def test_where_nothing_is_known_the_driver_is_other():
    assert drive([], [], TABLE).weights == {OTHER: 1.0}
    assert drive([reason("R13", 1.0)], [], TABLE).weights == {OTHER: 1.0}


def test_aptness_is_the_average_over_the_drivers():
    found = drive([reason("R07", 1.0), reason("R08", 1.0)], [], TABLE)

    # Half price at .9, half service, for which the package V-net is as apt as for all others, .3.
    assert aptness(TABLE.actions["PKG_VNET"], found) == pytest.approx(0.6)


@given(
    st.floats(0.001, 0.7),
    st.floats(0, 1.2),
    st.sampled_from([math.nan, 0.0, 0.5, 1.0]),
    st.booleans(),
    st.sampled_from([math.nan, 0.0, 1.0]),
)
def test_without_a_lock_the_effect_is_the_one_that_all_of_us_believe(p, apt, price, alone, never):
    at = stake(p, 1.0, price, alone, never, terms())

    believed = expected_effect([p], [apt], [price], [float(alone)], [never], RESPONSE)

    assert effect(at, apt, 0.0, terms()) == pytest.approx(float(believed[0]), abs=1e-12)


def test_locking_in_adds_to_the_effect_and_no_action_at_all_only_wakes_the_sleeping():
    at = stake(0.1, 1.0, math.nan, True, 1.0, terms())

    assert effect(at, 0.9, 0.25, terms()) > effect(at, 0.9, 0.0, terms()) > 0
    assert effect(at, 0.0, 0.0, terms()) < 0


def test_cheap_actions_pay_for_a_few_dear_ones_for_fewer_and_blanket_subsidies_for_nobody():
    """Domain study 6, for the C group that it reckons with: 18 members, 5,200 yuan of margin."""
    value, members = 520_000, 18
    # Risks of a C population under the best possible score: one in a hundred above .20.
    risks = 1 / (1 + np.exp(-np.quantile(np.random.default_rng(1).normal(-4.6, 1, 9600), _GRID)))

    def paid(cost, locked=0.0):
        at = [stake(p, value, math.nan, True, math.nan, terms()) for p in risks]
        return float(np.mean([effect(one, 0.9, locked, terms()) * value > cost for one in at]))

    assert 0.03 < paid(6000) < 0.15
    assert 0 < paid(15_000) < 0.02
    assert paid(6000 * members, locked=0.8) == 0.0


_GRID = np.linspace(0.0005, 0.9995, 1000)


def test_a_group_that_may_have_gone_already_is_worth_the_less_and_a_refusal_tells_of_its_kind():
    known = {"risk": 0.2, "value_fen": 100_000, "price": 1.0, "unmanaged": False, "never_met": 0.0}
    fresh = stake(**known, terms=terms())
    half_gone = stake(**known, terms=terms(), gone=0.5)
    refused = stake(**known, terms=terms(), offers=Offers([0], [2]))

    whole = effect(fresh, 1.0, 0.0, terms())
    assert effect(half_gone, 1.0, 0.0, terms()) == pytest.approx(whole / 2)
    assert refused.persuadable < fresh.persuadable
