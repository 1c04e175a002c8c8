from dataclasses import replace
from datetime import date

import pandas as pd
from kpi_drawings import COUNTY, SETTINGS, line, report

from serving.kpi.report import kpi_report

TWELFTH = date(2009, 10, 12)
PLAN = """
    kpi_code         | area_id | year | annual_target | unit    | direction | pace
    member_retention | C       | 2009 | 60            | percent | higher    | linear
"""
"""By the end of September 1 - 0.4 x 273 / 365 = 70.1 % should be on net; 75 % are."""


def alarm(tables, **limits):
    found = kpi_report(
        tables,
        TWELFTH,
        SETTINGS.definitions(),
        SETTINGS.reading(),
        replace(SETTINGS.limits(), **limits),
    )
    return found.areas[0].alarm


def test_a_green_retention_raises_the_alarm_where_those_who_stayed_pay_less(drawn):
    """Reference 200 yuan, of which u1 and u3, still on net, had 140 and now pay 79.99."""
    found = alarm(drawn(**COUNTY, kpi_target=PLAN))

    assert found.green == ("member_retention",)
    revenue = found.evidence[0]
    # 79.99 of 200; 120.01 are gone, 60.01 of them on members still on net
    assert "40.0%" in revenue.en
    assert "120 yuan a month less; 50% of that (60 yuan)" in revenue.en
    assert "40.0%" in revenue.zh


def test_it_says_how_many_stayed_without_their_value(drawn):
    found = alarm(drawn(**COUNTY, kpi_target=PLAN))

    # Of u1 and u2, who were of value, u1 is on net, with three months below 50 yuan.
    assert "50.0% are on net but only 0.0% keep their value: 1 are on net" in found.evidence[1].en


def test_there_is_no_alarm_where_the_retention_is_behind_by_itself(drawn):
    behind = PLAN.replace("| 60 ", "| 90 ")
    tables = drawn(**COUNTY, kpi_target=behind)

    assert line(report(tables, TWELFTH), "member_retention").status == "behind"
    assert alarm(tables) is None


def test_there_is_no_alarm_where_the_loss_is_within_the_limits(drawn):
    # 30.005 points of the revenue and 50 points of those of value are within 31 and 51.
    assert alarm(drawn(**COUNTY, kpi_target=PLAN), unexplained_points=31, value_points=51) is None
    assert alarm(drawn(**COUNTY, kpi_target=PLAN), unexplained_points=30, value_points=51)


def test_the_newest_lists_revenue_at_risk_is_evidence(drawn):
    listed = pd.DataFrame(
        {
            "group_id": ["g1", "g3", "g2"],
            "revenue_at_risk_fen": pd.array([5000, 7000, None], "Int64"),
        }
    )
    found = report(drawn(**COUNTY, kpi_target=PLAN), TWELFTH, listed=(date(2009, 9, 23), listed))

    # 50 + 70 yuan of 200 yuan
    assert (
        "2009-09-23 holds 2 groups with 120 yuan at risk, 60.0%"
        in found.areas[0].alarm.evidence[-1].en
    )


def test_members_who_call_half_of_what_they_did_are_evidence(drawn):
    usage = """
    user_id | month  | version | mou_out_m
    u1      | 200810 | 1       | 100
    u1      | 200811 | 1       | 100
    u1      | 200812 | 1       | 100
    u3      | 200812 | 1       | 100
    u4      | 200812 | 1       | 100
    u1      | 200909 | 1       | 50
    u3      | 200909 | 1       | 51
    u2      | 200909 | 1       | 0
    """
    found = report(drawn(**COUNTY, usage_month=usage), TWELFTH)

    quiet = line(found, "quiet_share")
    # u1 fell to half; u3 not quite; u2 is off and u4's September is not known
    assert (quiet.num, quiet.den) == (1, 2)
    assert (
        "50.0% of the list's members"
        in alarm(drawn(**COUNTY, usage_month=usage, kpi_target=PLAN)).evidence[-1].en
    )


def test_the_loop_counts_alerts_and_tells_of_too_few_held_back(drawn):
    cases = """
    case_id | group_id | level  | dispatched_time | due_time   | first_contact_time | is_holdout
    c1      | g1       | red    | 2009-10-02      | 2009-10-05 | 2009-10-04         | no
    c2      | g2       | orange | 2009-07-25      | 2009-08-01 | 2009-08-02         | no
    c3      | g3       | orange | 2009-07-25      | 2009-08-01 |                    | yes
    c4      | g3       | yellow | 2009-09-25      | 2009-10-05 |                    | no
    """
    loop = report(drawn(**COUNTY, alert_case=cases), TWELFTH).areas[0].loop

    assert (loop.red, loop.orange, loop.yellow) == (1, 0, 0)  # of 1 to 10 October
    assert (loop.contacted.num, loop.contacted.den) == (2, 3)
    assert (loop.closed.num, loop.closed.den) == (0, 3)
    # 60 days after 25 July is 23 September: by the end of September g2 is lost, g3 is not.
    assert (loop.kept.num, loop.kept.den) == (0, 1)
    assert (loop.held_back.num, loop.held_back.den) == (1, 1)
    assert not loop.enough
