"""Who talked to whom in a month: the calls of every member, number by number.

The minutes are those of the usage tables: V-net minutes stay for the most part among colleagues,
rivals' minutes go to rival numbers, and what is left of on-net minutes goes to other customers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator import draws as random
from simulator.circle import NUMBER, Circles, RivalCalls
from simulator.dekads import Month
from simulator.draws import Bits, Draws, Floats, Ints
from simulator.edges import (
    FIXED,
    GROUP_OTHER,
    OTHER,
    SAME_GROUP,
    SERVICE,
    TELECOM,
    UNICOM,
    UNKNOWN,
    Edges,
)
from simulator.pairs import Pairs, in_touch
from simulator.phones import calls, months_since_start, tenants, token_bits
from simulator.society import Society
from simulator.traffic import presence

HOTLINES = ("calls_10086", "calls_10000", "calls_10010")
FEWEST_PRIVATE = 2
LONGEST_CALL = 3_600.0


class Calling:
    """The calls of one month.

    Args:
        sums: The month's minutes by kind (see ``traffic.Traffic``) and calls to ``HOTLINES``, one
            element for each member of the society.
    """

    def __init__(
        self, society: Society, circles: Circles, sums: Mapping[str, Ints], month: Month
    ) -> None:
        self._society, self._circles, self._month = society, circles, month
        self._preset, self._draws, self._members = society.preset, society.draws, society.members
        self._sums = sums
        self._who = presence(society.members, month).who
        self._minutes_a_call = society.preset.usage.minutes_a_call
        self._pace = 60.0 * self._minutes_a_call * society.preset.circle.talked
        self._opened = months_since_start(society.members.opened, month)

    def edges(self) -> list[Edges]:
        """All edges, part by part."""
        return [
            *self._on_net(),
            self._fixed(),
            *self._services(),
            *self._rivals([self._circles.month(self._month), self._circles.private(self._month)]),
        ]

    def _on_net(self) -> list[Edges]:
        """Calls with colleagues, with members of other groups, and with customers in no group."""
        there = np.zeros(self._members.count, dtype=bool)
        there[self._who] = True
        pairs = in_touch(self._society, there, self._month)
        caller = np.concatenate([pairs.low, pairs.high])
        callee = np.concatenate([pairs.high, pairs.low])
        weight = np.concatenate([pairs.forth, pairs.back])
        owner, entity, own_weight = self._private_slots()
        minutes = self._among_colleagues(caller, callee, weight)
        count = self._members.count
        left = self._sums["out_onnet"] - _summed(caller, minutes, count)
        abroad = weight * (self._members.group[caller] != self._members.group[callee])
        abroad *= self._called("in_onnet")[callee]
        whole = _summed(caller, abroad, count) + _summed(owner, own_weight, count)
        each = left / np.maximum(whole, 1e-9)
        members, received = self._among_members(pairs, minutes + each[caller] * abroad)
        into = np.maximum(self._sums["in_onnet"] - received, 0.0)
        private = self._with_outsiders(
            OTHER,
            "edge.private",
            owner,
            entity,
            each[owner] * own_weight,
            _spread(into, owner, own_weight),
        )
        return [members, private]

    def _among_colleagues(self, caller: Ints, callee: Ints, weight: Floats) -> Floats:
        """Minutes of calls inside groups: most of the V-net's, and some others."""
        p, members = self._preset.circle, self._members
        same = members.group[caller] == members.group[callee]
        vnet = same & members.vnet[caller] & members.vnet[callee]
        within = self._sums["vnet_out"].astype(np.float64)
        others: Floats = self._sums["out_onnet"] - within
        over_vnet = weight * vnet * self._called("vnet_in")[callee]
        elsewhere = weight * (same & ~vnet) * self._called("in_onnet")[callee]
        return _spread(p.vnet_inside * within, caller, over_vnet) + _spread(
            p.others_inside * others, caller, elsewhere
        )

    def _called(self, kind: str) -> Floats:
        """How much more than others each member is called; 1 on average."""
        into = self._sums[kind].astype(np.float64)
        return np.asarray(into / max(into.mean(), 1e-9))

    def _among_members(self, pairs: Pairs, minutes: Floats) -> tuple[Edges, Floats]:
        """Two rows for each pair of members, and the minutes that each member gets from others.

        ``minutes`` are those from the lower to the higher of each pair, then those back.
        """
        members, draws = self._members, self._draws
        entity = draws.bits("edge.pair", members.key[pairs.low], members.key[pairs.high])
        bits = draws.bits("edge.calls", entity, self._month.index)
        mean = np.split(minutes / self._minutes_a_call, 2)
        forth, back = calls(bits, 0, mean[0]), calls(bits, 24, mean[1])
        user = np.concatenate([pairs.low, pairs.high])
        peer = np.concatenate([pairs.high, pairs.low])
        out, into = np.concatenate([forth, back]), np.concatenate([back, forth])
        front, rear = token_bits(draws, "member.number", members.key)
        group = members.group[peer]
        edges = Edges(
            user=user,
            entity=np.concatenate([entity, entity]),
            flipped=user > peer,
            front=front[peer],
            back=rear[peer],
            net=np.where(group == members.group[user], SAME_GROUP, GROUP_OTHER),
            group=group,
            out=out,
            into=into,
            pace_out=np.full(len(user), self._pace),
            pace_in=np.full(len(user), self._pace),
            since=np.concatenate([pairs.since, pairs.since]),
        )
        return edges, _summed(user, into, members.count) * self._minutes_a_call

    def _private_slots(self) -> tuple[Ints, Bits, Floats]:
        """Customers in no group whom a member knows: who, what they are known by, how well."""
        p, members, groups = self._preset.circle, self._members, self._society.groups
        group = members.group[self._who]
        usual = self._preset.usage.mou_out_mean.at(groups.tier[group])
        talks = p.counterparties * np.sqrt(members.mou[self._who] / usual)
        others = 2 * p.colleagues * np.log10(groups.size[group]) + 2 * p.acquaintances
        others += p.rival_contacts + p.fixed_contacts
        count = np.maximum(np.rint(talks - others), FEWEST_PRIVATE).astype(np.int64)
        return self._slots("edge.private", count)

    def _fixed(self) -> Edges:
        count = self._draws.count(
            "edge.fixed", self._preset.circle.fixed_contacts, self._members.key[self._who]
        )
        owner, entity, weight = self._slots("edge.fixed", count)
        into = self._sums["into"] - self._sums["in_onnet"] - self._sums["in_rival"]
        return self._with_outsiders(
            FIXED,
            "edge.fixed",
            owner,
            entity,
            _spread(self._sums["out_fixed"], owner, weight),
            _spread(into, owner, weight),
        )

    def _slots(self, process: str, count: Ints) -> tuple[Ints, Bits, Floats]:
        owner = np.repeat(self._who, count)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        entity = (self._members.key[owner] << np.uint64(8)) | number.astype(np.uint64)
        chance = self._draws.uniform(f"{process}.weight", entity)
        return owner, entity, random.gamma(chance, self._preset.circle.tie_shape)

    def _with_outsiders(
        self, net: int, process: str, owner: Ints, entity: Bits, out: Floats, into: Floats
    ) -> Edges:
        """Calls of ``owner`` with people outside our groups; ``out`` and ``into`` are minutes."""
        stay = self._preset.circle.contact_months
        number, since = tenants(self._draws, process, entity, self._month.index, stay)
        bits = self._draws.bits(f"{process}.calls", entity, self._month.index)
        front, back = token_bits(self._draws, NUMBER, number)
        pace = np.full(len(owner), self._pace)
        return Edges(
            user=owner,
            entity=number,
            flipped=np.zeros(len(owner), dtype=bool),
            front=front,
            back=back,
            net=np.full(len(owner), net),
            group=np.full(len(owner), -1),
            out=calls(bits, 0, out / self._minutes_a_call),
            into=calls(bits, 24, into / self._minutes_a_call),
            pace_out=pace,
            pace_in=pace,
            since=np.maximum(since, self._opened[owner]),
        )

    def _rivals(self, made: list[RivalCalls]) -> list[Edges]:
        """Calls with rival numbers; those of a member take as long as his rival minutes."""
        pace_out = self._rival_pace("out_rival", [(part.member, part.out) for part in made])
        pace_in = self._rival_pace("in_rival", [(part.member, part.into) for part in made])
        return [self._with_rivals(part, pace_out, pace_in) for part in made]

    def _with_rivals(self, made: RivalCalls, pace_out: Floats, pace_in: Floats) -> Edges:
        user, draws = made.member, self._draws
        front, back = token_bits(draws, NUMBER, made.id)
        return Edges(
            user=user,
            entity=draws.bits("edge.rival", made.id, self._members.key[user]),
            flipped=np.zeros(len(user), dtype=bool),
            front=front,
            back=back,
            net=np.where(made.telecom, TELECOM, UNICOM),
            group=np.full(len(user), -1),
            out=made.out,
            into=made.into,
            pace_out=pace_out[user],
            pace_in=pace_in[user],
            since=np.maximum(made.since, self._opened[user]),
        )

    def _rival_pace(self, kind: str, made: list[tuple[Ints, Ints]]) -> Floats:
        """Seconds that a call of each member with a rival number takes."""
        count = self._members.count
        number = np.maximum(sum(_summed(user, part, count) for user, part in made), 1.0)
        seconds = 60.0 * self._preset.circle.talked * self._sums[kind]
        return np.asarray(np.minimum(seconds / number, LONGEST_CALL))

    def _services(self) -> list[Edges]:
        """Calls to hotlines, ours and the rivals'; those numbers are the same everywhere."""
        everywhere = Draws(self._draws.seed)
        return [self._service(name, everywhere) for name in HOTLINES]

    def _service(self, name: str, everywhere: Draws) -> Edges:
        made = self._sums[name]
        user = np.flatnonzero(made)
        front, back = token_bits(everywhere, "service.number", np.array([int(name[6:])]))
        pace = np.full(len(user), self._pace)
        return Edges(
            user=user,
            entity=self._draws.bits(f"edge.{name}", self._members.key[user]),
            flipped=np.zeros(len(user), dtype=bool),
            front=np.repeat(front, len(user)),
            back=np.repeat(back, len(user)),
            net=np.full(len(user), SERVICE),
            group=np.full(len(user), -1),
            out=made[user],
            into=np.zeros(len(user), dtype=np.int64),
            pace_out=pace,
            pace_in=pace,
            since=np.full(len(user), UNKNOWN),
        )


def _spread(total: Floats | Ints, owner: Ints, weight: Floats) -> Floats:
    """Each member's ``total`` shared out over what he owns, by weight."""
    whole = _summed(owner, weight, len(total))
    each = np.divide(total, whole, out=np.zeros(len(total)), where=whole > 0)
    return np.asarray(each[owner] * weight, dtype=np.float64)


def _summed(owner: Ints, values: Floats | Ints, count: int) -> Floats:
    return np.asarray(np.bincount(owner, values, count), dtype=np.float64)
