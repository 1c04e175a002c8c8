"""The card of a model tells what it is for, what it was made from and where it ends."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from features.catalog import FEATURES
from features.definition import Text
from models.bootstrap import Estimate
from models.bundle import Model
from models.fitting import fit_and_calibrate
from models.model_card import CARDS, SLICES, Card, model_card, write_cards
from models.rows import Rows

READS = {"rival_share": "group_out_fall", "lock_in_days": "lock_share", "noise": "tickets"}
DAYS = (date(2010, 1, 3), date(2010, 1, 13), date(2010, 1, 23))
MADE_OF = {
    "as_of": "2011-01-03",
    "label_version": "L_transfer_90/2",
    "data_version": "d" * 64,
    "feature_version": "f" * 64,
    "config_hash": "c" * 64,
    "code_version": "0" * 64,
    "landing": "/srv/operator/landing/张三",  # nothing that is not asked for gets onto a card
}


def reading(rows: Rows) -> Rows:
    return replace(rows, features=rows.features.rename(columns=READS))


@pytest.fixture(scope="module")
def transfer_model(fit_rows, later_rows, recipe_of_tests) -> Model:
    return fit_and_calibrate(reading(fit_rows), reading(later_rows), recipe_of_tests, MADE_OF)


@pytest.fixture(scope="module")
def recipe_of_tests():
    from models.fitting import Recipe
    from models.training import TrainingConfig

    quick = TrainingConfig(seed=7, threads=1, rounds=10, leaves=5, minimum_rows_per_leaf=20)
    return Recipe("group_transfer", "L_transfer_90/2", quick, isotonic_from=1000)


@pytest.fixture
def card() -> Card:
    return Card(
        label_meaning=Text("至少40%的成员离网。", "that at least 40% of the members leave."),
        days={"fit": DAYS, "calibration": DAYS[1:], "test": DAYS[2:]},
        figures={
            "auc": Estimate(0.712, 0.661, 0.759),
            "precision_at_capacity": Estimate(0.183, 0.121, 0.25),
            "lift_at_10pct": Estimate(float("nan"), float("nan"), float("nan")),
            "n": Estimate(14_000, 14_000, 14_000),
            "positives": Estimate(310, 310, 310),
        },
        baseline={"auc": Estimate(0.58, 0.52, 0.63)},
        slices=pd.DataFrame(
            [
                ("county", "xinxing", 9000, 41, "auc", 0.7, 0.6, 0.8),
                ("county", "xinxing", 9000, 41, "precision_at_capacity", 0.2, 0.1, 0.3),
                ("county", "luoding", 5000, 3, "auc", 0.5, float("nan"), float("nan")),
                ("county", "luoding", 5000, 3, "precision_at_capacity", *[float("nan")] * 3),
            ],
            columns=["by", "slice", "rows", "positive_groups", "figure", "value", "low", "high"],
        ),
        catalogue=FEATURES,
    )


def test_a_card_tells_all_that_it_should_in_english(transfer_model, card):
    page = model_card(transfer_model, card, "en")

    for said in (
        "# Model card: group_transfer",
        "L_transfer_90/2: that at least 40% of the members leave.",
        "| AUC | 0.712 [0.661, 0.759] | 0.580 [0.520, 0.630] |",
        "| precision at capacity (of the groups worked, how many leave) | 0.183 [0.121, 0.250] |",
        "| fitting | 3 | 2010-01-03 | 2010-01-23 | 1,500, of which positive",
        "| test (of the twin) | 1 | 2010-01-23 | 2010-01-23 | 14,000, of which positive 310 |",
        "| county luoding | 5000 | 3 |",
        "Calibrated by a sigmoid of two parameters (Platt) with 2 knots",
        "Not for decisions about persons",
        "what it does not know",
        f"| data_version | `{'d' * 64}` |",
        f"| feature_version | `{'f' * 64}` |",
        "| made by | `groupchurn train` |",
    ):
        assert said in page, said
    assert re.search(r"\| `group_out_fall` \| \d+\.\d% \| \w.* \| R01 traffic diversion \|", page)
    assert "nan" not in page


def test_the_same_card_in_chinese(transfer_model, card):
    english, chinese = (model_card(transfer_model, card, language) for language in ("en", "zh"))

    assert "至少40%的成员离网。" in chinese
    assert "不得用于针对个人的决定" in chinese
    assert "0.712 [0.661, 0.759]" in chinese
    assert [line.count("|") for line in english.splitlines()] == [
        line.count("|") for line in chinese.splitlines()
    ]


@pytest.mark.parametrize("language", list(CARDS))
def test_a_card_holds_no_path_and_no_personal_data(transfer_model, card, language):
    page = model_card(transfer_model, card, language)

    assert "/srv" not in page
    assert "张三" not in page
    assert not re.search(r"(?<![0-9a-f])1\d{10}(?![0-9a-f])", page)  # a mobile number
    assert not re.search(r"(^|[\s`(])/\w", page)


def test_the_same_run_gives_the_same_card(transfer_model, card):
    assert model_card(transfer_model, card, "en") == model_card(transfer_model, card, "en")


def test_a_card_without_rules_and_slices_leaves_them_out(transfer_model, card):
    bare = replace(card, baseline={}, slices=pd.DataFrame())

    page = model_card(transfer_model, bare, "en")

    assert "| AUC | 0.712 [0.661, 0.759] |\n" in page
    assert "For whom" not in page


def test_cards_and_slices_are_written_as_files(transfer_model, card, tmp_path):
    files = write_cards(transfer_model, card, tmp_path / "new")

    assert [file.name for file in files] == ["model_card.md", "model_card.zh-CN.md", SLICES]
    rows = json.loads(files[-1].read_text(encoding="utf-8"))
    assert rows[0] == {
        "by": "county",
        "slice": "xinxing",
        "rows": 9000,
        "positive_groups": 41,
        "figure": "auc",
        "value": 0.7,
        "low": 0.6,
        "high": 0.8,
    }
    assert rows[3]["value"] is None  # unknown, and no NaN that is no JSON
