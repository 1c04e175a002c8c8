"""Where the day stands in the year: context that moves all groups alike."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import narwhals as nw

from features.definition import group_feature
from features.expressions import day_number, flag
from features.reasons import Reason

SPRING_FESTIVALS = (
    date(2007, 2, 18),
    date(2008, 2, 7),
    date(2009, 1, 26),
    date(2010, 2, 14),
    date(2011, 2, 3),
    date(2012, 1, 23),
    date(2013, 2, 10),
    date(2014, 1, 31),
    date(2015, 2, 19),
    date(2016, 2, 8),
    date(2017, 1, 28),
    date(2018, 2, 16),
    date(2019, 2, 5),
    date(2020, 1, 25),
    date(2021, 2, 12),
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)
"""First day of the first month of the Chinese lunar calendar, as published by the observatory."""
HOLIDAYS_BEFORE, HOLIDAYS_AFTER = 20, 15
"""Days by which the schools' winter holidays commonly begin before and end after the festival."""


@group_feature(
    unit="dekad",
    between=(1, 36),
    family="calendar",
    reason=Reason.SIZE,
    raises=("全年第{value:.0f}旬", "dekad {value:.0f} of the year"),
)
def dekad_of_year(as_of: nw.Expr) -> nw.Expr:
    """Dekad of the year in which the day lies: 1 for 1-10 January to 36 for 21-31 December."""
    day = as_of.dt.day()
    third = nw.when(day <= 10).then(1).when(day <= 20).then(2).otherwise(3)
    return 3 * (as_of.dt.month() - 1) + third


@group_feature(
    unit="days",
    pivot=0,
    between=(-200, 200),
    family="calendar",
    reason=Reason.SIZE,
    raises=("距春节还有{size:.0f}天", "days to Spring Festival: {size:.0f}"),
    lowers=("春节已过{size:.0f}天", "days since Spring Festival: {size:.0f}"),
)
def days_to_spring_festival(as_of: nw.Expr) -> nw.Expr:
    """Days to the nearest Spring Festival, negative after it; unknown outside 2007 to 2030."""
    today = day_number(as_of.cast(nw.Date))
    festivals = [festival.toordinal() for festival in SPRING_FESTIVALS]
    nearest = nw.when(today < festivals[0] - 200).then(None)
    for festival, following in pairwise(festivals):
        nearest = nearest.when(today <= (festival + following) // 2).then(festival - today)
    return nearest.when(today <= festivals[-1] + 200).then(festivals[-1] - today).otherwise(None)


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="calendar",
    reason=Reason.SIZE,
    raises=("学校开学期间", "schools are in term"),
    lowers=("学校放假期间", "schools are on holiday"),
)
def school_term(as_of: nw.Expr, days_to_spring_festival: nw.Expr) -> nw.Expr:
    """Schools teach: neither 11 July to 31 August nor around Spring Festival."""
    month, day = as_of.dt.month(), as_of.dt.day()
    summer = (month == 8) | ((month == 7) & (day > 10))
    winter = (days_to_spring_festival <= HOLIDAYS_BEFORE) & (
        days_to_spring_festival >= -HOLIDAYS_AFTER
    )
    return flag(~(summer | winter))
