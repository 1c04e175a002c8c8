"""A rival's wooing in members' dekads: hotlines called, rivals called more, less given than got."""

from datetime import date
from math import log, sqrt

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from features import group_features
from features.catalog import FEATURES, GROUP_FEATURES
from features.group import drift, wooing
from features.ranges import outside

DAY = date(2010, 5, 3)  # the newest closed dekad is 21 to 30 April
DEKADS = [f"{2009 + n // 36}{n % 36 // 3 + 1:02}{n % 3 + 1}" for n in range(47, 17, -1)]
"""Names by age, 2010043 back to 2009071: three more than any window reaches."""
OURS = [f for f in GROUP_FEATURES if f.formula.__module__ in (wooing.__name__, drift.__name__)]
FIRM = ("ann", "bob")
CROWD = tuple(f"crowd{n}" for n in range(8))
QUIET = {"mou_out_m": 100, "mou_in_m": 100, "mou_rival_m": 50, "calls_100xx_n": 0}


def test_calls_to_hotlines_are_per_member_and_dekad_that_is_known(drawn):
    found = values(
        drawn,
        {
            ("ann", 0): {"calls_100xx_n": 2},
            ("bob", 1): {"calls_100xx_n": ""},
            ("ann", 17): {"calls_100xx_n": 1},
            ("ann", 18): {"calls_100xx_n": 9},  # before the half year
        },
    )

    assert found["hotline_rate_dekads"]["acme"] == 2 / (2 * 3 - 1)
    assert found["hotline_rate_half_year"]["acme"] == (2 + 1) / (2 * 18 - 1)
    assert found["hotline_rate_half_year"]["crowd"] == 0


def test_hotline_calls_are_measured_by_those_of_as_many_members_older_ones_weighing_less(drawn):
    found = values(drawn, {("ann", 0): {"calls_100xx_n": 2}, ("bob", 5): {"calls_100xx_n": 1}})

    now, old, members = 2 / 10, 1 / 10, 2  # what each of the ten made in these dekads
    weight = 0.590  # .9 ** 5, in permille
    usual = members * (now + weight * old)
    assert found["hotline_excess"]["acme"] == pytest.approx(
        (2 + weight * 1 - usual) / sqrt(usual + 1 / 2)
    )
    assert found["hotline_excess"]["crowd"] == pytest.approx(-4 * usual / sqrt(4 * usual + 1 / 2))
    usual = members * now
    assert found["hotline_excess_dekads"]["acme"] == pytest.approx(
        (2 - usual) / sqrt(usual + 1 / 2)
    )


def test_nobody_is_expected_to_call_while_it_is_not_known_whether_he_did(drawn):
    calls = {("ann", 0): {"calls_100xx_n": 2}}
    unknown = {("bob", age): {"calls_100xx_n": ""} for age in range(30)}
    found = values(drawn, {**calls, **unknown})

    usual = 2 / 9  # of nine who are known, and of ann alone
    assert found["hotline_excess_dekads"]["acme"] == pytest.approx(
        (2 - usual) / sqrt(usual + 1 / 2), abs=1e-4
    )


def test_as_many_calls_a_member_tell_more_of_a_large_group_than_of_a_small_one(drawn):
    large = [f"large{n}" for n in range(8)]
    rest = [f"rest{n}" for n in range(41)]
    calls = {(who, 1): {"calls_100xx_n": 1} for who in ("ann", *large)}
    found = values(drawn, calls, acme=("ann",), large=large, rest=rest)

    usual = 9 / 50
    assert found["hotline_rate_dekads"] == {"acme": 1 / 3, "large": 1 / 3, "rest": 0}
    assert found["hotline_excess_dekads"] == {
        "acme": pytest.approx((1 - usual) / sqrt(usual + 1 / 2)),
        "large": pytest.approx((8 - 8 * usual) / sqrt(8 * usual + 1 / 2)),
        "rest": pytest.approx(-41 * usual / sqrt(41 * usual + 1 / 2)),
    }
    assert found["hotline_excess"]["large"] > found["hotline_excess"]["acme"] > 0


def test_a_dekad_weighs_nine_tenths_of_the_next_one_in_whole_permille():
    ages = nw.from_native(pd.DataFrame({"age": range(18)}))

    assert ages.select(weight=wooing.freshness(nw.col("age")))["weight"].to_list() == [
        *(1000, 900, 810, 729, 656, 590, 531, 478, 430),
        *(387, 349, 314, 282, 254, 229, 206, 185, 167),
    ]


def test_members_who_call_rivals_more_than_before_are_pulled(drawn):
    earlier = {(who, age): {"mou_rival_m": 10} for who in FIRM for age in range(9, 27)}
    between = {(who, age): {"mou_rival_m": 40} for who in FIRM for age in range(3, 9)}
    now = {(who, age): {"mou_rival_m": 80} for who in FIRM for age in range(3)}
    before_all = {(who, age): {"mou_rival_m": 99} for who in FIRM for age in range(27, 30)}
    found = values(drawn, {**earlier, **between, **now, **before_all})

    # eight of ten call rivals half the time, at log-odds 0: everybody's mean is a fifth of theirs
    high, middle, low = (0.8 * log(share / (1 - share)) for share in (0.8, 0.4, 0.1))
    assert found["rival_pull"]["acme"] == pytest.approx(high - low, abs=2e-3)
    assert found["rival_pull_two_months"]["acme"] == pytest.approx(
        (3 * high + 3 * middle) / 6 - low, abs=2e-3
    )
    assert found["rival_pull_quarter"]["acme"] == pytest.approx(
        (3 * high + 6 * middle) / 9 - low, abs=2e-3
    )
    assert found["rival_pull_level"]["acme"] == pytest.approx((3 * high + 3 * middle) / 6, abs=2e-3)


def test_log_odds_are_whole_thousandths_and_so_is_everybodys_mean(drawn):
    now = {("ann", age): {"mou_rival_m": 20} for age in range(3)}
    earlier = {("ann", age): {"mou_rival_m": 10} for age in range(3, 27)}
    found = values(drawn, {**now, **earlier}, acme=("ann",), crowd=("zoe",))

    # ln(20/80) and ln(10/90), zoe's log-odds are 0; a half is rounded down
    now, usual_now, earlier, usual_earlier = -1386, -693, -2197, -1099
    assert (
        found["rival_pull"]["acme"] == (now - usual_now) / 1000 - (earlier - usual_earlier) / 1000
    )


def test_what_all_do_at_once_is_no_pull(drawn):
    everybody = {(who, age): {"mou_rival_m": 80} for who in FIRM + CROWD for age in range(3)}
    found = values(drawn, everybody)

    assert found["rival_pull"] == {"acme": 0, "crowd": 0}
    assert found["rival_pull_level"] == {"acme": 0, "crowd": 0}


def test_who_talks_most_pulls_no_more_than_another(drawn):
    pulled = {(who, age): {"mou_rival_m": 80} for who in FIRM for age in range(3)}
    louder = {("ann", age): {"mou_rival_m": 8000, "mou_out_m": 10000} for age in range(3)}

    assert values(drawn, {**pulled, **louder})["rival_pull"] == values(drawn, pulled)["rival_pull"]


def test_none_and_all_are_half_a_minute_from_it_and_under_ten_minutes_nothing_is_said(drawn):
    minutes = {"ann": (10, 0), "bob": (10, 10), "cid": (9, 9), "dan": (0, 0)}
    changes = {
        (who, age): {"mou_out_m": out, "mou_rival_m": rival}
        for who, (out, rival) in minutes.items()
        for age in range(30)
    }
    found = values(drawn, changes, acme=("ann", "cid"), bolt=("bob", "dan"), calm=("eve",))

    half = round(1000 * log(0.5 / 9.5)) / 1000
    # ann and bob are opposite, eve talks to rivals half the time: everybody's mean is 0
    assert found["rival_pull_level"] == {"acme": half, "bolt": -half, "calm": 0}


def test_one_sided_is_under_seven_out_to_ten_in_of_those_with_five_of_either(drawn):
    found = values(
        drawn,
        {
            ("ann", 0): {"mou_out_m": 69, "mou_rival_m": 0},  # counts
            ("ann", 1): {"mou_out_m": 70, "mou_rival_m": 0},  # not below
            ("bob", 0): {"mou_out_m": 4, "mou_rival_m": 0},  # out of too few
            ("bob", 1): {"mou_in_m": 4},  # in of too few
            ("bob", 2): {"mou_out_m": 5, "mou_in_m": 8, "mou_rival_m": 0},  # counts
            ("bob", 8): {"mou_out_m": 5, "mou_rival_m": 0},  # between now and before
            ("bob", 9): {"mou_out_m": 5, "mou_rival_m": 0},
            ("ann", 26): {"mou_out_m": 5, "mou_rival_m": 0},
            ("ann", 27): {"mou_out_m": 5, "mou_rival_m": 0},  # before all
        },
    )

    assert found["one_sided_share_dekads"]["acme"] == 2 / (6 - 2)
    assert found["one_sided_rise_dekads"]["acme"] == 2 / (6 - 2) - 2 / (2 * 18)
    assert found["one_sided_share_dekads"]["crowd"] == 0


def test_of_a_group_without_dekads_nothing_is_known(drawn):
    found = values(drawn, {}, acme=FIRM, crowd=CROWD, idle=("eve",), silent=("eve",))

    assert {name: found[name]["idle"] for name in found} == dict.fromkeys(found)
    assert None not in {found[name]["acme"] for name in found}


def test_a_dekad_that_comes_late_counts_from_the_day_it_came(drawn):
    late = {
        ("ann", 0): {
            "mou_out_m": 20,
            "mou_rival_m": 19,
            "calls_100xx_n": 7,
            "load_time": "2010-05-05",
        }
    }
    all_of_it = world({})
    kept = [
        line
        for line in all_of_it["usage_dekad"].split("\n")
        if not line.startswith(f"ann | {DEKADS[0]}")
    ]
    without = {**all_of_it, "usage_dekad": "\n".join(kept)}
    before, after = (date(2010, 5, day) for day in (4, 5))

    found, absent = (
        group_features(drawn(**drawing), [before, after], OURS).set_index("as_of")
        for drawing in (world(late), without)
    )
    changed = [not found.loc[day].equals(absent.loc[day]) for day in (before, after)]
    assert changed == [False, True]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_does_not_change_a_bit_and_all_is_in_its_range(drawn, seed):
    random = np.random.default_rng(seed)
    people = [f"user{n}" for n in range(60)]
    changes = {
        (who, age): {
            "mou_out_m": (out := int(random.integers(0, 400))),
            "mou_rival_m": int(random.integers(0, out + 1)),
            "mou_in_m": int(random.integers(0, 400)),
            "calls_100xx_n": int(random.poisson(0.1)),
        }
        for who in people
        for age in range(30)
    }
    one = world(changes, acme=people[:7], bolt=people[7:30], crowd=people[30:])
    header, *rows = one["usage_dekad"].split("\n")
    random.shuffle(rows)
    other = {**one, "usage_dekad": "\n".join([header, *rows])}

    found, again = (group_features(drawn(**drawing), [DAY], OURS) for drawing in (one, other))
    pd.testing.assert_frame_equal(found, again, check_exact=True)
    assert found.notna().all(axis=None)
    assert outside(found, OURS) == []


@pytest.mark.parametrize("feature", OURS, ids=lambda feature: feature.name)
def test_what_stood_still_is_said_not_to_have_risen(feature):
    still, risen = (feature.sentence(value, 0.0) for value in (0.0, 0.5))

    assert still != risen
    assert "未" in still.zh or "无" in still.zh
    assert "未" not in risen.zh
    assert feature.direction == (None if feature.name == "rival_pull_level" else 1)


def world(changes, silent=(), **groups):
    """Drawings of groups whose members all use the same in thirty dekads, but for ``changes``."""
    groups = groups or {"acme": FIRM, "crowd": CROWD}
    of = {who: group for group, members in groups.items() for who in members}
    rows = ["user_id | dekad | load_time | " + " | ".join(QUIET)]
    for who in of.keys() - set(silent):
        for age, dekad in enumerate(DEKADS):
            cells = {"load_time": "2008-01-01", **QUIET, **changes.get((who, age), {})}
            rows.append(f"{who} | {dekad} | " + " | ".join(map(str, cells.values())))
    return {
        "group_snapshot": "\n".join(["group_id | month", *(f"{g} | 201003" for g in groups)]),
        "member": "\n".join(["user_id", *of]),
        "membership_hist": "\n".join(
            ["user_id | group_id | valid_from", *(f"{u} | {g} | 2007-01-01" for u, g in of.items())]
        ),
        "usage_dekad": "\n".join(rows),
    }


def values(drawn, changes, silent=(), **groups):
    """Feature -> group -> value, None where unknown."""
    found = group_features(drawn(**world(changes, silent, **groups)), [DAY], OURS)
    table = found.set_index("group_id")
    return {
        f.name: {g: None if v != v else v for g, v in table[FEATURES[f.name].name].items()}
        for f in OURS
    }
