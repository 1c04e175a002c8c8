"""What twelve months of lists save: by chance, by rules, by risk, by ours, and by the truth.

    .venv/bin/python -m benchmarks.loop_world --preset county_xinxing_2009 --seeds 403-405,411-415 \
        --rows /tmp/quality --out /tmp/loop [--prior FOLDER]

The rows are those of `benchmarks.quality make`. A model is made every third month from what was
known by then, and scores that month and the next two, as there. Two figures stand side by side,
both groups saved per 1,000 visits, by the oracle that sees the hidden states: of each list alone,
in the world as its operator left it, exactly (no policy's luck is in it); and of all twelve lists
in a row, where what is listed is treated and changes. Ours is aptness × risk with how groups
respond: a learnt effect needs more held-out groups than a county or a city draws in three years
(``models.uplift``). Everything that was made is kept in OUT and not made again: settings that have
changed since do not change it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.loop_closed import Lists, live
from benchmarks.loop_policies import (
    BEST,
    MATCHED,
    POLICIES,
    USUAL,
    Practice,
    effects,
    wishes,
)
from benchmarks.loop_truth import KNOWN, make, world_of
from benchmarks.quality import _made, _seeds
from benchmarks.quality_worlds import PLACE, County, counties, read
from models import bundle
from models.baseline import rules_points
from models.bundle import Model
from models.frames import Floats
from models.labels import still_to_lose
from models.response import gone_chances
from simulator.preset import load

ORIGINS, EVERY = (22, 25, 28, 31), 3
SHARES = (0.02, 0.05, 0.10)
TIES = 5
"""Times that ties, and what a policy leaves to chance, are drawn in a list alone."""
ALL, STAYED = "all groups on the books", "had the books told who has gone"
HINDSIGHT = ("ours, kinds known", "risk by O2", "ours by O2", "ours by O2, kinds known")


def main() -> None:
    """Make what is not kept, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--preset", default="county_xinxing_2009")
    parser.add_argument("--seeds", default="403-405")
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prior", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    prior = bundle.load(given.prior) if given.prior else None
    single, row = [], []
    for seed in [seed for part in given.seeds.split(",") for seed in _seeds(part)]:
        scored = _scored(given.rows, given.out, given.preset, seed, prior)
        for county in counties(given.preset, seed):
            rows = _with_truth(scored[scored["county"] == county.number], given.out, county)
            single.append(_alone(rows, county))
            row.append(_in_a_row(rows, given.out, county))
            _say(f"{county.preset} {county.seed}, county {county.number}: done")
    _report(pd.concat(single, ignore_index=True), pd.concat(row, ignore_index=True))


def practice(preset: str) -> Practice:
    """The operator's actions in a world, and what it believes of responses."""
    mix = dict(load(preset, {}).treatment.mix_c)
    settings = PLACE.settings
    return Practice(settings.actions.content.table(), settings.response.rule(), mix)


def _scored(rows: Path, out: Path, preset: str, seed: int, prior: Model | None) -> pd.DataFrame:
    """The groups that could be listed at the ends of the months, with the model's risk."""
    kept = out / f"scored-{preset}-{seed}.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    known, parts = read(rows, preset, seed), []
    for origin in ORIGINS:
        part = known[known["month"].between(origin, origin + EVERY - 1)]
        part = part[still_to_lose(part["undiverted_members"], part["members"], PLACE.group_label)]
        day = known.loc[known["month"] == origin, "as_of"].iloc[0]
        made = dict(_made(known, day, prior))
        model = made["model" if prior is None else "on prior"]
        parts.append(
            part[["month", "county", "managed", "o2"]].assign(
                group_id=part["group_id"].str.partition("/")[2],
                risk=model.probability(part),
                rules=rules_points(part, PLACE.rules),
                gone_chance=gone_chances(part, PLACE.settings.already_gone.rule()),
            )
        )
    found = pd.concat(parts, ignore_index=True)
    found.to_parquet(kept)
    return found


def _with_truth(scored: pd.DataFrame, out: Path, county: County) -> pd.DataFrame:
    """With what was known of responses, and the truth; a group that had gone cannot be saved."""
    truth = make(out, county)
    rows = scored.merge(truth, on=["month", "group_id"], validate="1:1")
    return rows[~rows["struck_off"]].fillna({"p0": 0.0, "o2": 0.0}).reset_index(drop=True)


def _alone(rows: pd.DataFrame, county: County) -> pd.DataFrame:
    """What each list of each policy saves by itself: month, policy, share, visits, saved."""
    own = practice(county.preset)
    found = []
    stayed = rows[rows["moved_days"].isna()].assign(gone_chance=0.0)
    for of, some in {ALL: rows, STAYED: stayed}.items():
        for month, here in some.groupby("month"):
            gains = np.array([here["p0"] - here[code] for code in own.codes])
            gains = np.where(here["gone"].to_numpy(), 0.0, np.nan_to_num(gains))
            for told in _lists_of(here, gains, own, county.seed):
                found.append((county.seed, of, month, *told))
    columns = ["seed", "of", "month", "policy", "share", "saved", "visits"]
    return pd.DataFrame(found, columns=columns)


def _lists_of(
    here: pd.DataFrame, gains: Floats, own: Practice, seed: int
) -> Iterator[tuple[str, float, float, int]]:
    usual = np.array([own.mix[code] for code in own.codes]) @ gains
    matched = gains[effects(here, own).argmax(axis=0), np.arange(len(here))]
    by_action = {USUAL: usual, MATCHED: matched, BEST: gains.max(axis=0)}
    rng = np.random.default_rng([seed, int(here["month"].iloc[0])])
    wanted = {name: (by, by_action[how]) for name, (by, how) in POLICIES.items()}
    for policy, (by, gain) in wanted.items():
        for share in SHARES:
            most, saved = round(share * len(here)), 0.0
            for _ in range(TIES):
                wish = gain if by == "oracle" else wishes(here, own, by, rng)
                saved += gain[np.argsort(-wish, kind="stable")[:most]].sum() / TIES
            yield policy, share, saved, most
    for policy, wish in _hindsight(here, own).items():
        for share in SHARES:
            most = round(share * len(here))
            yield policy, share, matched[np.argsort(-wish, kind="stable")[:most]].sum(), most


def _hindsight(here: pd.DataFrame, own: Practice) -> dict[str, Floats]:
    """Rankings by what nobody knows: whether a group is persuadable, the best possible risk."""
    persuadable = here["response"].eq("persuadable").to_numpy(np.float64)
    by_o2 = here.assign(risk=here["o2"])
    risk = here["risk"].to_numpy(np.float64)
    return dict(
        zip(
            HINDSIGHT,
            (
                risk * persuadable,
                here["o2"].to_numpy(np.float64),
                effects(by_o2, own).max(axis=0),
                here["o2"].to_numpy(np.float64) * persuadable,
            ),
            strict=True,
        )
    )


def _in_a_row(rows: pd.DataFrame, out: Path, county: County) -> pd.DataFrame:
    """The visits of each policy over all lists, from what is kept or lived through."""
    kept = out / f"closed-{county.preset}-{county.seed}-{county.number}.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    lists = Lists(ORIGINS[0], ORIGINS[-1] + EVERY - 1, SHARES[0])
    own, world = practice(county.preset), world_of(out, county)
    listed = rows[["month", "group_id", "risk", "rules", "managed", "gone_chance", *KNOWN]]
    visits = [
        live(world, county.number, listed, own, policy, lists, seed=n).assign(policy=name)
        for n, (name, policy) in enumerate(POLICIES.items())
    ]
    found = pd.concat(visits, ignore_index=True).assign(seed=county.seed, county=county.number)
    found.to_parquet(kept)
    return found


def _report(alone: pd.DataFrame, row: pd.DataFrame) -> None:
    for (of, share), part in alone.groupby(["of", "share"]):
        sums = part.groupby(["policy", "seed"])[["saved", "visits"]].sum()
        saved = (1000 * sums["saved"] / sums["visits"]).unstack("seed")
        _table(f"each list alone, {share:.0%}, {of}", saved, [*POLICIES, *HINDSIGHT])
    gains = row.assign(saved=row["p0"] - row["p1"]).groupby(["policy", "seed"])["saved"]
    _table(
        f"twelve lists in a row, {SHARES[0]:.0%}", 1000 * gains.mean().unstack("seed"), [*POLICIES]
    )
    told = row.groupby("policy")[["gone", "accepted"]].mean()
    once = row.drop_duplicates(["policy", "seed", "county", "group_id"])
    groups = once.groupby("policy").size() / row.groupby("policy").size()
    for name in POLICIES:
        _say(
            f"{name:26}{told.loc[name, 'gone']:8.1%} gone, {told.loc[name, 'accepted']:.1%} "
            f"accept, {groups[name]:.2f} groups a visit"
        )


def _table(title: str, saved: pd.DataFrame, names: list[str]) -> None:
    """Saved per 1,000 visits of each policy: mean over worlds, its standard error, against risk."""
    _say(f"\n{title}: saved per 1,000 visits, {saved.shape[1]} worlds")
    for name in names:
        one, ratio = saved.loc[name], saved.loc[name] / saved.loc["risk"]
        _say(
            f"{name:26}{_mean(one):>16}   {one.mean() / saved.loc['risk'].mean():5.2f} × risk, "
            f"worlds {' '.join(f'{r:.2f}' for r in ratio)}"
        )


def _mean(one: pd.Series) -> str:
    error = one.std(ddof=1) / np.sqrt(len(one)) if len(one) > 1 else float("nan")
    return f"{one.mean():.1f} ({error:.1f})"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
