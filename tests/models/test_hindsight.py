"""What lists of the past caught, on two lists of one place each, drawn by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.backtest_plot import backtest_picture
from models.errors import EvaluationError
from models.hindsight import Share, by_group, by_month, leads, most_possible, totals

MARCH, APRIL = date(2010, 3, 3), date(2010, 4, 3)


@pytest.fixture
def rows() -> pd.DataFrame:
    """A goes on 2 May and C on 12 April; B and D stay. The model lists B, then A.

    For the rules A and B tie on both days, so each has half of the one place.
    """
    columns = ["as_of", "group_id", "label", "value", "onset", "model", "rules", "chance"]
    drawn = [
        (MARCH, "A", 1, 100.0, 60.0, 0.0, 0.5, 1 / 4),
        (MARCH, "B", 0, 300.0, np.nan, 1.0, 0.5, 1 / 4),
        (MARCH, "C", 1, 200.0, 40.0, 0.0, 0.0, 1 / 4),
        (MARCH, "D", 0, np.nan, np.nan, 0.0, 0.0, 1 / 4),
        (APRIL, "A", 1, 100.0, 29.0, 1.0, 0.5, 1 / 3),
        (APRIL, "B", 0, 300.0, np.nan, 0.0, 0.5, 1 / 3),
        (APRIL, "D", 0, np.nan, np.nan, 0.0, 0.0, 1 / 3),
    ]
    return pd.DataFrame(drawn, columns=columns)


def test_a_group_counts_once_however_many_lists_hold_it(rows):
    found = by_group(rows)

    assert found["came"].tolist() == [1, 0, 1, 0]
    assert found["value"].tolist() == [100, 300, 200, 0]  # what is unknown counts as nothing
    assert found["caught_model"].tolist() == [1, 0, 0, 0]
    assert found["listed_model"].tolist() == [1, 1, 0, 0]
    # half a place twice: 1 - 1/2 * 1/2; by chance A: 1 - 3/4 * 2/3, C, who was there once: 1/4
    assert found["caught_rules"].tolist() == [0.75, 0, 0, 0]
    assert found["listed_rules"].tolist() == [0.75, 0.75, 0, 0]
    assert found["caught_chance"].tolist() == pytest.approx([0.5, 0, 0.25, 0])


def test_the_totals_are_shares_of_the_groups_and_of_their_value(rows):
    found = {name: it.value for name, it in totals(rows, enough_days=20, draws=100, seed=1).items()}

    assert found["caught_model"] == 1 / 2
    assert found["value_model"] == pytest.approx(100 / (100 + 200))
    assert found["precision_model"] == 1 / 2
    assert found["caught_rules"] == 0.75 / 2
    assert found["precision_rules"] == 0.75 / (0.75 + 0.75)
    assert found["caught_chance"] == pytest.approx((0.5 + 0.25) / 2)
    assert found["more_than_rules"] == pytest.approx(1 / 2 - 0.75 / 2)
    assert found["surer_than_rules"] == 0
    assert found["lead_days_model"] == 29


def test_equal_lists_differ_by_nothing_in_any_draw(rows):
    same = totals(rows.assign(rules=rows["model"]), enough_days=20, draws=200, seed=1)

    for name in ("more_than_rules", "surer_than_rules"):
        assert (same[name].value, same[name].low, same[name].high) == (0, 0, 0)
    other = totals(rows, enough_days=20, draws=200, seed=1)["more_than_rules"]
    assert other.low < other.high


def test_the_first_list_that_may_have_held_a_group_counts_for_the_lead(rows):
    found = leads(rows, "rules")

    # on 3 March with chance 1/2, 60 days ahead; else on 3 April with 1/2, 29 days ahead
    assert found[["days", "weight"]].to_numpy().tolist() == [[60, 0.5], [29, 0.25]]
    # of .75 in all, half is .375, which 60 days reach: .25 at 29, .75 at 60
    assert totals(rows, enough_days=20, draws=100, seed=1)["lead_days_rules"].value == 60


def test_a_month_counts_its_own_lists(rows):
    march, april = by_month(rows).to_dict("records")

    assert (march["month"], march["groups"], march["listed"], march["came"]) == ("2010-03", 4, 1, 2)
    assert (march["model"], march["rules"], march["chance"]) == (0, 0.5, pytest.approx(2 / 4))
    assert (march["perfect"], march["false_alarms"], march["value_caught"]) == (1, 1, 0)
    # Wilson: 1.96² / (1 + 1.96²) = 3.8415 / 4.8415
    assert (march["precision_low"], march["precision_high"]) == (0, pytest.approx(0.7935, abs=1e-4))
    assert np.isnan(march["lead_days"])
    assert (april["model"], april["value_caught"], april["rules_value_caught"]) == (1, 1, 0.5)
    assert april["lead_days"] == 29


def test_a_perfect_list_takes_first_whom_no_later_list_can_catch(rows):
    assert most_possible(rows) == 2  # C in March, who is gone in April, and then A
    assert most_possible(rows[rows["as_of"] == MARCH]) == 1


def test_the_interval_of_a_share_of_nothing_is_unknown():
    assert np.isnan(Share.of(0, 0).value)
    assert Share.of(20, 20).high == 1
    assert Share.of(20, 20).low == pytest.approx(1 - 0.1611)  # as of 0 of 20, mirrored


def test_rows_without_a_needed_column_are_refused(rows):
    with pytest.raises(EvaluationError, match="these columns are missing: onset"):
        totals(rows.drop(columns="onset"), enough_days=20, draws=100, seed=1)
    with pytest.raises(EvaluationError, match="there are none"):
        by_month(rows.iloc[:0])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_is_drawn_in_both_languages_and_where_nothing_was_caught(
    rows, tmp_path, language
):
    months = by_month(rows).assign(method=["rules", "model"])
    early = {name: leads(rows, name) for name in ("model", "rules")}

    files = [
        backtest_picture(months, lead, tmp_path / f"{name}.png", language)
        for name, lead in (("some", early), ("none", {n: x.iloc[:0] for n, x in early.items()}))
    ]

    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
    assert files[0].read_bytes() != files[1].read_bytes()
