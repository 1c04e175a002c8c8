"""Feature tables: any days, any features, for members or groups, each source read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

import narwhals as nw
import pandas as pd

from features.catalog import GROUP_FEATURES, MEMBER_FEATURES, computable
from features.definition import MEMBERS, Feature, Window
from features.known import Known
from features.tables import Frame, Tables, as_pandas
from features.view import View

Progress = Callable[[int, int], None]

DAYS_AT_ONCE = 18
"""Days whose features are computed in one pass; more days cost more memory."""


def member_features(
    tables: Tables,
    days: Sequence[date],
    features: Sequence[Feature] = MEMBER_FEATURES,
    *,
    tiers: Collection[str] | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Features of every member on net on each of ``days``, as known on that day.

    Args:
        tables: The operator's tables.
        days: Knowledge days (``as_of``).
        features: Which features; those whose sources are absent are left out.
        tiers: Only members of groups of these tiers; None for everybody.
        progress: Called with the number of days done and of all days.

    Returns:
        One row a day and member, sorted: ``as_of``, ``user_id``, ``group_id`` and one float64
        column a feature, NaN where unknown.
    """
    return _table(tables, days, progress, lambda chunk: _Pass(tables, chunk, tiers).members(features))


def group_features(
    tables: Tables,
    days: Sequence[date],
    features: Sequence[Feature] = GROUP_FEATURES,
    *,
    tiers: Collection[str] | None = ("C",),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Features of every group on each of ``days``, as known on that day.

    Arguments as for ``member_features``; a feature over ``MEMBERS`` has the member features that it
    reads computed on the way.

    Returns:
        One row a day and group, sorted: ``as_of``, ``group_id``, ``tier`` and one float64 column a
        feature, NaN where unknown.
    """
    return _table(tables, days, progress, lambda chunk: _Pass(tables, chunk, tiers).groups(features))


def _table(tables, days, progress, make):
    frames = []
    for chunk in _chunks(days, progress):
        with tables.holding():
            frames.append(make(chunk))
    return pd.concat(frames, ignore_index=True)


def _chunks(days: Sequence[date], progress: Progress | None) -> Iterator[list[date]]:
    ordered = sorted(set(days))
    for start in range(0, len(ordered), DAYS_AT_ONCE):
        yield ordered[start : start + DAYS_AT_ONCE]
        if progress:
            progress(min(start + DAYS_AT_ONCE, len(ordered)), len(ordered))


class _Pass:
    """One pass over the tables for a few days."""

    def __init__(self, tables: Tables, days: Sequence[date], tiers: Collection[str] | None) -> None:
        self._tables = tables
        self._known = Known(tables, days)
        self._groups = self._eligible_groups(tiers)
        self._roster = self._eligible_members(everybody=tiers is None)
        self._users = None if self._roster is None else _each_user(tables, self._roster)

    def members(self, features: Sequence[Feature]) -> pd.DataFrame:
        rows, made = self._member_rows(features)
        return _finished(rows, ["as_of", "user_id", "group_id"], made)

    def groups(self, features: Sequence[Feature]) -> pd.DataFrame:
        if self._groups is None:
            raise ValueError("group features need the table group_snapshot, which is absent")
        rows, made = self._with_features(self._groups, "group_id", features)
        return _finished(rows, ["as_of", "group_id", "tier"], made)

    def _eligible_groups(self, tiers: Collection[str] | None) -> Frame | None:
        if "group_snapshot" not in self._tables:
            return None
        groups = self._known.groups()
        chosen = groups if tiers is None else groups.filter(nw.col("tier").is_in(sorted(tiers)))
        return self._tables.hold(chosen)

    def _eligible_members(self, *, everybody: bool) -> Frame | None:
        if "member" not in self._tables:
            return None
        roster = self._known.roster()
        if self._groups is not None and not everybody:
            roster = roster.join(
                self._groups.select("as_of", "group_id"), how="semi", on=["as_of", "group_id"]
            )
        return self._tables.hold(roster)

    def _member_rows(self, features: Sequence[Feature]) -> tuple[Frame, list[Feature]]:
        if self._roster is None:
            raise ValueError("member features need the table member, which is absent")
        return self._with_features(self._roster, "user_id", features)

    def _with_features(
        self, rows: Frame, key: str, features: Sequence[Feature]
    ) -> tuple[Frame, list[Feature]]:
        """``rows`` (one a day and ``key``) with the computable ones of ``features`` beside them."""
        given = rows.collect_schema().names()
        of_members = self._member_columns() if key == "group_id" else ()
        chosen = list(computable(features, self._tables.frames, given, of_members))
        for source, sharing in _by_source(chosen).items():
            totals = self._totals(source, sharing, key)
            rows = rows.join(totals, how="left", on=["as_of", key])
        if aggregated := [_filled(feature) for feature in chosen if feature.over]:
            rows = self._tables.hold(rows.with_columns(*aggregated))
        for feature in chosen:
            if feature.over is None:
                rows = rows.with_columns(_column(feature))
        return self._tables.hold(rows), chosen

    def _member_columns(self) -> Collection[str]:
        """What a member's row can hold: its own columns and the features that can be computed."""
        if self._roster is None:
            return ()
        given = self._roster.collect_schema().names()
        made = computable(MEMBER_FEATURES, self._tables.frames, given)
        return {*given, *(feature.name for feature in made)}

    def _totals(self, source: Window, features: Sequence[Feature], key: str) -> Frame:
        """One aggregation for all features that read the same source."""
        rows = self._source_rows(source, features, key)
        columns = [_column(feature) for feature in features]
        return self._tables.hold(rows.group_by("as_of", key).agg(*columns))

    def _source_rows(self, source: Window, features: Sequence[Feature], key: str) -> Frame:
        if source == MEMBERS:
            needed = {name for feature in features for name in feature.inputs}
            return self._member_rows(_needed_for(needed))[0]
        lookbacks = [f.over.lookback for f in features if f.over and f.over.lookback is not None]
        lookback = max(lookbacks, default=None)
        if key == "group_id" and source.through is None:
            return self._rows(source, lookback)
        if self._roster is None:
            raise ValueError("a window through members needs the table member, which is absent")
        rows = self._rows(source, lookback, of=self._users)
        own = [name for name in rows.collect_schema().names() if name != "group_id"]
        roster = self._roster.select("as_of", "user_id", "group_id")
        return rows.select(own).join(roster, how="inner", on=["as_of", "user_id"])


    def _rows(self, source: Window, lookback: int | None, of: Frame | None = None) -> Frame:
        if isinstance(source.table, View):
            return self._known.view(source.table)
        return self._known.rows(source.table, lookback, of)


def _each_user(tables: Tables, roster: Frame) -> Frame:
    return tables.hold(roster.select("user_id").unique())


def _by_source(features: Sequence[Feature]) -> dict[Window, list[Feature]]:
    """Features over the same rows together, whatever their lookback."""
    shared: dict[Window, list[Feature]] = defaultdict(list)
    for feature in features:
        if feature.over:
            shared[Window(feature.over.table, None, feature.over.through)].append(feature)
    return shared


def _needed_for(inputs: set[str]) -> list[Feature]:
    """The member features among ``inputs``, and those that they are derived from."""
    by_name = {feature.name: feature for feature in MEMBER_FEATURES}
    needed: dict[str, Feature] = {}
    waiting = sorted(inputs & by_name.keys())
    while waiting:
        feature = by_name[waiting.pop()]
        if feature.name not in needed:
            needed[feature.name] = feature
            if feature.over is None:
                waiting += sorted(set(feature.inputs) & by_name.keys())
    return [feature for feature in MEMBER_FEATURES if feature.name in needed]


def _column(feature: Feature) -> nw.Expr:
    """The feature's expression; a row outside its window is unseen, as if it were not there."""
    return feature.formula(*(_seen(name, feature.over) for name in feature.inputs)).alias(
        feature.name
    )


def _seen(name: str, over: Window | None) -> nw.Expr:
    if over is None or over.lookback is None:
        return nw.col(name)
    return nw.when(nw.col("age") < over.lookback).then(nw.col(name))


def _filled(feature: Feature) -> nw.Expr:
    column = nw.col(feature.name).cast(nw.Float64)
    return column if feature.empty is None else column.fill_null(feature.empty)


def _finished(rows: Frame, key: list[str], features: Sequence[Feature]) -> pd.DataFrame:
    columns = [nw.col(feature.name).cast(nw.Float64) for feature in features]
    return as_pandas(rows.select(*key, *columns), *key)
