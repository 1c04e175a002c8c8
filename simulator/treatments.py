"""What treatments do to groups: four kinds of response, and effects that fade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.dekads import Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.population import Groups
from simulator.preset import Preset
from simulator.rivalry import LEVERS

RESPONSES = ("persuadable", "lost_cause", "sure_thing", "sleeping_dog")
PERSUADABLE, LOST_CAUSE, SURE_THING, SLEEPING_DOG = range(4)
ACCEPTING = (PERSUADABLE, SURE_THING)


@dataclass(frozen=True)
class Assignments:
    """Groups that are treated, each with the name of its action; none of them twice."""

    group: Ints
    action: tuple[str, ...]


class Treatments:
    """Effects of all treatments given so far.

    A treatment adds to the log-odds that an intending group moves; its effect fades by the month.
    Contracts that come with it add to the group's lock for a term.
    """

    def __init__(self, preset: Preset, draws: Draws, groups: Groups) -> None:
        self._preset, self._draws, self._groups = preset, draws, groups
        self._shift = np.zeros(groups.count)
        self._lock = np.zeros(groups.count)
        self._lock_until = np.zeros(groups.count, dtype=np.int64)
        self.last = np.full(groups.count, -10_000)
        """Dekad of each group's newest treatment."""
        self.accepted = np.zeros(groups.count, dtype=np.bool_)
        """Whether each group took what its newest treatment offered."""

    def response_chances(self, risk: Floats) -> Floats:
        """How likely each kind of response is for each group: a row for each of RESPONSES.

        Args:
            risk: Chance of a transfer within 90 days if nothing is done.
        """
        p, groups = self._preset.treatment, self._groups
        odds = np.log(np.clip(risk, 1e-6, 1 - 1e-6) / (1 - np.clip(risk, 1e-6, 1 - 1e-6)))
        z = (odds - p.risk_mean) / p.risk_sd
        price = self._draws.happens("response.price", p.price_driven, groups.index)
        never = ~groups.managed & self._draws.happens("response.never", p.never_met, groups.index)
        facts = np.array([np.ones(len(z)), price, ~groups.managed, never, z], dtype=np.float64)
        weights = np.exp(np.array([getattr(p, name) for name in RESPONSES]) @ facts)
        return np.asarray(weights / weights.sum(axis=0))

    def responses(self, risk: Floats) -> Ints:
        """How each group would respond today, from its disposition and its ``risk``."""
        edges = np.cumsum(self.response_chances(risk), axis=0)
        chance = self._draws.uniform("response", self._groups.index)
        return np.asarray((chance > edges[:-1]).sum(axis=0), dtype=np.int64)

    def effects(
        self, group: Ints, action: Sequence[str], lever: Ints, risk: Floats
    ) -> tuple[Floats, Floats, Flags]:
        """What an action would do: to each group's log-odds of moving, to its lock; if accepted.

        Args:
            group: Groups to treat, each with its ``action``.
            lever: What the rival offered each group of the county last; -1 where nothing.
            risk: As for ``responses``, of each group of the county.
        """
        p = self._preset.treatment
        response = self.responses(risk)[group]
        accepts = np.isin(response, ACCEPTING)
        apt = np.array(
            [
                p.apt(a, LEVERS[code] if code >= 0 else None)
                for a, code in zip(action, lever[group].tolist(), strict=True)
            ]
        )
        delta = np.array([p.delta[name] for name in RESPONSES])[response]
        shift = np.where(response == PERSUADABLE, delta * apt, delta)
        gain = np.array([p.lock_gain.get(a, 0.0) for a in action])
        return shift, np.where(accepts, gain, 0.0), accepts

    def give(self, assigned: Assignments, lever: Ints, risk: Floats, dekad: Dekad) -> None:
        """Treat groups at the end of ``dekad``; effects begin with the next one."""
        group = assigned.group
        shift, gain, accepts = self.effects(group, assigned.action, lever, risk)
        self._shift[group] += shift
        self._lock[group], self._lock_until[group] = self._bound(group, gain, dekad)
        self.last[group], self.accepted[group] = dekad.index, accepts

    def fade(self) -> None:
        """Let a dekad pass."""
        self._shift *= self._preset.treatment.dekad_decay

    def relief(self, dekad: Dekad) -> Floats:
        """What treatments add to each group's log-odds of moving in a dekad."""
        return self._at(self._shift, self._lock, self._lock_until, dekad.index)

    def outlook(self, ahead: Sequence[Dekad]) -> Floats:
        """``relief`` in each dekad ahead if nothing further is done: dekads × groups."""
        return self._path(self._shift, self._lock, self._lock_until, ahead)

    def outlook_if(
        self, action: str, lever: Ints, risk: Floats, dekad: Dekad, ahead: Sequence[Dekad]
    ) -> Floats:
        """``relief`` in each dekad ahead if every group were given ``action`` at once."""
        groups = self._groups.index
        shift, gain, _ = self.effects(groups, [action] * len(groups), lever, risk)
        return self._path(self._shift + shift, *self._bound(groups, gain, dekad), ahead)

    def outlook_given(
        self,
        assigned: Assignments,
        lever: Ints,
        risk: Floats,
        dekad: Dekad,
        ahead: Sequence[Dekad],
    ) -> Floats:
        """``relief`` in each dekad ahead if only ``assigned`` were treated now."""
        group = assigned.group
        shift, lock, until = self._shift.copy(), self._lock.copy(), self._lock_until.copy()
        added, gain, _ = self.effects(group, assigned.action, lever, risk)
        shift[group] += added
        lock[group], until[group] = self._bound(group, gain, dekad)
        return self._path(shift, lock, until, ahead)

    def _bound(self, group: Ints, gain: Floats, dekad: Dekad) -> tuple[Floats, Ints]:
        """The lock of groups that win ``gain``, and the dekad until which it holds."""
        until = self._lock_until[group]
        held = np.where(until > dekad.index, self._lock[group], 0.0)
        term = dekad.index + 3 * self._preset.treatment.lock_months
        return np.maximum(gain, held), np.where(gain > 0, term, until)

    def _path(self, shift: Floats, lock: Floats, until: Ints, ahead: Sequence[Dekad]) -> Floats:
        keeps = self._preset.treatment.dekad_decay
        return np.array(
            [self._at(shift * keeps**n, lock, until, d.index) for n, d in enumerate(ahead)]
        )

    def _at(self, shift: Floats, lock: Floats, until: Ints, index: int) -> Floats:
        holds = self._preset.lock.effect * self._preset.transfer.lock
        return shift + holds * np.where(index <= until, lock, 0.0)
