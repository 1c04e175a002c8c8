"""The themes of a group's features on small tables; the expected values show their arithmetic."""

from datetime import date
from math import log

import pytest

from features import group_features
from features.catalog import FEATURES, GROUP_FEATURES

DAY = date(2010, 5, 13)  # newest closed month: April; newest closed dekad: 1-10 May

GROUPS = """
group_id | month
acme     | 201004
bolt     | 201004
"""
MEMBERS = """
user_id
ann
bob
"""
MEMBERSHIPS = """
user_id | group_id | valid_from | member_role
ann     | acme     | 2009-01-01 | key_person
bob     | acme     | 2009-01-01 | ordinary
"""


@pytest.fixture
def world(drawn):
    def tables(**more):
        given = {"group_snapshot": GROUPS, "member": MEMBERS, "membership_hist": MEMBERSHIPS}
        return drawn(**{**given, **more})

    return tables


def test_a_tier_that_changed_is_seen_by_how_far_and_how_long_ago(world):
    groups = """
    group_id | month  | tier | value_score | load_time
    acme     | 200904 | C    |             | 2009-05-05
    acme     | 201001 | C    | 40          | 2010-02-05
    acme     | 201002 | B2   |             | 2010-03-05
    acme     | 201003 | B2   |             | 2010-04-05
    acme     | 201004 | B2   | 55          | 2010-05-05
    bolt     | 200904 | C    |             | 2009-05-05
    bolt     | 201004 | C    |             | 2010-05-05
    """
    found = values(
        world(group_snapshot=groups),
        *("tier_rank", "tier_rise", "months_since_tier_change", "recent_value_change"),
        tiers=None,
    )

    assert found["tier_rank"] == {"acme": 4, "bolt": 5}
    assert found["tier_rise"] == {"acme": 5 - 4, "bolt": 5 - 5}
    assert found["months_since_tier_change"] == {"acme": 3, "bolt": None}  # C in January
    assert found["recent_value_change"] == {"acme": 55 - 40, "bolt": None}


def test_who_a_group_is_stays_unknown_where_nobody_noted_it(world):
    groups = """
    group_id | month  | industry_l1   | ownership | is_target_market | is_double_top100
    acme     | 201004 | construction  | SOE       | yes              | no
    bolt     | 201004 |               |           | no               | no
    """
    found = values(
        world(group_snapshot=groups),
        *("in_building_or_making", "in_trade", "publicly_owned", "strategic_account"),
    )

    assert found["in_building_or_making"] == {"acme": 1, "bolt": None}
    assert found["in_trade"] == {"acme": 0, "bolt": None}
    assert found["publicly_owned"] == {"acme": 1, "bolt": None}
    assert found["strategic_account"] == {"acme": 1, "bolt": 0}


def test_dekads_are_measured_by_what_everybody_does_in_them(world):
    newest = {"2010051": 10, "2010043": 10, "2010042": 20}
    before = ["2010041", "2010033", "2010032", "2010031"]
    rows = [f"ann | {dekad} | {out} | 30 | 6 | 0" for dekad, out in newest.items()]
    rows += [f"ann | {dekad} | 40 | 30 | 4 | 10" for dekad in before]
    # zoe, of another group, makes the season: half of all calls away in the newest dekads
    rows += [f"zoe | {dekad} | {50 - out} | 30 | 0 | 0" for dekad, out in newest.items()]
    rows += [f"zoe | {dekad} | 60 | 30 | 0 | 0" for dekad in before]
    usage = "user_id | dekad | mou_out_m | mou_in_m | mou_rival_m | vnet_m\n" + "\n".join(rows)
    found = values(
        world(
            member=f"{MEMBERS}zoe",
            membership_hist=f"{MEMBERSHIPS}zoe | bolt | 2009-01-01 | ordinary",
            usage_dekad=usage,
        ),
        *("group_out_level_dekad", "group_out_level_dekads", "group_in_level_dekads"),
        *("group_diversion_gap_dekad", "group_rival_rise_dekad", "group_vnet_share_fall_dekad"),
    )

    half_of_all, before_of_all, thousandth = 25, 50, 1e-3  # everybody's rate is in thousandths
    assert found["group_out_level_dekad"]["acme"] == pytest.approx(
        (10 / half_of_all) / (40 / before_of_all), abs=thousandth
    )
    assert found["group_out_level_dekads"]["acme"] == pytest.approx(
        ((10 + 10 + 20) / (3 * half_of_all)) / (40 / before_of_all), abs=thousandth
    )
    assert found["group_in_level_dekads"]["acme"] == pytest.approx(1, abs=thousandth)
    assert found["group_diversion_gap_dekad"]["acme"] == pytest.approx(
        1 - (40 / 75) / (40 / 50), abs=thousandth
    )
    assert found["group_rival_rise_dekad"]["acme"] == 3 * 6 / 40 - 4 * 4 / 160
    assert found["group_vnet_share_fall_dekad"]["acme"] == 4 * 10 / (4 * 40) - 0


def test_more_incoming_minutes_are_no_fall_of_the_v_net(world):
    before = "\n".join(f"ann | {dekad} | 40 | 40 | 10" for dekad in ("2010041", "2010033"))
    usage = f"""
    user_id | dekad   | mou_out_m | mou_in_m | vnet_m
    {before}
    ann     | 2010051 | 40        | 200      | 10
    ann     | 2010043 | 40        | 200      | 10
    ann     | 2010042 | 40        | 200      | 10
    """
    found = values(world(usage_dekad=usage), "group_vnet_share_fall_dekad")

    assert found["group_vnet_share_fall_dekad"]["acme"] == 20 / 80 - 30 / 120


def test_the_v_net_share_is_of_minutes_in_the_group_whose_v_net_part_is_known(world):
    usage = """
    user_id | dekad   | mou_out_m | mou_in_m | vnet_m
    ann     | 2010041 | 40        | 0        | 20
    ann     | 2010033 | 40        | 0        |
    ann     | 2010051 | 40        | 0        | 10
    bob     | 2010041 | 60        | 0        | 0
    bob     | 2010051 | 60        | 0        | 30
    """
    joined = MEMBERSHIPS.replace("bob     | acme     | 2009-01-01", "bob | acme | 2010-05-01")
    found = values(world(membership_hist=joined, usage_dekad=usage), "group_vnet_share_fall_dekad")

    assert found["group_vnet_share_fall_dekad"]["acme"] == 20 / 40 - (10 + 30) / (40 + 60)


def test_without_dekads_before_there_is_no_level(world):
    usage = """
    user_id | dekad   | mou_out_m | mou_in_m | data_kb
    ann     | 2010051 | 10        | 10       | 0
    bob     | 2010051 | 0         | 0        | 0
    """
    found = values(world(usage_dekad=usage), "group_out_level_dekad", "silent_share_dekad")

    assert found["group_out_level_dekad"] == {"acme": None, "bolt": None}
    assert found["silent_share_dekad"] == {"acme": 1 / 2, "bolt": None}


def test_a_slope_needs_six_months_and_takes_the_mean_a_member(world):
    months = ("200911", "200912", "201001", "201002", "201003", "201004")
    bills = [f"ann | {month} | {2 ** (n + 4) - 1}" for n, month in enumerate(months)]
    usage = [f"{who} | {month} | 7" for who in ("ann", "bob") for month in months[1:]]
    found = values(
        world(
            bill_month="user_id | month | arpu_fen\n" + "\n".join(bills),
            usage_month="user_id | month | mou_out_m\n" + "\n".join(usage),
        ),
        *("group_arpu_slope", "group_out_slope"),
    )

    assert found["group_arpu_slope"]["acme"] == pytest.approx(log(2))  # doubles every month
    assert found["group_out_slope"]["acme"] is None  # November is unknown


def test_products_in_use_and_idle_ones_that_are_paid_for(world):
    found = values(
        world(
            product_holding="""
            holding_id | group_id | user_id | product        | monthly_fee_fen | valid_from
            1          | acme     |         | corp_mail      | 21000           | 2009-01-01
            2          | acme     |         | adc_sms        | 5000            | 2010-03-01
            3          | acme     | ann     | vnet_pkgmin    | 500             | 2009-01-01
            4          | acme     | ann     | vnet_pkgmin    | 500             | 2009-06-01
            5          | acme     |         | dedicated_line | 0               | 2010-06-01
            6          | bolt     |         | power100_mkt   | 0               | 2009-01-01
            """,
            product_usage_month="""
            group_id | product      | month  | active_members
            acme     | corp_mail    | 201004 | 0
            acme     | adc_sms      | 201003 | 7
            acme     | adc_sms      | 201001 | 9
            bolt     | power100_mkt | 201004 | 0
            """,
        ),
        *("effective_products", "idle_paid_products", "most_users_of_a_product"),
        *("dedicated_line", "information_product", "power100", "package_members"),
        "products_taken",
    )

    assert found["effective_products"] == {"acme": 1, "bolt": 0}  # the short messages
    assert found["idle_paid_products"] == {"acme": 1, "bolt": 0}  # the mail; bolt's is free
    assert found["most_users_of_a_product"] == {"acme": 7, "bolt": 0}
    assert found["dedicated_line"] == {"acme": 0, "bolt": 0}  # from June
    assert found["information_product"] == {"acme": 1, "bolt": 1}
    assert found["power100"] == {"acme": 0, "bolt": 1}
    assert found["package_members"] == {"acme": 1, "bolt": 0}
    assert found["products_taken"] == {"acme": 1, "bolt": 0}


def test_what_the_company_pays_and_owes_is_followed(world):
    found = values(
        world(
            group_snapshot="""
            group_id | month  | unified_pay_revenue_li | arrears_fen
            acme     | 201001 | 1000                   | 100
            acme     | 201002 | 1200                   |
            acme     | 201003 | 800                    |
            acme     | 201004 | 500                    | 400
            bolt     | 201004 | 0                      | 0
            """,
            bill_month="""
            user_id | month  | arpu_fen | unified_paid_fen
            ann     | 201004 | 6000     | 1000
            bob     | 201003 | 4000     | 0
            ann     | 201001 | 90000    | 90000
            ann     | 201002 | 7000     |
            """,
        ),
        *("unified_pay_fall", "group_arrears_rise", "unified_paid_share"),
    )

    assert found["unified_pay_fall"] == {"acme": 1 - 500 / 1000, "bolt": None}
    assert found["group_arrears_rise"] == {"acme": 400 - 100, "bolt": None}
    assert found["unified_paid_share"] == {"acme": 1000 / 10000, "bolt": None}  # none of January's


def test_the_company_pays_at_most_all_of_the_bills(world):
    bills = """
    user_id | month  | arpu_fen | unified_paid_fen
    ann     | 201004 | 4000     | 10000
    """
    found = values(world(bill_month=bills), "unified_paid_share")

    assert found["unified_paid_share"]["acme"] == 1  # 10000 / 4000, after a correction


def test_no_sentence_says_of_what_stood_still_that_it_moved():
    changes = [feature for feature in GROUP_FEATURES if feature.low < 0 and feature.pivot == 0]
    still = {feature.name: feature.sentence(0, -1).zh for feature in changes}
    moved = {name: words for name, words in still.items() if "0" in words and "未" not in words}

    assert len(still) > 20
    assert set(moved) == {
        "days_to_letter_end",  # the end is the first day without
        "days_to_spring_festival",
        "net_additions",  # says that there were none
    }


def values(tables, *names, tiers=("C",)):
    """Feature -> group -> value, None where unknown."""
    wanted = [FEATURES[name] for name in names]
    frame = group_features(tables, [DAY], wanted, tiers=tiers).set_index("group_id")
    return {
        name: {group: None if value != value else value for group, value in frame[name].items()}
        for name in names
    }
