"""The world without its paperwork: groups, members, contracts and the rival, dekad by dekad."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import population
from simulator.agreements import News
from simulator.behaviour import Behaviour, Doings
from simulator.dekads import Dekad, day
from simulator.draws import Draws
from simulator.locking import Lock, Locking
from simulator.members import initial
from simulator.preset import Preset
from simulator.rivalry import Attacks, Rivalry, Transfers


@dataclass(frozen=True)
class Happenings:
    """What happened in one dekad."""

    lock: Lock
    attacks: Attacks
    transfers: Transfers
    doings: Doings
    contracts: list[News]
    points: list[News]


class Society:
    """Everything that lives; nothing here knows how it is reported."""

    def __init__(self, preset: Preset, seed: int) -> None:
        self.preset = preset
        self.draws = Draws(seed)
        self.start = day(f"{preset.world.start}-01")
        self.groups = population.found(preset, self.draws)
        self.members = initial(preset, self.draws, self.groups, self.start)
        self.locking = Locking(preset, self.draws, self.groups, self.members)
        self.locking.begin(self.start)
        self.first_contracts = self.locking.contracts.take_news()
        self.first_points = self.locking.points.take_news()
        self.rivalry = Rivalry(preset, self.draws, self.groups)
        self.behaviour = Behaviour(preset, self.draws, self.groups, self.members, self.locking)

    def step(self, dekad: Dekad) -> Happenings:
        """Let one dekad pass."""
        self.locking.step(self.members, self.rivalry.moved, dekad)
        lock = self.locking.lock(self.members, dekad)
        attacks, transfers = self.rivalry.step(lock, dekad)
        doings = self.behaviour.step(self.rivalry, transfers, dekad)
        return Happenings(
            lock,
            attacks,
            transfers,
            doings,
            self.locking.contracts.take_news(),
            self.locking.points.take_news(),
        )
