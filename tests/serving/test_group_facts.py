from datetime import date

import pandas as pd
import pytest

from serving.errors import ListError
from serving.facts import Sources, group_facts, is_large

OPEN = date(9999, 12, 31)


def features_of(**columns):
    rows = {"group_id": ["g1", "g2"], "members": [10.0, 4.0], **columns}
    return pd.DataFrame(rows)


def facts_of(snapshots, day, **sources):
    features = sources.pop("features", features_of())
    found = group_facts(Sources(snapshots(["g1", "g2"]), features, **sources), day)
    return found.set_index("group_id")


def test_days_of_features_become_dates(snapshots, day):
    features = features_of(days_to_next_end=[28.0, None], days_since_visit=[None, 3.0])

    facts = facts_of(snapshots, day, features=features)

    assert facts["next_expiry_date"].to_list() == [date(2011, 1, 31), None]  # 3 January + 28
    assert facts["last_visit_date"].to_list() == [None, date(2010, 12, 31)]  # 3 January - 3


def test_revenue_is_what_the_snapshot_booked_else_what_the_members_were_billed(snapshots, day):
    groups = snapshots(["g1", "g2"]).assign(
        mobile_revenue_fen=[500, None], fixed_revenue_fen=[None, None]
    )
    features = features_of(group_arpu=[7000.0, 7000.5])

    facts = group_facts(Sources(groups, features), day)

    assert facts["monthly_revenue_fen"].to_list() == [500, 4 * 7000.5]


def test_members_come_from_the_snapshot_where_no_member_is_delivered(snapshots, day):
    groups = snapshots(["g1", "g2"]).assign(active_members=[7, None])
    features = pd.DataFrame({"group_id": ["g1", "g2"]})

    facts = group_facts(Sources(groups, features), day)

    assert facts["members"].astype(object).where(facts["members"].notna(), None).to_list() == [
        7,
        None,
    ]
    assert facts["monthly_revenue_fen"].isna().all()


def test_the_owner_is_who_is_appointed_on_the_day(snapshots, day):
    managers = pd.DataFrame(
        {
            "group_id": ["g2", "g2", "g1"],
            "role": ["AM", "AM", "chief_AM"],
            "staff_id": ["S7", "S8", "S9"],
            "valid_from": [date(2009, 1, 1), date(2010, 1, 1), date(2009, 1, 1)],
            "valid_to": [date(2010, 1, 1), OPEN, OPEN],
        }
    )

    facts = facts_of(snapshots, day, managers=managers)
    without = facts_of(snapshots, day)

    assert facts["am_staff_id"].to_dict() == {"g1": "S01", "g2": "S8"}
    assert without["owner_status"].to_dict() == {"g1": "owned", "g2": "missing"}


def test_a_contact_can_sign_with_a_letter_that_holds_and_was_not_taken_back(snapshots, day):
    def signs(valid_from, valid_to, revoked):
        letters = pd.DataFrame(
            {
                "group_id": ["g1"],
                "valid_from": [valid_from],
                "valid_to": [valid_to],
                "revoked_date": [revoked],
            }
        )
        return facts_of(snapshots, day, letters=letters)["contact_can_sign"].to_dict()

    start = date(2010, 1, 1)
    assert signs(start, OPEN, None) == {"g1": "yes", "g2": "no"}
    assert signs(start, day, None)["g1"] == "no"  # the end is the first day it no longer holds
    assert signs(day, OPEN, None)["g1"] == "yes"
    assert signs(start, OPEN, day)["g1"] == "no"
    assert facts_of(snapshots, day)["contact_can_sign"].to_list() == ["unknown", "unknown"]


def test_caps_count_by_the_county_that_an_area_lies_in(snapshots, day):
    areas = pd.DataFrame(
        {
            "area_id": ["X1", "C1", "T1", "P1"],
            "parent_area_id": [None, "X1", "C1", "T1"],
            "area_type": ["city", "county", "town", "park"],
        }
    )

    assert facts_of(snapshots, day, areas=areas)["county_id"].to_list() == ["C1", "C1"]
    assert facts_of(snapshots, day)["county_id"].to_list() == ["P1", "P1"]


def test_a_group_that_stands_twice_is_refused(snapshots, day):
    with pytest.raises(ListError, match="snapshots: group_id stands more than once: g1"):
        group_facts(Sources(snapshots(["g1", "g1"]), features_of()), day)


def test_the_leader_paired_with_a_group_is_who_is_appointed_else_who_the_snapshot_names(
    snapshots, day
):
    groups = snapshots(["g1", "g2"]).assign(chief_am_id=["S1", "S2"])
    managers = pd.DataFrame(
        {
            "group_id": ["g1", "g1"],
            "role": ["chief_AM", "AM"],
            "staff_id": ["S9", "S7"],
            "valid_from": [date(2009, 1, 1), date(2009, 1, 1)],
            "valid_to": [OPEN, OPEN],
        }
    )

    facts = group_facts(Sources(groups, features_of(), managers=managers), day)

    assert facts["chief_staff_id"].to_list() == ["S9", "S2"]
    assert facts["am_staff_id"].iloc[0] == "S7"


def test_large_are_tiers_a_and_b_and_the_double_top_hundred_of_any(snapshots, day):
    groups = snapshots(["g1", "g2", "g3", "g4"]).assign(
        tier=["A2", "B1", "C", "C"], is_double_top100=[None, False, True, None]
    )
    features = pd.DataFrame({"group_id": ["g1"], "key_members_diverting": [2.0]})

    facts = group_facts(Sources(groups, features), day)

    assert is_large(facts).to_list() == [True, True, True, False]
    assert facts["key_members_diverting"].isna().to_list() == [False, True, True, True]
