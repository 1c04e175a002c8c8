"""What groups hold, how it spreads, and how much of it is used."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from simulator.dekads import dekads, months
from simulator.delivery import Landing
from simulator.office import Office
from simulator.preset import load
from simulator.society import Society
from simulator.tables.product_usage import ProductUsage
from simulator.tables.products import PRODUCTS, Products

CITY = {
    "population.groups": {"A": 140, "B": 760, "C": 0},
    "population.size_mu": {"A": 2.4, "B": 2.4, "C": 2.4},
    "product.fee.adc_bank": 15_000,
    "product.price.adc_bank": 0.7,
    "attack.mult": 0,
}
"""A city's large groups in one county, a tenth as large to save time, as are banks' messages."""
USE = SimpleNamespace(vnet_over_30=0.75, short_effective=0.27)


class Holdings:
    """A county's products until some month, and what was sent of them."""

    def __init__(self, overrides, count, folder, seed=1):
        self.preset = load("county_xinxing_2009", overrides)
        self.society = Society(self.preset, seed, 0)
        self._landing = Landing(folder)
        office = Office(self.society, self._landing)
        self.products = Products(office)
        self.usage = ProductUsage(office, self.products, USE)
        self.products.begin()
        self.usage.begin()
        self.revenue = []
        for month in months("2008-01", count):
            for dekad in dekads(month):
                self.products.dekad(self.society.step(dekad), dekad)
            self.usage.month(month)
            self.revenue.append(self.usage.revenue.sum(axis=0))
        self._folder = folder

    def ask(self, table, query):
        self._landing.flush(9999_12_3)
        rows = self._folder / table / "*.parquet"
        return duckdb.sql(f"WITH rows AS (SELECT * FROM '{rows}') {query}").fetchall()

    def share(self, product):
        return self.products.held[:, PRODUCTS.index(product)].mean()


@pytest.fixture(scope="module")
def october(tmp_path_factory):
    return Holdings(CITY, 22, tmp_path_factory.mktemp("october"))


def test_of_160_planned_lines_100_are_connected_and_10_in_use_by_october_2009(october):
    stages = dict(
        october.ask(
            "product_holding",
            """SELECT stage, count(DISTINCT holding_id) FROM rows
               WHERE product = 'dedicated_line' GROUP BY stage""",
        )
    )

    assert stages["planned"] == pytest.approx(160, abs=30)
    assert stages["connected"] / stages["planned"] == pytest.approx(0.625, abs=0.11)
    assert stages["delivered"] / stages["connected"] == pytest.approx(0.10, abs=0.08)


def test_a_line_passes_its_stages_in_order_and_costs_nothing_before_it_is_in_use(october):
    lines = october.ask(
        "product_holding",
        """SELECT list(stage ORDER BY load_time), bool_and(stage_time <= load_time),
                  list(monthly_fee_fen > 0 ORDER BY load_time)
           FROM rows WHERE product = 'dedicated_line' GROUP BY holding_id""",
    )

    order = ["planned", "prelaid", "connected", "delivered"]
    assert lines
    assert all(stages == order[: len(stages)] for stages, _, _ in lines)
    assert all(in_time for _, in_time, _ in lines)
    assert all(paid == [s == "delivered" for s in stages] for stages, _, paid in lines)


def test_12_schools_of_a_county_reach_1142_parents_each(october):
    counties = 900 / 142
    held = october.products.held[:, PRODUCTS.index("school_msg")]
    parents = october.products.items[held, PRODUCTS.index("school_msg")]
    schools = np.array(october.society.groups.industry)[held]

    assert set(schools) == {"education"}
    assert held.sum() / counties == pytest.approx(12, abs=2.5)
    assert parents.mean() == pytest.approx(1142, rel=0.12)


def test_all_parents_who_subscribe_count_as_users_of_school_messages(october):
    rows = october.ask(
        "product_usage_month",
        """SELECT group_id, sum(active_members) FROM rows
           WHERE product = 'school_msg' AND month = '200910' GROUP BY ALL ORDER BY ALL""",
    )
    held = october.ask(
        "product_holding",
        """SELECT group_id, max(qty) FROM rows WHERE product = 'school_msg'
           AND valid_from <= DATE '2009-10-31' GROUP BY holding_id, group_id
           HAVING min(valid_to) > DATE '2009-10-31' ORDER BY ALL""",
    )

    assert [(group, float(count)) for group, count in rows] == [(g, float(q)) for g, q in held]


def test_27_percent_of_short_sms_subscribers_send_any(october):
    active, held = october.ask(
        "product_usage_month",
        "SELECT sum(active_members), sum(revenue_fen) / 200 FROM rows WHERE product = 'short_sms'",
    )[0]

    assert active / held == pytest.approx(0.27, abs=0.015)


def test_474_of_900_large_groups_have_a_points_agreement(october):
    live = october.society.locking.points.live

    assert live.sum() == pytest.approx(474, abs=45)


def test_a_points_agreement_is_of_as_many_items_as_it_binds_members(october):
    sizes = october.ask(
        "product_holding",
        "SELECT avg(qty) FROM rows WHERE product = 'vnet_points' AND op = 'I'",
    )[0][0]
    members = october.society.members.here.sum() / 900

    assert sizes == pytest.approx(members, rel=0.2)


def test_power_100_is_on_sale_from_2009_and_for_ten_members_or_more(tmp_path):
    world = Holdings(CITY, 15, tmp_path)
    first, holders = world.ask(
        "product_holding",
        """SELECT min(valid_from), list(DISTINCT group_id) FROM rows
           WHERE product LIKE 'power100%'""",
    )[0]

    size = dict(zip(world.society.groups.ids(), world.society.groups.size.tolist(), strict=True))
    assert first.isoformat() >= "2009-01-01"
    assert min(size[group] for group in holders) >= 10


def test_products_spread_as_they_grow_and_stand_still_when_they_do_not(october, tmp_path):
    still = Holdings({**CITY, "product.growth": 0}, 12, tmp_path)

    assert october.share("group_crbt") == pytest.approx(0.28 * 1.028**22, abs=0.06)
    assert still.share("group_crbt") == pytest.approx(0.28, abs=0.05)


def test_a_lost_group_holds_nothing_any_more(tmp_path):
    world = Holdings({**CITY, "population.groups": {"A": 0, "B": 60, "C": 0}}, 2, tmp_path)
    everyone = np.arange(60)

    world.products.close(everyone, np.full(60, 14_000))

    assert not world.products.any_held().any()
    assert not world.products.held.any()
    assert (world.products.lines.stage < 0).all()


def test_a_county_has_3_63_million_yuan_of_ict_revenue_by_september_96_8_percent_of_its_plan(
    tmp_path,
):
    plan, actual = 0, 0
    for seed in (1, 2):
        county = Holdings({}, 21, tmp_path / str(seed), seed)
        ict = [n for n, name in enumerate(county.usage.names) if name in county.preset.product.ict]
        revenue = np.array(county.revenue)[:, ict].sum(axis=1)
        plan += revenue[:12].sum() * county.preset.kpi.growth["ict_revenue"]
        actual += revenue[12:].sum()

    assert actual / 2 / 100 == pytest.approx(3_630_000, rel=0.1)
    assert actual / plan == pytest.approx(0.968, abs=0.03)


@pytest.mark.parametrize("family", ["adc", "mas"])
def test_adc_and_mas_are_behind_time_progress_in_october_2009(october, family):
    revenue, growth = np.array(october.revenue), october.preset.kpi.growth
    chosen = [n for n, name in enumerate(october.usage.names) if name.startswith(family)]
    plan = revenue[:12, chosen].sum() * growth[f"{family}_revenue"]

    assert 0.55 < revenue[12:22, chosen].sum() / plan < 304 / 365


def test_revenue_is_fees_on_what_is_held_and_prices_on_what_is_sent(october):
    fee, price = 140_000, 7
    rows = october.ask(
        "product_usage_month",
        """SELECT active_members, volume, revenue_fen FROM rows
           WHERE product = 'mas' AND month = '200910'""",
    )

    assert rows
    assert all(revenue == n * fee + volume * price for n, volume, revenue in rows)


def test_a_dearer_product_brings_in_more_and_changes_nothing_else(october, tmp_path):
    dear = Holdings({**CITY, "product.fee.school_msg": 1200}, 22, tmp_path)
    school = october.usage.names.index("school_msg")
    others = [n for n in range(len(october.usage.names)) if n != school]

    then, now = np.array(october.revenue), np.array(dear.revenue)
    assert (now[:, school] == 2 * then[:, school]).all()
    assert (now[:, others] == then[:, others]).all()
