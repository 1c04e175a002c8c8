"""Three causes are planted in a simulated county: each is found, and goes when it is taken away.

``strength`` is how many log-odds a reason's features set the groups that transfer apart from those
that stay, told by models that have not seen these groups: chance finds nothing there.
"""

from __future__ import annotations

import pytest

from features.reasons import Reason

pytestmark = pytest.mark.slow

PLANTED_REASONS = {Reason.RIVAL_ATTACK, Reason.LOCK_IN, Reason.DIVERSION}
ENDING = ("ending_share", "freed_share", "days_to_next_end")
"""The part of the reason lock-in that speaks of its end; the rest says how firm it is."""


def test_the_planted_causes_are_among_the_five_strongest_of_sixteen_reasons(county_without):
    planted = county_without("nothing")

    assert planted.strongest(5) >= PLANTED_REASONS


def test_without_price_attacks_the_rival_is_hardly_a_reason(county_without):
    planted, unpriced = county_without("nothing"), county_without("price attacks")
    attack, price = planted.of(Reason.RIVAL_ATTACK), ["price_attacks_reported"]

    assert unpriced.strength(attack) < planted.strength(attack) / 2
    assert abs(unpriced.strength(price)) < planted.strength(price) / 10


def test_where_nothing_hangs_on_it_the_end_of_a_contract_is_no_reason(county_without):
    planted, unending = county_without("nothing"), county_without("endings")

    assert unending.strength(ENDING) < planted.strength(ENDING) / 4


def test_without_members_who_divert_diversion_is_no_reason(county_without):
    planted, undiverted = county_without("nothing"), county_without("diversion")
    diversion = planted.of(Reason.DIVERSION)

    assert undiverted.strength(diversion) < planted.strength(diversion) / 4


@pytest.mark.parametrize(
    ("gone", "reason"), [("endings", Reason.LOCK_IN), ("diversion", Reason.DIVERSION)]
)
def test_the_other_causes_stay_when_one_is_taken_away(county_without, gone, reason):
    assert county_without(gone).strongest(5) >= PLANTED_REASONS - {reason}


def test_groups_are_told_the_cause_that_truly_moves_them(county_without):
    planted = county_without("nothing")
    attack = planted.of(Reason.RIVAL_ATTACK)

    assert planted.before("lock_expiry", ENDING) > planted.before("attack", ENDING) + 0.1
    assert planted.before("attack", attack) > planted.before("background", attack) + 0.1
