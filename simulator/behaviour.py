"""What members do: take a rival's SIM beside ours, leave the net, leave the group, join it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator import draws as random
from simulator.arrivals import Arrivals
from simulator.dekads import NEVER, Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.dynamics import KEY_LOST_DEKADS
from simulator.locking import Locking
from simulator.members import DUAL, GONE, KEY_PERSON, SOLE, Members
from simulator.population import Groups
from simulator.portability import barred, dual_given_move, dual_share, wait
from simulator.preset import Preset
from simulator.rivalry import Rivalry, Transfers
from simulator.succession import successors
from simulator.ties import Ties

LEFT_NET, CHANGED_JOB, MOVED_WITH_GROUP, APPOINTED = range(4)
OFF_NET = (LEFT_NET, MOVED_WITH_GROUP)
REASONS = ("churn", "job_change", "group_transfer", None, "unknown")
"""What the operator writes down; nobody left where somebody was appointed to another role."""


@dataclass(frozen=True)
class Changes:
    """Members whose state changed in a dekad; ``day`` is that of the decision."""

    member: Ints
    day: Ints
    state: Ints


@dataclass(frozen=True)
class Leavers:
    """Memberships that ended, with what is needed to say so after the member has moved on.

    ``entered`` is the first day in the group in whatever role, ``joined`` that in the last role.
    """

    member: Ints
    group: Ints
    cell: Ints
    role: Ints
    entered: Ints
    joined: Ints
    left: Ints
    reason: Ints
    vnet: Flags
    short_sms: Flags


@dataclass(frozen=True)
class Doings:
    """What members did in one dekad; those of the ``joined`` who are new begin at ``fresh``.

    ``defectors`` left the net for the rival at once, without a time with both SIMs.
    """

    changes: Changes
    leavers: Leavers
    joined: Ints
    fresh: int
    defectors: Ints


class Behaviour:
    """Steps the members of a world."""

    def __init__(
        self,
        preset: Preset,
        draws: Draws,
        groups: Groups,
        members: Members,
        locking: Locking,
        ties: Ties,
    ) -> None:
        self._preset, self._draws, self._groups = preset, draws, groups
        self._members, self._locking, self._ties = members, locking, ties
        self._arrivals = Arrivals(preset, draws, groups, members, locking)

    def step(self, rivalry: Rivalry, transfers: Transfers, dekad: Dekad) -> Doings:
        """One dekad of moves, churn, job changes and arrivals."""
        members = self._members
        self._plan_moves(transfers, dekad)
        factor = self._locking.hard_churn_factor(members, dekad)
        to, defects, with_group = self._next_states(rivalry, factor, dekad)
        who = np.flatnonzero(to != members.state)
        day = dekad.day(self._draws, "member.change.day", members.key[who])
        # A rival SIM is taken or given up on a dekad's first day: its usage is diverted or not.
        changes = Changes(who, np.where(to[who] == GONE, day, dekad.first), to[who])
        self._apply(changes, np.flatnonzero(defects), rivalry, dekad)
        gone = who[to[who] == GONE]
        leavers = self._leave(gone, with_group[gone], dekad)
        appointed = self._appoint(dekad)
        fresh = members.count
        quitters = leavers.member[leavers.reason == CHANGED_JOB]
        joined = self._arrivals.step(quitters, dekad)
        self._ties.join(joined, dekad)
        rejoined = np.concatenate([appointed.member, joined])
        defectors = np.flatnonzero(defects)
        return Doings(changes, _both(leavers, appointed), rejoined, fresh, defectors)

    def _plan_moves(self, transfers: Transfers, dekad: Dekad) -> None:
        """Settle who follows a group, when (key persons first, all in two months), and how."""
        p, members, draws = self._preset.transfer, self._members, self._draws
        share = np.zeros(self._groups.count)
        chance = draws.uniform("group.move_share", transfers.group, dekad.index)
        share[transfers.group] = random.beta(chance, *p.move_beta)
        affected = np.flatnonzero((share > 0)[members.group] & members.here)
        key = members.key[affected]
        follows = draws.happens("member.follows", share[members.group[affected]], key, dekad.index)
        affected, key = affected[follows], key[follows]
        leads = members.role[affected] <= KEY_PERSON
        haste = draws.uniform("member.move.later", key) ** p.follow_power
        later = 1 + np.floor(haste * p.follow_dekads).astype(np.int64)
        members.move_dekad[affected] = dekad.index + np.where(leads, later % 2, later)
        members.moves_hard[affected] = ~draws.happens(
            "member.move.dual",
            dual_given_move(self._preset, dekad.first) * self._preset.member.diversion,
            key,
        )

    def _next_states(
        self, rivalry: Rivalry, factor: Floats, dekad: Dekad
    ) -> tuple[Ints, Flags, Flags]:
        """The new state of each member; who goes to the rival at once, and who with his group."""
        members = self._members
        here, state = members.here, members.state
        to = state.copy()
        adopts_dual, adopts_hard = self._adopts(rivalry, dekad)
        sole = here & (state == SOLE)
        to[sole & adopts_hard] = GONE
        to[sole & adopts_dual] = DUAL
        back, on = self._dual_hazards(dekad)
        dual = here & (state == DUAL)
        to[dual & back] = SOLE
        to[dual & on & ~self._barred(dekad)] = GONE
        moving = sole & (members.move_dekad == dekad.index)
        held = self._held_back(dekad)
        instead = DUAL if self._preset.member.diversion > 0 else SOLE
        to[moving] = np.where(~members.moves_hard, DUAL, np.where(held, instead, GONE))[moving]
        churns = here & self._churns(factor, dekad)
        to[churns] = GONE
        defects = sole & (to == GONE) & ~churns
        return to, defects, moving & defects

    def _adopts(self, rivalry: Rivalry, dekad: Dekad) -> tuple[Flags, Flags]:
        """Who takes a rival SIM of his own accord, and keeps ours (dual) or does not (hard)."""
        p, members, draws = self._preset.member, self._members, self._draws
        by_state = np.array([p.adopt_calm, p.adopt_attacked, p.adopt_intent, p.adopt_attacked])
        lost = dekad.index - rivalry.key_lost_dekad <= KEY_LOST_DEKADS
        lead = np.where(lost, p.adopt_key_person_lost, 1.0)
        monthly = by_state[rivalry.state] * p.adopt_tier.at(self._groups.tier) * lead
        hazard = random.dekad_hazard(monthly)[members.group] * self._ties.pull(dekad)
        adopts = draws.happens("member.adopt", hazard, members.key, dekad.index)
        dual = draws.happens(
            "member.adopt.dual",
            dual_share(self._preset, dekad.first) * p.diversion,
            members.key,
            dekad.index,
        )
        return adopts & dual, adopts & ~dual & ~self._held_back(dekad)

    def _held_back(self, dekad: Dekad) -> Flags:
        """Members whose live contract keeps them from a hard move, though not from a second SIM."""
        blocked = self._preset.transfer.hard_blocked_by_contract * self._preset.lock.effect
        drawn = self._draws.happens("member.held", blocked, self._members.key, dekad.index)
        return drawn & self._locking.contracts.live | self._barred(dekad)

    def _barred(self, dekad: Dekad) -> Flags:
        """Members who may not take their number to the rival."""
        live = self._locking.contracts.live
        return barred(self._preset, self._draws, self._members, live, dekad)

    def _dual_hazards(self, dekad: Dekad) -> tuple[Flags, Flags]:
        p, key = self._preset.member, self._members.key
        back, on = random.dekad_hazard(p.dual_to_sole), random.dekad_hazard(p.dual_to_gone)
        return (
            self._draws.happens("member.returns", back, key, dekad.index),
            self._draws.happens("member.drops", on, key, dekad.index),
        )

    def _churns(self, factor: Floats, dekad: Dekad) -> Flags:
        """Hard churn that has nothing to do with the rival: arrears, new numbers, people moving."""
        members = self._members
        monthly = self._preset.member.other_hard_churn.at(self._groups.tier)[members.group] * factor
        hazard = random.dekad_hazard(monthly)
        return self._draws.happens("member.churn", hazard, members.key, dekad.index)

    def _apply(self, changes: Changes, defectors: Ints, rivalry: Rivalry, dekad: Dekad) -> None:
        members = self._members
        who, day = changes.member, changes.day
        members.state[who] = changes.state
        dual = changes.state == DUAL
        members.dual_from[who[dual]], members.dual_to[who[dual]] = day[dual], NEVER
        ends = changes.state == SOLE
        members.dual_to[who[ends]] = day[ends]
        gone = changes.state == GONE
        later = wait(self._preset, self._draws, members, who[gone], defectors, dekad)
        members.off[who[gone]] = day[gone] + later
        lost = members.role[who] == KEY_PERSON
        rivalry.key_lost_dekad[members.group[who[lost & (dual | gone)]]] = dekad.index

    def _leave(self, gone: Ints, with_group: Flags, dekad: Dekad) -> Leavers:
        """End the memberships of those who left the net and of those who left their job."""
        p, members, draws = self._preset.member, self._members, self._draws
        hazard = random.dekad_hazard(p.job_leave)
        quits = members.here & draws.happens("member.job", hazard, members.key, dekad.index)
        quitters = np.flatnonzero(quits)
        self._locking.contracts.break_off(gone, members.off[gone])
        left_net = self._end(
            gone, members.off[gone], np.where(with_group, MOVED_WITH_GROUP, LEFT_NET)
        )
        day = dekad.day(draws, "member.job.day", members.key[quitters])
        return _both(left_net, self._end(quitters, day, np.full(len(quitters), CHANGED_JOB)))

    def _appoint(self, dekad: Dekad) -> Leavers:
        """Give the roles of leaders who went to others, whose memberships start anew."""
        members = self._members
        who, roles = successors(self._draws, members, self._groups.count, dekad)
        ended = self._end(who, np.full(len(who), dekad.last), np.full(len(who), APPOINTED))
        members.role[who], members.joined[who], members.left[who] = roles, ended.left, NEVER
        return ended

    def _end(self, who: Ints, day: Ints, reason: Ints) -> Leavers:
        members = self._members
        day = np.maximum(day, members.joined[who] + 1)
        ended = Leavers(
            who,
            members.group[who],
            members.cell[who],
            members.role[who],
            members.entered[who],
            members.joined[who],
            day,
            reason,
            members.vnet[who],
            members.short_sms[who],
        )
        members.left[who] = day
        return ended


def _both(first: Leavers, second: Leavers) -> Leavers:
    return Leavers(
        *(
            np.concatenate([getattr(first, f.name), getattr(second, f.name)])
            for f in fields(Leavers)
        )
    )
