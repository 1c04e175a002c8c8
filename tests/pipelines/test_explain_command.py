"""`groupchurn explain` from a published batch alone: what is missing is said, not hidden."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_contracts.contract import published_tables
from features.catalog import FEATURES
from pipelines.explain import explain
from serving.errors import UnknownGroup
from serving.store import Batch, PublishedStore
from serving.why.reasons import SpokenReason, to_json

DAYS = (date(2011, 1, 3), date(2011, 1, 13))


def reasons(share: float, contribution: float) -> str:
    said = FEATURES["one_sided_share"].sentence(share, contribution)
    diverted = ("R01", "话务分流", "traffic diversion")
    return to_json(
        [
            SpokenReason(
                *diverted, contribution, "one_sided_share", share, said.zh, said.en, stability=1.0
            )
        ]
    )


def score(day: date, share: float, contribution: float, probability: float) -> pd.DataFrame:
    """Two groups of a published list, the first of which is told about."""
    rows = pd.DataFrame(
        {
            "as_of": day,
            "group_id": ["G0001", "G0002"],
            "tier": "C",
            "model_name": "group_transfer",
            "model_version": "7",
            "run_id": "0123",
            "method": "model",
            "margin": [contribution - 4, -4.0],
            "base_margin": -4.0,
            "additivity_gap": 0.0,
            "probability": [probability, 0.05],
            "probability_low": [probability / 2, 0.01],
            "probability_high": [probability * 1.5, 0.09],
            "share_lost": np.nan,
            "level": ["red", "none"],
            "rank": [1, 2],
            "expected_value": 1.0,
            "reasons": [reasons(share, contribution), "[]"],
            "data_freshness": "{}",
            "stale": False,
        }
    )
    promised = [name for name in published_tables()["group_score"].names if name != "batch_id"]
    return rows.reindex(columns=promised)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with two lists, and nothing of what made them."""
    home = tmp_path_factory.mktemp("explained")
    store = PublishedStore(home / "published")
    for day, share, contribution, probability in zip(
        DAYS, (0.10, 0.38), (0.2, 0.9), (0.12, 0.23), strict=True
    ):
        store.publish(Batch(day, {"group_score": score(day, share, contribution, probability)}, {}))
    return home


def test_a_published_list_explains_itself_without_tables_and_model(home):
    lines = explain("G0001", DAYS[1], "en", what_if=True, home=home).splitlines()

    assert lines[:5] == [
        "Group G0001 on 2011-01-13",
        "Level: red, rank 1 of 2",
        "Risk of transfer: 23.0% (80% interval 11.5%–34.5%)",
        "Average of its peers: 5.0% (groups of its tier)",
        "Since the last list: Risk up from 12.0% to 23.0% (+11.0 points); traffic diversion went "
        "up from +0.20 to +0.90: 38% of the members call out far less but are still called "
        "(last time: 10%).",
    ]
    assert lines[-1].startswith(
        "There is no what-if without the model that made the list (group_transfer 7) and the "
        "tables. There is no registry at"
    )


def test_the_first_list_is_compared_with_nothing(home):
    assert "与上期相比" not in explain("G0001", DAYS[0], home=home)


def test_the_picture_is_drawn_beside_the_words(home, tmp_path):
    file = tmp_path / "new" / "why.svg"

    text = explain("G0001", DAYS[1], "en", picture=file, home=home)

    assert text.splitlines()[-1] == f"Picture: {file}"
    assert file.read_bytes().startswith(b"<?xml")


def test_a_group_that_is_not_there_is_answered_before_anything_is_computed(home):
    with pytest.raises(UnknownGroup, match="closest ids are"):
        explain("G0009", DAYS[1], what_if=True, home=home)
