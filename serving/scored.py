"""Published scores by group, kept in memory for the service, batch by batch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from threading import Lock
from typing import Any

import pandas as pd

from serving.answers import Reason, Score
from serving.errors import StoreError
from serving.store import PublishedStore
from serving.why.reasons import from_json

KEPT = 8
"""Batches kept in memory; the scores of a county are a few megabytes."""

NUMBERS = ("probability", "margin", "base_margin", "expected_value")
LABELS = ("group_id", "tier", "level", "rank", "method", "model_name", "model_version", "stale")


@dataclass(frozen=True)
class ScoredBatch:
    """Scores of one batch: by group, in the order of their ranks, and who has none and why."""

    batch_id: str
    as_of: date
    by_group: Mapping[str, Score]
    not_scored: Mapping[str, str]


class ScoredBatches:
    """The store as the service sees it: it goes on answering while the store cannot be read."""

    def __init__(self, store: PublishedStore) -> None:
        self._store = store
        self._lock = Lock()
        self._kept: OrderedDict[str, ScoredBatch] = OrderedDict()
        self._last_good: dict[date | None, ScoredBatch] = {}
        self.problem: str | None = None
        """Why the last answer had to come from memory; None when it did not."""

    def of(self, as_of: date | None) -> ScoredBatch:
        """The scores that count for a day, by default for the newest.

        Raises:
            NoBatch: Nothing was published for that day.
            StoreError: What was published is damaged, and was never read before.
        """
        with self._lock:
            try:
                batch = self._batch(self._store.batch_id(as_of))
            except (StoreError, OSError) as error:
                self.problem = str(error)
                if as_of not in self._last_good:
                    raise StoreError(str(error)) from error
                return self._last_good[as_of]
            self.problem = None
            self._last_good[as_of] = batch
            return batch

    def _batch(self, batch_id: str) -> ScoredBatch:
        if batch_id not in self._kept:
            self._kept[batch_id] = self._read(batch_id)
        self._kept.move_to_end(batch_id)
        if len(self._kept) > KEPT:
            dropped = self._kept.popitem(last=False)[1]
            self._last_good = {k: v for k, v in self._last_good.items() if v is not dropped}
        return self._kept[batch_id]

    def _read(self, batch_id: str) -> ScoredBatch:
        batch = self._store.read(batch_id)
        scores = batch.frame("group_score").sort_values("rank")
        by_group = {row["group_id"]: _score(row) for _, row in scores.iterrows()}
        not_scored = batch.metadata.get("not_scored", {})
        return ScoredBatch(batch.batch_id, batch.as_of, by_group, not_scored)


def _score(row: pd.Series[Any]) -> Score:
    numbers = {name: None if pd.isna(row[name]) else float(row[name]) for name in NUMBERS}
    labels = {name: row[name] for name in LABELS}
    reasons = [Reason(**asdict(reason)) for reason in from_json(row["reasons"])]
    return Score(**labels, **numbers, reasons=reasons)
