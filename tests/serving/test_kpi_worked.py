from datetime import date

import pytest
from kpi_drawings import COUNTY, TWELFTH, actuals, line, report


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


def test_an_area_whose_bills_have_not_come_has_no_data_rather_than_nothing(drawn):
    found = report(drawn(**{**COUNTY, "bill_month": without_r2()}), TWELFTH)

    assert line(found, "arpu", "R2").status == "no_data"
    assert line(found, "arpu", "R1").actual == pytest.approx((49.99 + 30) / 2)


def without_r2():
    """The bills without those of u4, who lives there."""
    return "\n".join(row for row in COUNTY["bill_month"].splitlines() if "u4" not in row)


def test_revenue_is_worked_out_of_whole_years_only(drawn):
    header = "group_id | product | month | revenue_fen"
    year = [f"g1 | mas | 2009{month:02} | 100000" for month in range(1, 10)]
    other = [f"g3 | oa | 2009{month:02} | 5000" for month in range(1, 10)]
    whole = "\n".join([header, *year, *other])
    lacks = "\n".join([header, *year[:3], *year[4:], *other])

    found = report(drawn(**COUNTY, product_usage_month=whole), TWELFTH)
    assert line(found, "mas_revenue", "C").actual == 9000  # nine months of 1,000 yuan
    assert line(found, "ict_revenue", "C").actual == 9450
    assert line(found, "mas_revenue", "R2").actual == 0  # its rows came, and there is no MAS
    found = report(drawn(**COUNTY, product_usage_month=lacks), TWELFTH)
    assert line(found, "mas_revenue", "R1").status == "no_data"


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
    contract_id | user_id | group_id | type        | start_date | end_date   | status | status_time
    k1          | u1      |          | gift        | 2009-01-01 | 2009-10-01 | live   | 2009-01-01
    k2          | u4      |          | gift        | 2009-01-01 | 2010-10-01 | broken | 2009-09-20
    k3          |         | g1       | points_vnet | 2009-01-01 | 2010-10-01 | live   | 2009-01-01
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
