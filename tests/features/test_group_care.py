"""Who looks after a group and how: tickets, managers, letters, visits."""

from datetime import date

import pytest

from features import group_features
from features.catalog import FEATURES

DAY = date(2010, 5, 13)

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


def test_tickets_count_a_member_and_wishes_to_leave_do_not(world):
    found = values(
        world(
            ticket="""
            ticket_id | user_id | open_time  | cat            | severity | resolved | csat
            1         | ann     | 2010-05-01 | network        | 4        | yes      |
            2         | ann     | 2010-05-02 | billing        | 3        | no       | 2
            3         | bob     | 2010-05-03 | cancel_request | 4        | no       | 1
            4         | bob     | 2010-05-04 | mnp_query      | 4        | no       | 1
            5         | bob     | 2010-01-04 | network        | 4        | no       | 1
            6         | bob     | 2010-05-05 | service        | 1        | yes      | 5
            7         | bob     | 2010-05-06 | service        |          | yes      |
            """
        ),
        *("ticket_rate", "open_tickets", "fault_tickets", "bad_tickets", "tickets", "members"),
    )

    assert found["ticket_rate"]["acme"] == 4 / 2
    assert found["open_tickets"]["acme"] == 1
    assert found["fault_tickets"]["acme"] == 1
    assert found["bad_tickets"]["acme"] == 2  # the first is grave, the second ill-rated


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
    assert found["unmanaged_days"] == {"acme": 0, "bolt": 13}  # 1 to 13 May: the next is unknown


def test_a_change_of_manager_is_another_employee_not_another_row(world):
    found = values(
        world(
            group_manager_rela="""
            group_id | role | staff_id | valid_from | valid_to
            acme     | AM   | wu       | 2007-01-01 | 2008-01-01
            acme     | AM   | li       | 2008-01-01 | 2010-04-03
            acme     | AM   | li       | 2010-04-03 | 9999-12-31
            bolt     | AM   | li       | 2010-03-01 | 2010-04-01
            bolt     | AM   | wu       | 2010-04-01 | 9999-12-31
            """
        ),
        "manager_changed",
    )

    # acme: li follows himself, wu was gone before; bolt: two within 90 days, none earlier
    assert found["manager_changed"] == {"acme": 0, "bolt": 1}


def test_a_group_whose_manager_ended_today_has_none(world):
    managers = """
    group_id | role | staff_id | valid_from | valid_to
    acme     | AM   | li       | 2009-01-01 | 2010-05-13
    bolt     | AM   | li       | 2009-01-01 | 2010-05-14
    """
    found = values(world(group_manager_rela=managers), "unmanaged_days")

    assert found["unmanaged_days"] == {"acme": 1, "bolt": 0}  # the end is the first day without


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


def values(tables, *names):
    """Feature -> group -> value, None where unknown."""
    wanted = [FEATURES[name] for name in names]
    frame = group_features(tables, [DAY], wanted).set_index("group_id")
    return {
        name: {group: None if value != value else value for group, value in frame[name].items()}
        for name in names
    }
