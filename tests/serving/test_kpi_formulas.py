from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from serving.kpi import formulas
from serving.kpi.terms import Limits, WorkingDays

SEPTEMBER, OCTOBER = date(2009, 9, 30), date(2009, 10, 31)
LIMITS = Limits(
    progress="day",
    working=WorkingDays(),
    ahead_points=0.0,
    near_points=3.0,
    near_retention_points=0.5,
    differs_points=1.0,
    differs_share=0.01,
    unexplained_points=5.0,
    value_points=5.0,
    quiet_share=0.1,
    second_sim_share=0.1,
    at_risk_share=0.05,
    fewest_holdout=30,
)
days = st.dates(date(2008, 1, 1), date(2012, 12, 31))
rates = st.fractions(0, 100)


def points(kind, actual, target, day, direction="higher"):
    passed = formulas.time_progress(day)
    return formulas.gap_points(kind, Fraction(actual), Fraction(target), passed, direction)


def test_time_progress_is_the_share_of_the_days_of_the_year_that_have_passed():
    assert formulas.time_progress(SEPTEMBER) == Fraction(273, 365)  # 74.79 %
    assert round(float(formulas.time_progress(OCTOBER)), 4) == 0.8329  # 304 / 365
    assert formulas.time_progress(date(2008, 2, 29)) == Fraction(60, 366)


def test_time_may_be_told_in_months_that_have_ended():
    assert formulas.time_progress(SEPTEMBER, "month") == Fraction(9, 12)
    assert formulas.time_progress(date(2009, 9, 20), "month") == Fraction(8, 12)


def test_time_may_be_told_in_working_days_with_holidays_and_days_made_up_for():
    # 2009 has 261 days from Monday to Friday; 1 January is one, 4 January a Sunday.
    calendar = WorkingDays(frozenset({date(2009, 1, 1)}), frozenset({date(2009, 1, 4)}))
    passed = formulas.time_progress(date(2009, 1, 4), "working_day", calendar)
    assert passed == Fraction(2, 261)  # the 2nd and the 4th


def test_the_source_documents_revenue_is_22_points_ahead_of_time():
    actual, target = Fraction(3_630_000), Fraction(3_750_000)
    assert formulas.attainment(actual, target) == Fraction("0.968")
    gap = points("flow", actual, target, SEPTEMBER)
    assert round(float(gap), 1) == 22.0  # 96.8 - 74.79
    assert formulas.status("flow", gap, LIMITS) == "ahead"


def test_the_source_documents_retention_is_ahead_of_its_pace_line():
    passed = formulas.time_progress(SEPTEMBER)
    assert round(float(formulas.pace(Fraction(98), passed, "higher")), 2) == 98.50
    gap = points("retention", "99.29", 98, SEPTEMBER)
    assert round(float(gap), 2) == 0.79  # 99.29 - 98.504
    assert formulas.status("retention", gap, LIMITS) == "ahead"


@pytest.mark.parametrize(
    ("actual", "status"),
    [("70", "met"), ("69.9", "near"), ("67", "near"), ("66.99", "missed")],
)
def test_a_level_is_met_near_or_missed_and_the_limits_themselves_count_as_better(actual, status):
    assert formulas.status("level", points("level", actual, 70, SEPTEMBER), LIMITS) == status


def test_where_lower_is_better_the_sign_is_reversed():
    assert points("level", "1.4", "1.0", SEPTEMBER, "lower") == Fraction("-0.4")
    # Half of what may be spent in a year is spent after 273 / 365 of it.
    assert points("flow", 50, 100, SEPTEMBER, "lower") == 100 * Fraction(273, 365) - 50


def test_a_flow_ends_at_its_rate_and_a_retention_at_its_losses():
    passed = formulas.time_progress(SEPTEMBER)
    flow = formulas.forecast("flow", Fraction(3_630_000), passed, "higher")
    assert flow == 3_630_000 * Fraction(365, 273)
    kept = formulas.forecast("retention", Fraction("99.29"), passed, "higher")
    assert kept == 100 - Fraction("0.71") * Fraction(365, 273)
    assert formulas.forecast("level", Fraction(76), passed, "higher") is None


def test_a_seasons_share_is_that_of_all_past_years_together():
    history = {
        date(2007, 9, 30): Fraction(60),
        date(2007, 12, 31): Fraction(100),
        date(2008, 9, 30): Fraction(240),
        date(2008, 12, 31): Fraction(300),
        date(2009, 9, 30): Fraction(999),
    }
    # (60 + 240) / (100 + 300); the year itself does not count.
    assert formulas.seasonal_share(history, SEPTEMBER) == Fraction(300, 400)


def test_within_a_month_the_seasons_share_grows_by_the_day():
    history = {
        date(2008, 1, 31): Fraction(20),
        date(2008, 2, 29): Fraction(30),
        date(2008, 12, 31): Fraction(100),
    }
    assert formulas.seasonal_share(history, date(2009, 1, 10)) == Fraction(20, 100) * Fraction(
        10, 31
    )
    # a fifth, and 14 of 28 days of the tenth that February brings
    assert formulas.seasonal_share(history, date(2009, 2, 14)) == Fraction(25, 100)


def test_without_the_months_that_are_needed_there_is_no_season():
    assert formulas.seasonal_share({date(2008, 9, 30): Fraction(60)}, SEPTEMBER) is None


def test_equals_share_a_rank_and_the_next_one_is_left_out():
    gaps = {"a": Fraction(1), "b": Fraction(2), "c": Fraction(1), "d": Fraction(0)}
    assert formulas.ranks(gaps) == {"b": 1, "a": 2, "c": 2, "d": 4}


@given(days)
def test_time_only_grows_and_ends_with_the_year(day):
    for how in ("day", "month", "working_day"):
        passed = formulas.time_progress(day, how)
        assert 0 <= passed <= 1
        assert formulas.time_progress(date(day.year, 12, 31), how) == 1
        if day.day > 1:
            assert formulas.time_progress(day - timedelta(1), how) <= passed


@given(days)
def test_the_dekad_of_a_day_has_ended_and_no_later_one_had(day):
    end = formulas.dekad_before(day)
    assert end <= day
    assert end.day in (10, 20) or (end + timedelta(1)).day == 1
    later = [end + timedelta(n) for n in range(1, (day - end).days + 1)]
    assert not any(d.day in (10, 20) or (d + timedelta(1)).day == 1 for d in later)


@given(rates, rates, days)
def test_a_retention_is_ahead_exactly_where_its_forecast_reaches_the_target(actual, target, day):
    passed = formulas.time_progress(day)
    gap = formulas.gap_points("retention", actual, target, passed, "higher")
    going = formulas.forecast("retention", actual, passed, "higher")
    if going > 0:
        assert (gap >= 0) == (going >= target)


@given(rates, st.fractions(1, 100), days)
def test_a_flow_is_ahead_exactly_where_its_forecast_reaches_the_target(actual, target, day):
    passed = formulas.time_progress(day)
    gap = formulas.gap_points("flow", actual, target, passed, "higher")
    assert (gap >= 0) == (formulas.forecast("flow", actual, passed, "higher") >= target)
