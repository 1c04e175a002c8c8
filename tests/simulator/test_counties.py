"""A city is its counties: they share nothing, and may be made in any order by any number."""

from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from data_contracts.contract import source_tables
from simulator.preset import PresetError, load
from simulator.world import simulate

CITY = load(
    "toy",
    {
        "population.groups": {"A": 1, "B": 4, "C": 40},
        "population.counties": 3,
        "world.months": 3,
        "world.months_after": 0,
    },
)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("city")
    simulate(CITY, 1, out)
    return out


def test_two_workers_write_the_same_bytes_as_one(city, tmp_path):
    simulate(CITY, 1, tmp_path, workers=2)

    assert digests(tmp_path) == digests(city)


def test_a_county_alone_is_the_same_as_in_its_city(city, tmp_path):
    simulate(CITY, 1, tmp_path, counties=[1])

    alone, whole = digests(tmp_path), digests(city)
    of_the_county = {name for name in whole if "-001" in name}
    assert of_the_county
    assert {name for name in alone if "-001" in name} == of_the_county
    assert all(alone[name] == whole[name] for name in of_the_county)


def test_the_groups_of_a_city_are_shared_out_among_its_counties(city):
    counted = duckdb.sql(
        f"SELECT left(group_id, 6), count(DISTINCT group_id) "
        f"FROM '{city}/landing/group_snapshot/*.parquet' GROUP BY 1 ORDER BY 1"
    ).fetchall()

    assert sum(groups for _, groups in counted) == 1 + 4 + 40
    assert [county for county, _ in counted] == ["891000", "891001", "891002"]
    assert (
        max(groups for _, groups in counted) - min(groups for _, groups in counted) <= 3
    )  # one a tier


def test_no_two_counties_use_the_same_key(city):
    for files in sorted((city / "landing").iterdir()):
        key = [n for n in source_tables()[files.name].key if n not in ("rival", "month")]

        shared = duckdb.sql(
            f"SELECT count(*) FROM (SELECT {', '.join(key)} FROM "
            f"read_parquet('{files}/*.parquet', filename=true) GROUP BY ALL "
            "HAVING count(DISTINCT regexp_extract(filename, '-([0-9]{3})', 1)) > 1)"
        ).fetchall()

        assert (files.name, shared) == (files.name, [(0,)])


def test_a_county_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PresetError, match="no county 3; toy has 0 to 2"):
        simulate(CITY, 1, tmp_path, counties=[3])
