"""How groups are expected to respond: kinds, what former offers tell, and what an action does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models.response import (
    KINDS,
    GoneRule,
    Offers,
    ResponseRule,
    expected_effect,
    gone_chances,
    kind_chances,
    relieved,
)

RULE = ResponseRule(
    persuadable=(0.3, 0.9, 0.4, 0.0, -0.1),
    lost_cause=(-0.55, -0.4, 0.0, 0.0, 0.6),
    sure_thing=(0.35, 0.0, 0.0, 0.0, -1.05),
    sleeping_dog=(-1.45, 0.0, 0.3, 1.5, -0.1),
    risk_mean=-4.9,
    risk_sd=1.0,
    price_share=0.45,
    never_met_share=0.5,
    takes=(0.85, 0.15, 0.85, 0.15),
    won_over=-1.2,
    kept=0.8,
    woken=0.55,
)
CHANCE = st.floats(0.0001, 0.9999)


def test_the_middle_group_is_what_its_weights_say() -> None:
    middle = 1 / (1 + np.exp(4.9))
    found = kind_chances([middle], 0.0, 0.0, 0.0, RULE)[:, 0]
    # z = 0: only the constants count: e^.3, e^−.55, e^.35, e^−1.45 are 1.350, .577, 1.419, .235.
    assert found == pytest.approx(np.array([1.350, 0.577, 1.419, 0.235]) / 3.581, abs=0.001)


def test_lost_causes_stand_at_the_top_of_the_risks() -> None:
    lost = kind_chances([0.001, 0.01, 0.1, 0.4], np.nan, 0.0, np.nan, RULE)[1]
    assert np.all(np.diff(lost) > 0)


def test_who_refused_is_likelier_lost_and_who_accepted_is_likelier_won() -> None:
    offers = Offers([0, 1, 0], [0, 0, 1])
    never, took, refused = kind_chances([0.1] * 3, np.nan, 1.0, np.nan, RULE, offers).T
    assert took[0] > never[0] > refused[0]
    # Persuadable or lost: the odds change by .85 / .15 with each answer.
    assert took[0] / took[1] == pytest.approx(never[0] / never[1] * 0.85 / 0.15)


def test_what_is_not_known_is_the_mean_over_what_it_may_be() -> None:
    known = [kind_chances([0.1], price, 0.0, 0.0, RULE)[:, 0] for price in (0.0, 1.0)]
    unknown = kind_chances([0.1], np.nan, 0.0, 0.0, RULE)[:, 0]
    assert unknown == pytest.approx(0.55 * known[0] + 0.45 * known[1])


def test_a_managed_group_has_been_met() -> None:
    unknown, met = (kind_chances([0.1], 0.5, 0.0, never, RULE) for never in (np.nan, 0.0))
    assert unknown == pytest.approx(met)


def test_the_riskiest_group_is_not_where_a_visit_saves_most() -> None:
    refused, fresh = Offers([0], [2]), Offers([0], [0])
    risky = expected_effect([0.4], 1.0, np.nan, 1.0, np.nan, RULE, refused)
    calmer = expected_effect([0.1], 1.0, np.nan, 1.0, np.nan, RULE, fresh)
    assert calmer > risky


def test_an_action_that_fits_nothing_still_wakes_sleeping_dogs() -> None:
    assert expected_effect([0.1], 0.0, np.nan, 1.0, 1.0, RULE)[0] < 0


@given(CHANCE, CHANCE, st.sampled_from([0.0, 1.0]), st.integers(0, 3), st.integers(0, 3))
def test_chances_are_chances(p: float, price: float, alone: float, took: int, left: int) -> None:
    found = kind_chances([p], price, alone, np.nan, RULE, Offers([took], [left]))
    assert found.shape == (len(KINDS), 1)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1)


@given(CHANCE, st.floats(0, 1), st.floats(0, 1))
def test_a_more_apt_action_never_saves_less(p: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    effect = expected_effect([p, p], np.array([low, high]), np.nan, 1.0, np.nan, RULE)
    assert effect[1] >= effect[0] - 1e-12


def test_actions_by_groups_broadcast() -> None:
    apt = np.array([[1.0, 0.5, 0.0], [0.2, 0.4, 0.6]])
    effect = expected_effect([0.1, 0.2, 0.3], apt, np.nan, [0, 1, 0], np.nan, RULE)
    assert effect.shape == (2, 3)


def test_an_offer_taken_works_on_and_fades() -> None:
    fresh, older, never = relieved([0.2] * 3, [0, 90, np.nan], RULE)
    # Log-odds of .2 are −1.386; less 1.2 → .070; less 1.2 × .8³ = .614 → .119.
    assert (fresh, older, never) == pytest.approx((0.070, 0.119, 0.2), abs=0.001)


def test_without_an_effect_nothing_is_saved() -> None:
    idle = replace(RULE, won_over=0.0, woken=0.0)
    assert expected_effect([0.1, 0.5], 1.0, np.nan, 1.0, np.nan, idle) == pytest.approx(0)


def test_a_group_whose_traffic_has_turned_has_probably_gone() -> None:
    signs = pd.DataFrame({"one_sided": [0.0, 0.25, 0.5], "second_sim": [0.0, 0.1, np.nan]})
    found = gone_chances(signs, GoneRule(-3.2, {"one_sided": 8.0, "second_sim": 6.0}))
    # Log-odds −3.2; −3.2 + 8 × .25 + 6 × .1 = −.6; −3.2 + 8 × .5 = .8, the unknown shows nothing.
    assert found == pytest.approx([0.039, 0.354, 0.690], abs=0.001)


def test_a_sign_that_these_data_lack_shows_nothing() -> None:
    found = gone_chances(pd.DataFrame({"other": [1.0]}), GoneRule(0.0, {"one_sided": 8.0}))
    assert found == pytest.approx([0.5])
