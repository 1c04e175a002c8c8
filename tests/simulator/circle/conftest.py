"""A small world with the calls of its last months, and ways to ask it."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from simulator.circle import NUMBER, Circles
from simulator.dekads import dekads, months
from simulator.phones import token_bits, tokens
from simulator.preset import load
from simulator.society import Society
from simulator.world import simulate

MONTHS, EDGES = 9, 3
WORLD = {
    "world.months": MONTHS,
    "population.groups": {"A": 1, "B": 4, "C": 80},
    "attack.mult": 4,
    "circle.edges_months": EDGES,
}


@pytest.fixture(scope="module")
def preset():
    return load("toy", WORLD)


@pytest.fixture(scope="module")
def out(preset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("circle")
    simulate(preset, 3, folder)
    return folder


@pytest.fixture(scope="module")
def ask(out: Path):
    """Ask about the tables delivered, by their names, and about the truth."""
    connection = duckdb.connect()
    for folder in (out / "landing").iterdir():
        connection.execute(f"CREATE VIEW {folder.name} AS SELECT * FROM '{folder}/*.parquet'")
    for file in (out / "truth").glob("gt_*.parquet"):
        connection.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM '{file}'")
    connection.execute(
        "CREATE VIEW numbers AS SELECT DISTINCT user_id, msisdn_hash AS own FROM member"
    )
    return lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def twins(preset, ask, out):
    """The number that each member has with a rival, once he has one: token by ``user_id``."""
    society = Society(preset, 3)
    for month in months(preset.world.start, MONTHS):
        for dekad in dekads(month):
            society.step(dekad)
    who = np.arange(society.members.count)
    token = tokens(*token_bits(society.draws, NUMBER, Circles(society).twins(who)))
    return dict(zip(society.members.user_ids(), token.to_pylist(), strict=True))


@pytest.fixture(scope="module")
def went_over(ask):
    """The month (YYYYMM) in which each member first took a rival SIM or left, by ``user_id``."""
    return dict(
        ask(
            """
            SELECT user_id, min(strftime(date, '%Y%m'))
            FROM gt_member_state WHERE state IN ('dual', 'gone') GROUP BY 1
            """
        )
    )
