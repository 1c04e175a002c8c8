"""A publish that is killed at any moment leaves the old list or the new one, nothing between."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from dataclasses import replace

import pytest

import serving.store
from serving.errors import NoBatch
from serving.store import Batch, PublishedStore

KILLS = 200


@pytest.fixture(scope="module")
def from_a_clean_process():
    """Processes that have imported everything and nothing else, ready at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["serving.store", "serving.parquet"])
    return context


@pytest.fixture
def list_of(batch):
    """Lists of the same day that differ in every row, with files for people beside."""

    def made(version: int) -> Batch:
        name = f"{version:03}"
        scores = batch.frames["group_score"].head(12).assign(model_version=name)
        rows = batch.frames["risk_list"].head(8).assign(model_version=name)
        files = {f"manager-{n}.html": name.encode() * 2_000 for n in range(5)}
        return replace(batch, frames={"group_score": scores, "risk_list": rows}, files=files)

    return made


@pytest.mark.slow
def test_two_hundred_kills_show_no_half_list_and_no_group_twice(
    tmp_path, list_of, from_a_clean_process
):
    moments, done, killed = random.Random(20110103), 0, 0
    root = tmp_path / "published"
    timed = [_seconds(from_a_clean_process, tmp_path / f"{n}", list_of(n)) for n in range(4)]
    for number in range(KILLS):
        publishing = from_a_clean_process.Process(target=_publish, args=(root, list_of(number)))
        publishing.start()
        publishing.join(moments.uniform(0, 1.1 * min(timed)))
        if publishing.is_alive():
            publishing.kill()
            publishing.join()
        killed += publishing.exitcode == -signal.SIGKILL
        done += publishing.exitcode == 0
        _reads_whole(PublishedStore(root), seen=done > 0)

    assert killed >= KILLS / 2, "too few were killed to show anything"
    assert done >= 1, "none was done, so that no list was ever at stake"
    store = PublishedStore(root)
    assert store.publish(list_of(3)) == PublishedStore(tmp_path / "3").current().batch_id
    assert not list(root.rglob(".unfinished-*"))


def _reads_whole(store: PublishedStore, *, seen: bool) -> None:
    """What a reader gets: a batch that keeps its checksums, one list, each group once."""
    try:
        batch = store.current()
    except NoBatch:
        assert not seen, "a list that was published has gone"
        return
    scores, rows = batch.frame("group_score"), batch.frame("risk_list")
    assert (len(scores), len(rows)) == (12, 8)
    assert rows["group_id"].is_unique
    assert rows["model_version"].nunique() == 1
    assert set(rows["model_version"]) == set(scores["model_version"])
    shown = {file.read_bytes()[:3] for file in batch.folder.glob("manager-*.html")}
    assert shown == {rows["model_version"].iloc[0].encode()}


def _publish(root, batch: Batch) -> None:
    # The contract is checked before the first byte is written: a kill in it shows nothing.
    serving.store._check = lambda *_: None
    PublishedStore(root).publish(batch)


def _seconds(context, root, batch: Batch) -> float:
    start = time.monotonic()
    publishing = context.Process(target=_publish, args=(root, batch))
    publishing.start()
    publishing.join()
    assert publishing.exitcode == 0
    return time.monotonic() - start
