"""How groups respond to treatments, what treating saves, and whether the random arm says so.

    .venv/bin/python -m benchmarks.treatment_world --seeds 8

Every seed is a county that is lived twice, without files: once left alone, once under the
operator's own retention (with reports of the rival, without a count of hotline calls). Both share
every random number, so that they differ by the treatments alone. The random arm is tried in a
county of many small groups without other treatments, where it is large enough to tell. Chances are
those of the oracle that sees the hidden states (O1).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simulator.dekads import NEVER, Dekad, dekads, months
from simulator.delivery import Landing
from simulator.desk import Desk
from simulator.draws import Flags, Floats, Ints, dekad_hazard
from simulator.office import Office
from simulator.oracle.latent import HORIZON_DAYS, Present
from simulator.preset import Preset, load
from simulator.retention import LOT, TREAT, Retention
from simulator.society import Society
from simulator.tables.rivals import Rivals
from simulator.tables.staff import Staff
from simulator.treatments import PERSUADABLE, RESPONSES, SLEEPING_DOG

CROWD = {
    "population.groups": {"A": 0, "B": 0, "C": 6000},
    "population.size_mu.C": 1.6,
    "treatment.logged": 0,
    "treatment.random": 0.05,
}
BUDGETS = (0.02, 0.05, 0.10)
WARM_UP = 5
"""Months until groups are looked at."""
WANTED = {
    "response shares": "0.46 0.12 0.33 0.10",
    "response shares, top risk decile": "0.40 0.47 0.04 0.09",
    "effect of treating everybody": "-0.23",
    "saved, budget 2 %": "random 3.7, risk 16.6, uplift 25.8",
    "saved, budget 5 %": "random 3.7, risk 14.9, uplift 20.2",
    "saved, budget 10 %": "random 3.7, risk 13.1, uplift 15.6",
}
"""From reference/domain.md §4.8; its prototype ranked by what a model could know."""


@dataclass(frozen=True)
class Standing:
    """C groups at the ends of months in a county left alone: one element each.

    ``p1`` is the chance under the actions in the operator's mix, ``guess`` what treating is
    expected to save by one who knows the risk and how likely each response is, not which it is.
    """

    p0: Floats
    p1: Floats
    guess: Floats
    response: Ints


@dataclass(frozen=True)
class Trial:
    """The operator's random arm: treated or not, ``p0`` and ``p1``, moved within 90 days or not."""

    treated: Flags
    p0: Floats
    p1: Floats
    moved: Flags


@dataclass(frozen=True)
class County:
    """What a seed shows; ``rates`` are C groups that moved, left alone and under treatments."""

    standing: Standing
    trial: Trial
    rates: tuple[float, float]
    treatments: int


class Nowhere(Landing):
    """A landing that takes no rows."""

    def __init__(self) -> None:
        super().__init__(Path())

    def add(self, *_: Any) -> None:
        """Forget the rows."""


class Bare:
    """What an office knows that counts no calls and strikes nobody off its list."""

    def __init__(self, society: Society) -> None:
        self.hotline = np.zeros(society.groups.count, dtype=np.int64)
        self.lost_on = np.full(society.groups.count, NEVER)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--preset", default="county_xinxing_2009")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    seeds = range(1, given.seeds + 1)
    with ProcessPoolExecutor(given.workers) as pool:
        lived = pool.map(partial(live, given.preset, given.months), seeds)
        report(list(lived))


def live(name: str, count: int, seed: int) -> County:
    """Live a county left alone, under treatments, and as a crowd with a random arm."""
    preset = load(name)
    alone, standing = _left_alone(preset, count, seed)
    operated = Operated(preset, seed)
    operated.live(count)
    crowd = Operated(load(name, CROWD), seed)
    crowd.live(count)
    small = alone.groups.tier == 2
    before, after = (float(s.rivalry.moved[small].mean()) for s in (alone, operated.society))
    until = months(preset.world.start, count)[-1].last - HORIZON_DAYS
    return County(standing, crowd.trial(until), (before, after), operated.treatments)


def _left_alone(preset: Preset, count: int, seed: int) -> tuple[Society, Standing]:
    society, seen = Society(preset, seed), []
    for dekad in _dekads(preset, count):
        society.step(dekad)
        if dekad.last == dekad.month.last and dekad.month.index >= WARM_UP:
            seen.append(_standing(society, society.present(dekad)))
    names = Standing.__dataclass_fields__
    columns = {name: np.concatenate([getattr(s, name) for s in seen]) for name in names}
    return society, Standing(**columns)


def _standing(society: Society, now: Present) -> Standing:
    p, treatments = society.preset.treatment, society.treatments
    small = np.flatnonzero((society.groups.tier == 2) & ~society.rivalry.moved)
    risk = now.risk()
    treated = sum((w * now.risk_if(name, risk) for name, w in p.mix_c.items()), np.zeros(len(risk)))
    chances, base = treatments.response_chances(risk), treatments.outlook(now.outlook.ahead)
    apt = sum(weight * p.apt(name, None) for name, weight in p.mix_c.items())
    fades = (1.0 - dekad_hazard(1.0 - p.decay)) ** np.arange(len(base))[:, None]
    kinds = {PERSUADABLE: apt * p.delta["persuadable"], SLEEPING_DOG: p.delta["sleeping_dog"]}
    guess = sum(
        (chances[kind] * (risk - now.risk(base + delta * fades)) for kind, delta in kinds.items()),
        np.zeros(len(risk)),
    )
    return Standing(risk[small], treated[small], guess[small], treatments.responses(risk)[small])


class Operated:
    """A county under the operator's own retention, without files."""

    def __init__(self, preset: Preset, seed: int) -> None:
        self.society = Society(preset, seed)
        office, bare = Office(self.society, Nowhere()), Bare(self.society)
        self._rivals = Rivals(office, Staff(office))
        self._desk = Desk(office, self._rivals, bare, bare)
        self._policy = Retention(preset, self.society.draws, self.society.groups)
        self._rows: list[tuple[Ints, Flags, Floats, Floats, Ints]] = []
        self.treatments = 0

    def live(self, count: int) -> None:
        """Let months pass."""
        society = self.society
        for dekad in _dekads(society.preset, count):
            happenings = society.step(dekad)
            now = society.present(dekad)
            risk = now.risk()
            self._rivals.dekad(happenings, dekad)
            self._desk.note(happenings.contracts)
            _, choices = self._policy.decide(self._desk.known(dekad), dekad)
            assigned = choices.assigned()
            path = society.treatments.outlook_given(
                assigned, society.rivalry.lever, risk, dekad, now.outlook.ahead
            )
            some = choices.pick((choices.chooser == LOT) & choices.reached)
            group, day = some.group, np.full(len(some.group), dekad.last)
            self._rows.append((group, some.arm == TREAT, risk[group], now.risk(path)[group], day))
            self.treatments += len(assigned.group)
            society.treat(assigned, risk, dekad)

    def trial(self, until: int) -> Trial:
        """The random arm, as far as 90 days have passed since."""
        group, treated, p0, p1, day = (
            np.concatenate(column) for column in zip(*self._rows, strict=True)
        )
        done = day <= until
        on = self.society.rivalry.transfer_day[group]
        moved = (on > day) & (on <= day + HORIZON_DAYS)
        return Trial(treated[done], p0[done], p1[done], moved[done])


def report(counties: Sequence[County]) -> None:
    """Print what was found beside what was wanted."""
    for name, found in (*_responses(counties), *_savings(counties), *_arms(counties)):
        wanted = f"   wanted {WANTED[name]}" if name in WANTED else ""
        _say(f"{name:36}{found}{wanted}")


def _responses(counties: Sequence[County]) -> Iterator[tuple[str, str]]:
    p0, response = _all(counties, "p0"), _all(counties, "response")
    top = p0 >= np.quantile(p0, 0.9)
    yield "C groups at ends of months", f"{len(p0):,}, of which {p0.mean():.4f} move in 90 days"
    for name, some in (("", np.ones(len(p0), dtype=bool)), (", top risk decile", top)):
        shares = np.bincount(response[some], minlength=len(RESPONSES)) / some.sum()
        yield f"response shares{name}", " ".join(f"{share:.2f}" for share in shares)


def _savings(counties: Sequence[County]) -> Iterator[tuple[str, str]]:
    p0, p1, guess = (_all(counties, name) for name in ("p0", "p1", "guess"))
    saved = p0 - p1
    yield "effect of treating everybody", f"{-saved.sum() / p0.sum():.3f}"
    for budget in BUDGETS:
        most = int(budget * len(p0))
        ranked = {"risk": p0, "uplift": guess, "uplift with response known": saved}
        parts = [f"random {1000 * saved.mean():.1f}"]
        parts += [
            f"{name} {1000 * saved[np.argsort(-by)[:most]].mean():.1f}"
            for name, by in ranked.items()
        ]
        yield f"saved, budget {budget:.0%}".replace("%", " %"), ", ".join(parts)


def _arms(counties: Sequence[County]) -> Iterator[tuple[str, str]]:
    treated, p0, p1, moved = (
        np.concatenate([getattr(county.trial, name) for county in counties])
        for name in Trial.__dataclass_fields__
    )
    mine, other = moved[treated], moved[~treated]
    error = np.sqrt(mine.var() / len(mine) + other.var() / len(other))
    truth, found = (p0 - p1)[treated].mean(), other.mean() - mine.mean()
    yield "random arm", f"{len(mine):,} treated, {len(other):,} controls"
    yield "  mean(p0 - p1) of the treated", f"{truth:.5f}"
    yield (
        "  controls moved less treated moved",
        f"{found:.5f} ± {error:.5f}, {(found - truth) / error:+.1f} s.e. from the truth",
    )
    before, after = (np.mean([county.rates[i] for county in counties]) for i in (0, 1))
    given = np.mean([county.treatments for county in counties])
    yield (
        "operator's treatments",
        f"{given:,.0f} a county; C groups that moved {before:.4f} without, {after:.4f} with: "
        f"{after / before - 1:+.1%}",
    )


def _all(counties: Sequence[County], name: str) -> Any:
    return np.concatenate([getattr(county.standing, name) for county in counties])


def _dekads(preset: Preset, count: int) -> Iterator[Dekad]:
    for month in months(preset.world.start, count):
        yield from dekads(month)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
