"""What holds of every choice of actions, whatever the groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
from action_world import (
    DAY,
    TABLE,
    bindable,
    group,
    inputs,
    letter,
    levels,
    scores,
    terms,
)
from hypothesis import given, settings, strategies as st

from serving.actions.choice import chosen

LEVELS = ["red", "orange", "yellow", "blue"]


def of(rows: pd.DataFrame, group_id: str = "G1") -> pd.Series:
    return rows.set_index("group_id").loc[group_id]


@st.composite
def county(draw):
    """Up to eight groups of all kinds with their scores."""
    size = draw(st.integers(1, 8))
    groups, listed, risks, letters, members, levers = [], [], {}, [], [], []
    for number in range(size):
        name = f"G{number}"
        manager = draw(st.sampled_from([None, "S1", "S2"]))
        facts = {
            "am_staff_id": manager,
            "unmanaged": int(manager is None),
            "never_met": draw(st.sampled_from([0, 1, None])),
            "tier": draw(st.sampled_from(["A1", "B2", "C", "C"])),
            "industry_l1": draw(st.sampled_from(["trade", "education", None])),
            "monthly_revenue_fen": draw(st.sampled_from([None, 30_000, 300_000, 3_000_000])),
            "vnet_members": draw(st.integers(0, 40)),
            "arrears_fen": draw(st.sampled_from([None, 0, 100])),
            "line_laid": draw(st.integers(0, 1)),
        }
        if draw(st.booleans()):
            facts |= {"last_contact_date": date(2010, 12, draw(st.integers(1, 31)))}
        groups.append(group(name, **facts))
        listed.append((name, draw(st.sampled_from(LEVELS))))
        risks[name] = draw(st.floats(0.001, 0.6))
        if draw(st.booleans()):
            letters.append(letter(name, draw(st.sampled_from(["all", "vnet", "crbt"]))))
        members += [bindable(name, number) for number in range(draw(st.integers(0, 3)))]
        if draw(st.booleans()):
            lever = draw(st.sampled_from(["tariff_cut", "handset_gift", "exec_lobby|agreement"]))
            levers.append((name, lever, draw(st.integers(0, 200))))
    reasons = {draw(st.sampled_from(["R01", "R05", "R09", "R13"])): 1.0}
    known = inputs(groups, letters=letters, members=members, levers=levers)
    return levels(*listed), scores(risks, reasons), known


@settings(max_examples=40, deadline=None)
@given(county(), st.integers(0, 400_000), st.integers(0, 2))
def test_neither_money_nor_visits_are_overdrawn_and_every_action_is_allowed(drawn, budget, visits):
    listed, risky, known = drawn

    rows = chosen(listed, risky, known, terms(budget, visits), as_of=DAY)

    assert sorted(rows["group_id"]) == sorted(listed["group_id"])
    assert rows["cost_fen"].sum() <= budget
    facts = known.groups.set_index("group_id").to_dict("index")
    level = dict(zip(listed["group_id"], listed["level"], strict=True))
    goes = rows[rows["needs_visit"] & rows["action_code"].ne("CHIEF_VISIT")]
    callers = [facts[one]["am_staff_id"] or "desk" for one in goes["group_id"]]
    assert pd.Series(callers, dtype=object).value_counts().le(visits).all()
    signed = set(known.letters["group_id"])
    for row in rows.to_dict("records"):
        action = TABLE.actions[row["action_code"]]
        asked = {**facts[row["group_id"]], "level": level[row["group_id"]]}
        assert all(condition.holds(asked) for condition in action.conditions)
        assert not action.letter or row["group_id"] in signed
        assert row["net_fen"] > 0 or row["action_code"] in ("WATCH", "DO_NOT_DISTURB")
        last = asked["last_contact_date"]
        recent = last is not None and not pd.isna(last) and (DAY - last).days < 30
        assert not (action.commercial and recent and asked["level"] != "red")


@settings(max_examples=30, deadline=None)
@given(county(), st.integers(0, 300_000), st.integers(0, 300_000))
def test_more_money_never_brings_less(drawn, budget, more):
    listed, risky, known = drawn

    little = chosen(listed, risky, known, terms(budget, 2), as_of=DAY)
    much = chosen(listed, risky, known, terms(budget + more, 2), as_of=DAY)

    assert much["net_fen"].sum() >= little["net_fen"].sum()


@settings(max_examples=20, deadline=None)
@given(county(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn, random):
    listed, risky, known = drawn

    def mixed(frame):
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order].reset_index(drop=True)

    shuffled = replace(
        known, groups=mixed(known.groups), levers=mixed(known.levers), people=mixed(known.people)
    )

    straight = chosen(listed, risky, known, terms(50_000, 1), as_of=DAY)
    crooked = chosen(mixed(listed), mixed(risky), shuffled, terms(50_000, 1), as_of=DAY)

    pd.testing.assert_frame_equal(straight, crooked)


@settings(max_examples=30, deadline=None)
@given(county(), st.floats(-0.05, -0.001))
def test_whoever_is_known_to_respond_badly_is_not_disturbed(drawn, tau):
    listed, risky, known = drawn
    effect = pd.DataFrame({"group_id": listed["group_id"], "tau": tau})

    rows = chosen(listed, risky, known, terms(), as_of=DAY, effect=effect)

    assert set(rows["action_code"]) == {"DO_NOT_DISTURB"}
    assert rows["net_fen"].eq(0).all()
