import json

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from models.calibration import Calibration, Promise, fit_calibration
from models.errors import ModelRefused, TrainingRefused
from models.metrics import Ranking, auc

METHODS = pytest.mark.parametrize("isotonic_from", [10**9, 1], ids=["platt", "isotonic"])


def scored(size: int, slope: float, intercept: float, seed: int = 0):
    """Margins, and labels whose log-odds are ``slope * margin + intercept``."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(size=size)
    chance = 1 / (1 + np.exp(-(slope * margin + intercept)))
    return margin, (rng.random(size) < chance).astype(float), chance


def test_platt_finds_the_line_that_made_the_labels():
    margin, label, chance = scored(200_000, slope=0.5, intercept=-2.0)

    found = fit_calibration(margin, label, isotonic_from=10**9)

    assert found.method == "platt"
    np.testing.assert_allclose(found.probability(margin), chance, rtol=0.05)


@METHODS
def test_as_many_are_promised_as_came(isotonic_from):
    margin, label, _ = scored(5_000, slope=2, intercept=-3)

    found = fit_calibration(margin, label, isotonic_from=isotonic_from)

    assert found.probability(margin).sum() == pytest.approx(label.sum(), rel=0.01)


@METHODS
def test_the_order_of_the_margins_is_kept(isotonic_from):
    margin, label, _ = scored(500, slope=1, intercept=-2)

    risk = fit_calibration(margin, label, isotonic_from=isotonic_from).probability(margin)

    assert (np.diff(risk[np.argsort(margin)]) > 0).all()
    assert _auc(label, risk) == _auc(label, margin)


@METHODS
def test_a_score_that_orders_the_wrong_way_round_promises_everyone_the_rate(isotonic_from):
    margin, label, _ = scored(20_000, slope=-2, intercept=-2)

    risk = fit_calibration(margin, label, isotonic_from=isotonic_from).probability(margin)

    np.testing.assert_allclose(risk, label.mean(), rtol=0.02)


@METHODS
def test_classes_far_apart_do_not_make_anyone_certain(isotonic_from):
    margin = np.array([-2.0, -1.0, 1.0, 2.0])

    risk = fit_calibration(margin, [0, 0, 1, 1], isotonic_from=isotonic_from).probability(margin)

    # Platt's targets: 1 / (2 + 2) for a negative, (2 + 1) / (2 + 2) for a positive
    assert risk.min() > 0.15
    assert risk.max() < 0.85


def test_a_constant_margin_becomes_the_rate():
    found = fit_calibration(np.full(1000, 0.3), [1] * 100 + [0] * 900, isotonic_from=10**9)

    np.testing.assert_allclose(found.probability(0.3), 100 / 1000, rtol=0.01)


@given(
    st.lists(st.tuples(st.floats(-20, 20), st.booleans()), min_size=2, max_size=60),
    st.sampled_from([1, 10**9]),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20),
)
def test_the_curve_rises_within_0_and_1_and_survives_json(rows, isotonic_from, margins):
    margin, label = np.array([m for m, _ in rows]), np.array([float(bad) for _, bad in rows])
    assume(len(set(label)) == 2)

    found = fit_calibration(margin, label, isotonic_from=isotonic_from)
    risk = found.probability(np.sort(margins))

    assert (np.diff(risk) >= -1e-15).all()  # interpolation may err in the last bit
    assert (risk > 0).all()
    assert (risk < 1).all()
    assert Calibration.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    ("margin", "label", "said"),
    [
        ([1.0, 2.0], [0, 0], "0 positives and 2 negatives"),
        ([1.0, 2.0], [1, 1], "2 positives and 0 negatives"),
        ([1.0, np.nan], [0, 1], "one known margin for each label"),
        ([1.0, 2.0], [0, np.nan], "must be 0 or 1"),
    ],
)
def test_rows_that_cannot_calibrate_are_refused(margin, label, said):
    with pytest.raises(TrainingRefused, match=said):
        fit_calibration(margin, label, isotonic_from=10)


@pytest.mark.parametrize(
    "content",
    [
        {"method": "platt", "x": [0, 1], "y": [1, 0]},
        {"method": "platt", "x": [0], "y": [1]},
        {"method": "platt", "x": [0, 1]},
        {"method": "magic", "x": [0, 1], "y": [0, 1]},
    ],
)
def test_knots_that_make_no_rising_curve_are_refused(content):
    with pytest.raises(ModelRefused, match="calibration"):
        Calibration.from_json(content)


def _auc(label, score):
    return auc(Ranking.of(label, score).weighed())


def test_a_promise_counts_as_much_as_its_positives():
    margin, label, _ = scored(20_000, slope=1.0, intercept=-2.0)
    promised = 1 / (1 + np.exp(-(margin - 3.0)))

    def expected(positives):
        promise = Promise(promised, positives)
        curve = fit_calibration(margin, label, isotonic_from=10**9, promise=promise)
        return float(curve.probability(margin).sum())

    came, said = label.sum(), promised.sum()
    assert expected(0) == pytest.approx(came, rel=1e-3)
    # as many positives as came: half of each, for the curve keeps the total of its targets
    assert expected(int(came)) == pytest.approx((came + said) / 2, rel=1e-3)
    assert expected(10**9) == pytest.approx(said, rel=1e-3)


def test_a_promise_that_is_kept_steadies_the_slope():
    margin, label, chance = scored(300, slope=1.0, intercept=-2.0, seed=4)

    alone = fit_calibration(margin, label, isotonic_from=10**9)
    promise = Promise(chance, 1000)
    together = fit_calibration(margin, label, isotonic_from=10**9, promise=promise)

    def off(curve):
        return np.abs(curve.probability(margin) - chance).max()

    assert off(together) < off(alone) / 3
