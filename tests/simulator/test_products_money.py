"""Money adds up within a table and between tables, in whatever unit it comes."""

import duckdb
import pytest

from simulator.preset import load
from simulator.world import simulate

RECODED_FROM = 4


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    folder = tmp_path_factory.mktemp("money")
    preset = load(
        "toy",
        {
            "world.months": 7,
            "population.groups": {"A": 2, "B": 8, "C": 20},
            "population.size_mu": {"A": 4, "B": 3.5, "C": 2.6},
            "bill.unified": {"A": 0.7, "B": 0.7, "C": 0.3},
            "bill.unified_arrears": 0.3,
            "bill.plan_recode": RECODED_FROM,
            "member.job_leave": 0.05,
            "lock.kinds.handset_guarantee": 0.5,
        },
    )
    simulate(preset, 1, folder)
    connection = duckdb.connect()
    for table in (folder / "landing").iterdir():
        connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM '{table}/*.parquet'")

    def answer(query):
        return connection.execute(query).fetchall()

    return answer


def test_what_companies_pay_in_li_is_what_their_members_bills_say_in_fen(ask):
    in_li = ask("SELECT month, sum(unified_pay_revenue_li) FROM group_snapshot GROUP BY ALL")
    in_fen = ask("SELECT month, sum(unified_paid_fen) FROM bill_month WHERE version = 1 GROUP BY 1")

    assert dict(in_li) == {month: 10 * fen for month, fen in in_fen}
    assert min(fen for _, fen in in_fen) > 0


def test_mobile_revenue_of_the_groups_is_the_sum_of_their_bills(ask):
    assert sorted(
        ask("SELECT month, sum(mobile_revenue_fen) FROM group_snapshot GROUP BY 1")
    ) == sorted(ask("SELECT month, sum(arpu_fen) FROM bill_month WHERE version = 1 GROUP BY 1"))


def test_only_companies_that_pay_for_their_members_are_in_arrears(ask):
    assert ask(
        "SELECT bool_and(unified_pay_flag), count(*) > 0 FROM group_snapshot WHERE arrears_fen > 0"
    ) == [(True, True)]


def test_a_company_in_arrears_owes_its_part_of_this_month_and_of_those_it_owed_before(ask):
    histories = ask(
        """SELECT list(arrears_fen ORDER BY month),
                  list(unified_pay_revenue_li // 10 ORDER BY month)
           FROM group_snapshot GROUP BY group_id"""
    )

    for owed, due in histories:
        for i, now in enumerate(owed):
            before = owed[i - 1] if i else 0
            assert now in (0, before + due[i])


def test_who_is_in_arrears_has_a_balance_below_zero_by_as_much(ask):
    assert ask(
        """SELECT bool_and(balance_end_fen = -arrears_fen), count(*) > 0 FROM bill_month
           WHERE arrears_fen > 0"""
    ) == [(True, True)]
    assert ask("SELECT min(balance_end_fen) FROM bill_month WHERE arrears_fen = 0")[0][0] >= 0


def test_a_vnet_user_pays_the_fee_of_his_plan(ask):
    fees = ask(
        """SELECT DISTINCT product, vnet_fee_fen, monthly_fee_fen FROM bill_month AS b
           JOIN product_holding AS p USING (user_id)
           WHERE product IN ('vnet_std', 'vnet_pkgmin') AND p.op = 'I' AND arpu_fen > 1000
           AND p.load_time < b.load_time AND vnet_fee_fen > 0"""
    )

    assert sorted(fees) == [("vnet_pkgmin", 500, 500), ("vnet_std", 300, 300)]


def test_monthly_returns_add_up_to_the_bonus(ask):
    assert ask(
        """SELECT bool_and(monthly_return_fen * term_m = bonus_fen), count(*) > 0
           FROM contract WHERE user_id IS NOT NULL"""
    ) == [(True, True)]


def test_a_bonus_is_20_to_50_percent_of_the_deposit(ask):
    low, high = ask(
        """SELECT min(bonus_fen / deposit_fen), max(bonus_fen / deposit_fen) FROM contract
           WHERE type = 'deposit_bonus' AND deposit_fen > 0"""
    )[0]

    assert low == pytest.approx(0.2, abs=0.01)
    assert high == pytest.approx(0.5, abs=0.01)


def test_leaving_early_forfeits_a_bonus_where_there_is_one_and_pays_for_a_handset(ask):
    rules = ask(
        """SELECT DISTINCT penalty_rule, bonus_fen > 0, type LIKE 'handset%' FROM contract
           WHERE user_id IS NOT NULL AND (deposit_fen > 0 OR type LIKE 'handset%')"""
    )

    assert set(rules) == {
        ("forfeit_bonus", True, False),
        ("pct_remaining", False, True),
        ("fixed", False, True),
    }


def test_what_is_credited_is_what_the_contract_promises_for_a_month(ask):
    assert ask(
        """SELECT count(*) FROM bill_month AS b WHERE bonus_return_fen > 0 AND NOT EXISTS (
             SELECT 1 FROM contract AS c WHERE c.user_id = b.user_id
             AND c.monthly_return_fen = b.bonus_return_fen)"""
    ) == [(0,)]
    assert ask("SELECT count(*) > 100 FROM bill_month WHERE bonus_return_fen > 0") == [(True,)]


def test_a_contract_stays_what_it_was_signed_as_when_its_member_changes_groups(ask):
    assert ask(
        """SELECT max(kinds), max(guarantors), max(deposits) FROM (
             SELECT count(DISTINCT type) AS kinds, count(DISTINCT guarantor_group_id) AS guarantors,
                    count(DISTINCT deposit_fen) AS deposits FROM contract
             WHERE user_id IS NOT NULL GROUP BY contract_id)"""
    ) == [(1, 1, 1)]


def test_recoded_plans_are_the_same_plans_under_new_names(ask):
    codes = ask(
        f"""SELECT DISTINCT old.tariff_plan_id, new.tariff_plan_id FROM bill_month AS old
            JOIN bill_month AS new USING (user_id)
            WHERE old.month < '20080{RECODED_FROM}' AND new.month >= '20080{RECODED_FROM}'
            AND old.tariff_plan_id IS NOT NULL"""
    )

    assert {old[0] for old, _ in codes} == {"T"}
    assert {new[0] for _, new in codes} == {"P"}
    assert len(codes) == len({old for old, _ in codes}) == len({new for _, new in codes}) == 12
