from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, reject, strategies as st

from models.errors import SplitError
from models.split import (
    Split,
    SplitRule,
    split_by_time,
    split_for_deployment,
    stratified_folds,
)

GAP, HORIZON, MATURITY = 10, 90, 70
FIRST = date(2009, 1, 3)
ORIGIN = date(2012, 1, 3)


def rule(test_days: int = 3, calibration_days: int = 2, fit_days: int = 1) -> SplitRule:
    return SplitRule(
        embargo_days=GAP + HORIZON + MATURITY,
        calibration_embargo_days=GAP + HORIZON,
        test_days=test_days,
        calibration_days=calibration_days,
        fit_days=fit_days,
    )


def every_ten_days(count: int) -> list[date]:
    return [FIRST + timedelta(days=10 * number) for number in range(count)]


def test_the_newest_days_test_older_ones_calibrate_the_oldest_fit():
    days = every_ten_days(50)

    split = split_by_time(reversed(days), ORIGIN, rule())

    assert split.test == tuple(days[47:50])
    assert split.calibrate == tuple(days[29:31])  # 470 - 170 = 300 is the last development day
    assert split.fit == tuple(days[0:20])  # 290 - 100 = 190 is the last fit day


def test_a_model_for_use_fits_on_all_days_and_tests_on_none():
    days = every_ten_days(50)

    split = split_for_deployment(days, ORIGIN, rule())

    assert split == Split(fit=tuple(days[:39]), calibrate=tuple(days[48:]), test=())


offered = st.sets(st.integers(0, 900), min_size=20, max_size=80)


@given(offered, st.integers(1, 4), st.integers(1, 4))
def test_no_label_window_of_one_part_meets_one_of_another(offsets, test_days, calibration_days):
    days = [FIRST + timedelta(days=offset) for offset in offsets]
    try:
        split = split_by_time(days, ORIGIN, rule(test_days, calibration_days))
    except SplitError:
        reject()

    windows = [_label_days(part) for part in (split.fit, split.calibrate, split.test)]

    assert windows[0].isdisjoint(windows[1])
    assert windows[1].isdisjoint(windows[2])
    assert windows[0].isdisjoint(windows[2])
    assert max(split.calibrate) + timedelta(days=GAP + HORIZON + MATURITY) <= min(split.test)


def _label_days(days: tuple[date, ...]) -> set[date]:
    """Every day in the windows (as_of + gap, as_of + gap + horizon] of these scoring days."""
    return {day + timedelta(days=GAP + ahead) for day in days for ahead in range(1, HORIZON + 1)}


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (2, "2 matured scoring days .* are left for the test part, 3 are needed"),
        (20, "1 matured scoring days .* left for the calibration part, 2 are needed"),
        (30, "0 of 30 matured scoring days are left to fit on, 1 are needed"),
    ],
)
def test_too_few_days_are_said_in_numbers(count, said):
    with pytest.raises(SplitError, match=said):
        split_by_time(every_ten_days(count), ORIGIN, rule())


def test_a_label_window_that_is_not_over_is_refused():
    days = every_ten_days(50)
    origin = days[-1] + timedelta(days=GAP + HORIZON - 1)

    with pytest.raises(SplitError, match=f"1 scoring days .newest {days[-1]}"):
        split_by_time(days, origin, rule())


def test_an_embargo_shorter_than_the_label_window_is_refused():
    with pytest.raises(SplitError, match=r"100 d.* between 0 and the embargo \(90 d\)"):
        SplitRule(90, 100, test_days=1, calibration_days=1)


def test_each_fold_holds_each_row_out_once_and_keeps_the_share_of_positives():
    label = np.array([1] * 10 + [0] * 90)

    deals = list(stratified_folds(label, folds=5, repeats=2, seed=3))

    assert len(deals) == 5 * 2
    for repeat in (deals[:5], deals[5:]):
        assert sorted(np.concatenate([held for _, held in repeat])) == list(range(100))
    assert {label[held].sum() for _, held in deals} == {10 / 5}


def test_folds_need_a_row_of_each_class_each():
    with pytest.raises(SplitError, match="the rarer class has 3 rows, too few for 5 folds"):
        list(stratified_folds([1, 1, 1] + [0] * 50, folds=5, repeats=1, seed=0))
