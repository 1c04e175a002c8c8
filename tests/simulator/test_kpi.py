"""Plans, where a county stands, and the frozen lists that retention is measured on."""

import duckdb
import pytest

from simulator.preset import load
from simulator.world import simulate

COUNTY = {
    "world.months": 24,
    "population.groups": {"A": 22, "B": 120, "C": 40},
    "population.size_mu": {"A": 3.2, "B": 2.9, "C": 2.0},
    "transfer.q0": {"A": 0, "B": 0, "C": 0},
    "transfer.lost_after_days": [5, 60],
}
"""A county of small groups, many of which go, so that the lists shrink."""
RATES = {
    "group_retention", "member_retention", "key_bundling", "pkgmin_share", "vnet_over_30",
    "short_effective",
}  # fmt: skip
MONEY = {"ict_revenue", "adc_revenue", "mas_revenue"}


def deliver(folder, **overrides):
    preset = load("county_xinxing_2009", {**COUNTY, **overrides})
    simulate(preset, 1, folder)
    connection = duckdb.connect()
    for table in (folder / "landing").iterdir():
        connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM '{table}/*.parquet'")
    return lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    return deliver(tmp_path_factory.mktemp("kpi"))


def test_every_kpi_has_a_plan_for_every_year_in_its_first_days(ask):
    plans = ask(
        """SELECT year, list(kpi_code), max(load_time) < strptime(year, '%Y') + INTERVAL 12 DAY
           FROM kpi_target GROUP BY year ORDER BY year"""
    )

    assert [year for year, _, _ in plans] == ["2008", "2009", "2010"]
    assert all(sorted(codes) == sorted(RATES | MONEY) for _, codes, _ in plans)
    assert all(in_time for _, _, in_time in plans)


def test_every_kpi_is_measured_at_each_month_s_end_and_known_some_days_later(ask):
    measured = ask(
        """SELECT as_of, count(DISTINCT kpi_code), min(load_time::DATE - as_of),
                  max(load_time::DATE - as_of) FROM kpi_actual GROUP BY as_of ORDER BY as_of"""
    )

    assert len(measured) == 24
    assert all(codes == len(RATES | MONEY) for _, codes, _, _ in measured)
    assert all(8 <= first <= last <= 9 for _, _, first, last in measured)


def test_revenue_is_counted_from_january_on_as_the_products_bring_it_in(ask):
    measured = ask(
        "SELECT as_of, value FROM kpi_actual WHERE kpi_code = 'mas_revenue' ORDER BY as_of"
    )
    earned = ask(
        """SELECT last_day(strptime(month, '%Y%m')), sum(revenue) OVER
             (PARTITION BY left(month, 4) ORDER BY month)
           FROM (SELECT month, sum(revenue_fen) / 100 AS revenue FROM product_usage_month
                 WHERE product = 'mas' GROUP BY month) ORDER BY month"""
    )

    assert [(day, float(value)) for day, value in measured] == [
        (day, pytest.approx(value)) for day, value in earned
    ]


def test_ict_revenue_leaves_out_ring_back_tones_v_net_and_desk_telephones(ask):
    value = ask(
        """SELECT value FROM kpi_actual
           WHERE kpi_code = 'ict_revenue' AND as_of = DATE '2009-09-30'"""
    )[0][0]
    others = ask(
        """SELECT sum(revenue_fen) / 100 FROM product_usage_month
           WHERE month BETWEEN '200901' AND '200909'
           AND product NOT IN ('group_crbt', 'wireless_desk', 'short_sms')"""
    )[0][0]

    assert float(value) == pytest.approx(others)


def test_the_plan_of_a_year_is_the_revenue_of_the_year_before_and_more(ask):
    last_year = ask(
        """SELECT kpi_code, value FROM kpi_actual
           WHERE as_of = DATE '2008-12-31' AND kpi_code LIKE '%_revenue'"""
    )
    plan = dict(ask("SELECT kpi_code, annual_target FROM kpi_target WHERE year = '2009'"))

    growth = {"ict_revenue": 1.09, "adc_revenue": 1.60, "mas_revenue": 1.68}
    for code, value in last_year:
        assert float(plan[code]) == pytest.approx(float(value) * growth[code], abs=1)


def test_a_world_that_starts_in_july_plans_a_whole_year(tmp_path):
    ask = deliver(tmp_path, **{"world.start": "2008-07", "world.months": 6})
    july, december = ask(
        """SELECT value FROM kpi_actual WHERE kpi_code = 'ict_revenue'
           AND as_of IN (DATE '2008-07-31', DATE '2008-12-31') ORDER BY as_of"""
    )
    plan = ask(
        "SELECT annual_target FROM kpi_target WHERE kpi_code = 'ict_revenue' AND year = '2008'"
    )[0]

    assert float(july[0]) == pytest.approx(float(december[0]) * 7 / 12, rel=0.1)
    assert float(plan[0]) == pytest.approx(float(december[0]), rel=0.2)


def test_lists_are_frozen_on_the_first_day_and_each_last_of_december(ask):
    lists = ask(
        """SELECT DISTINCT base_id, entity_type, frozen_at::TEXT FROM snapshot_base
           ORDER BY frozen_at, base_id"""
    )

    assert lists == [
        (f"{name}_{year}", "member" if name == "members" else "group", day)
        for year, day in ((2008, "2008-01-01"), (2009, "2008-12-31"), (2010, "2009-12-31"))
        for name in ("groups", "members", "target")
    ]


def test_what_was_frozen_is_sent_once_and_never_changes(ask):
    assert ask(
        """SELECT count(*) FROM (SELECT base_id, entity_id FROM snapshot_base
           GROUP BY ALL HAVING count(*) > 1)"""
    ) == [(0,)]


def test_the_target_market_is_the_groups_graded_a_or_b_when_the_list_was_frozen(ask):
    frozen = ask("SELECT entity_id, tier FROM snapshot_base WHERE base_id = 'target_2009'")
    graded = ask(
        """SELECT group_id, tier FROM group_snapshot
           WHERE month = '200812' AND tier <> 'C' AND lifecycle <> 'lost'"""
    )

    assert sorted(frozen) == sorted(graded)
    assert sorted(group for group, _ in frozen) == [
        group
        for (group,) in ask(
            "SELECT group_id FROM group_snapshot WHERE month = '200906' AND is_target_market "
            "ORDER BY 1"
        )
    ]


def test_the_reference_revenue_is_the_mean_bill_of_the_last_three_months(ask):
    differing = ask(
        """WITH bills AS (SELECT user_id, avg(arpu_fen) AS mean FROM bill_month
                          WHERE version = 1 AND month BETWEEN '200810' AND '200812' GROUP BY 1)
           SELECT count(*) FROM snapshot_base JOIN bills ON user_id = entity_id
           WHERE base_id = 'members_2009' AND abs(ref_revenue_fen - mean) > 1"""
    )

    assert differing == [(0,)]
    assert ask(
        "SELECT count(ref_revenue_fen), count(*) > 0 FROM snapshot_base "
        "WHERE base_id = 'members_2008'"
    ) == [(0, True)]


def test_retention_counts_groups_of_the_frozen_list_that_are_not_struck_off(ask):
    stated = ask(
        """SELECT as_of, num, den FROM kpi_actual
           WHERE kpi_code = 'group_retention' AND as_of >= DATE '2009-01-01' ORDER BY 1"""
    )
    counted = ask(
        """SELECT last_day(strptime(month, '%Y%m')), count(*) FILTER (lifecycle <> 'lost'),
                  count(*) FROM group_snapshot JOIN snapshot_base ON entity_id = group_id
           WHERE base_id = 'target_2009' AND month >= '200901' GROUP BY month ORDER BY month"""
    )

    assert [(day, int(num), int(den)) for day, num, den in stated] == counted
    assert counted[-1][1] < counted[-1][2]


def test_retention_of_members_falls_as_the_operator_notices_that_they_left(ask):
    stated = ask(
        """SELECT num, den FROM kpi_actual
           WHERE kpi_code = 'member_retention' AND as_of = DATE '2009-10-31'"""
    )[0]
    counted = ask(
        """SELECT count(*) FILTER (left_on IS NULL), count(*) FROM snapshot_base LEFT JOIN (
             SELECT user_id, min(status_time::DATE) AS left_on FROM member
             WHERE status <> 'active' AND status_time < DATE '2009-11-01' GROUP BY user_id
           ) ON user_id = entity_id WHERE base_id = 'members_2009'"""
    )[0]

    assert tuple(int(n) for n in stated) == counted


def test_rates_from_usage_are_those_of_the_members_usage(ask):
    stated = ask(
        """SELECT value FROM kpi_actual
           WHERE kpi_code = 'short_effective' AND as_of = DATE '2009-10-31'"""
    )[0][0]

    assert float(stated) == pytest.approx(27, abs=3)


def test_nothing_that_is_known_before_a_change_depends_on_it(tmp_path):
    """Attacks that begin in July leave every row loaded before July as it was."""
    base = {"world.months": 9, "population.groups": {"A": 2, "B": 10, "C": 30}}
    calm, stormy = (
        deliver(tmp_path / str(month), **base, **{"drift.month": month, "drift.attack": 30})
        for month in (0, 7)
    )
    tables = (
        "product_holding", "product_usage_month", "contract", "bill_month", "group_snapshot",
        "ticket", "visit", "auth_letter", "kpi_target", "kpi_actual", "snapshot_base",
    )  # fmt: skip

    for table in tables:
        early = f"SELECT * FROM {table} WHERE load_time < DATE '2008-07-01' ORDER BY ALL"
        late = f"SELECT * FROM {table} WHERE load_time >= DATE '2008-07-01' ORDER BY ALL"
        assert calm(early) == stormy(early), table
    assert calm(late.replace("snapshot_base", "ticket")) != stormy(
        late.replace("snapshot_base", "ticket")
    )
