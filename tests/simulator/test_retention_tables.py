"""Cases, campaigns and treatments as they are delivered."""

import json
from itertools import pairwise

import duckdb
import pyarrow.parquet as pq
import pytest

from simulator.preset import override
from simulator.world import simulate

NEWEST = "QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY load_time DESC) = 1"


@pytest.fixture(scope="module")
def treated(small, tmp_path_factory):
    """The small world with more treatments, so that there is something to see."""
    out = tmp_path_factory.mktemp("treated")
    wild = {"treatment.policy.constant": -2.5, "treatment.random": 0.1, "treatment.holdout": 0.4}
    simulate(override(small, wild), 1, out)
    return out


def ask(world, query):
    connection = duckdb.connect()
    for table in ("alert_case", "campaign", "treatment"):
        files = world / "landing" / table / "*.parquet"
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{files}'")
    for table in ("gt_treatment", "gt_transfer"):
        file = world / "truth" / f"{table}.parquet"
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{file}'")
    return connection.execute(query).fetchall()


def newest(table, key):
    return f"(SELECT * FROM {table} {NEWEST.format(key=key)})"


def test_a_case_goes_from_dispatch_to_closing_in_order(treated):
    steps = ("dispatched_time", "first_contact_time", "feedback_time", "closed_time")
    cases = newest("alert_case", "case_id")
    for early, late in pairwise(steps):
        assert ask(treated, f"SELECT count(*) FROM {cases} WHERE {early} > {late}") == [(0,)]
    counts = ask(treated, f"SELECT {', '.join(f'count({s})' for s in steps)} FROM {cases}")[0]
    assert min(counts) > 0


def test_a_version_of_a_case_says_only_what_had_happened_by_then(treated):
    happened = (
        "dispatched_time", "first_contact_time", "action_time", "feedback_time", "closed_time",
    )  # fmt: skip
    for moment in happened:
        assert ask(treated, f"SELECT count(*) FROM alert_case WHERE {moment} > event_time") == [
            (0,)
        ]
    assert ask(treated, "SELECT count(*) FROM alert_case WHERE event_time >= load_time") == [(0,)]


def test_every_step_of_a_case_is_a_version_of_its_own(treated):
    versions = ask(
        treated,
        """
        SELECT case_id, count(*), count(DISTINCT load_time), bool_or(closed_time IS NOT NULL)
        FROM alert_case WHERE NOT is_holdout GROUP BY case_id
        """,
    )

    assert all(rows == loads for _, rows, loads, _ in versions)
    assert min(rows for _, rows, _, closed in versions if closed) >= 2


def test_a_case_held_out_is_neither_given_out_nor_acted_upon(treated):
    held, touched = ask(
        treated,
        """
        SELECT count(*), count(coalesce(dispatched_to, action_code, feedback))
        FROM alert_case WHERE is_holdout
        """,
    )[0]

    assert held > 0
    assert touched == 0


def test_no_group_is_treated_while_it_is_held_out(treated):
    assert ask(
        treated,
        """
        SELECT count(*) FROM treatment JOIN (
            SELECT group_id, min(event_time) AS opened, max(closed_time) AS closed
            FROM alert_case WHERE is_holdout GROUP BY group_id, case_id
        ) USING (group_id)
        WHERE arm = 'treat' AND assign_time >= opened
            AND assign_time < coalesce(closed, TIMESTAMP '9999-12-31')
        """,
    ) == [(0,)]


def test_drivers_are_names_in_json(treated):
    texts = ask(treated, "SELECT DISTINCT top_drivers FROM alert_case")

    assert texts
    for (text,) in texts:
        assert set(json.loads(text)) <= {
            "survey_yes", "rival_report", "hotline_surge", "contracts_end",
        }  # fmt: skip


def test_a_manager_reports_a_loss_only_after_it(treated):
    assert ask(
        treated,
        """
        SELECT count(*) FROM alert_case LEFT JOIN gt_transfer USING (group_id)
        WHERE feedback = 'lost' AND (date IS NULL OR date > feedback_time)
        """,
    ) == [(0,)]


def test_what_was_treated_belongs_to_a_campaign_of_its_day(treated):
    assert ask(
        treated,
        """
        SELECT count(*) FROM treatment LEFT JOIN campaign USING (campaign_id)
        WHERE start_date IS NULL OR assign_time < start_date OR assign_time >= end_date
        """,
    ) == [(0,)]
    assert ask(
        treated,
        "SELECT count(*) FROM campaign WHERE load_time > start_date AND start_date > '2008-01-01'",
    ) == [(0,)]


def test_treatments_start_in_the_fourth_month(treated):
    first = ask(treated, "SELECT strftime(min(assign_time), '%Y%m') FROM treatment")

    assert first == [("200804",)]


def test_what_became_of_a_treatment_comes_after_it_was_done(treated):
    treats = newest("treatment", "treatment_id")
    done, reached, unknown, cost = ask(
        treated,
        f"""
        SELECT count(*), avg(CAST(delivered AS INTEGER)),
               avg(CAST(accepted IS NULL AS INTEGER)) FILTER (delivered),
               min(cost_fen) FILTER (accepted)
        FROM {treats} WHERE arm = 'treat' AND op = 'U'
        """,
    )[0]

    assert done > 50
    assert reached == pytest.approx(0.95, abs=0.08)
    assert unknown == pytest.approx(0.10, abs=0.10)
    assert cost >= 3000
    assert ask(
        treated, "SELECT count(*) FROM treatment WHERE op = 'I' AND (delivered OR accepted)"
    ) == [(0,)]


def test_the_truth_holds_exactly_the_treatments_that_reached_a_group(treated):
    truth = ask(treated, "SELECT group_id, strftime(date, '%Y%m%d') FROM gt_treatment")
    log = ask(
        treated,
        f"""
        SELECT group_id, strftime(assign_time, '%Y%m%d') FROM {newest("treatment", "treatment_id")}
        WHERE arm = 'treat' AND delivered
        """,
    )
    # Those of the last dekad were still to be done when deliveries ended.
    assert set(log) <= set(truth)
    assert {day for _, day in set(truth) - set(log)} <= {"20080831"}


def test_controls_and_holdouts_cost_nothing_and_get_nothing(treated):
    assert ask(
        treated,
        """
        SELECT count(*) FROM treatment
        WHERE arm <> 'treat' AND (delivered OR accepted IS NOT NULL OR cost_fen <> 0)
        """,
    ) == [(0,)]


def test_a_world_can_be_without_treatments(small, tmp_path):
    off = {"treatment.logged": 0, "treatment.random": 0, "world.months": 5}
    simulate(override(small, off), 1, tmp_path)

    landing = {path.name for path in (tmp_path / "landing").iterdir()}
    assert "alert_case" in landing
    assert not {"campaign", "treatment"} & landing
    assert not (tmp_path / "truth" / "gt_treatment.parquet").exists()
    relief = pq.read_table(tmp_path / "truth" / "gt_group_state.parquet").column("relief")
    assert set(relief.to_pylist()) == {0.0}


def test_what_was_delivered_does_not_depend_on_what_came_later(world, small, tmp_path):
    simulate(override(small, {"world.months": 6}), 1, tmp_path)

    for table in ("alert_case", "treatment"):
        early = sorted((tmp_path / "landing" / table).iterdir())
        early = [file for file in early if int(file.stem) <= 2008063]
        assert early
        for file in early:
            assert file.read_bytes() == (world / "landing" / table / file.name).read_bytes()
