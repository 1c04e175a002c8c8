"""Scores beside the best possible ones, on the same group-days of a simulated world."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pipelines.console import show_json
from pipelines.errors import UsageError
from pipelines.evaluate import evaluate

pytestmark = pytest.mark.slow

FIGURES = {
    "auc", "average_precision", "precision_at_2pct", "recall_at_2pct", "precision_at_10pct",
    "recall_at_10pct", "log_loss", "n", "positives",
}  # fmt: skip


@pytest.fixture(scope="module")
def compared(small_world, trained_home):
    return evaluate(small_world / "truth", home=trained_home)


def test_every_scorer_is_judged_on_the_same_group_days(compared):
    assert list(compared) == ["model", "rules", "o1", "o2"]
    assert len({(one["n"], one["positives"]) for one in compared.values()}) == 1
    assert all(one.keys() >= FIGURES for one in compared.values())
    assert compared["o2"]["positives"] > 10


def test_who_sees_the_hidden_states_is_best(compared):
    assert compared["o1"]["auc"] > max(compared[name]["auc"] for name in ("model", "rules"))
    assert compared["o1"]["log_loss"] < min(one["log_loss"] for one in list(compared.values())[:2])
    assert compared["o2"]["regret"] == 0 < compared["rules"]["regret"]


def test_a_day_that_is_not_published_is_scored_by_the_champion(small_world, trained_home):
    later = evaluate(
        small_world / "truth", as_of=[date(2010, 7, 3), date(2010, 7, 8)], home=trained_home
    )

    assert later["model"]["n"] > 300  # about 200 groups are left on each day


def test_the_result_is_plain_json_and_a_picture_is_drawn(compared, trained_home, capsys):
    show_json(compared)

    assert json.loads(capsys.readouterr().out).keys() == compared.keys()
    assert list((trained_home / "evaluation").glob("*/oracles.png"))


def test_a_folder_without_truth_is_refused(trained_home, tmp_path):
    with pytest.raises(UsageError, match="holds no truth of a simulated world"):
        evaluate(tmp_path, home=trained_home)


def test_days_whose_end_the_truth_does_not_reach_are_refused(small_world, trained_home):
    with pytest.raises(UsageError, match="No day to judge: days from 2008-01-01 to 2010-07-10"):
        evaluate(small_world / "truth", as_of=[date(2010, 9, 3)], home=trained_home)
