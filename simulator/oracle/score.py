"""The scores of both oracles for the groups of a simulated world, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy

import numpy as np
import pandas as pd

from simulator.dekads import LONG_AGO, Dekad, following
from simulator.draws import Floats
from simulator.dynamics import Pressure
from simulator.oracle.evidence import Evidence
from simulator.oracle.latent import HORIZON_DAYS, within
from simulator.oracle.observed import Filter, Lived
from simulator.oracle.readings import Readings
from simulator.oracle.replay import Moment, World, given_treatments, moved_on, replay
from simulator.population import TIERS
from simulator.retaining import Treatment
from simulator.treatments import RESPONSES

SETTLED_DAYS = 250
"""After so many days no row is still on its way: what is older is filtered once for all days."""


def oracle_scores(
    world: World,
    days: Sequence[int],
    counties: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Score every group that has not moved yet on each of some days.

    Args:
        world: See ``replay.open_world``.
        days: Days of knowledge, as day numbers since 1970-01-01.
        counties: Only these; by default all that were simulated.
        progress: Told the counties done and those in all.

    Returns:
        One row for each day and group: as_of (day number), group_id, tier, o1, o2 (chance to move
        within 90 days) and transfers (whether it does).
    """
    chosen = world.counties if counties is None else list(counties)
    frames = []
    for done, county in enumerate(chosen, start=1):
        frames += list(_county_scores(world, county, sorted(set(days))))
        if progress is not None:
            progress(done, len(chosen))
    return pd.concat(frames, ignore_index=True)


def _county_scores(world: World, county: int, days: Sequence[int]) -> Iterator[pd.DataFrame]:
    pending = list(days)
    lived: list[Lived] = []
    oracle: _Observer | None = None
    for moment in replay(world, county):
        oracle = oracle or _Observer(world, county, moment)
        lived.append(oracle.live(moment))
        while pending and moment.dekad.last <= pending[0] < following(moment.dekad, 1)[0].last:
            yield oracle.score(moment, lived, pending.pop(0))
        if not pending:
            return


class _Observer:
    """O2 of one county: its filter up to where all rows have come, and from there for each day."""

    def __init__(self, world: World, county: int, moment: Moment) -> None:
        groups = moment.society.groups
        self._ids = groups.ids()
        evidence = Evidence(world, county, self._ids)
        readings = Readings(world.preset, groups, evidence)
        first = evidence.member_began < 0
        initial = world.preset.member.initial_dual * world.preset.member.diversion
        self._settled = Filter(world.preset, groups, readings, np.where(first, initial, 0.0))
        self._steps = 0
        self._relief = _AverageRelief(world, county, self._ids)
        self._moved_on = moved_on(world, county, self._ids)
        self._gone = np.zeros(groups.count, dtype=bool)

    def live(self, moment: Moment) -> Lived:
        happened, dekad = moment.happened, moment.dekad
        at = happened.pressure
        known = Pressure(
            at.acting,
            at.expiring,
            at.nearby,
            self._relief.at(dekad),
            np.zeros(len(at.acting), dtype=bool),
        )
        moved = np.zeros(len(at.acting), dtype=bool)
        moved[happened.transfers.group] = True
        before, self._gone = self._gone, self._gone | moved
        churn = _mean_by_group(moment)
        return Lived(dekad, known, happened.lock.level, churn, moved, before)

    def score(self, moment: Moment, lived: list[Lived], day: int) -> pd.DataFrame:
        """Both oracles on one day of the dekad after ``moment``'s."""
        while (known := lived[self._steps].dekad.last + SETTLED_DAYS) <= day:
            self._settled.step(lived[self._steps], known)
            self._steps += 1
        recent = copy(self._settled)
        for one in lived[self._steps :]:
            recent.step(one, day)
        present = moment.present()
        latent = present.chances(present.belief())
        nobody = np.full(len(self._ids), LONG_AGO)
        relief = self._relief.ahead(present.outlook.ahead)
        seen = present.chances(recent.belief(), relief, key_lost_dekad=nobody)
        here = self._moved_on > day
        group = np.flatnonzero(here)
        return pd.DataFrame(
            {
                "as_of": day,
                "group_id": np.array(self._ids, dtype=object)[group],
                "tier": np.array(TIERS, dtype=object)[moment.society.groups.tier[group]],
                "o1": within(latent, present.outlook, day)[group],
                "o2": within(seen, present.outlook, day)[group],
                "transfers": (self._moved_on[group] <= day + HORIZON_DAYS),
            }
        )


class _AverageRelief:
    """What treatments would add on average, response unknown."""

    def __init__(self, world: World, county: int, ids: list[str]) -> None:
        self._preset = world.preset
        self._given = given_treatments(world, county, ids)
        self._shift = np.zeros(len(ids))
        self._keeps = world.preset.treatment.dekad_decay

    def at(self, dekad: Dekad) -> Floats:
        """In this dekad; call it for each dekad in turn."""
        now = self._shift
        self._shift = now * self._keeps
        if dekad.last in self._given:
            assigned = self._given[dekad.last]
            p = self._preset.treatment
            effect = [average_delta(p) * p.apt(action, None) for action in assigned.action]
            self._shift[assigned.group] += effect
        return now

    def ahead(self, dekads: Sequence[Dekad]) -> Floats:
        """In the dekads ahead."""
        return np.array([self._shift * self._keeps**n for n in range(len(dekads))])


def _mean_by_group(moment: Moment) -> Floats:
    """How contracts change the hazard of leaving, on average over each group's members."""
    society = moment.society
    members, count = society.members, society.groups.count
    factor = society.locking.hard_churn_factor(members, moment.dekad)
    here = np.bincount(members.group, members.here, count)
    total = np.bincount(members.group, factor * members.here, count)
    return np.divide(total, here, out=np.ones(count), where=here > 0)


def average_delta(p: Treatment) -> float:
    """What an apt treatment adds to the log-odds of a group at risk, whatever its response."""
    facts = np.array([1.0, p.price_driven, 1.0, p.never_met, 1.0])
    weights = np.exp([np.dot(getattr(p, name), facts) for name in RESPONSES])
    return float(np.dot(weights, [p.delta[name] for name in RESPONSES]) / weights.sum())
