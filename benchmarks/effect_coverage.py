"""Does the interval of the measured effect hold the true one? Counties without files, one a seed.

    .venv/bin/python -m benchmarks.effect_coverage --seeds 1-20 --out /tmp/coverage

In every county lists are made each dekad, from what its office knows: the groups under its own
orange and yellow alerts. A tenth of them is held out by lot, for as long as a label's window; the
others are given the operator's usual actions. What is measured is who moved within the window
(``models.effect``, as `groupchurn report loop` does); what is true is the mean of p0 − p1 over the
treated episodes, by the oracle that sees the hidden states. Each seed is kept in OUT and not made
again.
``--crowd`` tries the operator's random arm in a county of 6,000 small groups instead: larger arms,
smaller risks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.treatment_world import CROWD, Operated
from models.effect import Enough, apart, measured
from simulator.dekads import Dekad, dekads, months
from simulator.draws import Ints
from simulator.oracle.latent import HORIZON_DAYS
from simulator.preset import Preset, load
from simulator.retention import alerts, can_be_held
from simulator.treatments import Assignments

WARM_UP = 3
"""Months before the first list."""
QUIET = {"treatment.logged": 0, "treatment.random": 0}
"""Nobody but our lists treats anybody."""


def main() -> None:
    """Live through the seeds that are not kept, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--preset", default="county_xinxing_2009")
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--held", type=float, default=0.10)
    parser.add_argument("--crowd", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    first, _, last = given.seeds.partition("-")
    held = []
    for seed in range(int(first), int(last or first) + 1):
        kept = given.out / f"{'crowd' if given.crowd else given.preset}-{seed}-{given.held}.parquet"
        if not kept.exists():
            made = crowd if given.crowd else listed
            made(given.preset, seed, given.months, given.held).to_parquet(kept)
        held.append(_told(seed, pd.read_parquet(kept)))
    _say(f"the interval held the true effect in {sum(held)} of {len(held)} seeds")


def listed(name: str, seed: int, count: int, share: float) -> pd.DataFrame:
    """Episodes of a county whose alerted groups are treated by our lists, but for the holdout."""
    preset = load(name, QUIET)
    county = _Listed(preset, seed, share)
    for month in months(preset.world.start, count):
        for dekad in dekads(month):
            county.live(dekad)
    return county.episodes(months(preset.world.start, count)[-1].last)


def crowd(name: str, seed: int, count: int, _: float) -> pd.DataFrame:
    """Episodes of the random arm of a county of many small groups; half of them are treated."""
    preset = load(name, CROWD)
    county = Operated(preset, seed)
    county.live(count)
    until = months(preset.world.start, count)[-1].last
    group, treated, p0, p1, day = (
        np.concatenate(column) for column in zip(*county._rows, strict=True)
    )
    moved_on = county.society.rivalry.transfer_day[group]
    arm = np.where(treated, "treat", "holdout")
    return _frame(group, day, arm, np.full(len(group), 0.5), p0, p1, moved_on, until)


class _Listed:
    """A county without files, and our lists of it."""

    def __init__(self, preset: Preset, seed: int, share: float) -> None:
        self._preset, self._share = preset, share
        self._operated = Operated(preset, seed)
        self._rng = np.random.default_rng([seed, 1])
        self._since = np.full(self._operated.society.groups.count, -10_000)
        self._rows: list[tuple[Ints, Ints, np.ndarray, np.ndarray, np.ndarray]] = []

    def live(self, dekad: Dekad) -> None:
        """Let a dekad pass; make a list at its end, hold some out and treat the others."""
        operated, p = self._operated, self._preset.treatment
        society = operated.society
        happened = society.step(dekad)
        operated._rivals.dekad(happened, dekad)
        operated._desk.note(happened.contracts)
        known = operated._desk.known(dekad)
        if dekad.month.index < WARM_UP:
            return
        level, _ = alerts(self._preset, society.groups, known, dekad.last)
        fresh = dekad.last - self._since >= HORIZON_DAYS
        group = np.flatnonzero(can_be_held(society.groups.tier, level) & fresh & ~known.lost)
        group = group[~society.rivalry.moved[group]]
        if not len(group):
            return
        self._since[group] = dekad.last
        held = self._rng.random(len(group)) < self._share
        names = sorted(p.mix_c)
        share = np.array([p.mix_c[name] for name in names])
        drawn = self._rng.choice(len(names), len(group), p=share / share.sum())
        now = society.present(dekad)
        risk = now.risk()
        action = tuple(names[n] for n in drawn)
        path = society.treatments.outlook_given(
            Assignments(group, action), society.rivalry.lever, risk, dekad, now.outlook.ahead
        )
        after = now.risk(path)
        treated = np.flatnonzero(~held)
        some = Assignments(group[treated], tuple(action[n] for n in treated))
        society.treat(some, risk, dekad)
        arm = np.where(held, "holdout", "treat")
        days = np.full(len(group), dekad.last)
        self._rows.append((group, days, arm, risk[group], after[group]))

    def episodes(self, until: int) -> pd.DataFrame:
        """What was drawn, with what came of it by a day."""
        group, day, arm, p0, p1 = (np.concatenate(part) for part in zip(*self._rows, strict=True))
        moved_on = self._operated.society.rivalry.transfer_day[group]
        chance = np.full(len(group), 1.0 - self._share)
        return _frame(group, day, arm, chance, p0, p1, moved_on, until)


def _frame(
    group: Ints,
    day: Ints,
    arm: np.ndarray,
    chance: np.ndarray,
    p0: np.ndarray,
    p1: np.ndarray,
    moved_on: Ints,
    until: int,
) -> pd.DataFrame:
    moved = (moved_on > day) & (moved_on <= day + HORIZON_DAYS)
    known = day + HORIZON_DAYS <= until
    return pd.DataFrame(
        {
            "group_id": group,
            "drawn_on": pd.to_datetime(day, unit="D"),
            "arm": arm,
            "propensity": chance,
            "value_fen": 1.0,
            "moved": np.where(known, moved, np.nan),
            "p0": p0,
            "p1": p1,
        }
    )


def _told(seed: int, episodes: pd.DataFrame) -> bool:
    """Say what was measured and what is true; whether the interval holds it."""
    known = apart(episodes[episodes["moved"].notna()], HORIZON_DAYS)
    found = measured(known, Enough(1, 1))
    treated = known[known["arm"] == "treat"]
    true = float((treated["p0"] - treated["p1"]).mean())
    holds = bool(found.difference.low <= true <= found.difference.high)
    _say(
        f"{seed:4}: treated {found.treated:5} ({found.treated_moved} moved), held out "
        f"{found.held:4} ({found.held_moved}); effect {found.difference}, true {true:.4f}: "
        f"{'holds it' if holds else 'MISSES IT'}"
    )
    return holds


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
