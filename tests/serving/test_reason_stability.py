"""A reason that not all forests see is not shown, and still counts."""

import math

import numpy as np
import pytest

from features.catalog import FEATURES
from models.bundle import Model
from models.calibration import fit_calibration
from models.forests import grown
from models.frames import golden_rows
from models.rows import Rows
from models.training import TrainingConfig
from serving.scoring import group_scores, shap_rows
from serving.why.reasons import Agreement, from_json, model_reasons, protective, raising
from serving.why.stability import ReasonRule, stability

RULE = ReasonRule(least_stability=0.8, least_contribution=0.05, fewest_peers=20)
KNOBS = TrainingConfig(
    seed=1, threads=1, rounds=20, leaves=7, minimum_rows_per_leaf=10, minimum_positives=10, bags=5
)


@pytest.fixture(scope="module")
def forests(feature_table, catalogue) -> Model:
    """Five forests on the small county, in which only falling minutes matter."""
    rng = np.random.default_rng(12)
    read = feature_table[list(catalogue)]
    chance = 0.02 + 0.5 * read["mou_out_fall"].clip(0, 1).fillna(0.1)
    label = (rng.random(len(read)) < chance).astype(float)
    forest = grown(Rows(read, label, feature_table["group_id"]), KNOBS, {})
    margin = forest.booster.predict(read, raw_score=True)
    curve = fit_calibration(margin, label, isotonic_from=10**6)
    names, golden = tuple(catalogue), golden_rows(read)
    return Model("group_transfer", "L", forest.booster, names, curve, golden, bags=forest.bags)


def test_what_fewer_forests_agree_on_than_asked_is_counted_among_the_rest(catalogue):
    contributions = {"mou_out_fall": 0.5, "lock_share": 0.75, "days_since_visit": -0.25}
    values = {"mou_out_fall": 0.1, "lock_share": 0.9, "days_since_visit": 3.0}
    shares = {"R01": 0.8, "R04": 0.7, "R09": 0.6}
    told = Agreement(shares, dict.fromkeys(contributions, 1.0), least=0.8)

    reasons = model_reasons(contributions, values, catalogue, told)

    assert [(r.code, r.contribution, r.stability) for r in reasons] == [
        ("R01", 0.5, 0.8),
        ("R00", 0.75 - 0.25, None),
    ]
    assert protective(reasons) is None


def test_of_a_reasons_features_one_that_the_forests_agree_on_speaks_first(catalogue):
    told = Agreement({"R01": 1.0}, {"mou_out_fall": 0.6, "rival_share": 0.9}, least=0.8)

    (diversion,) = model_reasons(
        {"mou_out_fall": 0.5, "rival_share": 0.25},
        {"mou_out_fall": 0.1, "rival_share": 0.3},
        catalogue,
        told,
    )

    assert (diversion.feature, diversion.contribution) == ("rival_share", 0.5 + 0.25)


def test_what_describes_a_group_stands_behind_what_endangers_it():
    contributions = {"members": 0.75, "lock_share": 0.5, "managed": 0.25, "open_tickets": 0.125}
    values = {"members": 14.0, "lock_share": 0.0, "managed": 0.0, "open_tickets": 2.0}

    shown = raising(model_reasons(contributions, values, FEATURES))
    assert [reason.code for reason in shown] == ["R04", "R09", "R08"]

    few = {"members": 0.75, "lock_share": 0.5}
    assert [r.code for r in raising(model_reasons(few, values, FEATURES))] == ["R04", "R15"]

    lowered = {name: -value for name, value in contributions.items()}
    assert protective(model_reasons(lowered, values, FEATURES)).code == "R04"


def test_stability_is_the_share_of_forests_of_one_sign_with_the_whole(
    forests, feature_table, catalogue
):
    explained = forests.contributions(feature_table)

    found = stability(forests, feature_table, explained, catalogue)

    assert set(np.unique(found.reasons.to_numpy())) <= {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}
    size = explained.values["mou_out_fall"].abs()
    strong = size >= size.quantile(0.8)
    assert found.features.loc[strong, "mou_out_fall"].eq(1).all()
    assert found.reasons["R09"].mean() < found.reasons["R01"].mean()


def test_every_reason_shown_is_stable_and_all_sums_still_add_up(forests, feature_table, catalogue):
    shown = group_scores(forests, feature_table, catalogue, RULE)
    everything = group_scores(forests, feature_table, catalogue)

    published = [from_json(reasons) for reasons in shown["reasons"]]
    assert all(r.stability >= 0.8 for reasons in published for r in reasons if r.code != "R00")
    assert sum(map(len, published)) < sum(len(from_json(r)) for r in everything["reasons"])
    for reasons, base, margin in zip(published, shown["base_margin"], shown["margin"], strict=True):
        assert base + math.fsum(r.contribution for r in reasons) == pytest.approx(margin, abs=1e-6)


def test_stability_moves_no_score(forests, feature_table, catalogue):
    shown = group_scores(forests, feature_table, catalogue, RULE).drop(columns="reasons")
    everything = group_scores(forests, feature_table, catalogue).drop(columns="reasons")

    assert shown.equals(everything)


def test_the_order_of_rows_changes_no_reason(forests, feature_table, catalogue):
    shuffled = feature_table.sample(frac=1, random_state=3)

    one = group_scores(forests, feature_table, catalogue, RULE)
    other = group_scores(forests, shuffled, catalogue, RULE)

    assert one["reasons"].to_list() == other["reasons"].to_list()


def test_of_a_single_forest_no_stability_can_be_told_and_all_is_shown(
    model, feature_table, catalogue
):
    every_size = ReasonRule(least_stability=0.8, least_contribution=0, fewest_peers=20)

    shown = group_scores(model, feature_table, catalogue, every_size)

    assert shown.equals(group_scores(model, feature_table, catalogue))
    assert all(r.stability is None for text in shown["reasons"] for r in from_json(text))


def test_a_reason_too_small_to_matter_is_counted_among_the_rest(catalogue):
    contributions = {"mou_out_fall": 0.5, "lock_share": -0.03125, "days_since_visit": 0.015625}
    values = {"mou_out_fall": 0.1, "lock_share": 0.9, "days_since_visit": 3.0}

    reasons = model_reasons(contributions, values, catalogue, least=0.05)

    assert [(r.code, r.contribution) for r in reasons] == [
        ("R01", 0.5),
        ("R00", -0.03125 + 0.015625),
    ]


def test_shap_values_of_every_group_add_up_to_its_margin(forests, feature_table, catalogue):
    scores = group_scores(forests, feature_table, catalogue, RULE).set_index("group_id")

    rows = shap_rows(feature_table, forests.contributions(feature_table))

    assert list(rows.columns) == ["as_of", "group_id", "feature", "value", "contribution"]
    assert rows["contribution"].ne(0).all()
    assert not rows.duplicated(["group_id", "feature"]).any()
    whole = scores["base_margin"] + rows.groupby("group_id")["contribution"].sum()
    np.testing.assert_allclose(whole, scores["margin"][whole.index], rtol=0, atol=1e-6)
    fall = rows[rows["feature"] == "mou_out_fall"].set_index("group_id")["value"]
    read = feature_table.set_index("group_id")["mou_out_fall"]
    assert fall.equals(read[fall.index])
