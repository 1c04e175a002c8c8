"""Call edges: what is known of a member and a number that he talked to in a month."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator.draws import Bits, Flags, Floats, Ints

SAME_GROUP, GROUP_OTHER, OTHER, TELECOM, UNICOM, FIXED, SERVICE = range(7)
NETS = ("CM_same_group", "CM_group_other", "CM_other", "CT", "CU", "fixed", "service")
UNKNOWN = -(10**6)
"""The month since when two have talked, where nobody knows."""


@dataclass(frozen=True)
class Edges:
    """Calls between a member (``user``) and another number, one element for each two.

    ``front`` and ``back`` are the halves of the other number's token, ``net`` and ``group`` (or
    -1) say where it belongs, ``out`` and ``into`` count the calls, ``pace_out`` and ``pace_in``
    are seconds a call, ``since`` is the month from the world's start in which the two first
    talked. What is drawn of the two of them hangs on ``entity``; ``flipped`` tells the row of the
    second of two members from that of the first.
    """

    user: Ints
    entity: Bits
    flipped: Flags
    front: Bits
    back: Bits
    net: Ints
    group: Ints
    out: Ints
    into: Ints
    pace_out: Floats
    pace_in: Floats
    since: Ints


def together(parts: list[Edges], fewest_calls: int) -> Edges:
    """Edges with at least so many calls, in order of the user."""
    kept = [np.flatnonzero(part.out + part.into >= fewest_calls) for part in parts]
    user = np.concatenate([part.user[some] for part, some in zip(parts, kept, strict=True)])
    order = np.argsort(user, kind="stable")
    columns = {}
    for field in fields(Edges):
        cells = [getattr(part, field.name)[some] for part, some in zip(parts, kept, strict=True)]
        columns[field.name] = np.concatenate(cells)[order]
    return Edges(**columns)
