from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from kpi_drawings import COUNTY, line, report

THIRD = date(2009, 10, 3)
TWELFTH = date(2009, 10, 12)
"""By then September is closed in every table."""
COUNTY_2009 = """
    kpi_code        | area_id | year | annual_target | unit    | direction | pace
    ict_revenue     | X       | 2009 | 3750000       | yuan    | higher    | linear
    group_retention | X       | 2009 | 98            | percent | higher    | linear
    key_bundling    | X       | 2009 | 70            | percent | higher    | linear
"""


def targets(*rows):
    header = "kpi_code | area_id | year | annual_target | unit | direction | pace"
    return "\n".join([header, *rows])


def actuals(*rows):
    return "\n".join(["kpi_code | area_id | as_of | value | num | den", *rows])


def test_the_county_of_the_source_document_on_30_september(drawn):
    tables = drawn(
        kpi_target=COUNTY_2009,
        kpi_actual=actuals(
            "ict_revenue     | X | 2009-09-30 | 3630000 | |",
            "group_retention | X | 2009-09-30 | 99.29   | |",
        ),
    )

    found = report(tables, THIRD)

    assert (found.day, found.dekad.zh) == (date(2009, 9, 30), "9月下旬")
    assert round(found.time_progress, 3) == 0.748  # 273 / 365
    revenue, retention = line(found, "ict_revenue"), line(found, "group_retention")
    assert revenue.attainment == 0.968
    assert (round(revenue.gap_points, 1), revenue.status) == (22.0, "ahead")
    assert round(retention.pace, 2) == 98.50
    assert (round(retention.gap_points, 2), retention.status) == (0.79, "ahead")


def test_the_city_of_the_source_document_on_31_october(drawn):
    """ADC and MAS are behind time progress, all others are not (targets are made up)."""
    names = "ict_revenue adc_revenue mas_revenue group_retention".split()
    levels = {"key_bundling": 76, "pkgmin_share": 72, "vnet_over_30": 75, "short_effective": 27}
    flows = [f"{name} | C | 2009 | 100 | yuan | higher | linear" for name in names[:3]]
    rates = [f"{name} | C | 2009 | 70 | percent | higher | linear" for name in levels]
    rates[3] = rates[3].replace("70", "25")
    kept = "group_retention | C | 2009 | 98 | percent | higher | linear"
    sold = [f"{n} | C | 2009-10-31 | {v} | |" for n, v in zip(names, (90, 71, 68, 99), strict=True)]
    held = [f"{name} | C | 2009-10-31 | {value} | |" for name, value in levels.items()]
    tables = drawn(kpi_target=targets(*flows, *rates, kept), kpi_actual=actuals(*sold, *held))

    found = report(tables, date(2009, 11, 3))

    assert round(found.time_progress, 4) == 0.8329  # 304 / 365
    status = {name: line(found, name).status for name in (*names, *levels)}
    assert {name for name, told in status.items() if told == "behind"} == {
        "adc_revenue",
        "mas_revenue",
    }
    assert set(status.values()) == {"behind", "ahead", "met"}
    assert {name: line(found, name).actual for name in levels} == levels


def test_a_kpi_is_set_beside_the_time_of_its_own_day_not_of_the_reports(drawn):
    tables = drawn(
        kpi_target=COUNTY_2009, kpi_actual=actuals("ict_revenue | X | 2009-08-31 | 3000000 | |")
    )

    found = line(report(tables, THIRD), "ict_revenue")

    assert found.on == date(2009, 8, 31)
    assert found.passed == 243 / 365
    assert round(found.gap_points, 2) == 13.42  # 80 - 66.58


def test_no_target_and_no_data_are_said_and_never_a_zero(drawn):
    tables = drawn(
        kpi_target=COUNTY_2009, kpi_actual=actuals("vnet_over_30 | X | 2009-09-30 | 75 | |")
    )

    found = report(tables, THIRD)

    assert line(found, "vnet_over_30").status == "no_target"
    assert line(found, "vnet_over_30").gap_points is None
    for one in (line(found, "ict_revenue"), line(found, "arpu")):
        assert one.status == "no_data"
        assert (one.actual, one.attainment, one.gap_points, one.forecast) == (None,) * 4


def test_last_years_figures_are_no_figures_of_this_year(drawn):
    tables = drawn(
        kpi_target=COUNTY_2009, kpi_actual=actuals("ict_revenue | X | 2008-12-31 | 3000000 | |")
    )

    assert line(report(tables, THIRD), "ict_revenue").status == "no_data"


def test_a_city_that_reports_nothing_is_the_sum_of_its_counties(drawn):
    tables = drawn(
        dim_area=COUNTY["dim_area"],
        kpi_target=targets(
            *(f"ict_revenue | {a} | 2009 | 100 | yuan | higher | linear" for a in ("R1", "R2")),
            *(f"key_bundling | {a} | 2009 | 70 | percent | higher | linear" for a in ("R1", "R2")),
        ),
        kpi_actual=actuals(
            "ict_revenue  | R1 | 2009-09-30 | 80 | |",
            "ict_revenue  | R2 | 2009-09-30 | 70 | |",
            "key_bundling | R1 | 2009-09-30 | 80 | 80 | 100",
            "key_bundling | R2 | 2009-09-30 | 50 | 150 | 300",
        ),
    )

    found = report(tables, THIRD)

    assert [page.area_id for page in found.areas] == ["C", "R1", "R2"]
    assert line(found, "ict_revenue", "C").attainment == 0.75  # (80 + 70) / 200
    assert line(found, "key_bundling", "C").actual == 57.5  # (80 + 150) / (100 + 300)
    assert (line(found, "ict_revenue", "R1").rank, line(found, "ict_revenue", "R2").rank) == (1, 2)
    assert line(found, "ict_revenue", "C").rank is None


def test_a_city_without_a_county_s_figures_has_no_data(drawn):
    tables = drawn(
        dim_area=COUNTY["dim_area"],
        kpi_actual=actuals("ict_revenue | R1 | 2009-09-30 | 80 | |"),
    )

    assert line(report(tables, THIRD), "ict_revenue", "C").status == "no_data"


def test_retentions_are_worked_out_of_the_frozen_lists(drawn):
    found = report(drawn(**COUNTY), TWELFTH)

    # Of the target market's g1 and g2, g2 is lost in September; g3 is in no target list.
    assert line(found, "group_retention").actual == 50
    assert round(line(found, "group_retention_all").actual, 2) == 66.67  # 2 of 3
    # Of u1 to u4, u2 went off on 15 September; next year's list is not asked.
    assert line(found, "member_retention").actual == 75
    # Of value are u1 and u2 (50 yuan and more); u2 is off, u1 had three months below 50 yuan.
    assert line(found, "value_retention").actual == 0
    assert line(found, "value_retention").den == 2
    # 49.99 + 30 yuan in September, of 100 + 60 + 40; u4 has no reference and is left out.
    assert line(found, "revenue_retention").actual == 100 * 7999 / 20000
    # One of the four on the books at the end of August left in September.
    assert line(found, "churn_rate").actual == 25
    # Those on the books at the end of September: 49.99 + 30 + 90 yuan of three.
    assert round(line(found, "arpu").actual, 4) == 56.6633


def test_an_area_counts_what_lies_in_it(drawn):
    found = report(drawn(**COUNTY), TWELFTH)

    # The town's u1 and u2 and the county's own u3, of which u2 is off.
    assert line(found, "member_retention", "R1").den == 3
    assert line(found, "member_retention", "R2").actual == 100
    only = report(drawn(**COUNTY), TWELFTH, area_id="R2")
    assert [page.area_id for page in only.areas] == ["R2"]
    assert line(only, "member_retention") == line(found, "member_retention", "R2")


def test_a_number_that_is_deactivated_later_was_lost_when_it_was_stopped(drawn):
    """The status has one time, which moves on to 5 October; on the 30th it was known as stopped."""
    stopped = """
    user_id | status    | status_time         | is_m2m | load_time
    u1      | active    | 2005-01-01          | no     | 2008-01-01
    u2      | retention | 2009-09-15 10:00:00 | no     | 2009-09-16
    u2      | off       | 2009-10-05 10:00:00 | no     | 2009-10-06
    u3      | active    | 2005-01-01          | no     | 2008-01-01
    u4      | active    | 2005-01-01          | no     | 2008-01-01
    """
    found = report(drawn(**{**COUNTY, "member": stopped}), TWELFTH)

    assert line(found, "churn_rate").actual == 25  # in September, not in October


def test_our_own_figure_stands_beside_the_operators_and_differs_aloud(drawn):
    told = actuals(
        "group_retention  | C | 2009-09-30 | 50.9 | |",
        "member_retention | C | 2009-09-30 | 99   | |",
    )
    found = report(drawn(**COUNTY, kpi_actual=told), TWELFTH)

    near, far = line(found, "group_retention"), line(found, "member_retention")
    assert (near.actual, near.checked, near.differs) == (50.9, 50, False)  # within a point
    assert (far.actual, far.checked, far.differs) == (99, 75, True)
    assert (far.source, far.computed_on) == ("operator", date(2009, 10, 10))


def test_the_contract_of_a_key_member_counts_until_it_ends_or_is_broken(drawn):
    contracts = """
    contract_id | user_id | group_id | type          | start_date | end_date   | status | status_time
    k1          | u1      |          | deposit_bonus | 2009-01-01 | 2009-10-01 | live   | 2009-01-01
    k2          | u4      |          | deposit_bonus | 2009-01-01 | 2010-10-01 | broken | 2009-09-20
    k3          |         | g1       | points_vnet   | 2009-01-01 | 2010-10-01 | live   | 2009-01-01
    """
    day = date(2009, 9, 30)
    found = report(drawn(**COUNTY, contract=contracts), day)

    # The top hundred's key members are u1 and u2, of whom u2 is off.
    assert (line(found, "key_bundling").num, line(found, "key_bundling").den) == (1, 1)
    assert line(found, "bundling_rate").num == 1  # k2 was broken
    assert line(found, "ending_soon").num == 1
    later = report(drawn(**COUNTY, contract=contracts), date(2009, 10, 10))
    assert line(later, "key_bundling").num == 0  # ended on 1 October


def test_a_share_of_v_net_users_is_strictly_over_thirty_minutes(drawn):
    holdings = """
    holding_id | user_id | group_id | product     | valid_from | valid_to
    h1         | u1      | g1       | vnet_pkgmin | 2009-01-01 | 9999-12-31
    h2         | u3      | g2       | vnet_std    | 2009-01-01 | 9999-12-31
    h3         | u4      | g3       | vnet_std    | 2009-01-01 | 2009-09-30
    h4         | u1      | g1       | short_sms   | 2009-01-01 | 9999-12-31
    """
    usage = """
    user_id | month  | version | mou_out_m | mou_in_m | vnet_out_m | vnet_in_m | sms_short_out_n
    u1      | 200909 | 1       | 100       | 50       | 20         | 10        | 0
    u3      | 200909 | 1       | 40        | 10       | 20         | 11        | 3
    u4      | 200909 | 1       | 10        | 90       | 99         | 99        | 3
    """
    found = report(drawn(**COUNTY, product_holding=holdings, usage_month=usage), TWELFTH)

    assert line(found, "vnet_over_30").actual == 50  # u3's 31, not u1's 30; u4 has left the V-net
    assert line(found, "vnet_active").actual == 100
    assert line(found, "pkgmin_share").actual == 50
    assert (line(found, "short_effective").actual, line(found, "short_effective").den) == (0, 1)
    assert line(found, "mou").actual == 100  # 300 minutes of three


LATE = {
    "member": ("user_id status status_time is_m2m", "u1 off 2009-09-01 no"),
    "bill_month": ("user_id month version arpu_fen", "u1 200909 2 99999"),
    "group_snapshot": ("group_id month area_id lifecycle", "g1 200909 R2 lost"),
    "snapshot_base": (
        "base_id entity_type entity_id frozen_at",
        "members_2009b member u9 2009-01-01",
    ),
    "kpi_actual": ("kpi_code area_id as_of value", "group_retention C 2009-09-30 1"),
    "kpi_target": (
        "kpi_code area_id year annual_target unit direction pace",
        "group_retention C 2009 1 percent higher linear",
    ),
}


@pytest.mark.parametrize("table", LATE)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(days_after=st.integers(1, 400))
def test_what_is_loaded_after_the_day_changes_nothing(drawn, table, days_after):
    told = {
        **COUNTY,
        "kpi_actual": actuals("group_retention | C | 2009-09-30 | 99 | |"),
        "kpi_target": targets("group_retention | C | 2009 | 98 | percent | higher | linear"),
    }
    loaded = date.fromordinal(TWELFTH.toordinal() + days_after)

    assert report(drawn(**_with(told, table, loaded)), TWELFTH) == report(drawn(**told), TWELFTH)


@pytest.mark.parametrize("table", LATE)
def test_the_same_row_loaded_on_the_day_does_change_something(drawn, table):
    told = {
        **COUNTY,
        "kpi_actual": actuals("group_retention | C | 2009-09-30 | 99 | |"),
        "kpi_target": targets("group_retention | C | 2009 | 98 | percent | higher | linear"),
    }
    assert report(drawn(**_with(told, table, TWELFTH)), TWELFTH) != report(drawn(**told), TWELFTH)


def _with(told, table, loaded):
    """The drawings with one more row of a table."""
    names, cells = (text.split() for text in LATE[table])
    header, *rows = [line.split("|") for line in told[table].strip().splitlines()]
    header = [name.strip() for name in header]
    added = dict(zip(names, cells, strict=True)) | {"load_time": str(loaded)}
    every = [*header, "load_time"]
    lines = [" | ".join([*(cell.strip() for cell in row), "2008-01-01"]) for row in rows]
    lines.append(" | ".join(added.get(name, "") for name in every))
    return {**told, table: "\n".join([" | ".join(every), *lines])}


def test_the_order_of_rows_does_not_matter(drawn):
    turned = {
        name: "\n".join([lines[0], *reversed(lines[1:])])
        for name, lines in ((n, text.strip().splitlines()) for n, text in COUNTY.items())
    }
    assert report(drawn(**turned), TWELFTH) == report(drawn(**COUNTY), TWELFTH)


def test_a_seasonal_plan_is_set_beside_the_season(drawn):
    plan = targets("ict_revenue | X | 2009 | 1000 | yuan | higher | monthly_profile")
    told = actuals(
        "ict_revenue | X | 2008-09-30 | 600 | |",
        "ict_revenue | X | 2008-12-31 | 1000 | |",
        "ict_revenue | X | 2009-09-30 | 630 | |",
    )
    found = line(report(drawn(kpi_target=plan, kpi_actual=told), THIRD), "ict_revenue")

    assert (found.passed, found.seasonal) == (0.6, True)
    assert round(found.gap_points, 6) == 3.0  # 63 - 60
    assert found.forecast == 1050  # 630 / 0.6


def test_a_kpi_that_nobody_defined_is_shown_by_its_code(drawn):
    plan = targets("new_lines | X | 2009 | 160 | pieces | higher | linear")
    told = actuals("new_lines | X | 2009-09-30 | 100 | |")

    found = line(report(drawn(kpi_target=plan, kpi_actual=told), THIRD), "new_lines")

    assert (found.name.zh, found.actual, found.status) == ("new_lines", 100, "missed")


def test_the_change_of_a_flow_is_of_the_months_income(drawn):
    told = actuals(
        "ict_revenue | X | 2009-07-31 | 100 | |",
        "ict_revenue | X | 2009-08-31 | 120 | |",
        "ict_revenue | X | 2009-09-30 | 150 | |",
    )
    found = line(report(drawn(kpi_actual=told), THIRD), "ict_revenue")

    assert found.change == 50  # 30 after 20


def test_without_any_table_there_is_no_page(drawn):
    assert report(drawn(), THIRD).areas == ()
