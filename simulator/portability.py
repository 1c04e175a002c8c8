"""Number portability (携号转网): when it is in force, whom it lets go, and how they announce it.

Since 27 November 2019 a number may be taken to a rival. Public conditions: no debts, no contract
running, 120 days with the operator; who wants to know asks by SMS (CXXZ) first.
"""

from __future__ import annotations

import numpy as np

from simulator.dekads import NEVER, Dekad
from simulator.draws import Bits, Draws, Flags, Ints
from simulator.members import Members
from simulator.preset import Preset


def in_force(preset: Preset, day: int) -> bool:
    """Whether numbers can be taken along on a day; within a world, in dekads that begin later."""
    if preset.mnp.month <= 0:
        return False
    month = np.datetime64(preset.world.start, "M") + (preset.mnp.month - 1)
    first = int(month.astype("datetime64[D]").astype(np.int64)) + preset.mnp.day - 1
    return day >= first


def dual_share(preset: Preset, day: int) -> float:
    """Share of those who take a rival's SIM by themselves on a day and keep ours beside it."""
    return preset.mnp.dual_share if in_force(preset, day) else preset.member.dual_share


def dual_given_move(preset: Preset, day: int) -> float:
    """Share of those who follow their group on a day and keep our SIM beside the rival's."""
    return preset.mnp.dual_given_move if in_force(preset, day) else preset.transfer.dual_given_move


def owes(preset: Preset, draws: Draws, key: Bits, month: int) -> Flags:
    """Who owes the bill of a month of the world at its end."""
    return draws.happens("bill.arrears", preset.bill.arrears, key, month)


def barred(preset: Preset, draws: Draws, members: Members, bound: Flags, dekad: Dekad) -> Flags:
    """Members who may not take their number along in a dekad.

    Args:
        bound: Members with a live contract.
    """
    if not in_force(preset, dekad.first):
        return np.zeros(members.count, dtype=bool)
    held = draws.happens("mnp.bound", preset.lock.effect, members.key, dekad.index) & bound
    young = members.opened > dekad.first - preset.mnp.min_days
    return held | young | owes(preset, draws, members.key, dekad.month.index - 1)


def takes_number(
    preset: Preset, members: Members, who: Ints, defectors: Ints, dekad: Dekad
) -> Flags:
    """Which of those who leave us in a dekad take their number to the rival.

    Args:
        who: Those who leave, for whatever reason.
        defectors: Those among them who go to the rival at once; the others who go to him have his
            SIM already.
    """
    if not in_force(preset, dekad.first):
        return np.zeros(len(who), dtype=bool)
    dual = (members.dual_from[who] != NEVER) & (members.dual_to[who] == NEVER)
    takes: Flags = dual | np.isin(who, defectors)
    return takes


def wait(
    preset: Preset, draws: Draws, members: Members, who: Ints, defectors: Ints, dekad: Dekad
) -> Ints:
    """Days from the decision to leave until the number is gone: 0 unless it is taken along.

    Arguments as of ``takes_number``.
    """
    days = draws.whole("mnp.wait", 0, preset.mnp.wait_days, members.key[who], dekad.index)
    return np.where(takes_number(preset, members, who, defectors, dekad), days, 0)
