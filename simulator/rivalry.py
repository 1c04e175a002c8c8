"""What the rival does, and what becomes of the groups: campaigns, attacks, intent, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import LONG_AGO, Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.locking import Lock
from simulator.population import Groups
from simulator.preset import Preset

CALM, RESISTED, INTENT, TRANSFERRED = range(4)
STATES = ("calm", "resisted", "intent", "transferred")
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
        self.lever = self._initial_levers()
        self.transfer_day = np.full(groups.count, LONG_AGO)
        self.key_lost_dekad = np.full(groups.count, LONG_AGO)
        p = preset.campaign
        areas = np.arange(preset.population.areas)
        self.campaign = draws.happens("campaign.begin", p.on / max(p.on + p.off, 1e-12), areas)
        self._moved: list[Ints] = []

    def _initial_levers(self) -> Ints:
        """The levers of attacks before the start; they matter only to those who intend to move."""
        if not self._preset.attack.mult:
            return np.full(self._groups.count, -1)
        return self._levers(self._groups.index, step=0, drifted=False)[0]

    @property
    def moved(self) -> Flags:
        """Which groups have moved to the rival."""
        moved: Flags = self.state == TRANSFERRED
        return moved

    def step(self, lock: Lock, dekad: Dekad) -> tuple[Attacks, Transfers]:
        """One dekad: campaigns switch, groups are attacked, move, recover, calm down."""
        self._switch_campaigns(dekad)
        nearby = self._neighbours()
        transfers = self._transfer(lock, nearby, dekad)
        self._settle(dekad)
        attacks = self._attack(lock, nearby, dekad)
        self._moved.append(
            np.bincount(
                self._groups.park[transfers.group], minlength=int(self._groups.park.max()) + 1
            )
        )
        return attacks, transfers

    def _switch_campaigns(self, dekad: Dekad) -> None:
        p, areas = self._preset.campaign, np.arange(len(self.campaign))
        chance = self._draws.uniform("campaign", areas, dekad.index)
        on, off = random.dekad_hazard(p.on), random.dekad_hazard(p.off)
        self.campaign = np.where(self.campaign, chance >= off, chance < on)

    def _neighbours(self) -> Floats:
        """Transfers in each park: last month's whole, those before by a half, then a quarter."""
        recent = [self._moved[-9:][::-1][m * 3 : m * 3 + 3] for m in range(3)]
        total = sum(
            (0.5**m * sum(dekads) for m, dekads in enumerate(recent) if dekads), start=np.zeros(1)
        )
        own = self._groups.park
        seen = np.asarray(total)[own] if np.size(total) > 1 else np.zeros(len(own))
        return np.minimum(seen, 1.0)

    def _transfer(self, lock: Lock, nearby: Floats, dekad: Dekad) -> Transfers:
        p, groups = self._preset.transfer, self._groups
        guard = np.where(groups.double_top100, p.double_top100, 1.0)
        expiry = self._preset.lock.expiry_effect * p.expiry_month * lock.expiring
        holds = self._preset.lock.effect * p.lock
        steady = p.q0.at(groups.tier) + p.theta * groups.theta
        neighbours = p.park_transfer * nearby
        monthly = random.logistic(steady + holds * lock.acting + expiry + neighbours)
        intent = self.state == INTENT
        hazard = random.dekad_hazard(
            guard * np.where(intent, monthly, p.background.at(groups.tier))
        )
        hazard = np.where(self.moved, 0.0, hazard)
        chance = self._draws.uniform("group.transfer", groups.index, dekad.index)
        who = np.flatnonzero(chance < hazard)
        day = dekad.day(self._draws, "group.transfer.day", who)
        unbroken = holds * np.maximum(lock.acting, lock.level)
        without_expiry = random.logistic(steady + unbroken + neighbours) / monthly
        without_neighbour = random.logistic(steady + holds * lock.acting + expiry) / monthly
        cause = self._causes(who, intent[who], without_expiry[who], without_neighbour[who], dekad)
        self.state[who] = TRANSFERRED
        self.transfer_day[who] = day
        return Transfers(who, day, cause)

    def _causes(
        self,
        who: Ints,
        intent: Flags,
        without_expiry: Floats,
        without_neighbour: Floats,
        dekad: Dekad,
    ) -> list[str]:
        """Name one driver each, by the part of the hazard that would be missing without it."""
        chance = self._draws.uniform("group.transfer.driver", who, dekad.index)
        by_expiry = chance < 1.0 - without_expiry
        by_neighbour = chance > without_neighbour
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

    def _attack(self, lock: Lock, nearby: Floats, dekad: Dekad) -> Attacks:
        p, groups = self._preset.attack, self._groups
        expiry = self._preset.lock.expiry_effect * (p.expiry_month - 1.0) * lock.expiring
        hunted = self.campaign[groups.area]
        monthly = (
            np.where(hunted, p.campaign.at(groups.tier), p.quiet.at(groups.tier))
            * p.mult
            * np.where(groups.managed, p.managed, p.unmanaged)
            * (1.0 + expiry)
            * (1.0 + (p.park_transfer - 1.0) * nearby)
            * self._preset.campaign.season.get(str(dekad.month.number), 1.0)
            * (self._preset.drift.attack if self._drifted(dekad) else 1.0)
        )
        chance = self._draws.uniform("group.attack", groups.index, dekad.index)
        open_to_it = np.isin(self.state, (CALM, RESISTED))
        who = np.flatnonzero(open_to_it & (chance < random.dekad_hazard(monthly)))
        lever, second = self._levers(who, dekad.index + 1, drifted=self._drifted(dekad))
        intent = self._intends(who, lever, lock, dekad)
        self.state[who] = np.where(intent, INTENT, RESISTED)
        self.lever[who] = lever
        telecom = self._draws.happens("attack.telecom", p.telecom_share, who, dekad.index)
        day = dekad.day(self._draws, "attack.day", who)
        return Attacks(who, day, lever, second, telecom, intent)

    def _levers(self, who: Ints, step: int, *, drifted: bool) -> tuple[Ints, Ints]:
        p = self._preset.attack
        small = self._groups.tier[who] == 2
        weights_c, weights_ab = dict(p.levers_c), dict(p.levers_ab)
        if drifted:
            others = sum(w for name, w in weights_c.items() if name != "tariff_cut")
            share = self._preset.drift.tariff_share
            weights_c["tariff_cut"] = others * share / (1.0 - share)

        def pick(process: str) -> Ints:
            c = _codes(self._draws, process, weights_c, who, step)
            ab = _codes(self._draws, process, weights_ab, who, step)
            return np.where(small, c, ab)

        first, second = pick("attack.lever"), pick("attack.second")
        two = self._draws.happens("attack.two", p.second_lever, who, step)
        return first, np.where(two & (second != first), second, -1)

    def _intends(self, who: Ints, lever: Ints, lock: Lock, dekad: Dekad) -> Flags:
        p, groups = self._preset.intent, self._groups
        held = self._preset.drift.intent_lock if self._drifted(dekad) else p.lock
        tariff = (lever == LEVERS.index("tariff_cut")) - p.tariff_centre
        lost = dekad.index - self.key_lost_dekad[who] <= 9
        odds = (
            p.b.at(groups.tier[who])
            + p.theta * groups.theta[who]
            + self._preset.lock.effect * held * lock.acting[who]
            + p.unmanaged * ~groups.managed[who]
            + p.tariff_lever * tariff
            + p.key_person_lost * lost
        )
        return self._draws.happens("attack.intent", random.logistic(odds), who, dekad.index)

    def _drifted(self, dekad: Dekad) -> bool:
        month = self._preset.drift.month
        return month > 0 and dekad.month.index + 1 >= month


def _codes(draws: Draws, process: str, shares: Mapping[str, float], who: Ints, step: int) -> Ints:
    names, weights = random.weights(shares)
    if not sum(weights) > 0:
        raise ValueError(f"{process}: every lever has weight 0; set attack.mult=0 for no attacks")
    codes = np.array([LEVERS.index(name) for name in names])
    return codes[draws.choice(process, weights, who, step)]
