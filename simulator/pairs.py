"""Members who are in touch with each other: colleagues, people of the same park, acquaintances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import Month
from simulator.draws import Flags, Floats, Ints
from simulator.phones import months_since_start
from simulator.society import Society


@dataclass(frozen=True)
class Pairs:
    """Pairs of members, none twice, with the weight of calls from each to the other.

    ``low`` came before ``high``; ``since`` is the month, counted from the world's start, in which
    they first could talk.
    """

    low: Ints
    high: Ints
    forth: Floats
    back: Floats
    since: Ints


def in_touch(society: Society, there: Flags, month: Month) -> Pairs:
    """The pairs of a month among those who are ``there``, in order."""
    ties = society.ties
    holds = np.flatnonzero(there[ties.source] & there[ties.target])
    source, target, weight = ties.source[holds], ties.target[holds], ties.weight[holds]
    since = ties.since[holds]
    one, other = _acquaintances(society, there)
    entered = society.members.entered
    one_weight = _weights(society, one, other)
    pair = np.concatenate(
        [
            np.minimum(source, target) << 32 | np.maximum(source, target),
            np.minimum(one, other) << 32 | np.maximum(one, other),
        ]
    )
    unique, place = np.unique(pair, return_inverse=True)
    up = source < target
    tied = place[: len(source)]
    known = place[len(source) :]
    count = len(unique)
    mutual = np.bincount(known, one_weight, count)
    forth = np.bincount(tied[up], weight[up], count) + mutual
    back = np.bincount(tied[~up], weight[~up], count) + mutual
    rest = society.preset.circle.unreturned
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, tied, since)
    np.minimum.at(first, known, np.maximum(entered[one], entered[other]))
    return Pairs(
        low=unique >> 32,
        high=unique & 0xFFFFFFFF,
        forth=np.where(forth > 0, forth, rest * back),
        back=np.where(back > 0, back, rest * forth),
        since=months_since_start(first, month),
    )


def _acquaintances(society: Society, there: Flags) -> tuple[Ints, Ints]:
    """Members whom others know from outside their groups, chosen among those who came before."""
    members, draws = society.members, society.draws
    who = np.flatnonzero(there)
    mean = society.preset.circle.acquaintances
    count = draws.count("acquaintance.count", mean, members.key[who])
    one = np.repeat(who, count)
    number = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    chance = draws.uniform("acquaintance", members.key[one], number)
    first = int(society.groups.size.sum())
    other = np.floor(chance * np.maximum(one, first)).astype(np.int64)
    kept = there[other] & (members.group[one] != members.group[other])
    return one[kept], other[kept]


def _weights(society: Society, one: Ints, other: Ints) -> Floats:
    key = society.members.key
    chance = society.draws.uniform("acquaintance.weight", key[one], key[other])
    return random.gamma(chance, society.preset.circle.tie_shape)
