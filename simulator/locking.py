"""How firmly groups are held: the share of members under contract, and what ends this month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.agreements import Book, sign_up_rate
from simulator.dekads import Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.members import CONTACT, KEY_MEMBER, Members
from simulator.population import Groups
from simulator.preset import Preset


@dataclass(frozen=True)
class Lock:
    """Of each group: its lock now (0 … cap), the lock that acts, and whether much of it ends.

    ``level`` is the lock in the long run; ``acting`` equals ``now`` unless the preset's
    ``lock.expiry_effect`` says otherwise; ``expiring`` marks groups much of whose lock ends in
    this month.
    """

    now: Floats
    level: Floats
    acting: Floats
    expiring: Flags


@dataclass(frozen=True)
class Outlook:
    """The lock of every group in the dekads ahead; see ``Lock``.

    ``acting`` and ``expiring`` have a row for each dekad and a column for each group; ``level`` is
    the groups' own.
    """

    ahead: tuple[Dekad, ...]
    level: Floats
    acting: Floats
    expiring: Floats


class Locking:
    """Both books of agreements, with the rates that keep them at the preset's level."""

    def __init__(self, preset: Preset, draws: Draws, groups: Groups, members: Members) -> None:
        self._preset, self._draws, self._groups = preset, draws, groups
        self.contracts = _book("contract", groups, members)
        self.points = Book(
            "points", groups.index.astype(np.uint64), groups.expiry_month, groups.expiry_day
        )
        self._coverage = coverage(preset, groups, members)

    def begin(self, start: int) -> None:
        """Fill the books with the agreements that are live on the first day."""
        self.contracts.begin(self._preset, self._draws, self._coverage, start)
        self.points.begin(self._preset, self._draws, self._points_share(), start)

    def join(self, newcomers: Members) -> None:
        """Open an account for members who have just joined."""
        self.contracts.add(_book("contract", self._groups, newcomers))
        fresh = coverage(self._preset, self._groups, newcomers)
        self._coverage = np.concatenate([self._coverage, fresh])

    def step(self, members: Members, moved: Flags, dekad: Dekad) -> None:
        """One dekad of agreements ending and being signed; groups that ``moved`` sign no more."""
        preset, draws = self._preset, self._draws
        renewing = self._renewing()
        member_renewing = renewing[members.group]
        willing = members.here & ~moved[members.group]
        self.contracts.expire(preset, draws, dekad, member_renewing)
        self.points.expire(preset, draws, dekad, renewing)
        rate = sign_up_rate(preset, self._coverage, member_renewing)
        self.contracts.sign(preset, draws, dekad, willing, rate)
        self.points.sign(
            preset, draws, dekad, ~moved, sign_up_rate(preset, self._points_share(), renewing)
        )

    def lock(self, members: Members, dekad: Dekad) -> Lock:
        """The lock of every group in this dekad."""
        p, count = self._preset.lock, self._groups.count
        weight = np.where(members.role <= CONTACT, p.key_weight, 1.0) * members.here
        live, last = self.contracts.live, self.contracts.last_end
        ended = (last >= dekad.month.first) & (last <= dekad.month.last) & ~live
        soon = live & (self.contracts.end <= dekad.month.last)
        group = members.group
        all_weight = np.maximum(np.bincount(group, weight, count), 1.0)
        bound = np.bincount(group, weight * live, count)
        ending = np.bincount(group, weight * (ended | soon), count)
        held = bound + np.bincount(group, weight * ended, count)
        now = np.minimum(bound / all_weight + p.points_weight * self.points.live, p.cap)
        level = self._level()
        return Lock(
            now=now,
            level=level,
            acting=level + p.expiry_effect * (now - level),
            expiring=(ending > 0) & (ending >= p.main_expiry_share * held),
        )

    def outlook(self, members: Members, ahead: Sequence[Dekad]) -> Outlook:
        """What is to be expected of the lock in the dekads ahead."""
        p, count = self._preset.lock, self._groups.count
        renewing, group = self._renewing(), members.group
        weight = np.where(members.role <= CONTACT, p.key_weight, 1.0) * members.here
        rate = sign_up_rate(self._preset, self._coverage, renewing[group])
        bound = self.contracts.outlook(self._preset, ahead, renewing[group], rate)
        points = self.points.outlook(
            self._preset,
            ahead,
            renewing,
            sign_up_rate(self._preset, self._points_share(), renewing),
        )
        all_weight = np.maximum(np.bincount(group, weight, count), 1.0)
        ends = np.where(self.contracts.live, self.contracts.end, self.contracts.last_end)
        level = self._level()
        acting, expiring = [], []
        for dekad, live, agreed in zip(ahead, bound, points, strict=True):
            held = np.bincount(group, weight * live, count)
            now = np.minimum(held / all_weight + p.points_weight * agreed, p.cap)
            acting.append(level + p.expiry_effect * (now - level))
            month = (ends >= dekad.month.first) & (ends <= dekad.month.last)
            ended = month & (ends <= dekad.last)
            ending = np.bincount(group, weight * np.where(ended, 1.0 - live, month), count)
            whole = held + np.bincount(group, weight * np.where(ended, 1.0 - live, 0.0), count)
            expiring.append((ending > 0) & (ending >= p.main_expiry_share * whole))
        return Outlook(tuple(ahead), level, np.array(acting), np.array(expiring, dtype=np.float64))

    def hard_churn_factor(self, members: Members, dekad: Dekad) -> Floats:
        """How contracts change each member's hazard of leaving; 1 on average at the start."""
        p = self._preset.lock
        book = self.contracts
        since = dekad.first - book.last_end
        free = np.where(since < 30, p.expiry_month, np.where(since < 90, p.after_2m, 1.0))
        free = 1.0 + p.effect * p.expiry_effect * (free - 1.0)
        held = 1.0 - p.effect * (1.0 - p.live)
        mean_level = (
            p.mean.at(self._groups.tier) - p.points_weight * p.points_share.at(self._groups.tier)
        )[members.group]
        return np.where(book.live, held, free) / (1.0 - mean_level * (1.0 - held))

    def _renewing(self) -> Floats:
        p = self._preset.lock
        return np.where(self._groups.managed, p.renew_managed, p.renew_unmanaged)

    def _level(self) -> Floats:
        p = self._preset.lock
        return np.minimum(self._groups.lock_level + p.points_weight * self._points_share(), p.cap)

    def _points_share(self) -> Floats:
        return self._preset.lock.points_share.at(self._groups.tier)


def coverage(preset: Preset, groups: Groups, members: Members) -> Floats:
    """Long-run share of time that each member is under contract: more for key people."""
    p = preset.lock
    level = groups.lock_level[members.group]
    key = members.role <= KEY_MEMBER
    top = groups.double_top100[members.group]
    wanted = np.where(top, p.key_member_double_top100, p.key_coverage * level)
    return np.clip(np.where(key, wanted, level), 0.0, 0.9)


def _book(name: str, groups: Groups, members: Members) -> Book:
    group: Ints = members.group
    return Book(name, members.key, groups.expiry_month[group], groups.expiry_day[group])
