"""Three causes are planted in a simulated county: each is found, and goes when it is taken away.

``strength`` is how many log-odds a reason's features set the groups that transfer apart from those
that stay, told by models that have not seen these groups: chance finds nothing there. Diversion is
judged by its features alone: in monthly tables it shows when the label is about to, so that a model
hears of it first from reports and contracts.
"""

from __future__ import annotations

import pytest

from features.reasons import Reason

pytestmark = pytest.mark.slow

PLANTED_REASONS = {Reason.RIVAL_ATTACK, Reason.LOCK_IN}
ENDING = (
    "freed_share",
    "days_to_next_end",
    "unrenewed_share",
    *("ending_share_30", "ending_share", "ending_share_90"),
    *("ending_value_share_30", "ending_value_share_60", "ending_value_share_90"),
)
"""The part of the reason lock-in that speaks of its end; the rest says how firm it is."""
DIVERTING = ("group_diversion_gap", "second_sim_share", "second_sims_recent")


def test_the_planted_causes_are_among_the_three_strongest_of_sixteen_reasons(county_without):
    planted = county_without("nothing")

    assert planted.strongest(3) >= PLANTED_REASONS


def test_without_price_attacks_the_rival_is_much_less_of_a_reason(county_without):
    planted, unpriced = county_without("nothing"), county_without("price attacks")
    attack = planted.of(Reason.RIVAL_ATTACK)

    # Not nothing: attacks by other levers go on, and members who are wooed call rivals' hotlines.
    assert unpriced.strength(attack) < planted.strength(attack) / 2


def test_where_nothing_hangs_on_it_the_end_of_a_contract_is_no_reason(county_without):
    planted, unending = county_without("nothing"), county_without("endings")

    assert unending.strength(ENDING) < planted.strength(ENDING) / 4


@pytest.mark.parametrize("feature", DIVERTING)
def test_diversion_tells_who_intends_to_move_unless_nobody_diverts(county_without, feature):
    planted, undiverted = county_without("nothing"), county_without("diversion")

    assert planted.tells_intent(feature) > 0.58
    assert undiverted.tells_intent(feature) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(
    ("gone", "left"),
    [("endings", {Reason.RIVAL_ATTACK}), ("diversion", PLANTED_REASONS)],
)
def test_the_other_causes_stay_when_one_is_taken_away(county_without, gone, left):
    assert county_without(gone).strongest(3) >= left


def test_groups_are_told_the_cause_that_truly_moves_them(county_without):
    planted = county_without("nothing")
    attack = planted.of(Reason.RIVAL_ATTACK)

    assert planted.before("lock_expiry", ENDING) > planted.before("attack", ENDING) + 0.1
    assert planted.before("attack", attack) > planted.before("background", attack) + 0.1
