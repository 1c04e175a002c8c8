"""What the choice of actions reads, as known on the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features.tables import Tables
from pipelines import settings
from pipelines.actions import action_inputs, action_terms
from pipelines.facts import known_facts
from pipelines.storage import Home
from pipelines.workplace import Workplace

DAY = date(2011, 1, 13)
TABLES = {
    "dim_area": """
        area_id | area_type | parent_area_id | name
        K1      | county    |                | East
        P1      | park      | K1             | Mill
    """,
    "group_snapshot": """
        group_id | month  | group_name | area_id | park_id | industry_l1 | mobile_revenue_fen | arrears_fen | am_staff_id | load_time
        G1       | 201012 | One        | P1      | P1      | trade       | 200000             | 0           | S1          | 2011-01-05
        G2       | 201012 | Two        | P1      |         | education   | 50000              |             |             | 2011-01-05
        G3       | 201012 | Three      | P1      |         | trade       | 50000              | 0           |             | 2011-01-05
    """,  # noqa: E501 - a wide table
    "member": """
        user_id | open_date  | realname_flag
        U1      | 2005-01-01 | yes
        U2      | 2005-01-01 | yes
        U3      | 2010-12-01 |
        U4      | 2005-01-01 | yes
    """,
    "membership_hist": """
        user_id | group_id | valid_from | member_role
        U1      | G1       | 2008-01-01 | key_person
        U2      | G1       | 2008-01-01 | contact
        U3      | G1       | 2010-12-01 | ordinary
        U4      | G2       | 2008-01-01 | ordinary
    """,
    "usage_month": """
        user_id | month  | version | mou_out_m | mou_in_m | sms_short_out_n | load_time
        U1      | 201012 | 1       | 100       | 100      | 3               | 2011-01-05
        U2      | 201012 | 1       | 100       | 100      | 0               | 2011-01-05
    """,
    "bill_month": """
        user_id | month  | version | arpu_fen | load_time
        U1      | 201012 | 1       | 9000     | 2011-01-08
        U2      | 201012 | 1       | 5000     | 2011-01-08
        U3      | 201012 | 1       | 9000     | 2011-01-08
    """,
    "contract": """
        contract_id | user_id | group_id | type          | start_date | end_date   | load_time
        C1          | U2      |          | deposit_bonus | 2010-02-01 | 2011-02-01 | 2010-02-02
        C2          |         | G1       | points_vnet   | 2010-02-01 | 2011-12-01 | 2010-02-02
        C3          | U1      |          | deposit_bonus | 2011-01-10 | 2012-01-10 | 2011-01-14
    """,
    "product_holding": """
        holding_id | group_id | user_id | product        | valid_from | valid_to   | stage   | load_time
        H1         | G1       | U1      | vnet_std       | 2009-01-01 | 9999-12-31 |         | 2009-01-02
        H2         | G1       | U2      | vnet_pkgmin    | 2009-01-01 | 9999-12-31 |         | 2009-01-02
        H3         | G1       | U3      | vnet_std       | 2009-01-01 | 2010-01-01 |         | 2009-01-02
        H4         | G1       |         | power100_comm  | 2009-01-01 | 9999-12-31 |         | 2009-01-02
        H5         | G2       |         | dedicated_line | 2010-01-01 | 9999-12-31 | prelaid | 2010-01-02
        H6         | G2       |         | school_msg     | 2010-01-01 | 9999-12-31 |         | 2011-01-14
    """,  # noqa: E501 - a wide table
    "visit": """
        visit_id | group_id | visit_date | type       | load_time
        V1       | G1       | 2010-12-20 | key_person | 2010-12-21
        V2       | G1       | 2011-01-08 | routine    | 2011-01-09
        V3       | G1       | 2011-01-10 | retention  | 2011-01-14
    """,
    "campaign": """
        campaign_id | action_code | start_date | end_date   | load_time
        K1          | DEP_BONUS   | 2010-10-01 | 2011-04-01 | 2010-09-20
    """,
    "treatment": """
        treatment_id | campaign_id | group_id | assign_time | arm     | propensity | delivered | cost_fen | load_time
        T1           | K1          | G1       | 2010-12-25  | treat   | 0.5        | yes       | 6000     | 2010-12-26
        T2           | K1          | G2       | 2011-01-02  | treat   | 0.5        | yes       | 7000     | 2011-01-03
        T3           | K1          | G3       | 2011-01-05  | control | 0.5        | no        | 0        | 2011-01-06
        T4           | K1          | G3       | 2011-01-05  | treat   | 0.5        | yes       | 9000     | 2011-01-14
    """,  # noqa: E501 - a wide table
    "auth_letter": """
        letter_id | group_id | contact_user_id | scope | valid_from | valid_to   | load_time
        L1        | G1       | U2              | vnet  | 2010-01-01 | 2011-06-01 | 2010-01-02
        L2        | G1       | U2              | all   | 2011-01-01 | 2012-06-01 | 2011-01-14
    """,
    "rival_event": """
        event_id | group_id | report_date | rival | lever      | load_time
        E1       | G1       | 2011-01-03  | CT    | tariff_cut | 2011-01-05
        E2       | G1       | 2010-06-01  | CT    | vpn        | 2010-06-05
        E3       | G1       | 2011-01-10  | CT    | exec_lobby | 2011-01-14
    """,
}
FEATURES = pd.DataFrame({"group_id": ["G1", "G2", "G3"], "group_vnet_minutes": [40.0, None, 0.0]})


@dataclass(frozen=True)
class Drawn(Workplace):
    """A workplace of drawn tables."""

    given: Tables

    @property
    def tables(self) -> Tables:
        return self.given


@pytest.fixture
def place(drawn, tmp_path: Path) -> Drawn:
    return _drawn(drawn, tmp_path, TABLES)


def _drawn(drawn, folder: Path, tables: dict[str, str]) -> Drawn:
    return Drawn(Home(folder), settings.load(None), drawn(**tables))


def read(place: Drawn, *listed: str):
    facts = known_facts(place, FEATURES, DAY)
    return action_inputs(place, FEATURES, facts, DAY, listed or ("G1", "G2"))


def test_the_facts_are_those_of_the_day(place: Drawn) -> None:
    groups = read(place).groups.set_index("group_id")

    said = groups.loc["G1"]
    assert (said["vnet_members"], said["vnet_std_members"]) == (2, 1)
    assert said["idle_sms_members"] == 1  # U2; U1 sent three
    assert (said["power100"], said["points_agreement"], said["in_park"]) == (1, 1, 1)
    assert (said["unmanaged"], said["letter_valid"], said["vnet_minutes"]) == (0, 1, 40.0)
    assert (said["county_id"], said["monthly_revenue_fen"]) == ("K1", 200_000)
    other = groups.loc["G2"]
    assert (other["line_laid"], other["school_msg"], other["in_park"]) == (1, 0, 0)
    assert pd.isna(other["arrears_fen"])
    assert (other["unmanaged"], other["letter_valid"]) == (1, 0)


def test_the_last_commercial_contact_is_the_newest_of_visits_and_treatments(place: Drawn) -> None:
    groups = read(place, "G1", "G2", "G3").groups.set_index("group_id")

    # The visit of 10 January is not known yet, a routine visit sells nothing.
    assert groups.loc["G1", "last_contact_date"] == date(2010, 12, 25)
    assert groups.loc["G1", "last_contact_en"] == "DEP_BONUS"
    assert groups.loc["G2", "last_contact_date"] == date(2011, 1, 2)
    assert groups["never_met"].to_dict() == {"G1": 0, "G2": 0, "G3": 1}


def test_reports_count_for_half_a_year_and_from_the_day_they_were_loaded(place: Drawn) -> None:
    levers = read(place).levers

    assert levers.to_dict("records") == [{"group_id": "G1", "lever": "tariff_cut", "age": 10}]


def test_members_worth_binding_and_letters_are_those_of_the_day(place: Drawn) -> None:
    known = read(place)

    # U2's contract ends in 19 days; what U1 signed on the tenth is not known yet.
    assert known.members[["user_id", "why"]].values.tolist() == [
        ["U1", "key_free"],
        ["U2", "key_ending"],
        ["U3", "high_value"],
    ]
    assert known.letters["letter_id"].tolist() == ["L1"]
    person = known.people.set_index("group_id").loc["G1"]
    assert (person["key_person_id"], person["contact_id"]) == ("U1", "U2")


def test_a_list_may_spend_the_part_of_the_month_that_has_begun_less_what_was_spent(
    place: Drawn,
) -> None:
    terms = action_terms(place, known_facts(place, FEATURES, DAY), DAY)

    # The second dekad has begun: two thirds of 1,200,000, less the 7,000 of January known by then.
    assert terms.means.budget_fen == {"K1": 793_000}
    assert terms.means.budget_elsewhere_fen == 800_000


def test_what_is_loaded_later_changes_nothing(drawn, place: Drawn, tmp_path: Path) -> None:
    later = {}
    for name, drawing in TABLES.items():
        lines = drawing.splitlines()
        later[name] = "\n".join(line for line in lines if "2011-01-14" not in line)

    without, within = read(_drawn(drawn, tmp_path, later)), read(place)

    for name in ("groups", "levers", "letters", "people", "members"):
        pd.testing.assert_frame_equal(getattr(without, name), getattr(within, name))


def test_tables_that_an_operator_has_not_leave_their_facts_unknown(drawn, tmp_path: Path) -> None:
    few = ("group_snapshot", "member", "membership_hist", "usage_month")
    place = _drawn(drawn, tmp_path, {name: TABLES[name] for name in few})

    known = read(place)

    assert known.letters is None
    assert known.levers.empty
    said = known.groups.set_index("group_id").loc["G1"]
    for fact in ("letter_valid", "never_met", "vnet_members"):
        assert fact not in said or pd.isna(said[fact])


def test_a_list_of_nobody_is_read_all_the_same(place: Drawn) -> None:
    facts = known_facts(place, FEATURES, DAY)

    known = action_inputs(place, FEATURES, facts, DAY, [])

    assert known.groups.empty
    assert known.members.empty
