from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import serving.store
from data_contracts.contract import published_tables
from serving.errors import NoBatch, StoreError
from serving.parquet import from_parquet, to_parquet
from serving.store import WORKBOOK, PublishedStore


@pytest.fixture
def store(tmp_path):
    return PublishedStore(tmp_path / "published")


@pytest.fixture
def small(batch):
    """Twenty scores and no list: enough where only the store is looked at."""
    scores = batch.frames["group_score"].head(20)
    return replace(batch, frames={"group_score": scores}, files={WORKBOOK: b"a workbook"})


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def of_model(batch, version):
    scores = batch.frames["group_score"].assign(model_version=version)
    return replace(batch, frames={**batch.frames, "group_score": scores})


def test_what_is_published_is_read_back(store, batch):
    batch_id = store.publish(batch)

    current = store.current()
    assert batch_id.startswith("2011-01-03-")
    assert (current.batch_id, current.as_of) == (batch_id, date(2011, 1, 3))
    assert current.folder == store.root / "batches" / batch_id
    assert sorted(path.name for path in current.folder.iterdir()) == [
        "alert.parquet",
        "batch.json",
        "group_score.parquet",
        "risk_list.parquet",
        "risk_list.xlsx",
    ]
    assert current.workbook.read_bytes() == batch.files[WORKBOOK]
    assert current.metadata["not_scored"] == {"G9999": "The group exists only for tests."}
    rows = current.frame("risk_list")
    assert set(rows["batch_id"]) == {batch_id}
    assert rows.columns.to_list() == list(published_tables()["risk_list"].names)
    assert rows.set_index("group_id")["rank"].to_dict() == (
        batch.frames["risk_list"].set_index("group_id")["rank"].to_dict()
    )
    assert store.current(date(2011, 1, 3)).batch_id == batch_id


def test_the_same_batch_twice_is_one_batch_and_touches_no_file(store, small):
    first = store.publish(small)
    folder = store.current().folder
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]}
    pointer = (store.root / "CURRENT.json").stat().st_mtime_ns

    shuffled = {name: frame.sample(frac=1, random_state=5) for name, frame in small.frames.items()}
    again = store.publish(replace(small, frames=shuffled))

    assert again == first
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert (store.root / "CURRENT.json").stat().st_mtime_ns == pointer


def test_a_batch_published_elsewhere_is_the_same_to_the_byte(store, batch, tmp_path):
    elsewhere = PublishedStore(tmp_path / "elsewhere")
    assert store.publish(batch) == elsewhere.publish(batch)

    assert contents(store.current().folder) == contents(elsewhere.current().folder)
    assert store.pointer() == elsewhere.pointer()


def test_latest_is_the_newest_day_and_a_day_has_its_newest_batch(store, small):
    first = store.publish(small)
    earlier = store.publish(replace(small, as_of=date(2010, 12, 24)))
    corrected = store.publish(of_model(small, "corrected"))

    assert store.pointer() == {
        "latest": corrected,
        "by_as_of": {"2010-12-24": earlier, "2011-01-03": corrected},
    }
    assert (store.root / "batches" / first).exists()


@pytest.mark.parametrize(
    "step", ["_write", "_sync_folder", "put_folder", "_point", "put_file"], ids=lambda s: f"in {s}"
)
def test_a_publish_that_dies_leaves_the_old_list(store, small, monkeypatch, step):
    old = store.publish(small)
    new = of_model(small, "newer")

    def die(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        where = serving.files if step in ("_write", "_sync_folder") else serving.store
        where = PublishedStore if step == "_point" else where
        patched.setattr(where, step, die)
        with pytest.raises(KeyboardInterrupt):
            store.publish(new)

    assert store.current().batch_id == old
    published = store.publish(new)
    assert store.current().batch_id == published != old
    leftovers = [path for path in store.root.rglob("*") if ".unfinished-" in path.name]
    assert leftovers == []


def test_a_table_that_breaks_its_contract_is_not_published(store, small):
    old = store.publish(small)
    wrong = small.frames["group_score"].assign(probability=1.5)

    with pytest.raises(StoreError, match=r"group_score breaks .*probability must be at most 1"):
        store.publish(replace(small, frames={"group_score": wrong}))

    assert store.current().batch_id == old


def test_a_group_that_stands_twice_is_not_published(store, batch):
    rows = batch.frames["risk_list"]
    twice = pd.concat([rows, rows.head(1)])

    with pytest.raises(StoreError, match="No two rows may have the same list_id, group_id"):
        store.publish(replace(batch, frames={"risk_list": twice}))


def test_missing_surplus_and_unknown_are_named(store, batch):
    rows = batch.frames["risk_list"]
    with pytest.raises(StoreError, match=r"missing \['level'\], not in its contract \['extra'\]"):
        store.publish(
            replace(batch, frames={"risk_list": rows.drop(columns="level").assign(extra=1)})
        )
    with pytest.raises(StoreError, match="column rank is no integer"):
        store.publish(replace(batch, frames={"risk_list": rows.assign(rank="first")}))
    with pytest.raises(StoreError, match="no contract for a published table 'other'"):
        store.publish(replace(batch, frames={"other": rows}))


def test_before_the_first_batch_and_for_other_days_there_is_none(store, small):
    with pytest.raises(NoBatch, match="nothing has been published yet; run `groupchurn run"):
        store.current()
    store.publish(small)
    with pytest.raises(NoBatch, match=r"no batch was published for 2011-01-13.*2011-01-03"):
        store.current(date(2011, 1, 13))


def test_damage_is_seen_and_named(store, small):
    store.publish(small)
    file = store.current().path("group_score")
    file.write_bytes(file.read_bytes()[:-1])

    with pytest.raises(StoreError, match=r"group_score\.parquet is not the file"):
        store.current()
    with pytest.raises(StoreError, match="delete the folder and publish that day again"):
        store.publish(small)


def test_a_damaged_pointer_is_named(store, small):
    store.publish(small)
    (store.root / "CURRENT.json").write_text("{")

    with pytest.raises(StoreError, match=r"CURRENT\.json is damaged"):
        store.current()


def test_parquet_keeps_types_and_the_unknown(batch):
    table = published_tables()["risk_list"]
    rows = batch.frames["risk_list"].head(2).assign(batch_id="b", last_visit_date=None)

    back = from_parquet(to_parquet(rows, table))

    assert back["rank"].dtype == "Int64"
    assert back["due_date"].to_list() == [date(2011, 1, 6)] * 2
    assert back["last_visit_date"].isna().all()
    assert back["rules_points"].isna().all()
