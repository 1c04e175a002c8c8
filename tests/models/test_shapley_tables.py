"""Are the values from tables those that LightGBM and the definition give, for any booster?"""

from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models import shapley
from models.errors import ExplanationError
from models.explanation import by_lightgbm, contributions
from models.shapley import tables_of
from models.tree_text import UnreadTree, trees_of

QUIET = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True}


def table(rng, rows: int) -> pd.DataFrame:
    """Features of all kinds: known, unknown, always unknown, whole numbers, constant, rare."""
    frame = pd.DataFrame(rng.normal(size=(rows, 6)), columns=[f"real_{i}" for i in range(6)])
    frame["whole"] = rng.integers(-2, 3, rows).astype(float)
    frame["rare"] = np.where(rng.random(rows) < 0.05, rng.normal(size=rows), 0.0)
    frame["constant"] = 3.0
    frame["nobody_knows"] = np.nan
    for name, share in (("real_0", 0.3), ("real_1", 0.9), ("whole", 0.2)):
        frame.loc[rng.random(rows) < share, name] = np.nan
    return frame


def booster_of(seed: int, **fixed) -> tuple[lgb.Booster, pd.DataFrame]:
    """A booster with knobs dealt by chance, and rows to explain."""
    rng = np.random.default_rng(seed)
    features = table(rng, 600)
    score = features["real_2"] * features["real_3"].gt(0) + features["real_0"].isna()
    label = (score + rng.normal(size=600) > 1).astype(float)
    knobs = {
        **QUIET,
        "num_leaves": int(rng.integers(2, 40)),
        "max_depth": int(rng.choice([-1, 2, 5])),
        "min_data_in_leaf": int(rng.choice([1, 5, 60, 299])),
        "learning_rate": float(rng.choice([0.03, 0.5])),
        "feature_fraction": float(rng.choice([0.3, 1.0])),
        "use_missing": bool(rng.random() < 0.9),
        "monotone_constraints": [int(rng.choice([-1, 0, 1])) for _ in features],
        "seed": seed,
        **fixed,
    }
    data = lgb.Dataset(features, label, weight=rng.random(600) + 0.1)
    return lgb.train(knobs, data, num_boost_round=12), strange_rows(rng)


def strange_rows(rng) -> pd.DataFrame:
    """Rows that training never saw: unknown where all was known, zeros, far out, on a threshold."""
    rows = table(rng, 200)
    rows[rng.random(rows.shape) < 0.15] = np.nan
    rows[rng.random(rows.shape) < 0.10] = 0.0
    rows[rng.random(rows.shape) < 0.05] = 1e9
    return rows


@pytest.mark.parametrize("seed", range(40))
def test_values_are_those_that_lightgbm_gives(seed):
    booster, rows = booster_of(seed)

    ours, theirs = contributions(booster, rows), by_lightgbm(booster, rows)

    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-9)
    np.testing.assert_allclose(ours.base, theirs.base, atol=1e-9)
    assert ours.gap < 1e-9


def test_a_row_on_a_threshold_goes_where_lightgbm_sends_it():
    booster, rows = booster_of(3, num_leaves=15, min_data_in_leaf=5)
    names = list(rows.columns)
    for tree in trees_of(booster):
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            on = rows.head(1).assign(**{names[feature]: threshold})
            above = rows.head(1).assign(**{names[feature]: np.nextafter(threshold, np.inf)})
            for row in (on, above):
                expected = by_lightgbm(booster, row).values
                np.testing.assert_allclose(contributions(booster, row).values, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_values_are_shapleys_by_his_own_definition(seed):
    """Over all subsets S of the other features: |S|! (n - |S| - 1)! / n! of what joining adds."""
    booster, rows = booster_of(seed, num_leaves=6, min_data_in_leaf=20)
    trees, row = trees_of(booster), rows.iloc[seed].to_numpy()
    features = range(rows.shape[1])

    def worth(known: tuple[int, ...]) -> float:
        return sum(expected(tree, row, set(known), 0) for tree in trees if len(tree.feature))

    for feature in features:
        others = [f for f in features if f != feature]
        value = sum(
            factorial(size)
            * factorial(len(others) - size)
            / factorial(len(others) + 1)
            * (worth((*some, feature)) - worth(some))
            for size in range(len(others) + 1)
            for some in combinations(others, size)
        )
        found = contributions(booster, rows).values.iloc[seed, feature]
        assert found == pytest.approx(value, abs=1e-12)


def expected(tree, row, known: set[int], node: int) -> float:
    """What a tree gives to a row of which only some features are known."""
    if node < 0:
        return float(tree.leaf_value[~node])
    feature = int(tree.feature[node])
    sides = [int(tree.left[node]), int(tree.right[node])]
    if feature not in known:
        shares = [tree.rows_at(side) / tree.rows_at(node) for side in sides]
        parts = (expected(tree, row, known, side) for side in sides)
        return sum(s * p for s, p in zip(shares, parts, strict=True))
    if np.isnan(row[feature]):
        left = [tree.threshold[node] >= 0, True, False][tree.unknown[node]]
    else:
        left = row[feature] <= tree.threshold[node]
    return expected(tree, row, known, sides[0 if left else 1])


def test_a_row_is_explained_alike_alone_and_among_ten_thousand():
    booster, rows = booster_of(5, num_leaves=20, min_data_in_leaf=5)
    rng = np.random.default_rng(0)
    many = pd.concat([rows] * 50, ignore_index=True).iloc[rng.permutation(10_000)]

    among = contributions(booster, many).values
    alone = [contributions(booster, many.iloc[[at]]).values for at in (0, 4_711, 8_192, 9_999)]

    for row in alone:
        np.testing.assert_array_equal(row, among.loc[row.index])


def test_a_tree_of_one_leaf_moves_the_base_only():
    booster, rows = booster_of(1, min_data_in_leaf=400)

    reasons = contributions(booster, rows)

    assert (reasons.values == 0).all(axis=None)
    np.testing.assert_allclose(reasons.base, booster.predict(rows, raw_score=True), atol=1e-12)


@pytest.mark.parametrize(
    "kind",
    [
        {"zero_as_missing": True},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
        {"categorical_feature": [6], "monotone_constraints": [0] * 10, "min_data_per_group": 1},
    ],
    ids=["zero is unknown", "averaged trees", "categories"],
)
@pytest.mark.filterwarnings("ignore:categorical_feature keyword")
def test_trees_of_another_kind_are_explained_by_lightgbm_itself(kind):
    knobs = {"num_leaves": 8, "min_data_in_leaf": 5, "cat_smooth": 1, "use_missing": True, **kind}
    booster, rows = booster_of(2, **knobs)
    with pytest.raises(UnreadTree):
        tables_of(trees_of(booster))

    ours = contributions(booster, rows)

    theirs = np.asarray(booster.predict(rows, pred_contrib=True))
    np.testing.assert_array_equal(ours.values, theirs[:, :-1])


@pytest.mark.parametrize(
    ("limit", "said"),
    [("LONGEST_PATH", "a path asks for"), ("LARGEST_TABLES", "too deep for tables")],
)
def test_trees_too_deep_for_tables_are_explained_by_lightgbm_itself(monkeypatch, limit, said):
    deep = {"num_leaves": 31, "min_data_in_leaf": 1, "max_depth": -1, "feature_fraction": 1.0}
    booster, rows = booster_of(5, monotone_constraints=[0] * 10, **deep)
    assert tables_of(trees_of(booster)).parts

    monkeypatch.setattr(shapley, "MOST_BITS", 2)
    monkeypatch.setattr(shapley, limit, 2)
    with pytest.raises(UnreadTree, match=said):
        tables_of(trees_of(booster))

    np.testing.assert_array_equal(
        contributions(booster, rows).values, by_lightgbm(booster, rows).values
    )


@pytest.mark.parametrize("bits", [1, 3, 12])
def test_how_trees_are_cut_into_parts_does_not_matter(monkeypatch, bits):
    booster, rows = booster_of(6, num_leaves=25, min_data_in_leaf=5)
    whole = contributions(booster, rows).values

    monkeypatch.setattr(shapley, "MOST_BITS", bits)
    cut = contributions(booster, rows).values

    np.testing.assert_allclose(cut, whole, atol=1e-12)


def test_wrong_tables_do_not_pass_for_reasons(monkeypatch):
    booster, rows = booster_of(7, num_leaves=8, min_data_in_leaf=5)
    monkeypatch.setattr(shapley, "_product_of_others", np.ones_like)

    with pytest.raises(ExplanationError, match="miss its score"):
        contributions(booster, rows)
