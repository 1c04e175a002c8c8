"""What the operator delivers obeys the contracts and comes no earlier than it can."""

from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.contract import source_tables
from data_contracts.predicates import checks
from simulator.delivery import BY_DEKAD, Landing
from simulator.preset import load
from simulator.world import simulate

TABLES = [
    "alert_case", "auth_letter", "bill_month", "call_edge_month", "campaign", "contract",
    "dim_area", "group_manager_rela", "group_snapshot", "kpi_actual", "kpi_target", "member",
    "membership_hist", "product_holding", "product_usage_month", "rival_campaign", "rival_event",
    "rival_number", "second_sim_ind", "snapshot_base", "staff", "ticket", "treatment",
    "usage_dekad", "usage_month", "visit",
]  # fmt: skip
PERIODS = ("usage_month", "bill_month", "group_snapshot", "second_sim_ind")


def read(world: Path, table: str) -> pa.Table:
    return pq.ParquetDataset(world / "landing" / table).read()


def ask(query: str, **tables: pa.Table) -> list[tuple[object, ...]]:
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register(name, table)
    return connection.execute(query).fetchall()


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


def test_every_table_of_the_contracts_is_delivered(world):
    assert sorted(source_tables()) == TABLES
    assert sorted(path.name for path in (world / "landing").iterdir()) == TABLES


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_contract_in_its_order(world, table):
    assert tuple(read(world, table).column_names) == source_tables()[table].names


@pytest.mark.parametrize("table", TABLES)
def test_no_row_breaks_a_rule_of_its_contract(world, table):
    connection = duckdb.connect()
    files = world / "landing" / table / "*.parquet"
    connection.execute(
        f"CREATE TABLE delivered AS SELECT *, row_number() OVER () AS _row FROM '{files}'"
    )
    types = {name: kind for name, kind, *_ in connection.execute("DESCRIBE delivered").fetchall()}

    broken = {
        rule.id: len(connection.execute(query).fetchall())
        for rule, query in checks(source_tables()[table], "delivered", types)
    }

    assert {rule: rows for rule, rows in broken.items() if rows} == {}


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_loaded_before_it_happened(world, table):
    rows = read(world, table)

    assert ask("SELECT count(*) FROM rows WHERE event_time > load_time", rows=rows) == [(0,)]


@pytest.mark.parametrize("table", TABLES)
def test_a_file_holds_the_rows_loaded_in_its_month_or_dekad(world, table):
    dekad = " || least((day(load_time) - 1) // 10, 2) + 1" if table in BY_DEKAD else ""
    for file in (world / "landing" / table).iterdir():
        batches = ask(
            f"SELECT DISTINCT strftime(load_time, '%Y%m'){dekad}, batch_id FROM rows",
            rows=pq.read_table(file),
        )
        assert batches == [(file.stem, file.stem)]


def test_the_same_seed_gives_the_same_bytes(world, small, tmp_path):
    simulate(small, 1, tmp_path)

    assert digests(tmp_path) == digests(world)


def test_another_seed_gives_another_world(world, small, tmp_path):
    simulate(small, 2, tmp_path)

    mine, other = digests(tmp_path / "landing"), digests(world / "landing")
    assert mine.keys() & other.keys()
    assert not any(mine[name] == other[name] for name in mine.keys() & other.keys())


def test_a_folder_that_holds_a_world_is_left_alone(world, small):
    with pytest.raises(FileExistsError, match="give an empty folder"):
        simulate(small, 1, world)


def test_usage_comes_by_the_fifth_and_little_comes_later(world):
    late = ask(
        """
        SELECT avg(CAST(load_time >= strptime(month, '%Y%m') + INTERVAL 1 MONTH
                   + INTERVAL 5 DAY AS INTEGER))
        FROM rows
        """,
        rows=read(world, "usage_month"),
    )[0][0]

    assert late == pytest.approx(1 - 0.985, abs=0.004)


def test_a_hundredth_of_the_bills_comes_again_later_with_a_higher_version(world):
    rows = read(world, "bill_month")

    again, later = ask(
        """
        SELECT count(*) / (SELECT count(*) FROM rows WHERE version = 1),
               bool_and(second.load_time > first.load_time)
        FROM rows AS first JOIN rows AS second USING (user_id, month)
        WHERE first.version = 1 AND second.version = 2
        """,
        rows=rows,
    )[0]

    assert again == pytest.approx(0.01, abs=0.003)
    assert later


def test_the_parts_of_a_bill_make_the_bill(world):
    rows = read(world, "bill_month")

    assert ask(
        """
        SELECT count(*) FROM rows WHERE arpu_fen <> voice_fen + vnet_fee_fen + sms_fen + data_fen
            + vas_fen + toll_fen + roam_fen + month_fee_fen
        """,
        rows=rows,
    ) == [(0,)]


@pytest.mark.parametrize(
    ("table", "key", "ended"),
    [
        ("membership_hist", "user_id, group_id, valid_from", "valid_to < DATE '9999-12-31'"),
        ("product_holding", "holding_id", "valid_to < DATE '9999-12-31'"),
        ("contract", "contract_id", "status <> 'live'"),
        ("member", "user_id", "status <> 'active'"),
    ],
)
def test_what_has_ended_is_never_overtaken_by_its_start(world, table, key, ended):
    """The newest row as known at the end says ended wherever any row says so."""
    rows = read(world, table)

    assert ask(
        f"""
        SELECT count(*) FROM (
            SELECT bool_or({ended}) AS ends, arg_max({ended}, load_time) AS newest_says
            FROM rows GROUP BY {key}
        ) WHERE ends AND NOT newest_says
        """,
        rows=rows,
    ) == [(0,)]


def test_arrears_show_in_the_status_three_months_after_the_last_use(world):
    statuses = ask(
        """
        SELECT list(status ORDER BY load_time),
               date_diff('day', min(status_time) FILTER (status = 'retention'),
                         max(status_time) FILTER (status = 'off'))
        FROM rows GROUP BY user_id HAVING bool_or(status = 'retention')
        """,
        rows=read(world, "member"),
    )

    assert statuses
    assert all(history == ["active", "retention", "off"] for history, _ in statuses)
    assert all(days == 90 - 15 for _, days in statuses)


def test_the_landing_refuses_what_the_contract_does_not_know(tmp_path):
    landing, moment = Landing(tmp_path), np.array([0])

    with pytest.raises(ValueError, match="dim_area has no column colour"):
        landing.add("dim_area", {"colour": "red"}, moment, moment, "I", "BI")
    with pytest.raises(ValueError, match=r"dim_area\.area_id is required"):
        landing.add("dim_area", {"area_type": "park"}, moment, moment, "I", "BI")


def test_the_landing_refuses_rows_for_a_file_already_written(tmp_path):
    landing, moment = Landing(tmp_path), np.array([0])
    landing.flush(1970013)

    with pytest.raises(ValueError, match="rows loaded in 197001 come after that batch's file"):
        landing.add("dim_area", {}, moment, moment, "I", "BI")


def test_a_toy_world_reports_its_progress(tmp_path):
    told = []

    simulate(load("toy", {"world.months": 2}), 1, tmp_path, lambda *news: told.append(news))

    assert told == [("200801", 1, 2), ("200802", 2, 2)]
