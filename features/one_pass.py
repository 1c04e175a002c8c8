"""One pass over the tables: each source is read once, whatever the number of features and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

import narwhals as nw
import pandas as pd

from features.catalog import (
    GROUP_FEATURES,
    MEMBER_FEATURES,
    computable,
    derived_together,
    with_inputs,
)
from features.definition import MEMBERS, Feature, Window
from features.errors import FeatureError
from features.expressions import count
from features.known import Known
from features.tables import Frame, Tables, as_pandas
from features.view import View


class Pass:
    """One pass over the tables for a few days."""

    def __init__(self, tables: Tables, days: Sequence[date], tiers: Collection[str] | None) -> None:
        self._tables = tables
        self._known = Known(tables, days)
        self._groups = self._eligible_groups(tiers)
        self._roster = self._eligible_members(everybody=tiers is None)
        self._users = None if self._roster is None else _each_user(tables, self._roster)

    def members(self, features: Sequence[Feature]) -> pd.DataFrame:
        """One row a day and member, with those of the member ``features`` that can be computed."""
        rows, made = self._member_rows(with_inputs(features, MEMBER_FEATURES))
        wanted = [feature for feature in features if feature in made]
        return _finished(rows, ["as_of", "user_id", "group_id"], wanted)

    def groups(self, features: Sequence[Feature]) -> pd.DataFrame:
        """One row a day and group, with those of the group ``features`` that can be computed."""
        if self._groups is None:
            raise FeatureError("group features need the table group_snapshot, which is absent")
        needed = with_inputs(features, GROUP_FEATURES)
        rows, made = self._with_features(self._groups, "group_id", needed)
        wanted = [feature for feature in features if feature in made]
        return _finished(rows, ["as_of", "group_id", "tier"], wanted)

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
            raise FeatureError("member features need the table member, which is absent")
        return self._with_features(self._roster, "user_id", features)

    def _with_features(
        self, rows: Frame, key: str, features: Sequence[Feature]
    ) -> tuple[Frame, list[Feature]]:
        """``rows`` (one a day and ``key``) with the computable ones of ``features`` beside them."""
        given = rows.collect_schema().names()
        of_members = self._member_columns() if key == "group_id" else ()
        chosen = list(computable(features, self._tables.frames, given, of_members))
        totals = [self._totals(*shared, key) for shared in _by_source(chosen).items()]
        if totals:
            aggregated = [_filled(feature) for feature in chosen if feature.over]
            rows = self._tables.beside(rows, totals, ["as_of", key]).with_columns(*aggregated)
        for together in derived_together(chosen):
            rows = rows.with_columns(*map(_column, together))
        return self._tables.hold(rows), chosen

    def _member_columns(self) -> Collection[str]:
        """What a member's row can hold: its own columns and the features that can be computed."""
        if self._roster is None:
            return ()
        given = self._roster.collect_schema().names()
        made = computable(MEMBER_FEATURES, self._tables.frames, given)
        return {*given, *(feature.name for feature in made)}

    def _totals(self, source: Window, features: Sequence[Feature], key: str) -> Frame:
        """One aggregation for all features that read the same source.

        What has no row in a feature's own window is left unknown, whatever rows the longer windows
        of others have.
        """
        rows = self._source_rows(source, features, key)
        shorter = _shorter_windows(source, features)
        within = [count(nw.col("age") < n).alias(f"rows_within_{n}") for n in shorter]
        totals = rows.group_by("as_of", key).agg(*map(_column, features), *within)
        seen = [
            nw.when(nw.col(f"rows_within_{f.over.lookback}") > 0).then(nw.col(f.name)).alias(f.name)
            for f in features
            if f.over and f.over.lookback in shorter and f.empty is None
        ]
        if seen:
            totals = totals.with_columns(*seen)
        return self._tables.hold(totals.drop(*(f"rows_within_{n}" for n in shorter)))

    def _source_rows(self, source: Window, features: Sequence[Feature], key: str) -> Frame:
        if source == MEMBERS:
            read = {name for feature in features for name in feature.inputs}
            direct = [feature for feature in MEMBER_FEATURES if feature.name in read]
            return self._member_rows(with_inputs(direct, MEMBER_FEATURES))[0]
        lookbacks = [f.over.lookback for f in features if f.over and f.over.lookback is not None]
        lookback = max(lookbacks, default=None)
        if key == "group_id" and source.through is None:
            return self._rows(source, lookback)
        if self._roster is None:
            raise FeatureError("a window through members needs the table member, which is absent")
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


def _shorter_windows(source: Window, features: Sequence[Feature]) -> list[int]:
    """Lookbacks that do not take in all the rows that the features share."""
    lookbacks = {f.over.lookback for f in features if f.over and f.over.lookback is not None}
    if isinstance(source.table, View):
        return sorted(lookbacks)
    return sorted(lookbacks - {max(lookbacks, default=None)})


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
