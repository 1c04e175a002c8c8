"""Who joins groups: new members, and people who come from another group."""

from __future__ import annotations

import numpy as np

from simulator.dekads import NEVER, Dekad
from simulator.draws import Draws, Ints
from simulator.locking import Locking
from simulator.members import ORDINARY, Members, joiners
from simulator.population import Groups
from simulator.preset import Preset


class Arrivals:
    """Adds members to the groups of a world."""

    def __init__(
        self, preset: Preset, draws: Draws, groups: Groups, members: Members, locking: Locking
    ) -> None:
        self._preset, self._draws, self._groups = preset, draws, groups
        self._members, self._locking = members, locking
        self._cells = groups.size.copy()

    def step(self, quitters: Ints, dekad: Dekad) -> Ints:
        """Let some ``quitters`` of a job enter another group, and new members join; all of them."""
        members, draws = self._members, self._draws
        movers = self._change_groups(quitters, dekad)
        size = np.bincount(members.group, members.here, self._groups.count)
        monthly = self._preset.member.gross_adds.at(self._groups.tier) * size
        mean = np.minimum(monthly / 3, 45.0)
        arriving = draws.count("group.joins", mean, self._groups.index, dekad.index)
        group = np.repeat(self._groups.index, arriving)
        newcomers = joiners(
            self._preset,
            draws,
            self._groups,
            group,
            self._next_cells(group),
            np.full(len(group), dekad.first),
            dekad.index,
        )
        later = draws.whole("member.join.day", 0, dekad.days - 1, newcomers.key)
        newcomers.joined = newcomers.entered = newcomers.joined + later
        newcomers.opened = newcomers.opened + later
        fresh = members.count
        members.add(newcomers)
        self._locking.join(newcomers)
        return np.concatenate([movers, np.arange(fresh, members.count)])

    def _change_groups(self, quitters: Ints, dekad: Dekad) -> Ints:
        members, draws = self._members, self._draws
        key = members.key[quitters]
        share = self._preset.member.job_change
        changes = draws.happens("member.job.change", share, key, dekad.index)
        movers, key = quitters[changes], key[changes]
        target = draws.choice("member.job.to", self._groups.size.tolist(), key, dekad.index)
        elsewhere = target != members.group[movers]
        movers, target = movers[elsewhere], target[elsewhere]
        members.group[movers] = target
        members.cell[movers] = self._next_cells(target)
        members.vnet[movers] &= self._groups.has_vnet[target]
        members.short_sms[movers] &= members.vnet[movers]
        members.role[movers] = ORDINARY
        members.joined[movers] = members.left[movers] + 1
        members.entered[movers] = members.joined[movers]
        members.left[movers] = NEVER
        return np.asarray(movers, dtype=np.int64)

    def _next_cells(self, group: Ints) -> Ints:
        """Numbers for new members within their groups, never used before."""
        order = np.argsort(group, kind="stable")
        ordered = group[order]
        place = np.empty(len(group), dtype=np.int64)
        place[order] = np.arange(len(group)) - np.searchsorted(ordered, ordered, side="left")
        cells = np.asarray(self._cells[group] + place, dtype=np.int64)
        self._cells += np.bincount(group, minlength=len(self._cells))
        return cells
