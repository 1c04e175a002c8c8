"""What the operator's own books say of memberships on a day, which is not quite the truth."""

from __future__ import annotations

import numpy as np

from simulator.draws import Flags
from simulator.office import Office


def on_books(office: Office, day: int) -> Flags:
    """Which members the operator counts in their groups at the end of a day.

    Those who have stopped using and paying stay on the books until somebody notices.
    """
    members = office.society.members
    noticed = office.notices(np.arange(members.count), members.off) <= day
    stopped = members.off <= day
    there: Flags = (members.left > day) | (stopped & ~noticed)
    return there
