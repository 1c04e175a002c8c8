"""Who talks to whom in one group, before it was attacked and after it moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator import population
from simulator.draws import Draws, Floats
from simulator.oracle.replay import open_world
from simulator.preset import Preset, PresetError
from simulator.sheet.choosing import Chosen
from simulator.sheet.reading import World
from simulator.sheet.story import LEFT_GROUP
from simulator.society import Society

# ruff: noqa: S608 - writing SQL is the purpose; nothing in it comes from outside
Pairs = dict[tuple[str, str], float]
"""Strength of each pair of members, who are in order."""

FULL = 1.0


@dataclass(frozen=True)
class Moment:
    """Members of a group on a day with their states, and the pairs that talk."""

    day: date
    states: dict[str, str]
    pairs: Pairs


@dataclass(frozen=True)
class Network:
    """A group on two days; ``leaders`` are its key persons, ``source`` tells what the pairs are."""

    before: Moment
    after: Moment
    leaders: set[str]
    source: str


def network(world: World, chosen: Chosen) -> Network | None:
    """The group before the attack and three months after its move; None if pairs are unknown.

    Pairs are those of the delivered call edges. Where these do not reach back so far, they are the
    ties of the world's first day, which its parameters and seed make again.
    """
    before = _month_end(chosen.attacked, -1)
    after = _month_end(chosen.moved, 3)
    members = _members(world, chosen, before, after)
    talks = [_talks(world, chosen, day) for day in (before, after)]
    source = "Lines are calls of the month, as delivered in call_edge_month."
    if not all(talks):
        ties = _first_ties(world, chosen)
        if not ties:
            return None
        talks = [ties, ties]
        tied = {user for pair in ties for user in pair}
        members = {user: states for user, states in members.items() if user in tied}
        source = (
            "No call edges of these months are delivered in this world (circle.edges_months), so"
            " lines are the ties of its first day, between the members of that day."
        )
    moments = [
        Moment(day, {user: states[place] for user, states in members.items()}, pairs)
        for place, (day, pairs) in enumerate(zip((before, after), talks, strict=True))
    ]
    return Network(moments[0], moments[1], _leaders(world, chosen), source)


def layout(people: list[str], pairs: Pairs, rounds: int = 300) -> dict[str, tuple[float, float]]:
    """Places between 0 and 1 where people who talk stand near (Fruchterman and Reingold 1991)."""
    count = len(people)
    index = {user: i for i, user in enumerate(people)}
    force = np.zeros((count, count))
    for (one, other), strength in pairs.items():
        if one in index and other in index:
            force[index[one], index[other]] = force[index[other], index[one]] = strength**0.5
    force /= force.max(initial=1e-9)
    turn = np.arange(count) * np.pi * (3.0 - 5.0**0.5)
    radius = np.sqrt((np.arange(count) + 0.5) / max(count, 1))
    place: Floats = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    ideal = 1.0 / max(count, 1) ** 0.5
    for step in range(rounds):
        apart = place[:, None] - place[None]
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), 1e-3)
        push = (ideal**2 / distance**2 - force * distance / ideal)[:, :, None] * apart / ideal
        move = push.sum(axis=1) - 0.6 * place
        length = np.maximum(np.sqrt((move**2).sum(axis=1, keepdims=True)), 1e-9)
        place += move / length * np.minimum(length, 0.12 * (1 - step / rounds) + 1e-3)
    low, high = place.min(axis=0), place.max(axis=0)
    share = (place - low) / np.maximum(high - low, 1e-9)
    return {user: (float(share[i, 0]), float(share[i, 1])) for user, i in index.items()}


def _members(world: World, chosen: Chosen, before: date, after: date) -> dict[str, tuple[str, str]]:
    """Members of the earlier day, with their states on both."""
    rows = world.ask(
        f"""
        WITH people AS (
            SELECT user_id, max(valid_to) AS until FROM membership
            WHERE group_id = '{chosen.group}' GROUP BY 1
            HAVING min(valid_from) <= '{before}' AND max(valid_to) > '{before}'
        )
        SELECT user_id, arg_max(state, date) FILTER (date <= '{before}'),
            arg_max(state, date) FILTER (date <= '{after}'), any_value(until <= '{after}')
        FROM people JOIN gt_member_state USING (user_id) GROUP BY 1 ORDER BY 1
        """
    )
    return {
        user: (first, LEFT_GROUP if left and last != "gone" else last)
        for user, first, last, left in rows
        if first is not None
    }


def _talks(world: World, chosen: Chosen, day: date) -> Pairs:
    """Calls between members of the group in the month of a day."""
    if not world.has("call_edge_month"):
        return {}
    rows = world.ask(
        f"""
        WITH numbers AS (SELECT DISTINCT msisdn_hash, user_id FROM member)
        SELECT least(e.user_id, n.user_id), greatest(e.user_id, n.user_id), sum(n_out)
        FROM call_edge_month AS e JOIN numbers AS n ON e.peer_key = n.msisdn_hash
        WHERE month = '{day:%Y%m}' AND peer_net = 'CM_same_group'
            AND peer_group_id = '{chosen.group}'
        GROUP BY 1, 2 HAVING sum(n_out) > 0
        """
    )
    return {(one, other): float(calls) for one, other, calls in rows}


def _leaders(world: World, chosen: Chosen) -> set[str]:
    rows = world.ask(
        f"""
        SELECT DISTINCT user_id FROM membership
        WHERE group_id = '{chosen.group}' AND member_role = 'key_person'
        """
    )
    return {user for (user,) in rows}


def _first_ties(world: World, chosen: Chosen) -> Pairs:
    """Ties inside the group on the world's first day; none if this version makes other worlds."""
    try:
        made = open_world(world.path / "truth")
    except PresetError:
        return {}
    for county in made.counties:
        ids = population.found(made.preset, Draws(made.seed, county), county).ids()
        if chosen.group in ids:
            return _ties_of(made.preset, made.seed, county, ids.index(chosen.group))
    return {}


def _ties_of(preset: Preset, seed: int, county: int, group: int) -> Pairs:
    society = Society(preset, seed, county)
    members, ties = society.members, society.ties
    inside = (members.group[ties.source] == group) & (members.group[ties.target] == group)
    users = members.user_ids()
    pairs: Pairs = {}
    for one, other in zip(ties.source[inside], ties.target[inside], strict=True):
        first, second = sorted((users[one], users[other]))
        pairs[first, second] = FULL
    return pairs


def _month_end(day: date, months: int) -> date:
    counted = day.year * 12 + day.month - 1 + months + 1
    return date(counted // 12, counted % 12 + 1, 1) - timedelta(1)
