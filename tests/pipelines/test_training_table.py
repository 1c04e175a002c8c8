"""A training table keeps what is told of its rows apart from what is learnt from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from models.treated import TreatedRule
from pipelines.training_table import LABELS, TREATED, TrainingTable

FIRST, SECOND = date(2010, 5, 13), date(2010, 5, 23)


def test_labels_and_treatments_are_no_features():
    assert table().features == ["group_out_fall"]


def test_members_keep_their_feature_silent():
    frame = pd.DataFrame({"as_of": [FIRST], "user_id": ["ann"], "silent": [1.0], "label": [0]})

    assert TrainingTable(frame, "user_id").features == ["silent"]


def test_treated_rows_are_left_out_and_others_stand_for_them():
    rows = table(treated=[1, 0, 0, 0], propensity=[0.5, 0.5, 0.0, 0.0]).rows([FIRST, SECOND])

    assert list(rows.cluster) == ["bolt", "acme", "bolt"]
    # bolt is there twice and counts half each time, on the first day twice that: 1, 1, .5
    assert np.allclose(rows.weight / rows.weight[1], [1, 1, 0.5])


def test_rows_without_the_label_that_is_asked_for_are_left_out():
    asked = table(label_30=[0, np.nan, 1, np.nan])

    rows = asked.rows([FIRST, SECOND], label="label_30")

    assert list(rows.label) == [0, 1]
    assert list(asked.rows([FIRST]).label) == [0, 1]


def table(**columns):
    """Two groups on two days."""
    frame = pd.DataFrame(
        {
            "as_of": [FIRST, FIRST, SECOND, SECOND],
            "group_id": ["acme", "bolt", "acme", "bolt"],
            "tier": "C",
            "group_out_fall": [0.1, 0.2, 0.3, 0.4],
            "label": [0, 1, 0, 1],
            **dict.fromkeys((*LABELS, *TREATED), 0.0),
        }
    ).assign(**columns)
    return TrainingTable(frame, "group_id", treated=TreatedRule("weight", 5.0, ()))
