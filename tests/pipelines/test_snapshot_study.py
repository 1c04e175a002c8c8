"""Snapshots of real customers: what is known on their day, who was gone after it, what is tried."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.inner_choice import fit_by_inner_choice
from models.linear import LinearConfig
from models.out_of_fold import Folding, out_of_fold
from pipelines.errors import UsageError
from pipelines.intake.ingestion import ingest
from pipelines.mapping import load_mapping
from pipelines.storage import Home
from pipelines.study import Snapshot, candidates_of, fit_of, folding_of, snapshot_of
from pipelines.workplace import Workplace, open_workplace

DATA = Path(__file__).parents[3] / "shared" / "data"
PANEL_DAY = date(2014, 9, 8)
USED = ["total_og_mou_9", "total_ic_mou_9", "vol_2g_mb_9", "vol_3g_mb_9"]


def _place(name: str, folder: Path, data: Path = DATA) -> Workplace:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real data set {name} is not on this machine")
    ingest(data / name, Home(folder), load_mapping(name), token_key=b"k" * 32)
    return open_workplace(folder)


@pytest.fixture(scope="module")
def panel(tmp_path_factory) -> Workplace:
    return _place("member_panel", tmp_path_factory.mktemp("panel"))


def _with_another_september(folder: Path) -> Path:
    """The panel with all of September dealt out anew: among the silent, and among the others."""
    shutil.copytree(DATA / "member_panel", folder / "member_panel", copy_function=shutil.copyfile)
    file = folder / "member_panel" / "usage_wide.csv"
    file.parent.chmod(0o755)
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    september = [name for name in table if name.endswith("_9") or name.startswith("sep_")]
    silent = table[USED].apply(pd.to_numeric).sum(axis=1) == 0
    rng, whose = np.random.default_rng(0), np.arange(len(table))
    for part in (np.flatnonzero(silent), np.flatnonzero(~silent)):
        whose[part] = rng.permutation(part)
    dealt = table.assign(**{name: table[name].to_numpy()[whose] for name in september})
    moved = (dealt[september] != table[september]).any(axis=1).sum()
    assert (len(september), int(silent.sum()), bool(moved > 800)) == (55, 110, True)
    dealt.to_csv(file, index=False)
    return folder


@pytest.mark.slow
def test_another_september_changes_no_feature_and_no_score(panel, tmp_path) -> None:
    """Who is silent stays so, for the labels; all else of September goes to somebody else."""
    before = snapshot_of(panel, PANEL_DAY)
    data = _with_another_september(tmp_path / "data")
    after = snapshot_of(_place("member_panel", tmp_path / "home", data), PANEL_DAY)

    pd.testing.assert_frame_equal(before.frame, after.frame, check_exact=True)
    np.testing.assert_array_equal(_scores(before), _scores(after))


def _scores(snapshot: Snapshot) -> np.ndarray:
    quick = replace(snapshot.recipe.training, bags=1, rounds=40, threads=1)
    fit = partial(
        fit_by_inner_choice, candidates=(), recipe=replace(snapshot.recipe, training=quick), folds=3
    )
    return out_of_fold(snapshot.rows, fit, Folding(5, 3, 1, seed=1), draws=0).probability


def test_the_settings_say_what_is_tried_and_how_rows_are_dealt(panel) -> None:
    recipe = snapshot_of(panel, PANEL_DAY).recipe
    section = panel.settings.candidates

    tried = candidates_of(panel, recipe)

    lines = [one for one in tried if isinstance(one, LinearConfig)]
    trees = [one for one in tried if not isinstance(one, LinearConfig)]
    assert [one.pull for one in lines] == list(section.lines)
    assert [one.leaves for one in trees] == [one.leaves for one in section.trees]
    own = fit_of(panel, recipe).keywords["recipe"].training
    assert {one.bags for one in [own, *trees]} == {section.bags}
    assert folding_of(panel) == Folding(**panel.settings.folds.model_dump())


def test_a_snapshot_is_looked_at_from_its_own_day_only(panel) -> None:
    with pytest.raises(UsageError, match="give --as-of 2014-09-08"):
        snapshot_of(panel, date(2014, 9, 9))


def test_customers_off_net_by_the_second_delivery_are_gone(tmp_path) -> None:
    """4,964 customers less those gone before; the file names 349 who churned later."""
    place = _place("call_network", tmp_path)
    customers = pd.read_csv(DATA / "call_network" / "customers.csv", dtype={"id": str})
    left = customers.set_index("N" + customers["id"])["future_churn"]

    rows = snapshot_of(place, date(2015, 2, 15)).rows

    assert (len(rows.features), int(np.sum(rows.label))) == (4_539, 349)
    assert list(rows.label) == list(left[list(rows.cluster)])
