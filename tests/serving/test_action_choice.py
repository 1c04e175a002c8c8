"""One action a group: worth its cost, allowed, within money and visits, and with its reasons."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from action_world import (
    DAY,
    bindable,
    group,
    inputs,
    letter,
    levels,
    scores,
    terms,
)

from serving.actions.choice import COLUMNS, chosen
from serving.errors import ActionError

LEVELS = ["red", "orange", "yellow", "blue"]


def of(rows: pd.DataFrame, group_id: str = "G1") -> pd.Series:
    return rows.set_index("group_id").loc[group_id]


def test_a_price_attack_is_met_with_the_package_v_net_and_the_row_says_what_it_brings():
    known = inputs([group()], levers=[("G1", "tariff_cut", 5)])

    row = of(chosen(levels(("G1", "red")), scores({"G1": 0.2}), known, terms(), as_of=DAY))

    # Aptness .9 for price × the margin of 2,000 × 12 × .45 × .70 = 7,560 yuan, for 60 yuan.
    assert row["action_code"] == "PKG_VNET"
    assert row["cost_fen"] == 6000
    assert row["net_fen"] == row["expected_saved_fen"] - 6000 > 0
    assert row["ranked_by"] == "aptness"
    assert "降低资费" in row["action_why_zh"]
    assert "a tariff cut" in row["action_why_en"]
    assert f"{row['net_fen'] / 100:,.0f}" in row["action_why_en"]
    assert row["offer_en"].startswith("move the 12 V-net members")
    assert (row["contact_can_sign"], row["contact_id"]) == ("yes", "U-G1")
    assert (row["letter_scope"], row["letter_valid_to"]) == ("all", date(2011, 12, 31))
    assert len(row["ruled_out_zh"].split("；")) == 3


def test_the_lever_that_a_rival_used_decides_before_the_reasons_of_the_score():
    known = inputs(
        [group("G1"), group("G2")],
        members=[bindable("G1"), bindable("G2")],
        levers=[("G1", "handset_gift", 5), ("G2", "tariff_subsidy", 5)],
    )
    listed = levels(("G1", "red"), ("G2", "red"))

    rows = chosen(listed, scores({"G1": 0.3, "G2": 0.3}), known, terms(), as_of=DAY)

    said = rows.set_index("group_id")["action_why_en"]
    assert "handsets 70%" in said["G1"]
    assert "tariff subsidy 70%" in said["G2"]
    assert of(rows, "G2")["action_code"] == "DEP_BONUS"
    assert of(rows, "G2")["bundle_members"] == "G2-M1"


def test_without_a_letter_nothing_is_offered_that_needs_one_and_renewing_it_comes_first():
    known = inputs([group(letter_valid=0)], letters=[])

    row = of(chosen(levels(("G1", "yellow")), scores({"G1": 0.2}), known, terms(), as_of=DAY))

    assert row["action_code"] == "VERIFY"
    assert "opens the way to: move to package-minute V-net" in row["action_why_en"]
    assert (row["contact_can_sign"], row["contact_id"]) == ("no", "U-G1")
    assert "没有授权书" in row["first_step_zh"]
    assert "没有授权书" in row["ruled_out_zh"]


def test_a_letter_for_something_else_is_no_letter():
    known = inputs([group()], letters=[letter(scope="crbt")])

    row = of(chosen(levels(("G1", "red")), scores({"G1": 0.2}), known, terms(), as_of=DAY))

    assert row["action_code"] not in ("PKG_VNET", "PTS_VNET", "P100")
    assert "the letter is good for ring-back tone only" in row["ruled_out_en"]


def test_one_commercial_contact_in_thirty_days_unless_the_group_has_newly_turned_red():
    seen = {"last_contact_date": date(2010, 12, 20), "last_contact_zh": "拜访"}
    known = inputs([group(**seen, last_contact_en="a visit")])
    risky = scores({"G1": 0.3})

    orange = of(chosen(levels(("G1", "orange")), risky, known, terms(), as_of=DAY))
    red = of(chosen(levels(("G1", "red")), risky, known, terms(), as_of=DAY))

    # 20 December and 30 days is 19 January.
    assert orange["action_code"] == "WATCH"
    assert "2011-01-19" in orange["ruled_out_zh"]
    assert red["action_code"] != "WATCH"


def test_where_nothing_pays_the_group_is_watched_and_the_row_says_what_it_would_cost():
    known = inputs([group(monthly_revenue_fen=10_000)])

    row = of(chosen(levels(("G1", "yellow")), scores({"G1": 0.05}), known, terms(), as_of=DAY))

    # 100 × 12 × .45 × .70 = 378 yuan of margin at stake.
    assert row["action_code"] == "WATCH"
    assert (row["cost_fen"], row["net_fen"]) == (0, 0)
    assert "378 yuan" in row["action_why_en"]


def test_a_group_whom_every_contact_would_harm_is_left_alone_with_the_reason():
    facts = {"am_staff_id": None, "unmanaged": 1, "never_met": 1, "lock_share": 0.0}
    facts |= {"vnet_members": 0, "vnet_std_members": 0, "idle_sms_members": 0, "members": 5}
    known = inputs([group(**facts)])
    safe = scores({"G1": 0.2}, {"R13": 1.0})  # arrears: nothing is apt

    row = of(chosen(levels(("G1", "yellow")), safe, known, terms(), as_of=DAY))

    assert row["action_code"] == "DO_NOT_DISTURB"
    assert not row["needs_visit"]
    assert "从未接触过" in row["action_why_zh"]
    assert "more harm than good" in row["action_why_en"]


def test_as_many_members_are_bound_as_are_worth_it_together():
    free = [bindable("G1", number, weight=0.1) for number in range(4)]
    facts = {"vnet_members": 0, "vnet_std_members": 0}

    def bound(revenue):
        known = inputs(
            [group(monthly_revenue_fen=revenue, **facts)],
            members=free,
            levers=[("G1", "tariff_subsidy", 0)],
        )
        listed, risky = levels(("G1", "yellow")), scores({"G1": 0.2})
        return of(chosen(listed, risky, known, terms(), as_of=DAY))

    rich, poor = bound(500_000), bound(60_000)

    # All four key members: 4 × 60 yuan; a group that brings little is not worth even one.
    assert (rich["action_code"], rich["members_to_bundle"], rich["cost_fen"]) == (
        "DEP_BONUS",
        4,
        24_000,
    )
    assert rich["bundle_members"] == "G1-M0 G1-M1 G1-M2 G1-M3"
    assert poor["action_code"] != "DEP_BONUS" or poor["members_to_bundle"] < 4


def test_a_learned_effect_takes_the_place_of_aptness_and_risk():
    known = inputs([group("G1"), group("G2"), group("G3")])
    listed = levels(("G1", "red"), ("G2", "red"), ("G3", "red"))
    effect = pd.DataFrame({"group_id": ["G1", "G2"], "tau": [0.05, -0.01]})
    risky = scores({"G1": 0.2, "G2": 0.2, "G3": 0.2})

    rows = chosen(listed, risky, known, terms(), as_of=DAY, effect=effect)

    assert rows["ranked_by"].tolist() == ["learned", "learned", "aptness"]
    # The aptest action does all of it: .05 × 7,560 yuan is 378.
    assert of(rows, "G1")["expected_saved_fen"] == 37_800
    assert of(rows, "G2")["action_code"] == "DO_NOT_DISTURB"


def test_what_no_model_scored_has_the_risk_assumed_for_its_level():
    known = inputs([group(tier="A1", monthly_revenue_fen=4_000_000, chief_am_id="C1")])

    row = of(chosen(levels(("G1", "red")), scores({}), known, terms(), as_of=DAY))

    # 40,000 × 12 × .45 × .70 = 151,200 yuan at the assumed .05.
    assert row["net_fen"] > 0
    assert "5.0%" in row["action_why_en"]
    assert "assumed" in row["action_why_en"]


def test_a_trigger_lifts_the_risk_to_that_of_its_level():
    known, low = inputs([group()]), scores({"G1": 0.01})

    calm = of(chosen(levels(("G1", "red")), low, known, terms(), as_of=DAY))
    alarmed = of(chosen(levels(("G1", "red"), method="trigger"), low, known, terms(), as_of=DAY))

    assert alarmed["expected_saved_fen"] > calm["expected_saved_fen"]
    assert "22.0%" in alarmed["action_why_en"]


def test_what_ran_out_is_told():
    known = inputs([group("G1"), group("G2", monthly_revenue_fen=150_000)])
    listed, risky = levels(("G1", "red"), ("G2", "red")), scores({"G1": 0.2, "G2": 0.2})

    rows = chosen(listed, risky, known, terms(budget=6000), as_of=DAY)

    assert of(rows, "G1")["action_code"] == "PKG_VNET"
    assert of(rows, "G2")["action_code"] == "WATCH"
    assert "over budget (needs 60 yuan, the county has 0 left)" in of(rows, "G2")["ruled_out_en"]


def test_a_group_of_which_nothing_is_known_is_refused():
    with pytest.raises(ActionError, match="nothing is known of group G9"):
        chosen(levels(("G9", "red")), scores({}), inputs([group()]), terms(), as_of=DAY)


def test_an_empty_list_has_the_columns_of_a_full_one():
    rows = chosen(levels(), scores({}), inputs([group()]), terms(), as_of=DAY)

    assert rows.empty
    assert list(rows.columns) == COLUMNS
