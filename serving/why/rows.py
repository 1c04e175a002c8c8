"""One group's rows of the operator's tables, copied as often as there are things to suppose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.contract import source_tables
from features.tables import Tables

Rows: TypeAlias = "Mapping[str, pa.Table]"
"""Rows by table, as they were delivered."""

READ = (
    *("group_snapshot", "group_manager_rela", "member", "membership_hist", "contract"),
    *("usage_month", "usage_dekad", "bill_month", "product_holding", "product_usage_month"),
    *("visit", "ticket", "auth_letter"),
)
"""Tables that a step changes, and what is computed together with them. Features of other tables,
such as of calls or of rivals, are left as they are: no step changes those tables."""
OF_GROUP = ("group_id", "guarantor_group_id")
OF_MEMBER = ("user_id", "contact_user_id")
MARK = "~"
"""Stands in no id of the operator's: ids are letters, digits, _ and -."""


def rows_of(tables: Tables, group_id: str, as_of: date) -> dict[str, pa.Table]:
    """What had been delivered by a day of a group and of everybody who ever was its member."""
    loaded = nw.col("load_time") < datetime.combine(as_of + timedelta(1), time())
    members = _members(tables, group_id)
    found = {}
    for name in READ:
        if name not in tables:
            continue
        rows = tables[name].filter(loaded)
        columns = rows.collect_schema().names()
        its_own = [nw.col(c) == group_id for c in columns if c in OF_GROUP]
        theirs = [nw.col("user_id").is_in(members)] if "user_id" in columns and members else []
        # Whoever moves to another group takes that membership along.
        asked = theirs or its_own if name == "membership_hist" else [*its_own, *theirs]
        wanted = nw.any_horizontal(*asked, ignore_nulls=True) if asked else nw.lit(value=False)
        ordered = rows.filter(wanted).sort(*source_tables()[name].physical_key)
        found[name] = ordered.collect("pyarrow").to_native()
    return found


def several(scenarios: Sequence[Rows], group_id: str) -> dict[str, pa.Table]:
    """The rows of all scenarios, each as a group of its own with members of its own."""
    return {
        name: pa.concat_tables(
            [
                _copied(rows[name], source_tables()[name].key, group_id, number)
                for number, rows in enumerate(scenarios)
            ]
        )
        for name in scenarios[0]
    }


def copy_id(group_id: str, number: int) -> str:
    """The id that a group has in one of ``several`` scenarios."""
    return f"{group_id}{MARK}{number}"


def added(rows: pa.Table, new: Sequence[Mapping[str, Any]], as_of: date) -> pa.Table:
    """The rows with new ones, delivered on the day; what they do not say is unknown."""
    moment = datetime.combine(as_of, time())
    delivered = {
        "event_time": moment,
        "load_time": moment,
        "batch_id": "what_if",
        "op": "I",
        "src_system": "what_if",
    }
    blank = dict.fromkeys(rows.schema.names)
    whole = [{**blank, **row, **delivered} for row in new]
    return pa.concat_tables([rows, pa.Table.from_pylist(whole, schema=rows.schema)])


def replaced(rows: pa.Table, column: str, where: pa.Array, value: Any) -> pa.Table:
    """The rows with ``value`` (one, or one a row) in a column ``where`` that holds."""
    place, kind = rows.schema.get_field_index(column), rows.schema.field(column).type
    new = (
        value.cast(kind)
        if isinstance(value, pa.Array | pa.ChunkedArray)
        else pa.scalar(value, kind)
    )
    return rows.set_column(place, rows.schema.field(column), pc.if_else(where, new, rows[column]))


def _members(tables: Tables, group_id: str) -> list[str]:
    if "membership_hist" not in tables:
        return []
    mine = tables["membership_hist"].filter(nw.col("group_id") == group_id)
    users = mine.select("user_id").unique().sort("user_id").collect("pyarrow")
    return [str(user) for user in users["user_id"].to_list()]


def _copied(rows: pa.Table, key: Sequence[str], group_id: str, number: int) -> pa.Table:
    mark = f"{MARK}{number}"
    for name in rows.schema.names:
        if name in OF_GROUP:
            own = pc.fill_null(pc.equal(rows[name], group_id), False)
            rows = replaced(rows, name, own, copy_id(group_id, number))
        elif name in OF_MEMBER or (name in key and name.endswith("_id")):
            marked = pc.binary_join_element_wise(rows[name], mark, "")
            rows = rows.set_column(
                rows.schema.get_field_index(name), rows.schema.field(name), marked
            )
    return rows
