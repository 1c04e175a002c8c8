"""What a ranking earns, by hand, by brute force and beside a library's figures.

The library is empulse 0.13.1, which is not installed here: its licence is not ours. Its figures
were computed once on the data made below; its "EMPB" is the profit at the mean acceptance.
"""

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from scipy.stats import beta

from models.errors import EvaluationError
from models.profit import (
    Acceptance,
    ProfitRanking,
    Stakes,
    area_under_profit,
    expected_maximum_profit,
    maximum_profit_at_mean,
    profit_at,
)

THREE_IN_TEN = Acceptance(6, 14)
LABEL = [0, 1, 0, 1, 0, 1, 0, 1]
SCORE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
CLV = np.array([100, 200, 150, 300, 120, 250, 180, 220])


def curve(score, stakes, weight=None):
    return ProfitRanking.of(score, stakes).weighed(weight)


def b2b(label, clv, contact_cost):
    """Stakes of EMPB: the incentive is 5 % of the value."""
    return Stakes.of(label, clv, incentive=0.05 * np.asarray(clv), contact_cost=contact_cost)


def b2c(label):
    """Stakes of EMPC with the paper's defaults: value 200, incentive 10, contact 1."""
    return Stakes.of(label, 200, incentive=10, contact_cost=1)


def made_up(ties):
    rng = np.random.default_rng(7)
    clv = np.round(np.exp(rng.normal(5.5, 1.0, 2000)), 2)
    risk = 1 / (1 + np.exp(3 - 1.2 * rng.normal(size=2000)))
    label = (rng.random(2000) < risk).astype(int)
    score = risk * np.exp(0.4 * rng.normal(size=2000))
    score = score / score.max()
    return label, np.round(score, 2) if ties else score, clv


def test_the_visit_is_paid_whether_the_offer_is_taken_or_not():
    # one who leaves, worth 200: .3 × (200 − 10) − 15; one who stays: −10 − 15. Software that pays
    # the visit only on success would say .3 × (200 − 10 − 15)
    stakes = b2b([1, 0], [200, 200], contact_cost=15)

    assert stakes.expected(THREE_IN_TEN).tolist() == pytest.approx([0.3 * 190 - 15, -25])


def test_profit_by_depth_is_a_running_sum_and_per_head():
    # .3 × 190 − 15 = 42 for the first, −25 for the second, 42 for the third
    here = curve([3, 2, 1], b2b([1, 0, 1], [200, 200, 200], contact_cost=15))

    assert here.expected(THREE_IN_TEN).tolist() == pytest.approx([0, 42, 42 - 25, 42 - 25 + 42])
    assert profit_at(here, THREE_IN_TEN, 2 / 3) == pytest.approx((42 - 25) / 3)
    assert profit_at(here, THREE_IN_TEN, 1 / 6) == pytest.approx(42 / 2 / 3)  # half of the first


def test_a_perfect_ranking_earns_the_integral_that_can_be_written_down():
    # all leave, worth 100 each, nothing given: contact if 100 γ > 30; ∫ over γ > .3 of (100 γ − 30)
    here = curve([2, 1], Stakes.of([1, 1], 100, incentive=0, contact_cost=30))
    above = beta.expect(lambda g: max(100 * g - 30, 0), (6, 14), lb=0.3, ub=1)

    found = expected_maximum_profit(here, THREE_IN_TEN)

    assert found.per_head == pytest.approx(above)
    assert found.total == pytest.approx(2 * above)
    assert found.depth == pytest.approx(beta.sf(0.3, 6, 14))
    # At the mean of γ nothing can be earned: 100 × .3 = 30. The plug-in misses all of it.
    assert maximum_profit_at_mean(here, THREE_IN_TEN).total == pytest.approx(0)


def test_the_figures_are_those_of_the_library_on_its_own_example():
    plain = expected_maximum_profit(curve(SCORE, b2c(LABEL)), THREE_IN_TEN)
    assert plain.per_head == pytest.approx(23.875593418348124, rel=1e-12)
    assert plain.depth == pytest.approx(0.8743700763487141, rel=1e-12)

    stakes = b2b(LABEL, CLV, 15)
    at_mean = maximum_profit_at_mean(curve(SCORE, stakes), THREE_IN_TEN)
    assert at_mean.per_head == pytest.approx(18.61875, rel=1e-12)
    assert at_mean.total == pytest.approx(18.61875 * 8, rel=1e-12)
    assert at_mean.depth == 7 / 8

    perfect = curve(stakes.expected(THREE_IN_TEN), stakes)
    area = area_under_profit(curve(SCORE, stakes), perfect, THREE_IN_TEN)
    assert area == pytest.approx(0.5711851766660253, rel=1e-12)


@pytest.mark.parametrize(
    ("ties", "per_head", "depth"),
    [
        (False, 1.101205444343181, 0.14753314111864957),
        (True, 1.0698786453297797, 0.14737645640503994),
    ],
)
def test_empc_is_that_of_the_library_on_made_up_customers(ties, per_head, depth):
    label, score, _ = made_up(ties)

    found = expected_maximum_profit(curve(score, b2c(label)), THREE_IN_TEN)

    assert found.per_head == pytest.approx(per_head, rel=1e-9)
    assert found.depth == pytest.approx(depth, rel=1e-9)


@pytest.mark.parametrize(
    ("ties", "contact_cost", "per_head", "depth", "area"),
    [
        (False, 15, 0.5331231999999998, 0.034, -4.387468440111366),
        (False, 60, 0.120821025, 0.0025, -5.452684455733802),
        (False, 100, 0.03699295, 0.002, -4.084854988379353),
        (True, 15, 0.4321681999999997, 0.035, -4.431233555431575),
        (True, 60, 0.120821025, 0.0025, -5.448403933071696),
        (True, 100, 0.03699295, 0.002, -4.084525774898802),
    ],
)
def test_profit_at_the_mean_and_its_area_are_those_of_the_library(
    ties, contact_cost, per_head, depth, area
):
    label, score, clv = made_up(ties)
    stakes = b2b(label, clv, contact_cost)

    found = maximum_profit_at_mean(curve(score, stakes), THREE_IN_TEN)

    assert (found.per_head, found.depth) == pytest.approx((per_head, depth), rel=1e-9)
    perfect = curve(stakes.expected(THREE_IN_TEN), stakes)
    assert area_under_profit(curve(score, stakes), perfect, THREE_IN_TEN) == pytest.approx(
        area, rel=1e-9
    )


@pytest.mark.parametrize("contact_cost", [15, 100])
def test_the_integral_is_that_of_brute_force_and_more_than_the_profit_at_the_mean(contact_cost):
    label, score, clv = made_up(ties=True)
    here = curve(score, b2b(label, clv, contact_cost))
    chance = (np.arange(20_000) + 0.5) / 20_000
    best = np.max(np.outer(here.gain, chance) - here.cost[:, None], axis=0)

    found = expected_maximum_profit(here, THREE_IN_TEN)

    brute = (best * beta.pdf(chance, 6, 14)).sum() / 20_000
    assert found.total == pytest.approx(brute, rel=1e-5)
    assert found.total > maximum_profit_at_mean(here, THREE_IN_TEN).total


def test_a_ranking_that_can_earn_nothing_contacts_nobody():
    found = expected_maximum_profit(curve([2, 1], b2c([0, 0])), THREE_IN_TEN)

    assert (found.total, found.depth) == (0, 0)
    nothing = curve([2, 1], b2c([0, 0]))
    assert np.isnan(area_under_profit(nothing, nothing, THREE_IN_TEN))


@pytest.mark.parametrize(
    ("clv", "incentive", "contact_cost"), [(-1, 0, 0), (np.nan, 0, 0), (1, -1, 0), (1, 0, -1)]
)
def test_money_that_makes_no_sense_is_refused(clv, incentive, contact_cost):
    with pytest.raises(EvaluationError, match="must be known and not negative"):
        Stakes.of([1], clv, incentive=incentive, contact_cost=contact_cost)


rows = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 500), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


def read(drawn, copies=None):
    label, score, clv, times = (np.array(column, float) for column in zip(*drawn, strict=True))
    if copies is not None:
        label, score, clv = (np.repeat(part, copies) for part in (label, score, clv))
    return label, score, clv, times


@given(rows, st.integers(0, 50))
def test_no_ranking_earns_more_than_the_perfect_one(drawn, contact_cost):
    label, score, clv, _ = read(drawn)
    stakes = b2b(label, clv, contact_cost)
    perfect = curve(stakes.expected(THREE_IN_TEN), stakes)
    here = curve(score, stakes)

    most = maximum_profit_at_mean(perfect, THREE_IN_TEN).total

    assert maximum_profit_at_mean(here, THREE_IN_TEN).total <= most + 1e-9
    area = area_under_profit(here, perfect, THREE_IN_TEN)
    assert np.isnan(area) or area <= 1 + 1e-9
    whole = area_under_profit(perfect, perfect, THREE_IN_TEN)
    assert whole == pytest.approx(1) or (np.isnan(whole) and most <= 1e-9)


@given(rows, st.integers(0, 50))
def test_choosing_the_cut_for_each_chance_never_earns_less_than_one_cut(drawn, contact_cost):
    label, score, clv, _ = read(drawn)
    here = curve(score, b2b(label, clv, contact_cost))

    found = expected_maximum_profit(here, THREE_IN_TEN)

    assert found.total >= maximum_profit_at_mean(here, THREE_IN_TEN).total - 1e-9
    assert 0 <= found.depth <= 1 + 1e-12


@given(rows, st.integers(0, 50))
def test_a_row_that_counts_twice_is_as_two_rows(drawn, contact_cost):
    label, score, clv, times = read(drawn)
    assume(times.sum() > 0)
    label2, score2, clv2, _ = read(drawn, times.astype(int))

    weighed = curve(score, b2b(label, clv, contact_cost), times)
    copied = curve(score2, b2b(label2, clv2, contact_cost))

    for figure in (expected_maximum_profit, maximum_profit_at_mean):
        one, other = figure(weighed, THREE_IN_TEN), figure(copied, THREE_IN_TEN)
        assert one.total == pytest.approx(other.total, abs=1e-6)
        assert one.per_head == pytest.approx(other.per_head, abs=1e-6)
    assert profit_at(weighed, THREE_IN_TEN, 0.3) == pytest.approx(
        profit_at(copied, THREE_IN_TEN, 0.3), abs=1e-6
    )


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_by_a_bit(drawn, random):
    found = []
    for some in (drawn, random.sample(drawn, len(drawn))):
        label, score, clv, _ = read(some)
        stakes = b2b(label, clv, 7)
        here, perfect = curve(score, stakes), curve(stakes.expected(THREE_IN_TEN), stakes)
        most = expected_maximum_profit(here, THREE_IN_TEN)
        found.append((most.total, most.depth, area_under_profit(here, perfect, THREE_IN_TEN)))

    np.testing.assert_array_equal(*found)
