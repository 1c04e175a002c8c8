"""What happens around a group, over all tiers and without itself; the calendar."""

from datetime import date
from itertools import pairwise

import pytest

from features import group_features
from features.catalog import FEATURES
from features.group.calendar import SPRING_FESTIVALS

DAY = date(2010, 5, 13)

GROUPS = """
group_id | month  | tier | park_id | area_id | am_staff_id | parent_group_id | industry_l1
acme     | 201004 | C    | p       | a       | li          | mother          | trade
bolt     | 201004 | C    | p       | a       | li          |                 | trade
core     | 201004 | B1   | p       | b       | li          | mother          | health
dome     | 201004 | C    |         | b       |             |                 | health
"""
MEMBERS = """
user_id | status
ann     | active
bob     | active
cat     | active
dan     | active
eve     | off
fay     | off
gus     | active
"""
MEMBERSHIPS = """
user_id | group_id | valid_from | valid_to
ann     | acme     | 2009-01-01 | 9999-12-31
bob     | bolt     | 2009-01-01 | 9999-12-31
cat     | bolt     | 2009-01-01 | 9999-12-31
dan     | core     | 2009-01-01 | 9999-12-31
eve     | bolt     | 2009-01-01 | 2010-05-01
fay     | core     | 2009-01-01 | 2010-03-20
gus     | dome     | 2009-01-01 | 9999-12-31
"""
MONTHS = ("201001", "201002", "201003")
STEADY = "\n".join(
    f"{who} | {month} | 100 | 100" for who in ("ann", "bob", "cat", "dan") for month in MONTHS
)
USAGE = f"""
user_id | month  | mou_out_m | mou_in_m
{STEADY}
ann     | 201004 | 30        | 95
bob     | 201004 | 100       | 100
cat     | 201004 | 40        | 90
dan     | 201004 | 100       | 100
"""
"""Ann (acme) and cat (bolt) are one-sided: out far down, in as before."""
REPORTS = """
event_id | group_id | report_date | lever      | outcome_claimed | load_time
1        | bolt     | 2010-04-20  | tariff_cut | pending         | 2010-04-21
2        | core     | 2010-05-01  | vpn        |                 | 2010-05-02
3        | core     | 2010-05-02  | tariff_cut | lost            | 2010-05-03
4        | core     | 2010-05-05  | vpn        | repelled        | 2010-05-14
5        | acme     | 2010-01-10  | tariff_cut | repelled        | 2010-01-11
"""


@pytest.fixture
def world(drawn):
    def tables(**more):
        return drawn(
            group_snapshot=GROUPS,
            member=MEMBERS,
            membership_hist=MEMBERSHIPS,
            **{"usage_month": USAGE, "rival_event": REPORTS, **more},
        )

    return tables


def test_a_loss_weighs_by_its_age_and_ones_own_losses_are_left_out(world):
    # bolt: cat one-sided (4), eve gone 12 days ago (4), of bob, cat and eve (3 x 4)
    # core: fay gone 54 days ago (2), of dan and fay (2 x 4); acme: ann one-sided (4) of ann (4)
    assert values(world(), "park_losses") == {
        "acme": (4 + 4 + 2) / (12 + 8),
        "bolt": (4 + 2) / (4 + 8),
        "dome": None,  # in no park
    }
    assert values(world(), "area_losses") == {
        "acme": (4 + 4) / 12,  # bolt
        "bolt": 4 / 4,  # acme
        "dome": 2 / 8,  # core
    }


def test_losses_are_told_within_the_parent_group_and_the_industry(world):
    assert values(world(), "parent_losses") == {"acme": 2 / 8, "bolt": None, "dome": None}
    assert values(world(), "industry_losses") == {
        "acme": (4 + 4) / 12,
        "bolt": 4 / 4,
        "dome": 2 / 8,
    }


def test_a_group_moves_when_three_in_ten_of_it_are_lost(world):
    # acme 1 of 1, bolt 2 of 3, core 1 of 2: all above 30 %; dome 0 of 1
    assert values(world(), "park_groups_moving") == {"acme": 2 / 2, "bolt": 2 / 2, "dome": None}
    assert values(world(), "area_groups_moving") == {"acme": 1 / 1, "bolt": 1 / 1, "dome": 1 / 1}


def test_diverting_neighbours_of_every_tier_are_among_the_neighbours(world):
    assert values(world(), "neighbours_diverting") == {
        "acme": 1 / 3,  # cat, of bob, cat and dan
        "bolt": 1 / 2,  # ann, of ann and dan
        "dome": None,
    }


def test_losses_nearby_weigh_by_distance_and_nothing_weighs_beyond_30_km(world):
    tables = world(
        dim_area="""
        area_id | lat     | lon
        a       | 30.0000 | 110.0000
        b       | 30.1000 | 110.0000
        c       | 31.0000 | 110.0000
        """
    )
    weight = int(1000 / (1 + (0.1 * 111.2) ** 2 / 5**2))  # 11.12 km

    assert weight == 168
    assert values(tables, "nearby_losses") == {
        "acme": (1000 * (4 + 4) + 168 * 2) / (1000 * 12 + 168 * (8 + 4)),
        "bolt": (1000 * 4 + 168 * 2) / (1000 * 4 + 168 * (8 + 4)),
        "dome": (1000 * 2 + 168 * (4 + 8)) / (1000 * 8 + 168 * (4 + 12)),
    }
    assert set(values(world(dim_area="area_id\na\nb"), "nearby_losses").values()) == {None}


def test_attacks_around_leave_out_ones_own_old_late_and_after_the_loss(world):
    assert values(world(), "area_attacks") == {
        "acme": 100 * 1 / 1,  # on bolt
        "bolt": 100 * 0 / 1,  # on acme only in January
        "dome": 100 * 1 / 1,  # on core: neither the lost one nor the one loaded on the 14th
    }
    assert values(world(), "park_attacks") == {
        "acme": 100 * 2 / 2,
        "bolt": 100 * 1 / 2,
        "dome": None,
    }


def test_no_report_written_because_the_group_is_lost_is_counted_for_itself(world):
    assert values(world(), "attacks_reported", tiers=None)["core"] == 1
    assert values(world(), "price_attacks_reported", tiers=None)["core"] == 0
    assert values(world(), "lever_vpn", tiers=None) == {"acme": 0, "bolt": 0, "core": 1, "dome": 0}


def test_levers_are_found_alone_and_beside_others(world):
    reports = """
    event_id ; group_id ; report_date ; lever                        ; load_time
    1        ; acme     ; 2010-05-01  ; tariff_cut|combined_billing  ; 2010-05-02
    2        ; bolt     ; 2010-05-01  ; vpn                          ; 2010-05-02
    """
    two = world(rival_event=reports.replace("|", "+").replace(";", "|"))

    assert values(two, "lever_combined_billing") == {"acme": 1, "bolt": 0, "dome": 0}
    assert values(two, "lever_vpn") == {"acme": 0, "bolt": 1, "dome": 0}


def test_a_campaign_counts_once_it_is_known_and_in_the_area_above_too(world):
    tables = world(
        dim_area="""
        area_id | parent_area_id
        a       | town
        b       | town
        """,
        rival_campaign="""
        area_id | month  | rival | intensity | load_time
        a       | 201003 | CT    | 2         | 2010-04-20
        town    | 201002 | CU    | 1         | 2010-03-20
        a       | 201003 | CU    | 3         | 2010-05-20
        b       | 200901 | CT    | 3         | 2009-02-20
        """,
    )

    assert values(tables, "area_campaign") == {"acme": 2, "bolt": 2, "dome": 1}


def test_a_second_sim_is_new_where_there_was_no_sign_of_it_before(world):
    tables = world(
        second_sim_ind="""
        user_id | month  | score
        cat     | 201004 | 0.9
        cat     | 200912 | 0.8
        bob     | 201003 | 0.7
        """
    )

    assert values(tables, "second_sims_new")["bolt"] == 1  # bob


def test_a_product_is_idle_only_when_a_whole_month_of_it_has_come_without_a_user(world):
    """Of five products for a fee and without a known user, two are idle: 1 and 5."""
    tables = world(
        product_holding="""
        holding_id | group_id | product   | monthly_fee_fen | valid_from | valid_to
        1          | acme     | corp_mail | 21000           | 2010-04-01 | 9999-12-31
        2          | acme     | adc_sms   | 5000            | 2010-05-08 | 9999-12-31
        3          | acme     | oa        | 5000            | 2010-04-02 | 9999-12-31
        4          | acme     | mas       | 5000            | 2009-01-01 | 9999-12-31
        5          | bolt     | mas       | 5000            | 2009-01-01 | 9999-12-31
        """,
        product_usage_month="""
        group_id | product   | month  | active_members | load_time
        acme     | corp_mail | 201004 | 0              | 2010-05-03
        bolt     | adc_sms   | 201004 | 9              | 2010-05-03
        acme     | oa        | 201004 | 0              | 2010-05-03
        acme     | mas       | 201004 | 0              | 2010-05-14
        bolt     | mas       | 201004 | 0              | 2010-05-03
        """,
    )

    # adc_sms was taken five days ago, oa a day after April began, the row of acme's mas is late
    assert values(tables, "idle_paid_products") == {"acme": 1, "bolt": 1, "dome": 0}


def test_a_managers_load_counts_groups_of_all_tiers(world):
    assert values(world(), "manager_load") == {"acme": 3, "bolt": 3, "dome": None}


@pytest.mark.parametrize(
    "name", ["park_losses", "neighbours_diverting", "area_attacks", "manager_load"]
)
def test_the_surroundings_are_the_same_whichever_tiers_are_computed(world, name):
    everybody = values(world(), name, tiers=None)

    assert values(world(), name) == {g: v for g, v in everybody.items() if g != "core"}


def test_a_month_of_usage_that_comes_later_changes_no_neighbour(world):
    late = USAGE + "gus | 201004 | 1 | 100\n" + "gus | 201003 | 100 | 100\n"
    lines = [line for line in late.strip().splitlines() if line]
    loaded = [f"{lines[0]} | load_time"] + [
        f"{line} | {'2010-06-01' if line.startswith('gus') else '2010-05-05'}" for line in lines[1:]
    ]
    late_world = world(usage_month="\n".join(loaded))

    assert values(late_world, "area_losses", tiers=None) == values(
        world(), "area_losses", tiers=None
    )


@pytest.mark.parametrize(
    ("day", "dekad", "to_festival", "term"),
    [
        (date(2010, 2, 14), 5, 0, 0),
        (date(2010, 1, 20), 2, 25, 1),
        (date(2010, 3, 3), 7, -17, 1),
        (date(2009, 12, 31), 36, 45, 1),
        (date(2010, 7, 21), 21, -157, 0),
        (date(2010, 8, 31), 24, 156, 0),  # nearer to 3 February 2011
    ],
)
def test_the_calendar_knows_dekads_spring_festival_and_holidays(
    drawn, day, dekad, to_festival, term
):
    groups = f"group_id | month\nacme | {day.year - (day.month < 3)}{(day.month + 9) % 12 + 1:02}"
    names = ("dekad_of_year", "days_to_spring_festival", "school_term")
    wanted = [FEATURES[name] for name in names]
    found = group_features(drawn(group_snapshot=groups), [day], wanted)

    assert found[list(names)].to_numpy().tolist() == [[dekad, to_festival, term]]


def test_spring_festival_falls_between_21_january_and_20_february():
    assert [festival.year for festival in SPRING_FESTIVALS] == list(range(2007, 2031))
    assert all((1, 21) <= (day.month, day.day) <= (2, 20) for day in SPRING_FESTIVALS)
    lunar_months = [(later - earlier).days for earlier, later in pairwise(SPRING_FESTIVALS)]
    assert set(lunar_months) <= {353, 354, 355, 383, 384, 385}  # twelve or thirteen moons


def values(tables, name, tiers=("C",)):
    """Group -> value, None where unknown."""
    frame = group_features(tables, [DAY], [FEATURES[name]], tiers=tiers).set_index("group_id")
    return {group: None if value != value else value for group, value in frame[name].items()}
