"""Strong ties: which members each member calls, and how he follows those whom he calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import NEVER, Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.members import GONE, SOLE, Members
from simulator.population import Groups
from simulator.preset import Preset

DAYS_A_MONTH = 365.25 / 12
SLOTS = 4096
"""Places for the choices of one member in one dekad, more than anybody makes."""


@dataclass(frozen=True)
class Roster:
    """Members who are there, park by park and in each park group by group.

    ``first`` and ``size`` say where each group stands in ``member``; ``park_first`` and
    ``park_size`` say so of the park of each group.
    """

    member: Ints
    first: Ints
    size: Ints
    park_first: Ints
    park_size: Ints


class Ties:
    """Directed ties between members: ``source`` calls ``target``.

    ``weight`` is 1 on average, ``since`` the day from which the tie holds. Ties of people who have
    left the net stay as long as the other end is there; those of people who changed their job go.
    """

    def __init__(self, preset: Preset, draws: Draws, groups: Groups, members: Members) -> None:
        self._preset, self._draws, self._groups, self._members = preset, draws, groups, members
        order = np.argsort(groups.park, kind="stable")
        self._rank = np.empty(groups.count, dtype=np.uint16)
        self._rank[order] = np.arange(groups.count, dtype=np.uint16)
        none = np.zeros(0, dtype=np.int64)
        self.source, self.target, self.since = none, none, none
        self.weight: Floats = np.zeros(0)
        everyone = np.arange(members.count)
        roster = self._roster()
        chosen = self._choose("tie.calls", everyone, roster, 0)
        per_member = preset.circle.park_ties / groups.size[members.group]
        abroad = self._choose_in_park("tie.park", everyone, per_member, roster, 0)
        self._tie([self._returned(chosen), abroad])

    def pull(self, dekad: Dekad) -> Floats:
        """By how much each member's wish for a rival SIM is multiplied by those he has lost.

        Only losses of the last months count, and only of people whom the member calls himself
        (Haenlein 2013); one ordinary tie lost just now gives ``tie_hazard``, 1.8 after Nitzan and
        Libai (2011).
        """
        p, count = self._preset.circle, self._members.count
        fresh = self._loss(dekad)
        shaken = np.flatnonzero(fresh[self.target])
        force = self.weight[shaken] * fresh[self.target[shaken]]
        pressure = np.bincount(self.source[shaken], force, count)
        pull = np.ones(count)
        moved = pressure > 0
        pull[moved] = np.minimum(p.tie_hazard ** pressure[moved], p.tie_cap)
        return pull

    def join(self, joined: Ints, dekad: Dekad) -> None:
        """Tie those who have just ``joined`` a group to people there, and cut their older ties."""
        self._drop(joined)
        if not len(joined):
            return
        roster, step = self._roster(), dekad.index + 1
        calls = self._choose("tie.calls", joined, roster, step)
        called = self._choose("tie.called", joined, roster, step)
        size = roster.size[self._members.group[joined]]
        per_member = self._preset.circle.park_ties / np.maximum(size, 1)
        out = self._choose_in_park("tie.park", joined, per_member, roster, step)
        back = self._choose_in_park("tie.park.called", joined, per_member, roster, step)
        self._tie(
            [self._returned(calls), self._returned((called[1], called[0])), out, (back[1], back[0])]
        )

    def _loss(self, dekad: Dekad) -> Floats:
        """How fresh the loss of each member is: 1 just now, 0 if he is with us or long lost."""
        p, members = self._preset.circle, self._members
        kept = (members.dual_from == NEVER) | (members.dual_to != NEVER)
        since = np.where(kept, members.off, members.dual_from)
        age = (dekad.first - since) / DAYS_A_MONTH
        lost = (members.state != SOLE) & (age >= 0) & (age < p.tie_months)
        fresh = np.zeros(members.count)
        fresh[lost] = np.exp(-age[lost] / p.tie_decay_months)
        return fresh

    def _roster(self) -> Roster:
        members, groups = self._members, self._groups
        here = np.flatnonzero(members.here)
        rank = self._rank[members.group[here]]
        # Sixteen bits are sorted by radix, many times faster than 64.
        in_order = here[np.argsort(rank, kind="stable")]
        size = np.bincount(members.group[here], minlength=groups.count)
        by_rank = np.empty(groups.count, dtype=np.int64)
        by_rank[self._rank] = size
        first = (np.cumsum(by_rank) - by_rank)[self._rank]
        parks = int(groups.park.max()) + 1
        park_size = np.bincount(groups.park, size, parks).astype(np.int64)
        park_first = np.cumsum(park_size) - park_size
        return Roster(in_order, first, size, park_first[groups.park], park_size[groups.park])

    def _choose(self, process: str, who: Ints, roster: Roster, step: int) -> tuple[Ints, Ints]:
        """Colleagues whom each of ``who`` chooses, more in larger groups; leaders more often."""
        p, group = self._preset.circle, self._members.group[who]
        mean = p.colleagues * np.log10(np.maximum(roster.size[group], 1))
        owner, chance = self._slots(process, who, mean, step)
        group = self._members.group[owner]
        place = np.floor(chance**p.hubs * roster.size[group]).astype(np.int64)
        chosen = roster.member[roster.first[group] + place]
        others = chosen != owner
        return owner[others], chosen[others]

    def _choose_in_park(
        self, process: str, who: Ints, mean: Floats, roster: Roster, step: int
    ) -> tuple[Ints, Ints]:
        """People of other groups of the same park whom each of ``who`` chooses."""
        group = self._members.group[who]
        others = roster.park_size[group] - roster.size[group]
        owner, chance = self._slots(process, who, mean * (others > 0), step)
        group = self._members.group[owner]
        own_first = roster.first[group] - roster.park_first[group]
        place = np.floor(chance * (roster.park_size[group] - roster.size[group])).astype(np.int64)
        place += np.where(place >= own_first, roster.size[group], 0)
        return owner, roster.member[roster.park_first[group] + place]

    def _slots(self, process: str, who: Ints, mean: Floats, step: int) -> tuple[Ints, Floats]:
        """A number of choices for each of ``who``: who makes each, and a chance for it."""
        key = self._members.key[who]
        count = self._draws.count(f"{process}.count", mean, key, step)
        owner = np.repeat(who, count)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        chance = self._draws.uniform(process, self._members.key[owner], step * SLOTS + number)
        return owner, chance

    def _returned(self, pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        """The chosen ties and, of some of them, the way back."""
        source, target = pairs
        key = self._members.key
        share = self._preset.circle.returned
        back = self._draws.happens("tie.returned", share, key[source], key[target])
        return np.concatenate([source, target[back]]), np.concatenate([target, source[back]])

    def _tie(self, pairs: list[tuple[Ints, Ints]]) -> None:
        members, p = self._members, self._preset.circle
        pair = np.unique(
            np.concatenate([source for source, _ in pairs]) << 32
            | np.concatenate([target for _, target in pairs])
        )
        source, target = pair >> 32, pair & 0xFFFFFFFF
        chance = self._draws.uniform("tie.weight", members.key[source], members.key[target])
        since = np.maximum(members.entered[source], members.entered[target])
        self.source = np.concatenate([self.source, source])
        self.target = np.concatenate([self.target, target])
        self.weight = np.concatenate([self.weight, random.gamma(chance, p.tie_shape)])
        self.since = np.concatenate([self.since, since])

    def _drop(self, joined: Ints) -> None:
        """Cut ties of those who changed their group, and of those who are in none any more."""
        members = self._members
        gone = members.state == GONE
        kept: Flags = members.here | gone
        kept[joined] = False
        holds = kept[self.source] & kept[self.target]
        holds &= ~(gone[self.source] & gone[self.target])
        if not holds.all():
            self.source, self.target = self.source[holds], self.target[holds]
            self.weight, self.since = self.weight[holds], self.since[holds]
