"""The part of the tables that an audit looks at: some groups, their members, all their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from features.duckdb_engine import on_duckdb
from features.known import Known
from features.tables import Frame, Tables

Rows = Mapping[str, pa.Table]

MEMBERS_A_GROUP = 30
"""Members looked at for each group asked for, where there is no table of groups."""
GONE = ("silent", "lost", "void")
"""States of a group that is no customer any more."""
POOL_GROUPS = 3
"""A manager of so many groups, all of them gone, is a pool and nobody's manager."""


@dataclass(frozen=True)
class Sample:
    """Rows of the source tables about some groups and their members, in memory.

    ``pools`` are manager ids under which only lost groups are filed.
    """

    rows: Rows
    groups: int
    members: int
    pools: tuple[str, ...] = ()


def sample_of(tables: Tables, days: Sequence[date], groups: int) -> Sample:
    """Some groups of every tier, chosen by a hash of their ids, with all that tells of them."""
    with tables.holding():
        chosen, pools = _chosen_groups(tables, days, groups)
        users = _users(tables, chosen, groups * MEMBERS_A_GROUP)
        keep = {"user_id": _key_frame(tables, "user_id", users)}
        if chosen is not None:
            keep["group_id"] = _key_frame(tables, "group_id", chosen)
        rows = dict(_about(tables, keep))
        if chosen is not None and "rival_number" in rows:
            rows["rival_number"] = _rival_numbers(rows, chosen)
    return Sample(rows, len(chosen or ()), len(users), pools)


def as_tables(rows: Rows) -> Tables:
    """The rows as tables of an engine of their own.

    Each counts as delivered long ago, even where a sample, or a trial, has left it no row.
    """
    import duckdb  # the engine of the audit, whatever the engine of the tables

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    frames = {name: nw.from_native(connection.from_arrow(table)) for name, table in rows.items()}
    return replace(on_duckdb(connection, frames), first_loads=dict.fromkeys(frames, date.min))


def _chosen_groups(
    tables: Tables, days: Sequence[date], groups: int
) -> tuple[list[str] | None, tuple[str, ...]]:
    if "group_snapshot" not in tables:
        return None, ()
    columns = ("group_id", "tier", "am_staff_id", "lifecycle")
    known = Known(tables, days).groups().select(*columns).unique()
    seen = known.collect("pandas").to_native()
    chosen: list[str] = []
    by_tier = seen.drop_duplicates("group_id").groupby("tier", dropna=False)["group_id"]
    for _, ids in sorted(by_tier, key=lambda part: str(part[0])):
        share = ceil(groups * len(ids) / seen["group_id"].nunique())
        chosen += sorted(ids, key=_hashed)[: max(share, 2)]
    of_manager = seen.assign(gone=seen["lifecycle"].isin(GONE)).groupby("am_staff_id")
    only_gone = of_manager["gone"].all() & (of_manager["group_id"].nunique() >= POOL_GROUPS)
    return sorted(chosen), tuple(sorted(only_gone.index[only_gone]))


def _users(tables: Tables, groups: list[str] | None, most: int) -> list[str]:
    if groups is not None and "membership_hist" in tables:
        frame = _key_frame(tables, "group_id", groups)
        members = tables["membership_hist"].join(frame, how="semi", on="group_id")
        return sorted(_distinct(members, "user_id"))
    if "member" in tables:
        return sorted(sorted(_distinct(tables["member"], "user_id"), key=_hashed)[:most])
    return []


def _about(tables: Tables, keep: Mapping[str, Frame]) -> Iterator[tuple[str, pa.Table]]:
    for name, frame in tables.frames.items():
        rows = frame
        names = rows.collect_schema().names()
        for column in keep.keys() & set(names):
            mark = keep[column].with_columns(chosen=nw.lit(1))
            marked = rows.join(mark, how="left", on=column)
            kept = ~nw.col("chosen").is_null() | nw.col(column).is_null()
            rows = marked.filter(kept).drop("chosen")
        if name == "rival_number" and "group_id" in keep:  # many: those seen by the sample
            rows = _seen_numbers(tables, rows, keep)
        yield name, rows.select(names).collect("pyarrow").to_native()


def _seen_numbers(tables: Tables, rows: Frame, keep: Mapping[str, Frame]) -> Frame:
    """Rival numbers near a group, or called by a member, of the sample."""
    near = rows.join(
        keep["group_id"].rename({"group_id": "best_group_id"}), how="semi", on="best_group_id"
    ).select("peer_key")
    keys = [near]
    for name, column in (("call_edge_month", "peer_key"), ("second_sim_ind", "twin_peer_key")):
        if name in tables:
            ours = tables[name].join(keep["user_id"], how="semi", on="user_id")
            keys.append(ours.select(peer_key=nw.col(column)))
    return rows.join(nw.concat(keys).unique(), how="semi", on="peer_key")


def _rival_numbers(rows: Rows, groups: Collection[str]) -> pa.Table:
    """Numbers whose best group lies outside the sample have none in it."""
    numbers = rows["rival_number"]
    inside = pc.is_in(numbers["best_group_id"], pa.array(sorted(groups), pa.string()))
    best = pc.if_else(inside, numbers["best_group_id"], None)
    return numbers.set_column(
        numbers.schema.get_field_index("best_group_id"), "best_group_id", best
    )


def _key_frame(tables: Tables, column: str, ids: Collection[str]) -> Frame:
    return tables.hold(tables.bring(pa.table({column: pa.array(sorted(ids), pa.string())})))


def _distinct(rows: Frame, column: str) -> list[str]:
    found = rows.select(column).unique().collect("pyarrow").to_native()
    return [value for value in found.column(column).to_pylist() if value is not None]


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
