"""Actions are dealt out exactly: as much as every choice tried one by one could bring."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from serving.actions.allot import allotted
from serving.errors import ActionError

NAMES = ["group_id", "code", "net_fen", "cost_fen", "county", "visitor"]


def offers(*rows):
    return pd.DataFrame(rows, columns=NAMES)


def test_the_money_goes_where_it_brings_most_together_not_to_the_dearest():
    drawn = offers(
        ("G1", "dear", 100, 10, "K", ""),
        ("G2", "cheap", 70, 5, "K", ""),
        ("G3", "cheap", 60, 5, "K", ""),
    )

    # One for 10 brings 100, two for 5 each bring 130.
    assert allotted(drawn, {"K": 10}, {}) == {"G2": "cheap", "G3": "cheap"}


def test_a_group_gets_one_action_and_a_manager_goes_as_often_as_he_can():
    drawn = offers(
        ("G1", "visit", 90, 1, "K", "AM:S1"),
        ("G1", "phone", 50, 1, "K", ""),
        ("G2", "visit", 80, 1, "K", "AM:S1"),
    )

    # The visit goes to G2, since G1 has something else: 50 + 80 against 90.
    assert allotted(drawn, {"K": 10}, {"AM:S1": 1}) == {"G1": "phone", "G2": "visit"}


def test_counties_do_not_share_their_money():
    drawn = offers(("G1", "a", 90, 10, "K", ""), ("G2", "a", 80, 10, "L", ""))

    assert allotted(drawn, {"K": 0, "L": 10}, {}) == {"G2": "a"}


def test_nothing_to_offer_is_nothing_dealt():
    assert allotted(offers(), {}, {}) == {}


def test_a_county_without_a_budget_is_refused():
    with pytest.raises(ActionError, match="county 'K'"):
        allotted(offers(("G1", "a", 9, 1, "K", "")), {}, {})


@st.composite
def small_counties(draw):
    rows = [
        (
            f"G{group}",
            f"A{number}",
            draw(st.integers(1, 200)),
            draw(st.integers(0, 60)),
            draw(st.sampled_from(["K", "L"])) if not number else None,
            draw(st.sampled_from(["", "AM:1", "AM:2"])),
        )
        for group in range(draw(st.integers(1, 4)))
        for number in range(draw(st.integers(1, 3)))
    ]
    frame = offers(*rows)
    return frame.assign(county=frame["county"].ffill())


@settings(max_examples=60, deadline=None)
@given(small_counties(), st.integers(0, 120), st.integers(0, 120), st.integers(0, 2))
def test_it_brings_as_much_as_the_best_of_all_choices(drawn, east, west, calls):
    budget, visits = {"K": east, "L": west}, {"AM:1": calls, "AM:2": 1}

    dealt = allotted(drawn, budget, visits)

    taken = drawn[
        [dealt.get(g) == c for g, c in zip(drawn["group_id"], drawn["code"], strict=True)]
    ]
    assert _fits(taken, budget, visits)
    assert taken["net_fen"].sum() == _best_by_trying(drawn, budget, visits)


def _best_by_trying(drawn, budget, visits):
    by_group = [[None, *rows.index] for _, rows in drawn.groupby("group_id")]
    tried = [drawn.loc[[one for one in pick if one is not None]] for pick in product(*by_group)]
    return max(rows["net_fen"].sum() for rows in tried if _fits(rows, budget, visits))


def _fits(rows, budget, visits):
    spent = rows.groupby("county")["cost_fen"].sum()
    gone = rows[rows["visitor"].ne("")]["visitor"].value_counts()
    return all(spent.get(k, 0) <= v for k, v in budget.items()) and all(
        gone.get(k, 0) <= v for k, v in visits.items()
    )
