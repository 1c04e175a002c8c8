"""The world without its paperwork: groups, members, contracts and the rival, dekad by dekad."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import population
from simulator.agreements import News
from simulator.behaviour import Behaviour, Doings
from simulator.dekads import Dekad, day
from simulator.draws import Draws, Floats
from simulator.dynamics import Pressure
from simulator.locking import Lock, Locking
from simulator.members import initial
from simulator.oracle.latent import Present, present
from simulator.preset import Preset
from simulator.rivalry import Attacks, Rivalry, Transfers
from simulator.ties import Ties
from simulator.treatments import Assignments, Treatments


@dataclass(frozen=True)
class Happenings:
    """What happened in one dekad."""

    lock: Lock
    pressure: Pressure
    attacks: Attacks
    transfers: Transfers
    doings: Doings
    contracts: list[News]
    points: list[News]


class Society:
    """Everything that lives in one county; nothing here knows how it is reported."""

    def __init__(self, preset: Preset, seed: int, county: int = 0) -> None:
        self.preset = preset
        self.draws = Draws(seed, county)
        self.start = day(f"{preset.world.start}-01")
        self.groups = population.found(preset, self.draws, county)
        self.members = initial(preset, self.draws, self.groups, self.start)
        self.locking = Locking(preset, self.draws, self.groups, self.members)
        self.locking.begin(self.start)
        self.first_contracts = self.locking.contracts.take_news()
        self.first_points = self.locking.points.take_news()
        self.rivalry = Rivalry(preset, self.draws, self.groups)
        self.treatments = Treatments(preset, self.draws, self.groups)
        self.ties = Ties(preset, self.draws, self.groups, self.members)
        self.behaviour = Behaviour(
            preset, self.draws, self.groups, self.members, self.locking, self.ties
        )

    def present(self, dekad: Dekad) -> Present:
        """How things stand at the end of ``dekad``, the last one stepped, and what lies ahead."""
        return present(
            self.preset,
            self.groups,
            self.members,
            self.locking,
            self.rivalry,
            self.treatments,
            dekad,
        )

    def treat(self, assigned: Assignments, risk: Floats, dekad: Dekad) -> None:
        """Give treatments at the end of ``dekad``; they work from the next one on.

        Args:
            risk: Of each group to move within 90 days if nothing is done, see ``Present.risk``;
                it decides who responds how.
        """
        self.treatments.give(assigned, self.rivalry.lever, risk, dekad)

    def step(self, dekad: Dekad) -> Happenings:
        """Let one dekad pass."""
        self.locking.step(self.members, self.rivalry.moved, dekad)
        lock = self.locking.lock(self.members, dekad)
        relief = self.treatments.relief(dekad)
        pressure, attacks, transfers = self.rivalry.step(lock, relief, dekad)
        self.treatments.fade()
        doings = self.behaviour.step(self.rivalry, transfers, dekad)
        return Happenings(
            lock,
            pressure,
            attacks,
            transfers,
            doings,
            self.locking.contracts.take_news(),
            self.locking.points.take_news(),
        )
