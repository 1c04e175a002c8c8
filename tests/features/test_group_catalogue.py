"""The themes of a group's features on small tables; the expected values show their arithmetic."""

from datetime import date
from math import log

import pytest

from features import group_features
from features.catalog import FEATURES

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
    assert found["group_vnet_share_fall_dekad"]["acme"] == 4 * 10 / (4 * 70) - 0


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
            """,
        ),
        *("unified_pay_fall", "group_arrears_rise", "unified_paid_share"),
    )

    assert found["unified_pay_fall"] == {"acme": 1 - 500 / 1000, "bolt": None}
    assert found["group_arrears_rise"] == {"acme": 400 - 100, "bolt": None}
    assert found["unified_paid_share"] == {"acme": 1000 / 10000, "bolt": None}


def test_tickets_count_a_member_and_wishes_to_leave_do_not(world):
    found = values(
        world(
            ticket="""
            ticket_id | user_id | open_time  | cat            | severity | resolved | csat
            1         | ann     | 2010-05-01 | network        | 1        | yes      |
            2         | ann     | 2010-05-02 | billing        | 3        | no       | 2
            3         | bob     | 2010-05-03 | cancel_request | 1        | no       | 1
            4         | bob     | 2010-05-04 | mnp_query      | 1        | no       | 1
            5         | bob     | 2010-01-04 | network        | 1        | no       | 1
            """
        ),
        *("ticket_rate", "open_tickets", "fault_tickets", "bad_tickets", "tickets", "members"),
    )

    assert found["ticket_rate"]["acme"] == 2 / 2
    assert found["open_tickets"]["acme"] == 1
    assert found["fault_tickets"]["acme"] == 1
    assert found["bad_tickets"]["acme"] == 2  # grave, and ill-rated


def test_a_new_manager_is_a_change_only_after_a_former_one(world):
    found = values(
        world(
            group_manager_rela="""
            group_id | role | staff_id | valid_from | valid_to   | load_time
            acme     | AM   | li       | 2009-01-01 | 2010-04-03 | 2010-04-04
            acme     | AM   | wu       | 2010-04-03 | 9999-12-31 | 2010-04-04
            bolt     | AM   | li       | 2009-01-01 | 2010-05-01 | 2010-05-02
            bolt     | AM   | wu       | 2010-05-12 | 9999-12-31 | 2010-05-14
            """
        ),
        *("manager_changed", "unmanaged_days"),
    )

    assert found["manager_changed"] == {"acme": 1, "bolt": 0}
    assert found["unmanaged_days"] == {"acme": 0, "bolt": 12}  # the next one is not known yet


def test_who_may_sign_is_who_is_a_contact_today(world):
    letters = """
    letter_id | group_id | contact_user_id | scope | valid_from | valid_to   | issued_date | revoked_date
    1         | acme     | ann             | vnet  | 2010-01-01 | 2011-01-01 | 2010-01-01  |
    2         | acme     | bob             | all   | 2010-01-01 | 2011-01-01 | 2010-01-01  | 2010-05-01
    3         | acme     | ann             | crbt  | 2009-01-01 | 2010-01-01 | 2009-01-01  |
    4         | bolt     | ann             | all   | 2010-01-01 | 2011-01-01 | 2010-01-01  | 2010-06-01
    """  # noqa: E501 - a wide table
    found = values(
        world(auth_letter=letters), *("letter_valid", "letter_scopes", "contact_can_sign")
    )

    assert found["letter_valid"] == {"acme": 1, "bolt": 1}
    assert found["letter_scopes"] == {"acme": 1, "bolt": 1}
    assert found["contact_can_sign"] == {"acme": 1, "bolt": 0}  # ann is not of bolt


def test_visits_count_by_kind_once_they_are_entered(world):
    found = values(
        world(
            visit="""
            visit_id | group_id | staff_id | visit_date | type      | result    | load_time
            1        | acme     | li       | 2010-05-01 | care      | complaint | 2010-05-02
            2        | acme     | li       | 2010-05-02 | complaint | satisfied | 2010-05-03
            3        | acme     | li       | 2010-05-03 | care      | satisfied | 2010-05-20
            4        | acme     | li       | 2009-09-01 | project   |           | 2009-09-02
            5        | acme     | li       | 2009-09-01 | care      | complaint | 2009-09-02
            """
        ),
        *("care_visits", "complaint_visits", "project_visits"),
    )

    assert found["care_visits"] == {"acme": 1, "bolt": 0}  # one entered late, one too long ago
    assert found["complaint_visits"] == {"acme": 2, "bolt": 0}
    assert found["project_visits"] == {"acme": 1, "bolt": 0}


def values(tables, *names, tiers=("C",)):
    """Feature -> group -> value, None where unknown."""
    wanted = [FEATURES[name] for name in names]
    frame = group_features(tables, [DAY], wanted, tiers=tiers).set_index("group_id")
    return {
        name: {group: None if value != value else value for group, value in frame[name].items()}
        for name in names
    }
