"""Simulated worlds to pre-train on: what an operator would know there, and how likely groups go."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipelines import console
from pipelines.landed import landed
from pipelines.storage import keep_frame
from pipelines.workplace import TIERS, Workplace

if TYPE_CHECKING:
    from numpy.random import Generator

    from simulator.preset import Preset

EPOCH = date(1970, 1, 1)
BOUNDED = ("probability", "share")


def pretraining_rows(place: Workplace) -> pd.DataFrame:
    """Features and latent risk of the groups of all worlds, at month ends.

    Each world has laws of its own: those of the preset, times factors drawn for it, so that what is
    learnt holds for more than one world. A world that has been made is kept under
    ``work/pretraining`` and not made again.

    Returns:
        ``world``, ``as_of``, ``group_id``, the group features and ``chance``: to move within 90
        days, as one would state it who sees every hidden state.
    """
    wanted = place.settings.pretraining
    folder = place.home.work / "pretraining" / _made_from(place)
    frames = []
    with console.progress("simulated worlds") as tell:
        for number in range(wanted.worlds):
            kept = folder / f"world-{number}.parquet"
            if not kept.exists():
                keep_frame(_world(place, wanted.seed + number, folder / f"world-{number}"), kept)
            frames.append(pd.read_parquet(kept).assign(world=number))
            tell(number + 1, wanted.worlds)
    return pd.concat(frames, ignore_index=True)


def varied(preset: Preset, spread: float, names: tuple[str, ...], rng: Generator) -> Preset:
    """The preset with each named parameter, or each of its parts alike, times a factor of its own.

    A probability stays one: at most 1.

    Args:
        preset: Whose laws are varied.
        spread: Standard deviation of the factors' logarithm.
        names: Parameters by dotted name: a number, or a list or table of numbers.
        rng: Draws the factors, in the order of the names.
    """
    from simulator.preset import override

    factors = np.exp(rng.normal(0.0, spread, len(names)))
    values = {}
    for name, factor in zip(names, factors.tolist(), strict=True):
        law = preset.parameters[name]
        most = 1.0 if law.unit.startswith(BOUNDED) else math.inf
        values[name] = _times(law.value, factor, most)
    return override(preset, values)


def _times(value: Any, factor: float, most: float) -> Any:
    if isinstance(value, Mapping):
        return {key: _times(part, factor, most) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_times(part, factor, most) for part in value]
    return min(value * factor, most)


def _world(place: Workplace, seed: int, folder: Path) -> pd.DataFrame:
    from features import group_features
    from simulator.dekads import months
    from simulator.oracle.replay import open_world
    from simulator.oracle.score import oracle_scores
    from simulator.preset import load
    from simulator.world import simulate

    wanted = place.settings.pretraining
    laws = np.random.default_rng([wanted.seed, seed])
    preset = varied(load(wanted.preset), wanted.spread, wanted.varied, laws)
    shutil.rmtree(folder, ignore_errors=True)
    simulate(preset, seed, folder)
    ends = months(preset.world.start, preset.world.months)[wanted.first_month - 1 :]
    days = [month.last + place.settings.study.as_of_lag_days for month in ends]
    chances = oracle_scores(open_world(folder / "truth"), days)
    tables = landed(folder / "landing", place.settings.engine.threads)
    known = group_features(tables, [EPOCH + timedelta(day) for day in days], tiers=TIERS)
    known = known.assign(as_of=[(day - EPOCH).days for day in known["as_of"]])
    shutil.rmtree(folder)
    key = ["as_of", "group_id"]
    chances = chances.rename(columns={"o1": "chance"})[[*key, "chance"]]
    return known.drop(columns="tier").merge(chances, on=key, validate="1:1").sort_values(key)


def _made_from(place: Workplace) -> str:
    import features
    import simulator
    from pipelines.workplace import code_version

    settings = place.settings
    content = {
        **settings.pretraining.model_dump(exclude={"worlds", "rounds", "leaves"}),
        "lag": settings.study.as_of_lag_days,
        "features": code_version(features),
        "simulator": code_version(simulator),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
