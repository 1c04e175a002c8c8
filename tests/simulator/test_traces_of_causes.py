"""A cause leaves a trace that an analyst can find; switched off in the preset, the trace goes."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.metrics import Ranking, auc
from simulator import dynamics
from simulator.dekads import dekads, months
from simulator.preset import load
from simulator.society import Society
from simulator.world import simulate

CROWDED = {
    "population.groups": {"A": 0, "B": 0, "C": 2500},
    "population.size_mu.C": 1.2,
    "population.areas": 10,
    "attack.mult": 2,
    "campaign.on": 0,  # campaigns also come to neighbours together
    "drift.month": 0,
}


def odds_near_a_transfer(overrides, months_lived=18):
    """How many times the odds of an attack or transfer rise where a neighbour has moved lately.

    Compared within the same loyalty, since neighbours are alike in it.
    """
    society = Society(load("county_xinxing_2009", {**CROWDED, **overrides}), 1)
    rows = []
    for month in months("2008-01", months_lived):
        for dekad in dekads(month):
            near = dynamics.nearby(society.rivalry.moves, society.groups.park) >= 0.5
            here = ~society.rivalry.moved
            happened = society.step(dekad)
            hit = np.zeros(society.groups.count, dtype=bool)
            hit[happened.attacks.group] = hit[happened.transfers.group] = True
            rows.append((near[here], hit[here], society.groups.theta[here]))
    near, hit, theta = (np.concatenate(column) for column in zip(*rows, strict=False))
    ratios, sizes = [], []
    for loyalty in (-1, 0, 1):
        own = theta == loyalty
        ratios.append(hit[own & near].mean() / hit[own & ~near].mean())
        sizes.append((own & near).sum())
    assert hit[near].sum() > 400
    return float(np.average(ratios, weights=sizes))


def test_neighbours_of_a_group_that_moved_are_attacked_and_move_more_often():
    assert odds_near_a_transfer({}) > 1.25


def test_without_contagion_only_likeness_is_left_between_neighbours():
    alone = {"attack.park_transfer": 1, "transfer.park_transfer": 0, "circle.tie_hazard": 1}

    assert odds_near_a_transfer(alone) == pytest.approx(1.0, abs=0.12)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame, Path]:
    out = tmp_path_factory.mktemp("reported")
    small = {"population.groups": {"A": 0, "B": 0, "C": 900}, "population.size_mu.C": 1.2}
    simulate(load("toy", {**small, "world.months": 15, "attack.mult": 2}), 1, out)
    reports = pd.read_parquet(out / "landing" / "rival_event")
    states = pd.read_parquet(
        out / "truth" / "gt_group_state.parquet", columns=["group_id", "date", "state"]
    )
    return reports, states, out


def auc_of_reports(reported, moment):
    """How well a report in the last 60 days finds the groups that move within 90 days."""
    reports, states, out = reported
    moved = pd.read_parquet(out / "truth" / "gt_transfer.parquet").set_index("group_id")["date"]
    labels, scores = [], []
    for day in pd.date_range("2008-06-30", "2009-02-28", freq="ME"):
        here = states[(states["date"] == day.date()) & (states["state"] != "transferred")]
        when = pd.to_datetime(here["group_id"].map(moved))
        since = day - pd.to_datetime(reports[moment]).dt.normalize()
        told = set(reports.loc[(since >= timedelta(0)) & (since <= timedelta(60)), "group_id"])
        labels.append(when <= day + timedelta(90))
        scores.append(here["group_id"].isin(told))
    label, score = pd.concat(labels), pd.concat(scores)
    assert label.sum() > 100
    return auc(Ranking.of(label, score.astype(float)).weighed())


def test_reports_read_by_when_they_happened_would_leak_the_future(reported):
    honest, leaking = (auc_of_reports(reported, m) for m in ("load_time", "event_time"))

    assert honest > 0.52
    assert leaking > honest + 0.01
