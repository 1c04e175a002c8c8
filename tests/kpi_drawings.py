"""A small county for the tests of the KPI report."""

from datetime import date

from pipelines.settings import load
from serving.kpi.report import kpi_report

SETTINGS = load().kpi
TWELFTH = date(2009, 10, 12)
"""By then September is closed in every table."""
AREAS = """
    area_id | parent_area_id | area_type | name
    C       |                | city      | the city
    R1      | C              | county    | one
    R2      | C              | county    | two
    T1      | R1             | town      | a town
"""
GROUPS = """
    group_id | month  | area_id | lifecycle | is_double_top100 | is_target_market
    g1       | 200908 | T1      | in_use    | yes              | yes
    g2       | 200908 | R1      | in_use    | no               | yes
    g3       | 200908 | R2      | in_use    | no               | no
    g1       | 200909 | T1      | in_use    | yes              | yes
    g2       | 200909 | R1      | lost      | no               | yes
    g3       | 200909 | R2      | in_use    | no               | no
"""
MEMBERS = """
    user_id | status    | status_time         | is_m2m
    u1      | active    | 2005-01-01          | no
    u2      | off       | 2009-09-15 10:00:00 | no
    u3      | active    | 2005-01-01          | no
    u4      | active    | 2005-01-01          | no
    machine | active    | 2005-01-01          | yes
"""
MEMBERSHIPS = """
    user_id | group_id | valid_from | member_role
    u1      | g1       | 2005-01-01 | key_person
    u2      | g1       | 2005-01-01 | contact
    u3      | g2       | 2005-01-01 | ordinary
    u4      | g3       | 2005-01-01 | ordinary
    machine | g1       | 2005-01-01 | ordinary
"""
BASES = """
    base_id      | entity_type | entity_id | ref_revenue_fen | frozen_at
    target_2009  | group       | g1        |                 | 2008-12-31
    target_2009  | group       | g2        |                 | 2008-12-31
    groups_2009  | group       | g1        |                 | 2008-12-31
    groups_2009  | group       | g2        |                 | 2008-12-31
    groups_2009  | group       | g3        |                 | 2008-12-31
    members_2009 | member      | u1        | 10000           | 2008-12-31
    members_2009 | member      | u2        | 6000            | 2008-12-31
    members_2009 | member      | u3        | 4000            | 2008-12-31
    members_2009 | member      | u4        |                 | 2008-12-31
    members_2010 | member      | u4        | 10000           | 2009-12-31
"""
BILLS = """
    user_id | month  | version | arpu_fen
    u1      | 200907 | 1       | 4000
    u1      | 200908 | 1       | 4900
    u1      | 200909 | 1       | 4999
    u2      | 200908 | 1       | 6000
    u3      | 200909 | 1       | 3000
    u4      | 200909 | 1       | 9000
"""
COUNTY = {
    "dim_area": AREAS,
    "group_snapshot": GROUPS,
    "member": MEMBERS,
    "membership_hist": MEMBERSHIPS,
    "snapshot_base": BASES,
    "bill_month": BILLS,
}


def report(tables, as_of, **more):
    """The report with the settings that are shipped."""
    return kpi_report(
        tables,
        as_of,
        SETTINGS.definitions(),
        SETTINGS.reading(),
        SETTINGS.limits(),
        **more,
    )


def line(found, code, area=None):
    """The line of a KPI, of the first area unless another one is named."""
    page = next(p for p in found.areas if area in (None, p.area_id))
    return next(one for one in page.lines if one.code == code)


def targets(*rows):
    """Targets of the year."""
    header = "kpi_code | area_id | year | annual_target | unit | direction | pace"
    return "\n".join([header, *rows])


def actuals(*rows):
    """What the operator reports."""
    return "\n".join(["kpi_code | area_id | as_of | value | num | den", *rows])
