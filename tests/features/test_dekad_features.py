"""Dekads: rates a day whatever their length, and levels with the season taken out."""

from datetime import date, timedelta

import pytest

from features import member_features
from features.catalog import FEATURES

DAY = date(2010, 5, 3)  # the newest closed dekad is 21 to 30 April
CROWD = [f"crowd{n}" for n in range(9)]
NO_MONTHS = "user_id | month | mou_out_m | mou_in_m\nann | 200801 | 1 | 1"
"""None that any window looks at."""
NEWEST = ("2010041", "2010042", "2010043")


def test_dekads_of_8_10_and_11_days_have_the_same_rate(drawn):
    tables = drawn(member=people("ann"), usage_dekad=dekads({"ann": lambda dekad: (10, 5)}))

    for day, newest in {
        date(2010, 3, 3): 8,  # 21 to 28 February
        date(2010, 4, 3): 11,  # 21 to 31 March
        date(2010, 5, 3): 10,
    }.items():
        assert values(tables, "outgoing_a_day", day) == {
            "ann": (100 + 100 + 10 * newest) / (20 + newest)
        }
        assert values(tables, "outgoing_level", day) == {"ann": 1}
        assert values(tables, "outgoing_level_newest", day) == {"ann": 1}


def test_a_season_that_halves_everybody_is_nobodys_fall(drawn):
    season = dict.fromkeys(["ann", *CROWD], lambda dekad: (5, 5) if dekad in NEWEST else (10, 10))
    tables = drawn(member=people("ann", *CROWD), usage_dekad=dekads(season), usage_month=NO_MONTHS)

    assert values(tables, "outgoing_a_day")["ann"] == 5
    assert values(tables, "outgoing_level")["ann"] == 1
    assert values(tables, "incoming_level")["ann"] == 1
    assert values(tables, "outgoing_low_days")["ann"] is None
    assert values(tables, "outgoing_reduced")["ann"] == 0


def test_who_falls_alone_is_measured_against_what_the_others_did(drawn):
    steady = dict.fromkeys(CROWD, lambda dekad: (10, 10))
    falling = {"ann": lambda dekad: (4, 10) if dekad in NEWEST else (10, 10)}
    tables = drawn(member=people("ann", *CROWD), usage_dekad=dekads({**steady, **falling}))

    everybody = (9 * 10 + 4) / 10  # a day: 9.4 after 10
    assert values(tables, "outgoing_level")["ann"] == pytest.approx(4 / everybody)
    assert values(tables, "outgoing_level")["crowd0"] == pytest.approx(10 / everybody)
    assert values(tables, "level_gap")["ann"] == pytest.approx(1 - 4 / everybody)


def test_who_got_his_number_within_a_dekad_is_measured_by_the_days_he_had_it(drawn):
    tables = drawn(
        member="""
        user_id | open_date
        ann     | 2010-04-06
        bob     | 2005-01-01
        """,
        usage_dekad="""
        user_id | dekad   | mou_out_m | mou_in_m
        ann     | 2010041 | 50        | 0
        ann     | 2010042 | 100       | 0
        bob     | 2010041 | 20        | 0
        bob     | 2010042 | 20        | 0
        """,
    )

    assert values(tables, "outgoing_a_day") == {
        "ann": (50 + 100) / (5 + 10),
        "bob": (20 + 20) / (10 + 10),
    }


def test_without_dekads_nothing_is_known_of_them(drawn):
    tables = drawn(member=people("ann", "bob"), usage_dekad=dekads({"ann": lambda dekad: (10, 10)}))

    assert values(tables, "outgoing_a_day")["bob"] is None
    assert values(tables, "silence_days")["bob"] is None
    assert values(tables, "rival_hotline_dekads")["bob"] is None


def test_silence_and_shares_add_up_over_three_dekads(drawn):
    tables = drawn(
        member=people("ann"),
        usage_dekad="""
        user_id | dekad   | mou_out_m | mou_rival_m | vnet_m | active_days | calls_100xx_n
        ann     | 2010033 | 100       | 10          | 50     | 11          | 7
        ann     | 2010041 | 100       | 20          | 30     | 10          | 1
        ann     | 2010042 | 60        | 20          | 10     | 6           | 0
        ann     | 2010043 | 40        | 20          | 0      | 4           | 2
        """,
    )

    assert values(tables, "silence_days")["ann"] == 0 + 4 + 6
    assert values(tables, "active_share")["ann"] == 20 / 30
    assert values(tables, "rival_share_dekads")["ann"] == 60 / 200
    assert values(tables, "rival_share_dekads_rise")["ann"] == 60 / 200 - 10 / 100
    assert values(tables, "vnet_share_dekads_rise")["ann"] == 40 / 200 - 50 / 100
    assert values(tables, "rival_hotline_dekads")["ann"] == 1 + 0 + 2


def test_a_late_dekad_counts_from_its_day_and_a_restated_one_from_when_it_was_restated(drawn):
    tables = drawn(
        member=people("ann"),
        usage_dekad="""
        user_id | dekad   | version | mou_out_m | mou_in_m | load_time
        ann     | 2010041 | 1       | 100       | 0        | 2010-04-12
        ann     | 2010042 | 1       | 100       | 0        | 2010-05-05
        ann     | 2010043 | 1       | 100       | 0        | 2010-05-02
        ann     | 2010043 | 2       | 40        | 0        | 2010-05-08
        """,
    )

    assert {
        day: values(tables, "outgoing_a_day", date(2010, 5, day))["ann"] for day in (3, 6, 8)
    } == {
        3: (100 + 100) / 20,  # the middle dekad has not come
        6: (100 + 100 + 100) / 30,
        8: (100 + 100 + 40) / 30,
    }


def people(*names):
    return "\n".join(["user_id", *names])


def dekads(use, last=date(2010, 4, 30), count=18):
    """Eighteen dekads up to ``last``, from minutes a day (out, in) by member and dekad."""
    rows = ["user_id | dekad | mou_out_m | mou_in_m"]
    for dekad, days in back_from(last, count):
        for who, rate in use.items():
            out, into = rate(dekad)
            rows.append(f"{who} | {dekad} | {out * days} | {into * days}")
    return "\n".join(rows)


def back_from(end, count):
    for _ in range(count):
        first = end.replace(day=1 + 10 * min((end.day - 1) // 10, 2))
        yield f"{end:%Y%m}{min((end.day - 1) // 10, 2) + 1}", (end - first).days + 1
        end = first - timedelta(1)


def values(tables, name, day=DAY):
    table = member_features(tables, [day], needed(name), tiers=None)
    column = table.set_index("user_id")[name]
    return {user: None if column.isna()[user] else column[user] for user in column.index}


def needed(name):
    """A feature and what it is derived from."""
    feature = FEATURES[name]
    return [feature] if feature.over else [feature, *(FEATURES[one] for one in feature.inputs)]
