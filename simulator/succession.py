"""Who takes over when a group's key person or contact has gone."""

from __future__ import annotations

import numpy as np

from simulator.dekads import Dekad
from simulator.draws import Draws, Flags, Ints
from simulator.members import CONTACT, KEY_MEMBER, KEY_PERSON, Members


def successors(draws: Draws, members: Members, groups: int, dekad: Dekad) -> tuple[Ints, Ints]:
    """Members appointed in this dekad, and their new roles.

    A group without a key person or a contact waits for a month or two; then the key member, or
    else the colleague, who has been there longest takes over.
    """
    chosen, roles = [], []
    taken = np.zeros(members.count, dtype=bool)
    for role in (KEY_PERSON, CONTACT):
        held = np.bincount(members.group, members.here & (members.role == role), groups) > 0
        ready = draws.happens(f"group.appoints.{role}", 0.2, np.arange(groups), dekad.index)
        who = _longest_there(members, ~held & ready, taken)
        taken[who] = True
        chosen.append(who)
        roles.append(np.full(len(who), role))
    return np.concatenate(chosen), np.concatenate(roles)


def _longest_there(members: Members, wanting: Flags, taken: Flags) -> Ints:
    able = members.here & (members.role >= KEY_MEMBER) & ~taken & wanting[members.group]
    who = np.flatnonzero(able)
    order = who[np.lexsort((members.cell[who], members.role[who], members.group[who]))]
    _, first = np.unique(members.group[order], return_index=True)
    return order[first]
