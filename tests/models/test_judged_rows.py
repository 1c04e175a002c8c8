"""Every figure of judged rows, by slice and beside other scorers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.capacity import Slots
from models.comparison import gains
from models.errors import EvaluationError
from models.evaluation import evaluate
from models.judged import Judged, Offer, Terms, judge_rows
from models.profit import Acceptance
from models.slices import sliced, slices

FREE = Offer(Acceptance(6, 14), contact_cost=0, incentive_share=0, clv_months=10, margin=0.5)
TERMS = Terms(Slots(manager=1, unmanaged=2), FREE, months_at_risk=3, revenue_share=0.5)


def few_rows():
    """Li works a (a hit), the county's desk c and d (one hit)."""
    return pd.DataFrame(
        [
            ("a", 1, 0.8, "Li", 1000, 0.5, "small"),
            ("b", 1, 0.4, "Li", 3000, np.nan, "large"),
            ("c", 1, 0.6, "none", 2000, 1.0, "large"),
            ("d", 0, 0.5, "none", np.nan, np.nan, None),
            ("e", 0, 0.1, "none", 1000, np.nan, "small"),
        ],
        columns=["group_id", "label", "probability", "owner", "value", "share_lost", "size_band"],
    ).assign(as_of=pd.Timestamp("2010-07-03"), county="x")


def many_rows(groups=200, days=4, seed=0):
    rng = np.random.default_rng(seed)
    risk, owner = rng.beta(1, 8, groups), rng.choice(["Li", "Wu", "none", "none"], groups)
    value, size = np.round(rng.lognormal(11, 1, groups)), rng.choice(["small", "large"], groups)
    label = rng.random((days, groups)) < risk
    return pd.DataFrame(
        {
            "as_of": np.repeat(pd.date_range("2010-01-03", periods=days, freq="10D"), groups),
            "group_id": np.tile([f"g{number}" for number in range(groups)], days),
            "label": label.ravel().astype(int),
            "probability": np.tile(risk, days),
            "owner": np.tile(owner, days),
            "county": "x",
            "size_band": np.tile(size, days),
            "value": np.tile(value, days),
        }
    )


def value_of(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_the_list_is_judged_as_its_owners_work_it():
    found = judge_rows(few_rows(), TERMS, draws=20, seed=0)

    assert found["precision_at_capacity"].value == 2 / 3
    assert found["recall_at_capacity"].value == 2 / 3
    # a lost .5 of 1000, c all of 2000; b half of 3000, for nothing better is known
    assert found["value_recall_at_capacity"].value == (500 + 2000) / (500 + 2000 + 1500)
    assert found["expected_over_observed_at_capacity"].value == pytest.approx(1.9 / 2)
    assert (found["n"].value, found["positive_clusters"].value) == (5, 3)
    assert found["value_unknown"].value == 1


def test_revenue_at_risk_is_risk_times_share_times_value_over_the_months():
    found = judge_rows(few_rows(), TERMS, draws=20, seed=0)

    # expected, in fen a month: half of what each is worth times its risk; d is worth unknown: 0
    a, b, c, e = 0.8 * 500, 0.4 * 1500, 0.6 * 1000, 0.1 * 500
    assert found["revenue_at_risk_on_list"].value == pytest.approx((a + c) / (a + b + c + e))
    assert found["revenue_realised_over_expected"].value == pytest.approx(
        (500 + 1500 + 2000) / (a + b + c + e)
    )
    assert found["revenue_realised_over_expected_at_capacity"].value == pytest.approx(
        (500 + 2000) / (a + c)
    )


def test_profit_is_told_per_head_in_fen():
    found = judge_rows(few_rows(), TERMS, draws=20, seed=0)

    # free offers: three in ten of those who leave and are contacted keep .5 × 10 months × margin .5
    kept = 0.3 * 0.5 * 10 * 0.5
    assert found["profit_at_capacity_per_head_fen"].value == pytest.approx(kept * (1000 + 2000) / 5)
    assert found["empb_per_head_fen"].value == pytest.approx(kept * (1000 + 2000 + 3000) / 5)


def test_the_plain_figures_are_those_of_evaluate():
    rows = many_rows()

    found = judge_rows(rows, TERMS, draws=30, seed=4)

    plain = evaluate(
        rows["label"],
        rows["probability"],
        rows["group_id"],
        draws=30,
        seed=4,
        shares=(0.02, 0.10),
    )
    assert {name: found[name] for name in plain} == plain


def test_points_of_a_rules_list_have_no_figures_of_a_probability():
    rows = few_rows().assign(points=[8, 1, 5, 3, 0])

    found = judge_rows(rows, TERMS, draws=10, seed=0, score="points", calibrated=False)

    assert found["precision_at_capacity"].value == 2 / 3
    assert not {name for name in found if "expected" in name or "calibration" in name}


def test_the_order_of_rows_changes_nothing():
    rows = many_rows()

    one = judge_rows(rows, TERMS, draws=20, seed=1)
    other = judge_rows(rows.sample(frac=1, random_state=0), TERMS, draws=20, seed=1)

    for name in one:
        np.testing.assert_allclose(
            [one[name].value, one[name].low, one[name].high],
            [other[name].value, other[name].low, other[name].high],
            rtol=1e-9,
            err_msg=name,
        )


def test_a_group_that_counts_twice_is_as_two_groups():
    rows = many_rows()
    times = np.random.default_rng(2).integers(0, 3, 200)[
        rows["group_id"].str.removeprefix("g").astype(int)
    ]
    written = rows.loc[rows.index.repeat(times)]

    weighed = Judged.of(rows, TERMS).read(times.astype(float))
    copied = Judged.of(written, TERMS).read(np.ones(len(written)))

    assert weighed == pytest.approx(copied, rel=1e-6)


def test_rows_that_lack_a_column_are_refused_by_its_name():
    with pytest.raises(EvaluationError, match="owner"):
        judge_rows(few_rows().drop(columns="owner"), TERMS, draws=5, seed=0)


def test_a_slice_counts_its_own_rows_of_the_common_list():
    table = sliced(few_rows(), TERMS, by=["size_band"], draws=20, seed=0)

    small, large = (
        value_of(table, slice=name, figure="precision_at_capacity") for name in ("small", "large")
    )
    assert (small["value"], large["value"]) == (1 / 1, 1 / 1)  # a; and c, for b is not reached
    recall = value_of(table, slice="large", figure="recall_at_capacity")
    assert recall["value"] == 1 / 2
    promised = value_of(table, slice="large", figure="expected_over_observed")
    assert promised["value"] == pytest.approx((0.4 + 0.6) / 2)


def test_profit_of_a_slice_is_paid_for_by_its_own_contacts_and_heads():
    dear = replace(TERMS, offer=replace(FREE, contact_cost=100))
    profit = "profit_at_capacity_per_head_fen"

    table = sliced(few_rows(), dear, by=["size_band"], figures=[profit], draws=5, seed=0)

    # of the small a is contacted, of the large c, of the unknown d, who stays
    kept = 0.3 * 0.5 * 10 * 0.5
    assert table.set_index("slice")["value"].to_dict() == {
        "small": pytest.approx((kept * 1000 - 100) / 2),
        "large": pytest.approx((kept * 2000 - 100) / 2),
        "unknown": -100 / 1,
    }


def test_a_slice_with_no_positives_is_shown_with_their_number_and_one_unknown_is_a_slice():
    table = sliced(few_rows(), TERMS, by=["size_band"], draws=20, seed=0)

    none = value_of(table, slice="unknown", figure="precision_at_capacity")
    assert (none["rows"], none["positive_groups"], none["value"]) == (1, 0, 0 / 1)
    assert np.isnan(value_of(table, slice="unknown", figure="expected_over_observed")["value"])


def test_groups_are_cut_by_whether_somebody_manages_them():
    cut = {value: within.tolist() for _, value, within in slices(few_rows(), ["managed"])}

    assert cut == {"no": [0, 0, 1, 1, 1], "yes": [1, 1, 0, 0, 0]}


def test_slices_share_the_whole_list_among_them():
    rows = many_rows()
    whole = Judged.of(rows, TERMS).read(np.ones(len(rows)))

    table = sliced(rows, TERMS, by=["size_band"], figures=["recall_at_capacity"], draws=5, seed=0)

    shares = rows[rows["label"] == 1]["size_band"].value_counts(normalize=True)
    weighted = (table.set_index("slice")["value"] * shares).sum()
    assert weighted == pytest.approx(whole["recall_at_capacity"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"by": ["colour"]}, "no column colour"), ({"figures": ["beauty"]}, "beauty")],
)
def test_an_unknown_cut_or_figure_is_refused(asked, said):
    with pytest.raises(EvaluationError, match=said):
        sliced(few_rows(), TERMS, draws=5, seed=0, **asked)


def test_scorers_stand_beside_each_other_with_their_distance_from_the_first():
    rows = many_rows()
    chance = np.random.default_rng(9).random(len(rows))
    scores = {"model": rows["probability"], "same": rows["probability"] * 2, "chance": chance}

    table = gains(rows, scores, TERMS, first="model", draws=100, seed=0)

    same = table[table["scorer"] == "same"]
    assert (same[["gain", "gain_low", "gain_high"]] == 0).all(axis=None)
    behind = value_of(table, scorer="chance", figure="auc")
    ahead = value_of(table, scorer="model", figure="auc")
    assert behind["gain"] == pytest.approx(ahead["value"] - behind["value"])
    assert behind["gain_low"] > 0


def test_a_scorer_or_figure_that_is_not_there_is_refused():
    rows = few_rows()
    with pytest.raises(EvaluationError, match="no scorer champion"):
        gains(rows, {"model": rows["probability"]}, TERMS, first="champion", draws=5, seed=0)
    with pytest.raises(EvaluationError, match="brier"):
        gains(
            rows,
            {"model": rows["probability"]},
            TERMS,
            first="model",
            draws=5,
            seed=0,
            figures=["brier"],
        )
