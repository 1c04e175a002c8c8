"""Group features on small tables; the expected values show their arithmetic."""

from datetime import date

import pytest

from features import group_features
from features.catalog import FEATURES

DAY = date(2010, 5, 13)

GROUPS = """
group_id | month  | park_id | area_id | am_staff_id
acme     | 201004 | p       | a       | li
bolt     | 201004 | p       | a       |
core     | 201004 |         | a       | li
"""
MEMBERS = """
user_id
ann
bob
cat
dan
"""
MEMBERSHIPS = """
user_id | group_id | valid_from | member_role
ann     | acme     | 2009-01-01 | key_person
bob     | acme     | 2010-04-01 | ordinary
cat     | bolt     | 2009-01-01 | ordinary
dan     | bolt     | 2009-01-01 | ordinary
"""


@pytest.fixture
def world(drawn):
    def tables(**more):
        return drawn(group_snapshot=GROUPS, member=MEMBERS, membership_hist=MEMBERSHIPS, **more)

    return tables


def test_a_ratio_of_the_group_is_taken_once_over_its_members_sums(world):
    found = values(
        world(
            usage_month="""
            user_id | month  | mou_out_m | mou_out_rival_m | mou_in_m
            ann     | 201004 | 300       | 30              | 1
            bob     | 201004 | 100       | 90              | 1
            """
        ),
        "group_rival_share",
        "group_mou_out",
    )

    assert found["group_rival_share"]["acme"] == (30 + 90) / (300 + 100)
    assert found["group_mou_out"]["acme"] == (300 + 100) / 2
    assert found["group_rival_share"]["bolt"] is None


def test_members_and_key_members_are_those_of_the_day(world):
    found = values(
        world(),
        "members",
        "key_members",
        "members_joined",
    )

    assert found["members"] == {"acme": 2, "bolt": 2, "core": 0}
    assert found["key_members"] == {"acme": 1, "bolt": 0, "core": 0}
    assert found["members_joined"] == {"acme": 1, "bolt": 0, "core": 0}


def test_one_sided_falls_are_counted_and_told_to_the_neighbours(world):
    months = ("201001", "201002", "201003")
    steady = "\n".join(
        f"{who} | {month} | 100 | 100" for who in ("ann", "bob", "cat", "dan") for month in months
    )
    found = values(
        world(
            usage_month=f"""
            user_id | month  | mou_out_m | mou_in_m
            {steady}
            ann     | 201004 | 50        | 95
            bob     | 201004 | 50        | 40
            cat     | 201004 | 100       | 100
            dan     | 201004 | 20        | 90
            """
        ),
        "one_sided_members",
        "one_sided_share",
        "neighbours_diverting",
        "key_members_diverting",
    )

    assert found["one_sided_members"] == {"acme": 1, "bolt": 1, "core": 0}
    assert found["one_sided_share"]["acme"] == 1 / 2
    assert "key_members_diverting" not in found  # it reads second_sim_ind too, which is absent
    assert found["neighbours_diverting"] == {
        "acme": 1 / 2,  # dan, of bolt's two
        "bolt": 1 / 2,  # ann, of acme's two
        "core": None,  # in no park
    }


def test_reports_count_from_the_day_they_were_loaded(world):
    found = values(
        world(
            rival_event="""
            event_id | group_id | report_date | lever                     | load_time
            1        | acme     | 2010-03-01  | tariff_cut|handset_gift   | 2010-03-02
            2        | acme     | 2010-05-03  | handset_gift              | 2010-05-04
            3        | acme     | 2010-05-10  | tariff_cut                | 2010-05-20
            """.replace("tariff_cut|handset_gift", "tariff_cut")
        ),
        "attacks_reported",
        "price_attacks_reported",
        "days_since_attack",
        "area_attacks",
    )

    assert found["attacks_reported"] == {"acme": 2, "bolt": 0, "core": 0}
    assert found["price_attacks_reported"]["acme"] == 1
    assert found["days_since_attack"] == {"acme": 10, "bolt": None, "core": None}
    assert found["area_attacks"]["bolt"] == 100 * 2 / 2  # two reports, two other groups


def test_lock_in_of_the_group_is_that_of_its_members_and_its_own_agreements(world):
    found = values(
        world(
            contract="""
            contract_id | user_id | group_id | start_date | end_date   | status | type
            1           | ann     |          | 2009-06-01 | 2010-06-01 | live   | deposit_bonus
            2           | bob     |          | 2009-04-20 | 2010-04-20 | expired| deposit_bonus
            3           |         | bolt     | 2010-01-01 | 2011-01-01 | live   | points_vnet
            """
        ),
        "lock_share",
        "key_lock_share",
        "ending_share",
        "freed_share",
        "days_to_next_end",
        "agreement_live",
    )

    assert found["lock_share"] == {"acme": 1 / 2, "bolt": 0 / 2, "core": None}
    assert found["key_lock_share"] == {"acme": 1 / 1, "bolt": None, "core": None}
    assert found["ending_share"]["acme"] == 1 / 2  # ann's, in 19 days
    assert found["freed_share"]["acme"] == 1 / 2  # bob's, 23 days ago
    assert found["days_to_next_end"]["acme"] == (date(2010, 6, 1) - DAY).days
    assert found["agreement_live"] == {"acme": 0, "bolt": 1, "core": 0}


def test_a_signed_renewal_keeps_a_member_under_contract_at_every_distance(world):
    found = values(
        world(
            contract="""
            contract_id | user_id | start_date | end_date
            1           | ann     | 2009-05-23 | 2010-05-23
            2           | ann     | 2010-05-23 | 2011-05-23
            3           | bob     | 2009-05-23 | 2010-05-23
            """
        ),
        *("ending_share_30", "ending_share", "ending_share_90"),
    )

    # in 10 days bob comes free, ann has signed again
    assert [found[name]["acme"] for name in found] == [1 / 2, 1 / 2, 1 / 2]


def test_who_looks_after_a_group_and_how_many_others(world):
    found = values(
        world(),
        "managed",
        "manager_load",
    )

    assert found["managed"] == {"acme": 1, "bolt": 0, "core": 1}
    assert found["manager_load"] == {"acme": 2, "bolt": None, "core": 2}


def test_different_products_are_counted_once(world):
    found = values(
        world(
            product_holding="""
            holding_id | group_id | product     | valid_from | valid_to
            1          | acme     | vnet_pkgmin | 2009-01-01 | 9999-12-31
            2          | acme     | vnet_pkgmin | 2009-01-01 | 9999-12-31
            3          | acme     | short_sms   | 2009-01-01 | 9999-12-31
            4          | acme     | mas         | 2009-01-01 | 2010-01-01
            5          | bolt     | mas         | 2009-01-01 | 9999-12-31
            """
        ),
        "products_held",
        "package_minutes",
    )

    assert found["products_held"] == {"acme": 2, "bolt": 1, "core": 0}
    assert found["package_minutes"] == {"acme": 1, "bolt": 0, "core": 0}


def values(tables, *names):
    """Feature -> group -> value, None where unknown."""
    frame = group_features(tables, [DAY], [FEATURES[name] for name in names]).set_index("group_id")
    return {
        name: {group: None if value != value else value for group, value in frame[name].items()}
        for name in frame.columns.drop(["as_of", "tier"])
    }
