from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from kpi_drawings import COUNTY, TWELFTH, actuals, line, report, targets

THIRD = date(2009, 10, 3)
COUNTY_2009 = """
    kpi_code        | area_id | year | annual_target | unit    | direction | pace
    ict_revenue     | X       | 2009 | 3750000       | yuan    | higher    | linear
    group_retention | X       | 2009 | 98            | percent | higher    | linear
    key_bundling    | X       | 2009 | 70            | percent | higher    | linear
"""


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


TOLD = {
    **COUNTY,
    "kpi_actual": actuals("group_retention | C | 2009-09-30 | 99 | |"),
    "kpi_target": targets("group_retention | C | 2009 | 98 | percent | higher | linear"),
}


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),  # a report takes a second: a failure is not made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(table=st.sampled_from(sorted(LATE)), days_after=st.integers(1, 400))
def test_what_is_loaded_after_the_day_changes_nothing(drawn, as_told, table, days_after):
    loaded = TWELFTH + timedelta(days_after)

    assert report(drawn(**_with(TOLD, table, loaded)), TWELFTH) == as_told


@pytest.mark.parametrize("table", LATE)
def test_the_same_row_loaded_on_the_day_does_change_something(drawn, as_told, table):
    assert report(drawn(**_with(TOLD, table, TWELFTH)), TWELFTH) != as_told


@pytest.fixture(scope="module")
def kept():
    return []


@pytest.fixture
def as_told(drawn, kept):
    """The report without late rows, made once."""
    if not kept:
        kept.append(report(drawn(**TOLD), TWELFTH))
    return kept[0]


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
