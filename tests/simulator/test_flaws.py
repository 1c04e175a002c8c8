"""Planted flaws are listed, and an ingest sets aside exactly those that a rule can see."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.contract import source_tables
from pipelines.intake.ingestion import ingest
from pipelines.storage import Home
from simulator.draws import Draws
from simulator.flaws.planting import Planter
from simulator.preset import override
from simulator.world import simulate

MANY = {
    "missing_batch": 0.2, "late_batch": 0.25, "truncated_batch": 0.3, "text_batch": 0.3,
    "missing_row": 0.004, "duplicate": 0.003, "contradiction": 0.003, "malformed": 0.01,
    "torn_row": 0.005, "cut_text": 0.004, "out_of_order": 0.5, "most_broken": 0.04,
}  # fmt: skip
NONE = dict.fromkeys(MANY, 0)
KINDS = {
    "missing_batch", "late_batch", "truncated_batch", "text_batch", "missing_row", "duplicate",
    "contradiction", "malformed", "torn_row", "cut_text", "out_of_order",
}  # fmt: skip


def redeliver(clean: Path, out: Path, preset, rates, seed=1) -> Path:
    """The batches of a clean world once more, with flaws."""
    flaws = override(preset, {f"flaws.{name}": rate for name, rate in rates.items()}).flaws
    planter = Planter(flaws, Draws(seed))
    for file in sorted((clean / "landing").rglob("*.parquet")):
        planter.deliver(pq.read_table(file), out / "landing" / file.parent.name / file.stem)
    planter.write(out / "truth" / "flaws.parquet")
    return out


def listed(out: Path) -> list[dict[str, object]]:
    return pq.read_table(out / "truth" / "flaws.parquet").to_pylist()


def ask(query: str) -> list[tuple[object, ...]]:
    return duckdb.connect().execute(query).fetchall()


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def flawed(world, small, tmp_path_factory) -> Path:
    return redeliver(world, tmp_path_factory.mktemp("flawed"), small, MANY)


@pytest.fixture(scope="module")
def home(flawed, tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    ingest(flawed, home)
    return home


@pytest.mark.slow
def test_what_a_rule_can_see_is_set_aside_and_nothing_else(flawed, home):
    files = [pq.read_table(file).to_pylist() for file in home.quarantine.rglob("*.parquet")]
    found = Counter((row["file"], row["row"], row["rule"]) for file in files for row in file)

    planted = Counter((f["file"], f["row"], f["rule"]) for f in listed(flawed) if f["rule"])

    assert found == planted
    assert not [row for file in files for row in file if row["also"]]


@pytest.mark.slow
def test_good_rows_are_those_of_the_world_without_the_lost_ones(world, flawed, home):
    lost: Counter[str] = Counter()
    for flaw in listed(flawed):
        lost[flaw["table"]] += flaw["lost"]

    for folder in (world / "landing").iterdir():
        clean = pq.ParquetDataset(folder).read().num_rows
        good = pq.ParquetDataset(home.warehouse / folder.name).read().num_rows
        assert (folder.name, good) == (folder.name, clean - lost[folder.name])


@pytest.mark.slow
@pytest.mark.parametrize("table", ["usage_month", "membership_hist", "contract", "ticket"])
def test_good_rows_are_as_they_were_but_for_what_the_list_says(world, flawed, home, table):
    """Rows of late batches are left out; they are known by the fraction of a second they have."""
    columns = ", ".join(source_tables()[table].names)
    strange = ask(
        f"""
        SELECT {columns} FROM '{home.warehouse / table / "*.parquet"}'
        WHERE load_time = date_trunc('second', load_time)
        EXCEPT SELECT {columns} FROM '{world / "landing" / table / "*.parquet"}'
        """
    )

    flaws = [flaw for flaw in listed(flawed) if flaw["table"] == table]
    late = {flaw["file"] for flaw in flaws if flaw["kind"] == "late_batch"}
    silent = [f for f in flaws if f["kind"] in ("cut_text", "out_of_order")]
    assert len(strange) == len([flaw for flaw in silent if flaw["file"] not in late])


def test_every_kind_of_flaw_is_planted_and_each_kind_of_row_rule_broken(flawed):
    planted = listed(flawed)

    assert {flaw["kind"] for flaw in planted} == KINDS
    assert {flaw["rule"].rpartition(".")[2] for flaw in planted} == {
        "", "key", "shape", "type", "required", "minimum", "maximum", "max_length", "allowed",
        "pattern", "order", "sum_at_most", "present",
    }  # fmt: skip


def test_what_was_delivered_is_what_the_list_says(flawed):
    checked = 0
    for flaw in listed(flawed):
        if flaw["kind"] == "malformed" and flaw["file"].endswith(".parquet"):
            rows = pq.read_table(flawed / "landing" / flaw["file"])
            cells = [rows[name][flaw["row"] - 1].as_py() for name in flaw["column"].split("|")]
            shown = [None if cell is None else str(cell).lower() for cell in cells]
            listed_cells = flaw["delivered"].lower().split("|") if flaw["delivered"] else shown
            assert shown == listed_cells
            checked += 1
    assert checked


def test_not_more_rows_of_a_batch_break_a_rule_than_the_preset_allows(flawed):
    broken = Counter(flaw["file"] for flaw in listed(flawed) if flaw["rule"])

    for name, count in broken.items():
        path = flawed / "landing" / name
        lines = path.read_bytes().count(b"\n") - 1 if path.suffix == ".csv" else None
        rows = pq.read_metadata(path).num_rows if lines is None else lines
        assert count <= 0.04 * rows + 1


def test_the_first_batch_of_a_table_always_comes_whole_and_in_time(world, flawed):
    firsts = {folder.name: min(folder.iterdir()).stem for folder in (world / "landing").iterdir()}
    hit = {
        (flaw["table"], Path(flaw["file"]).stem)
        for flaw in listed(flawed)
        if flaw["kind"] in ("missing_batch", "late_batch", "truncated_batch")
    }

    assert hit
    assert not hit & set(firsts.items())


def test_some_text_batches_are_written_as_chinese_systems_write(world, small, tmp_path):
    out = redeliver(world, tmp_path, small, {**NONE, "text_batch": 1, "gb18030": 1})

    content = next((out / "landing" / "group_snapshot").iterdir()).read_bytes()

    assert "集团" in content.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_with_no_flaw_asked_for_a_planter_delivers_what_it_was_given(world, small, tmp_path):
    out = redeliver(world, tmp_path, small, NONE)

    assert listed(out) == []
    assert [str(p.relative_to(out)) for p in sorted((out / "landing").rglob("*.parquet"))] == [
        str(p.relative_to(world)) for p in sorted((world / "landing").rglob("*.parquet"))
    ]
    for folder in (world / "landing").iterdir():
        delivered = pq.ParquetDataset(out / "landing" / folder.name).read()
        assert delivered.equals(pq.ParquetDataset(folder).read())


def test_the_same_seed_plants_the_same_flaws_byte_for_byte(world, small, flawed, tmp_path):
    again = redeliver(world, tmp_path / "again", small, MANY)
    other = redeliver(world, tmp_path / "other", small, MANY, seed=2)

    assert digests(again) == digests(flawed)
    assert digests(other / "landing") != digests(flawed / "landing")


def test_a_version_that_overtakes_an_older_one_has_changed_places_with_it(flawed):
    pairs = [flaw for flaw in listed(flawed) if flaw["kind"] == "out_of_order"]

    for first, last in zip(pairs[::2], pairs[1::2], strict=True):
        assert first["key"].rpartition("|")[0] == last["key"].rpartition("|")[0]
        assert (first["was"], first["delivered"]) == (last["delivered"], last["was"])


def test_a_world_can_be_simulated_with_flaws_and_is_the_same_world(world, small, tmp_path):
    simulate(small, 1, tmp_path, flaws=True)

    assert listed(tmp_path)
    truth = digests(tmp_path / "truth")
    truth.pop("flaws.parquet")
    assert truth == digests(world / "truth")
    assert digests(tmp_path / "landing") != digests(world / "landing")


def test_a_late_batch_is_loaded_later_by_the_days_of_the_preset(world, small, tmp_path):
    rates = {**NONE, "late_batch": 1, "late_days": 20}
    out = redeliver(world, tmp_path, small, rates)

    late = [flaw for flaw in listed(out) if flaw["table"] == "bill_month"]
    name = late[0]["file"]
    before, after = (
        pq.read_table(root / "landing" / name)["load_time"].cast(pa.int64()).to_numpy()
        for root in (world, out)
    )

    assert ((after - before) // 1_000_000 == 20 * 86_400).all()
