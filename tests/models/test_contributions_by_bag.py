"""What each forest of a model would have added by itself."""

import numpy as np
import pandas as pd
import pytest

from models.bundle import Model
from models.calibration import Calibration
from models.ensemble import member_margins
from models.errors import ExplanationError
from models.explanation import contributions, contributions_by_bag
from models.forests import grown, grown_on_prior
from models.frames import golden_rows
from models.rows import Rows
from models.training import TrainingConfig, fit_chances

KNOBS = TrainingConfig(
    seed=1, threads=1, rounds=20, leaves=5, minimum_rows_per_leaf=10, bags=4, prior_rounds=6
)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """600 rows of 200 groups that leave when minutes fall; a tenth of the falls is unknown."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"fall": rng.normal(size=600), "noise": rng.normal(size=600)})
    leave = rng.random(600) < 1 / (1 + np.exp(1.5 - 1.5 * table["fall"]))
    table.loc[::10, "fall"] = np.nan
    return Rows(table, leave.astype(int), np.repeat(np.arange(200), 3))


@pytest.fixture(scope="module")
def on_prior(rows):
    chances = 1 / (1 + np.exp(1.5 - rows.features["fall"].fillna(0)))
    prior = Model(
        name="transfer_prior",
        label="chance",
        booster=fit_chances(rows.features, chances.to_numpy(), KNOBS),
        features=("fall", "noise"),
        calibration=Calibration("platt", (-50.0, 50.0), (-50.0, 50.0)),
        golden=golden_rows(rows.features),
    )
    return grown_on_prior(rows, KNOBS, {}, prior)


def by_bag(forest, features):
    said = contributions_by_bag(
        forest.booster, features, bags=forest.bags, shared_trees=forest.shared_trees
    )
    return list(said)


@pytest.fixture(params=["alone", "on a prior"])
def forest(request, rows, on_prior):
    return grown(rows, KNOBS, {}) if request.param == "alone" else on_prior


def test_the_mean_over_the_forests_is_what_the_whole_model_says(forest, rows):
    whole = contributions(forest.booster, rows.features).values.to_numpy()

    np.testing.assert_allclose(np.mean(by_bag(forest, rows.features), axis=0), whole, atol=1e-9)


def test_each_forest_explains_its_own_margin_up_to_its_own_average(forest, rows):
    margins = member_margins(
        forest.booster, rows.features, members=forest.bags, first_tree=forest.shared_trees
    )
    for number, values in enumerate(by_bag(forest, rows.features)):
        rest = margins[:, number] - values.sum(axis=1)

        assert np.ptp(rest) < 1e-9


def test_lightgbm_itself_says_the_same_of_each_forest(on_prior, rows, monkeypatch):
    from models import explanation
    from models.tree_text import UnreadTree

    by_tables = by_bag(on_prior, rows.features)

    def unread(_):
        raise UnreadTree("not here")

    monkeypatch.setattr(explanation, "tables_of", unread)
    np.testing.assert_allclose(by_bag(on_prior, rows.features), by_tables, atol=1e-9)


def test_a_row_is_explained_alike_to_the_last_bit_alone_and_among_others(forest, rows):
    among = by_bag(forest, rows.features)
    alone = by_bag(forest, rows.features.iloc[[17]])

    assert all((one[0] == many[17]).all() for one, many in zip(alone, among, strict=True))


def test_trees_that_are_not_so_many_forests_are_refused(rows):
    forest = grown(rows, KNOBS, {})

    with pytest.raises(ExplanationError, match="80 trees are not 3 equal forests"):
        next(contributions_by_bag(forest.booster, rows.features, bags=3))
