"""Tables of a landing as they were known on a day, in Polars."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from benchmarks.peers.polars_words import closed_months
from pipelines.landed import landed_files

AGE = pl.col("age")
KEY_ROLES = ["key_person", "contact", "key_member"]


class Known:
    """The tables of a landing as they were known on a day."""

    def __init__(self, landing: Path, day: date) -> None:
        self.files = landed_files(landing)
        self.day = day

    def rows(self, table: str, *key: str) -> pl.LazyFrame:
        """The newest version of each key that was loaded by the end of the day."""
        rows = pl.scan_parquet(self.files[table])
        loaded = rows.filter(
            pl.col("load_time") < datetime.combine(self.day + timedelta(1), time())
        )
        return newest(loaded, *key)

    def periods(self, table: str, closed: pl.DataFrame, users: pl.LazyFrame) -> pl.LazyFrame:
        """The newest versions of the closed periods of members, with ``age``."""
        name = "dekad" if "dekad" in closed.columns else "month"
        loaded = pl.scan_parquet(self.files[table]).filter(
            pl.col("load_time") < datetime.combine(self.day + timedelta(1), time()),
            pl.col(name).is_in(closed[name].implode()),
        )
        mine = loaded.join(users.select("user_id"), on="user_id", how="semi")
        return newest(mine, "user_id", name).join(closed.lazy(), on=name)


def newest(rows: pl.LazyFrame, *key: str) -> pl.LazyFrame:
    newest = pl.col("load_time") == pl.col("load_time").max().over(*key)
    return rows.filter(newest).filter(pl.col("op") != "D")


def roster(known: Known) -> pl.LazyFrame:
    """Members on net and the group that each belongs to."""
    people = known.rows("member", "user_id").filter(
        ~pl.col("is_m2m").fill_null(False), pl.col("status").is_in(["active", "single_stop"])
    )
    present = known.rows("membership_hist", "user_id", "group_id", "valid_from").filter(
        pl.col("valid_from") <= known.day, pl.col("valid_to") > known.day
    )
    one = (
        present.sort("valid_from", "group_id", descending=[True, False])
        .unique("user_id", keep="first", maintain_order=True)
        .select("user_id", "group_id", "member_role")
    )
    key = pl.col("member_role").is_in(KEY_ROLES).alias("is_key_member")
    return people.join(one, on="user_id").select("user_id", "group_id", "open_date", key)


def groups(known: Known) -> pl.LazyFrame:
    """Each group of which a snapshot of the last three closed months is known."""
    closed = closed_months(known.day, 5, 3)
    rows = known.rows("group_snapshot", "group_id", "month").join(closed.lazy(), on="month")
    return rows.filter(AGE.eq(AGE.min().over("group_id"))).select("group_id", "tier")
