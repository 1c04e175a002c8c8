"""Rival numbers in the circles of our groups, and who of ours talks to them.

There are colleagues who have always been with a rival, private contacts, some of them known to
several members of a group or a park, and the second numbers ("twins") of members who have taken a
rival SIM: part of those who were in touch with the old number find the new one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import NEVER, Month
from simulator.draws import Bits, Flags, Floats, Ints
from simulator.members import DUAL, GONE
from simulator.phones import calls, months_since_start, tenants
from simulator.society import Happenings, Society
from simulator.traffic import presence

COLLEAGUE, IN_GROUP, IN_PARK, PRIVATE = range(4)
KINDS = ("circle.colleague", "circle.group", "circle.park", "circle.own")
UNDECIDED = -1
NUMBER = "outsider.number"
"""Process that tokens of numbers outside our groups hang on."""


@dataclass(frozen=True)
class RivalCalls:
    """Calls between members and rival numbers in a month, one element for each two who talked.

    ``id`` stands for the rival number, ``since`` is the month (from the world's start) in which
    the two first could talk. Sorted by number, then by the member's group, then by member.
    """

    member: Ints
    id: Bits
    telecom: Flags
    out: Ints
    into: Ints
    since: Ints


@dataclass(frozen=True)
class Slots:
    """Acquaintances of members with rival numbers: ``chance`` decides with which of their kind."""

    member: Ints
    kind: Ints
    entity: Bits
    chance: Floats
    weight: Floats


class Circles:
    """The rival numbers around every group of a society."""

    def __init__(self, society: Society) -> None:
        self._society = society
        self._preset, self._draws = society.preset, society.draws
        p, groups = self._preset.circle, society.groups
        colleagues = p.rival_colleagues * groups.size * (1.0 / groups.penetration - 1.0)
        known = np.ceil(p.pool_group * groups.size)
        around = np.bincount(groups.park, p.pool_park * groups.size)[groups.park]
        pools = [np.rint(colleagues), known, np.ceil(around), np.ones(groups.count)]
        self._pools = np.stack(pools).astype(np.int64)
        self._slots = self._acquaint(0)
        self._seen = society.members.count
        count = society.members.count
        self._defected = np.full(count, NEVER)
        self._telecom = np.full(count, UNDECIDED)
        self._attacker = np.full(groups.count, UNDECIDED)
        self._decide(np.flatnonzero(society.members.state == DUAL))
        self._last: tuple[int, RivalCalls] | None = None

    def dekad(self, happenings: Happenings) -> None:
        """Note who took a number of which rival: that of the group's last attack, if any."""
        members = self._society.members
        fresh = members.count - len(self._defected)
        self._defected = np.concatenate([self._defected, np.full(fresh, NEVER)])
        self._telecom = np.concatenate([self._telecom, np.full(fresh, UNDECIDED)])
        attacks, doings = happenings.attacks, happenings.doings
        self._attacker[attacks.group] = attacks.telecom
        self._defected[doings.defectors] = members.off[doings.defectors]
        changes = doings.changes
        self._decide(np.concatenate([changes.member[changes.state == DUAL], doings.defectors]))

    def twins(self, who: Ints) -> Bits:
        """The rival number that each member has or would have; see ``RivalCalls.id``."""
        return self._draws.bits("circle.twin", self._society.members.key[who])

    def colleagues(self, who: Ints, month: Month) -> tuple[Bits, Flags]:
        """A rival number among the colleagues of each member, and whether there is one."""
        members = self._society.members
        key, group = members.key[who], members.group[who]
        pool = self._pools[COLLEAGUE, group]
        place = np.floor(self._draws.uniform("circle.mistaken", key) * pool)
        kind = np.full(len(who), COLLEAGUE)
        return self._tenants(kind, group, place, key, month)[0], pool > 0

    def month(self, month: Month) -> RivalCalls:
        """Calls of a month with all rival numbers that more than one member could know."""
        if self._last is None or self._last[0] != month.index:
            self._meet()
            there = self._shares(month)
            shared = self._slots.kind != PRIVATE
            parts = [self._with_contacts(shared, *there, month), self._with_twins(*there, month)]
            self._last = (month.index, self._merged(parts))
        return self._last[1]

    def private(self, month: Month) -> RivalCalls:
        """Calls of a month with rival numbers that one member alone knows."""
        self._meet()
        alone = self._slots.kind == PRIVATE
        return self._merged([self._with_contacts(alone, *self._shares(month), month)])

    def _meet(self) -> None:
        """Let those who have come since the last time have acquaintances too."""
        fresh = self._acquaint(self._seen)
        self._seen = self._society.members.count
        self._slots = Slots(
            *(
                np.concatenate([getattr(self._slots, name), getattr(fresh, name)])
                for name in Slots.__dataclass_fields__
            )
        )

    def _acquaint(self, start: int) -> Slots:
        p, members, draws = self._preset.circle, self._society.members, self._draws
        groups = self._society.groups
        who = np.arange(start, members.count)
        key, group = members.key[who], members.group[who]
        size = groups.size[group]
        share = self._pools[COLLEAGUE, group] / size
        inside = draws.count("circle.inside", 2 * p.colleagues * np.log10(size) * share, key)
        alone = draws.count("circle.contacts", p.rival_contacts, key)
        count = inside + alone
        owner = np.repeat(who, count)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        entity = (members.key[owner] << np.uint64(8)) | number.astype(np.uint64)
        drawn = draws.choice(
            "circle.kind",
            [p.shared_in_group, p.shared_in_park, 1 - p.shared_in_group - p.shared_in_park],
            entity,
        )
        kind = np.where(number < np.repeat(inside, count), COLLEAGUE, IN_GROUP + drawn)
        chance = draws.uniform("circle.contact", entity)
        weight = random.gamma(draws.uniform("circle.weight", entity), p.tie_shape)
        return Slots(owner, kind, entity, chance, weight)

    def _decide(self, took: Ints) -> None:
        """Settle whose number those who ``took`` one have: the same when they take it again."""
        members, share = self._society.members, self._preset.attack.telecom_share
        first = took[self._telecom[took] == UNDECIDED]
        own = self._draws.happens("circle.twin.telecom", share, members.key[first])
        wooed = self._attacker[members.group[first]]
        self._telecom[first] = np.where(wooed == UNDECIDED, own, wooed)

    def _shares(self, month: Month) -> tuple[Floats, Floats]:
        """The part of each member's usual calls, out and in, that is left in a month."""
        members, usage = self._society.members, self._preset.usage
        there = presence(members, month)
        out, into = np.zeros(members.count), np.zeros(members.count)
        out[there.who] = there.share(month, members.dual_out[there.who])
        into[there.who] = there.share(month, usage.dual_in)
        return out, into

    def _with_contacts(self, chosen: Flags, out: Floats, into: Floats, month: Month) -> RivalCalls:
        slots, members = self._slots, self._society.members
        groups, draws = self._society.groups, self._draws
        there = chosen & ((out + into) > 0)[slots.member]
        there &= self._pools[slots.kind, members.group[slots.member]] > 0
        who = np.flatnonzero(there)
        member, entity = slots.member[who], slots.entity[who]
        group = members.group[member]
        place = np.floor(slots.chance[who] * self._pools[slots.kind[who], group])
        number, since = self._tenants(slots.kind[who], group, place, entity, month)
        usual = self._preset.usage.mou_out_mean.at(groups.tier[group])
        mean = slots.weight[who] * self._preset.circle.rival_calls
        mean *= np.sqrt(members.mou[member] / usual)
        bits = draws.bits("circle.calls", entity, month.index)
        telecom = draws.happens("circle.telecom", self._preset.usage.telecom_share, number)
        return RivalCalls(
            member,
            number,
            telecom,
            calls(bits, 0, mean * out[member]),
            calls(bits, 24, mean * into[member]),
            since,
        )

    def _tenants(
        self, kind: Ints, group: Ints, place: Floats, own: Bits, month: Month
    ) -> tuple[Bits, Ints]:
        """Who stands in places of circles in a month, and since when he has been there."""
        circle = np.where(kind == IN_PARK, self._society.groups.park[group], group)
        common = ((circle << 20) | place.astype(np.int64)).astype(np.uint64)
        entity = np.where(kind == PRIVATE, own, common)
        number = np.zeros(len(kind), dtype=np.uint64)
        since = np.zeros(len(kind), dtype=np.int64)
        stay = self._preset.circle.contact_months
        for code, process in enumerate(KINDS):
            some = np.flatnonzero(kind == code)
            number[some], since[some] = tenants(
                self._draws, process, entity[some], month.index, stay
            )
        return number, since

    def _with_twins(self, out: Floats, into: Floats, month: Month) -> RivalCalls:
        """Calls of those whose ties have a rival number now, and who know it by now."""
        p, members, draws = self._preset.circle, self._society.members, self._draws
        first, days = self._rival_days(month)
        member, owner, weight = self._in_touch(days, out)
        mine, his = members.key[member], members.key[owner]
        knows = draws.happens("circle.twin.known", p.twin_known, mine, his)
        delay = draws.choice("circle.twin.delay", p.twin_delay, mine, his)
        since = first[owner] + delay
        some = np.flatnonzero(knows & (since <= month.index))
        member, owner, weight, since = member[some], owner[some], weight[some], since[some]
        gone = members.state[owner] == GONE
        moved = np.where(gone, 1.0, 1.0 - members.dual_out[owner]) * days[owner] / month.days
        mean = p.tie_calls * weight * moved
        pair = draws.bits("circle.twin.pair", mine[some], his[some])
        bits = draws.bits("circle.twin.calls", pair, month.index)
        return RivalCalls(
            member,
            self.twins(owner),
            self._telecom[owner] == 1,
            calls(bits, 0, mean * out[member]),
            calls(bits, 24, mean * into[member]),
            since,
        )

    def _rival_days(self, month: Month) -> tuple[Ints, Ints]:
        """Of each member: the month in which he took a rival number, and his days with it."""
        members = self._society.members
        defected = self._defected != NEVER
        start = np.where(defected, self._defected, members.dual_from)
        end = np.where(defected, NEVER, members.dual_to)
        days = np.minimum(end - 1, month.last) - np.maximum(start, month.first) + 1
        return months_since_start(start, month), np.maximum(days, 0)

    def _in_touch(self, days: Ints, out: Floats) -> tuple[Ints, Ints, Floats]:
        """Members who are there and have a tie, either way, with somebody with a rival number."""
        ties = self._society.ties
        called = np.flatnonzero((days > 0)[ties.target] & (out > 0)[ties.source])
        caller = np.flatnonzero((days > 0)[ties.source] & (out > 0)[ties.target])
        pair = np.concatenate(
            [
                ties.source[called] << 32 | ties.target[called],
                ties.target[caller] << 32 | ties.source[caller],
            ]
        )
        weight = np.concatenate([ties.weight[called], ties.weight[caller]])
        unique, first = np.unique(pair, return_index=True)
        return unique >> 32, unique & 0xFFFFFFFF, weight[first]

    def _merged(self, parts: list[RivalCalls]) -> RivalCalls:
        """All calls in order, those of the same two people as one, those of nobody left out."""
        joined = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in RivalCalls.__dataclass_fields__
        }
        some = np.flatnonzero(joined["out"] + joined["into"])
        group = self._society.members.group[joined["member"][some]]
        order = some[np.lexsort((joined["member"][some], group, joined["id"][some]))]
        rows = {name: values[order] for name, values in joined.items()}
        new = np.ones(len(order), dtype=bool)
        new[1:] = (np.diff(rows["member"]) != 0) | (rows["id"][1:] != rows["id"][:-1])
        start = np.flatnonzero(new)
        if len(start):
            rows["out"] = np.add.reduceat(rows["out"], start)
            rows["into"] = np.add.reduceat(rows["into"], start)
        for name in ("member", "id", "telecom", "since"):
            rows[name] = rows[name][start]
        return RivalCalls(**rows)
