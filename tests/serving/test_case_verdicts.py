"""What the data say of a case after the wait."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from serving.casebook.verdicts import verdicts

DAY = date(2011, 1, 3)


@pytest.mark.parametrize(
    ("label", "lost", "feedback", "result"),
    [
        (1, 9, None, "lost"),
        (1, 9, "contacted_kept", "lost"),
        (0, 2, None, "kept"),  # two of twenty are the tenth that shows danger
        (0, 1, None, "false_alarm"),
        (0, 0, "contacted_kept", "false_alarm"),
        (0, 0, "competitor_confirmed", "kept"),
        (np.nan, 0, "lost", "unverifiable"),
        (None, None, "contacted_kept", "unverifiable"),
    ],
)
def test_the_data_judge_whatever_was_reported(label, lost, feedback, result):
    cases = pd.DataFrame(
        {"case_id": ["c"], "as_of": [DAY], "group_id": ["G1"], "feedback": [feedback]}
    )
    rows = pd.DataFrame(
        {"as_of": [DAY], "group_id": ["G1"], "at_risk": [20], "lost": [lost], "label": [label]}
    )
    told = rows if lost is not None else rows.head(0)

    assert verdicts(cases, told, 0.10) == {"c": result}


def test_the_outcome_of_another_list_is_not_taken():
    cases = pd.DataFrame({"case_id": ["c"], "as_of": [DAY], "group_id": ["G1"], "feedback": [None]})
    rows = pd.DataFrame(
        {"as_of": [date(2011, 1, 13)], "group_id": "G1", "at_risk": 20, "lost": 20, "label": 1}
    )

    assert verdicts(cases, rows, 0.10) == {"c": "unverifiable"}
