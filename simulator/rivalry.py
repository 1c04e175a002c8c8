"""What the rival does, and what becomes of the groups: campaigns, attacks, intent, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator import draws as random, dynamics
from simulator.dekads import LONG_AGO, Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.dynamics import CALM, INTENT, KEY_LOST_DEKADS, RESISTED, TRANSFERRED, Pressure
from simulator.locking import Lock
from simulator.population import Groups
from simulator.preset import Preset

LEVERS = (
    "tariff_cut",
    "handset_gift",
    "tariff_subsidy",
    "combined_billing",
    "vpn",
    "stationed_staff",
    "industry_app",
    "exec_lobby",
    "agreement",
)


@dataclass(frozen=True)
class Attacks:
    """Attacks of one dekad; ``second`` is -1 where the rival used one lever only."""

    group: Ints
    day: Ints
    lever: Ints
    second: Ints
    telecom: Flags
    intent: Flags


@dataclass(frozen=True)
class Transfers:
    """Groups that decided to move in a dekad, and what decided it."""

    group: Ints
    day: Ints
    driver: list[str]


class Rivalry:
    """The state of every group and of the rival's campaigns, dekad by dekad."""

    def __init__(self, preset: Preset, draws: Draws, groups: Groups) -> None:
        self._preset, self._draws, self._groups = preset, draws, groups
        wooed = np.minimum(preset.intent.initial.at(groups.tier) * preset.attack.mult, 1.0)
        intends = draws.happens("group.initial", wooed, groups.index)
        self.state = np.where(intends, INTENT, CALM)
        self.before = self.state.copy()
        """States before this dekad: what shows on a day of it cannot hang on what follows."""
        self.lever = self._initial_levers()
        self.transfer_day = np.full(groups.count, LONG_AGO)
        self.key_lost_dekad = np.full(groups.count, LONG_AGO)
        p = preset.campaign
        areas = np.arange(preset.population.areas)
        self.campaign = draws.happens("campaign.begin", p.on / max(p.on + p.off, 1e-12), areas)
        self.moves: list[Ints] = []
        """Groups that moved in each park, for every dekad so far."""

    def _initial_levers(self) -> Ints:
        """The levers of attacks before the start; they matter only to those who intend to move."""
        if not self._preset.attack.mult:
            return np.full(self._groups.count, -1)
        return self._levers(self._groups.index, None)[0]

    @property
    def moved(self) -> Flags:
        """Which groups have moved to the rival."""
        moved: Flags = self.state == TRANSFERRED
        return moved

    def step(self, lock: Lock, relief: Floats, dekad: Dekad) -> tuple[Pressure, Attacks, Transfers]:
        """One dekad: campaigns switch, groups move, recover, calm down, are attacked.

        Args:
            relief: What treatments add to each group's log-odds of moving.
        """
        self.before = self.state.copy()
        self._switch_campaigns(dekad)
        at = self._pressure(lock, relief, dekad)
        transfers = self._transfer(lock, at, dekad)
        self._settle(dekad)
        attacks = self._attack(at, dekad)
        self.moves.append(
            np.bincount(
                self._groups.park[transfers.group], minlength=int(self._groups.park.max()) + 1
            )
        )
        return at, attacks, transfers

    def _pressure(self, lock: Lock, relief: Floats, dekad: Dekad) -> Pressure:
        return Pressure(
            acting=lock.acting,
            expiring=lock.expiring.astype(np.float64),
            nearby=dynamics.nearby(self.moves, self._groups.park),
            relief=relief,
            key_lost=dekad.index - self.key_lost_dekad <= KEY_LOST_DEKADS,
        )

    def _switch_campaigns(self, dekad: Dekad) -> None:
        p, areas = self._preset.campaign, np.arange(len(self.campaign))
        chance = self._draws.uniform("campaign", areas, dekad.index)
        on, off = random.dekad_hazard(p.on), random.dekad_hazard(p.off)
        self.campaign = np.where(self.campaign, chance >= off, chance < on)

    def _transfer(self, lock: Lock, at: Pressure, dekad: Dekad) -> Transfers:
        groups = self._groups
        chances = dynamics.moving(self._preset, groups, groups.theta, at, lock.level)
        intent = self.state == INTENT
        hazard = np.where(self.moved, 0.0, np.where(intent, chances.intending, chances.other))
        chance = self._draws.uniform("group.transfer", groups.index, dekad.index)
        who = np.flatnonzero(chance < hazard)
        day = dekad.day(self._draws, "group.transfer.day", who)
        cause = self._causes(who, intent[who], chances, dekad)
        self.state[who] = TRANSFERRED
        self.transfer_day[who] = day
        return Transfers(who, day, cause)

    def _causes(
        self, who: Ints, intent: Flags, chances: dynamics.Moving, dekad: Dekad
    ) -> list[str]:
        """Name one driver each, by the part of the hazard that would be missing without it."""
        chance = self._draws.uniform("group.transfer.driver", who, dekad.index)
        by_expiry = chance < 1.0 - chances.without_expiry[who]
        by_neighbour = chance > chances.without_neighbour[who]
        names = []
        for g, wanted, expiry, neighbour in zip(who, intent, by_expiry, by_neighbour, strict=True):
            attack = f"attack:{LEVERS[self.lever[g]]}"
            driver = "lock_expiry" if expiry else "neighbour" if neighbour else attack
            names.append(driver if wanted else "background")
        return names

    def _settle(self, dekad: Dekad) -> None:
        p = self._preset.intent
        chance = self._draws.uniform("group.settle", self._groups.index, dekad.index)
        back = np.where(
            self.state == INTENT, random.dekad_hazard(p.recover), random.dekad_hazard(p.cool)
        )
        settles = np.isin(self.state, (RESISTED, INTENT)) & (chance < back)
        self.state = np.where(settles, CALM, self.state)

    def _attack(self, at: Pressure, dekad: Dekad) -> Attacks:
        groups, draws = self._groups, self._draws
        hunted = self.campaign[groups.area]
        hazard = dynamics.attack_hazard(self._preset, groups, at, hunted, dekad)
        chance = draws.uniform("group.attack", groups.index, dekad.index)
        open_to_it = np.isin(self.state, (CALM, RESISTED))
        who = np.flatnonzero(open_to_it & (chance < hazard))
        lever, second = self._levers(who, dekad)
        tariff = np.zeros(groups.count, dtype=bool)
        tariff[who] = lever == LEVERS.index("tariff_cut")
        wins = dynamics.intent_chance(self._preset, groups, groups.theta, at, tariff, dekad)
        intent = draws.happens("attack.intent", wins[who], who, dekad.index)
        self.state[who] = np.where(intent, INTENT, RESISTED)
        self.lever[who] = lever
        telecom = draws.happens(
            "attack.telecom", self._preset.attack.telecom_share, who, dekad.index
        )
        day = dekad.day(draws, "attack.day", who)
        return Attacks(who, day, lever, second, telecom, intent)

    def _levers(self, who: Ints, dekad: Dekad | None) -> tuple[Ints, Ints]:
        step = 0 if dekad is None else dekad.index + 1
        small = self._groups.tier[who] == 2
        large_weights = dynamics.lever_weights(self._preset, 0, dekad)
        small_weights = dynamics.lever_weights(self._preset, 2, dekad)

        def pick(process: str) -> Ints:
            c = _codes(self._draws, process, small_weights, who, step)
            ab = _codes(self._draws, process, large_weights, who, step)
            return np.where(small, c, ab)

        first, second = pick("attack.lever"), pick("attack.second")
        two = self._draws.happens("attack.two", self._preset.attack.second_lever, who, step)
        return first, np.where(two & (second != first), second, -1)


def _codes(draws: Draws, process: str, shares: Mapping[str, float], who: Ints, step: int) -> Ints:
    names, weights = random.weights(shares)
    if not sum(weights) > 0:
        raise ValueError(f"{process}: every lever has weight 0; set attack.mult=0 for no attacks")
    codes = np.array([LEVERS.index(name) for name in names])
    return codes[draws.choice(process, weights, who, step)]
