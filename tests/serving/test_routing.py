"""Who gets a row of the list, and why."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from serving.alerting.routing import RoutingRules, routes

DAY = date(2011, 1, 3)
RULES = RoutingRules(manager=2, chief=1)
AREAS = pd.DataFrame(
    {
        "area_id": ["X1", "R1", "R1A1", "R2"],
        "parent_area_id": [None, "X1", "R1", "X1"],
        "area_type": ["city", "county", "town", "county"],
    }
)
STAFF = {
    "M1": ("AM", "R1A1"),
    "M2": ("AM", "R1"),
    "M9": ("AM", "R2"),
    "D1": ("service", "R1"),
    "L1": ("AM_lead", "R1"),
    "K1": ("county_mgr", "R1"),
    "C1": ("chief_AM", "R1"),
}


def staff_of(without=(), **left):
    rows = [
        (person, role, area, date(2005, 1, 1), left.get(person))
        for person, (role, area) in STAFF.items()
        if person not in without
    ]
    return pd.DataFrame(rows, columns=["staff_id", "role", "org_area_id", "start_date", "end_date"])


def facts_of(**groups):
    known = {
        "tier": "C",
        "double_top100": False,
        "county_id": "R1",
        "am_staff_id": None,
        "chief_staff_id": None,
    }
    return pd.DataFrame([{"group_id": name, **known, **own} for name, own in groups.items()])


def listed_of(**levels):
    """Groups with their level, the first the most urgent."""
    rows = [(name, level, -place) for place, (name, level) in enumerate(levels.items())]
    return pd.DataFrame(rows, columns=["group_id", "level", "priority"])


def routed(listed, facts, staff=None, rules=RULES):
    staff = staff_of() if staff is None else staff
    return routes(listed, facts, staff, AREAS, rules, DAY).set_index("group_id")


def test_a_c_group_goes_to_its_manager():
    row = routed(listed_of(g="yellow"), facts_of(g={"am_staff_id": "M1"})).loc["g"]

    assert row[["owner_id", "owner_status", "route_to"]].to_list() == ["M1", "owned", "M1"]
    assert row[["also_to", "escalate_to"]].to_list() == [None, None]
    assert row["routing_why_zh"] == "客户经理M1"


def test_of_a_red_c_group_the_county_manager_is_told_and_a_leader_comes_after_him():
    row = routed(listed_of(g="red"), facts_of(g={"am_staff_id": "M1"})).loc["g"]

    assert row[["route_to", "also_to", "escalate_to"]].to_list() == ["M1", "K1", "C1"]


def test_an_orange_group_goes_up_to_the_lead_or_if_there_is_none_to_the_county_manager():
    facts = facts_of(g={"am_staff_id": "M1"})

    lead = routed(listed_of(g="orange"), facts).loc["g"]
    none = routed(listed_of(g="orange"), facts, staff_of(without=["L1"])).loc["g"]

    assert lead["escalate_to"] == "L1"
    assert none["escalate_to"] == "K1"
    assert none["routing_why_zh"] == "客户经理M1；无客户经理主管；逾期升级给区县经理K1"


def test_a_group_without_a_manager_is_given_the_one_of_its_county_with_the_fewest_groups():
    facts = facts_of(
        g={}, h={}, x={"am_staff_id": "M1"}, y={"am_staff_id": "M1"}, z={"am_staff_id": "M2"}
    )

    rows = routed(listed_of(g="orange", h="yellow"), facts)

    assert rows["owner_id"].to_dict() == {"g": "M2", "h": "M1"}  # 1 against 2, then 2 each by id
    assert set(rows["owner_status"]) == {"appointed"}
    assert rows.loc["g", "routing_why_zh"].startswith(
        "无客户经理；指派给本区县在管集团最少的客户经理M2（1个）"
    )


def test_who_left_gets_nothing_and_it_is_said():
    facts = facts_of(g={"am_staff_id": "M1"})

    row = routed(listed_of(g="yellow"), facts, staff_of(M1=date(2010, 12, 1))).loc["g"]

    assert row["route_to"] == "M2"
    assert row["routing_why_zh"].startswith("客户经理M1已于12月1日离岗；指派给")
    # The end is the first day without him.
    assert routed(listed_of(g="yellow"), facts, staff_of(M1=date(2011, 1, 4)))["route_to"]["g"] == (
        "M1"
    )


def test_a_full_manager_keeps_the_most_urgent_and_the_others_go_to_the_pool():
    own = {"am_staff_id": "M1"}
    facts = facts_of(a=own, b=own, c=own, d=own)

    rows = routed(listed_of(a="yellow", b="orange", c="yellow", d="red"), facts)

    # Room for two: red, then orange.
    assert rows["owner_status"].to_dict() == {"a": "pool", "b": "owned", "c": "pool", "d": "owned"}
    assert rows["route_to"].to_dict() == {"a": "D1", "b": "M1", "c": "D1", "d": "M1"}
    assert rows.loc["a", "routing_why_zh"] == "客户经理M1本期已满2个；进公共池，由中小企业服务台D1"
    assert rows.loc["a", "owner_id"] is None


def test_red_is_never_dropped_and_reminders_take_no_room():
    own = {"am_staff_id": "M1"}
    facts = facts_of(a=own, b=own, c=own, d=own)

    red = routed(listed_of(a="red", b="red", c="red", d="yellow"), facts)
    blue = routed(listed_of(a="blue", b="blue", c="blue", d="yellow"), facts)

    assert red["route_to"].to_dict() == {"a": "M1", "b": "M1", "c": "M1", "d": "D1"}
    assert set(blue["route_to"]) == {"M1"}


def test_a_reminder_appoints_nobody():
    row = routed(listed_of(g="blue"), facts_of(g={})).loc["g"]

    assert row[["owner_status", "route_to"]].to_list() == ["pool", "D1"]


def test_where_all_are_full_a_group_goes_to_the_pool_and_never_to_another_county():
    facts = facts_of(**{f"g{number}": {} for number in range(5)})
    listed = listed_of(**{f"g{number}": "yellow" for number in range(5)})

    rows = routed(listed, facts)

    assert rows["route_to"].to_list() == ["M1", "M2", "M1", "M2", "D1"]
    assert "均已满2个" in rows.loc["g4", "routing_why_zh"]


def test_a_large_group_goes_to_its_chief_and_its_manager():
    own = {"chief_staff_id": "C1", "am_staff_id": "M1"}
    facts = facts_of(g={"tier": "A1", **own}, top={"double_top100": True, **own})

    rows = routed(listed_of(g="red", top="red"), facts)

    assert set(rows["route_to"]) == {"C1"}
    assert set(rows["also_to"]) == {"M1"}
    assert set(rows["owner_id"]) == {"M1"}
    assert set(rows["escalate_to"]) == {"K1"}


def test_a_chief_who_is_full_leaves_the_rest_to_the_manager():
    own = {"tier": "B1", "chief_staff_id": "C1", "am_staff_id": "M1"}

    rows = routed(listed_of(g="yellow", h="yellow"), facts_of(g=own, h=own))

    assert rows["route_to"].to_dict() == {"g": "C1", "h": "M1"}
    assert "首席客户经理C1本期已满1个" in rows.loc["h", "routing_why_zh"]


def test_a_large_group_without_its_chief_falls_to_the_county_manager():
    facts = facts_of(g={"tier": "A1", "chief_staff_id": "C1", "am_staff_id": "M1"})

    row = routed(listed_of(g="red"), facts, staff_of(C1=date(2010, 12, 31))).loc["g"]

    assert row[["route_to", "also_to"]].to_list() == ["K1", "M1"]
    assert row["routing_why_zh"].startswith("首席客户经理C1已于12月31日离岗；")


def test_a_reminder_of_a_large_group_spares_the_chief():
    own = {"tier": "A1", "chief_staff_id": "C1", "am_staff_id": "M1"}

    row = routed(listed_of(g="blue"), facts_of(g=own)).loc["g"]

    assert row[["route_to", "also_to"]].to_list() == ["M1", None]


def test_nobody_found_is_said():
    nobody = staff_of(without=list(STAFF))

    row = routed(listed_of(g="yellow"), facts_of(g={}), nobody).loc["g"]

    assert row[["owner_id", "route_to"]].to_list() == [None, None]
    assert row["routing_why_zh"].endswith("找不到中小企业服务台及其上级")


def test_without_a_table_of_staff_the_manager_of_record_gets_his_row():
    facts = facts_of(g={"am_staff_id": "M1"})

    rows = routes(listed_of(g="yellow"), facts, None, None, RULES, DAY)

    assert rows["route_to"].to_list() == ["M1"]


def test_people_without_an_area_belong_where_their_groups_are():
    staff = staff_of().assign(org_area_id=None)
    facts = facts_of(g={"am_staff_id": "M1"}, h={}, far={"county_id": "R2", "am_staff_id": "M9"})

    row = routed(listed_of(h="yellow"), facts, staff).loc["h"]

    assert row["route_to"] == "M1"


one_group = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["C", "C", "B1"]),
        "county_id": st.sampled_from(["R1", "R2", None]),
        "am_staff_id": st.sampled_from([None, "M1", "M2", "M9"]),
        "chief_staff_id": st.sampled_from([None, "C1"]),
    }
)
levels = st.sampled_from(["red", "orange", "yellow", "blue"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(one_group, levels), min_size=1, max_size=30),
    st.sets(st.sampled_from(list(STAFF))),
    st.randoms(use_true_random=False),
)
def test_nobody_who_left_gets_a_row_and_nobody_more_than_he_can_work(groups, gone, random):
    facts = facts_of(**{f"g{n}": group for n, (group, _) in enumerate(groups)})
    listed = listed_of(**{f"g{n}": level for n, (_, level) in enumerate(groups)})
    staff = staff_of(**{person: date(2010, 12, 1) for person in gone})

    rows = routed(listed, facts, staff)

    named = rows[["owner_id", "route_to", "also_to", "escalate_to"]].stack()
    assert not set(named.dropna()) & gone
    level = listed.set_index("group_id")["level"]
    counted = rows[~level.isin(["red", "blue"]).reindex(rows.index)]
    for person, room in (("M1", 2), ("M2", 2), ("M9", 2)):
        assert counted["route_to"].eq(person).sum() <= room
    assert rows["routing_why_zh"].ne("").all()
    shuffled = listed.sample(frac=1, random_state=random.randrange(2**32))
    pd.testing.assert_frame_equal(routed(shuffled, facts, staff), rows)


@pytest.mark.parametrize("level", ["red", "orange", "yellow", "blue", "none"])
def test_every_level_is_routed(level):
    assert routed(listed_of(g=level), facts_of(g={"am_staff_id": "M1"}))["route_to"]["g"] == "M1"
