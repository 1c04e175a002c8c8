"""Sums over groups: kept, ours, contacted, what their products bring in, and rivals about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property

import narwhals as nw
import pandas as pd

from features.known import Known, closed_periods
from features.tables import as_pandas
from serving.kpi.formulas import month_end
from serving.kpi.people import NOWHERE, ByArea
from serving.kpi.terms import Reading

_SEEN = ("group_id", "month", "area_id", "lifecycle", "is_double_top100", "is_test")


class GroupTables:
    """Group tables as known on one day; a county has a thousand groups, so they are in memory."""

    def __init__(self, known: Known, reading: Reading, year: int, months_back: int) -> None:
        self._known, self._reading, self._year = known, reading, year
        self._as_of = known.days[-1]
        self._snapshots = _snapshots(known, months_back)
        self._lists = _lists(known, year, (reading.target_base, reading.group_base))

    @cached_property
    def _area(self) -> dict[str, str]:
        columns = self.groups()[["group_id", "area_id"]]
        return dict(columns.itertuples(index=False, name=None))

    def groups(self) -> pd.DataFrame:
        """``group_id, area_id, is_double_top100`` of each group's newest snapshot, no tests."""
        newest = _newest(self._snapshots)
        real = newest[~_flag(newest["is_test"])]
        return pd.DataFrame(
            {
                "group_id": real["group_id"].astype("str"),
                "area_id": real["area_id"].fillna(NOWHERE).astype("str"),
                "is_double_top100": _flag(real["is_double_top100"]),
            }
        )

    def at(self, day: date) -> ByArea:
        """Sums of things as they stand at the end of ``day``; of a month where it is closed."""
        sums = self._contacts(day)
        if day == month_end(day) and self._closed("group_snapshot", f"{day:%Y%m}"):
            sums |= self._kept(day)
        if day == month_end(day) and self._closed("rival_number", f"{day:%Y%m}"):
            sums |= self._rivals(f"{day:%Y%m}")
        return sums

    def product_fen(self, products: Iterable[str], day: date) -> tuple[ByArea, ByArea]:
        """What some products brought in since January, month by month, by area.

        Returns:
            The fen and the rows of any product that came, both by month, then area. Empty where
            the month of ``day`` is not due.
        """
        month = f"{day:%Y%m}"
        if not self._closed("product_usage_month", month):
            return {}, {}
        back = 12 * (self._as_of.year - day.year) + self._as_of.month
        rows = self._known.rows("product_usage_month", back).filter(
            nw.col("month") >= f"{day:%Y}01", nw.col("month") <= month
        )
        wanted = nw.col("product").is_in(sorted(products))
        rows = rows.with_columns(fen=nw.when(wanted).then(nw.col("revenue_fen")).otherwise(0))
        sums = rows.group_by("group_id", "month").agg(fen=nw.col("fen").sum(), rows=nw.len())
        fen, seen = ByArea(), ByArea()
        for row in sums.collect("pyarrow").to_native().to_pylist():
            where = self._area.get(row["group_id"], NOWHERE)
            for by_month, number in ((fen, row["fen"]), (seen, row["rows"])):
                by_area = by_month.setdefault(row["month"], {})
                by_area[where] = by_area.get(where, 0) + int(number or 0)
        return fen, seen

    def _closed(self, table: str, month: str) -> bool:
        if table not in self._known.tables:
            return False
        return month <= next(closed_periods(self._known.tables.contract(table), self._as_of))

    def _kept(self, day: date) -> ByArea:
        rows = _newest(self._snapshots[self._snapshots["month"] <= f"{day:%Y%m}"])
        rows = rows[~_flag(rows["is_test"])]
        known = rows[~rows["lifecycle"].isin(self._reading.void)]
        ours = known["lifecycle"].isin(self._reading.contracted)
        sums = {"groups_known": _count(known), "groups_ours": _count(known[ours])}
        for name, base in (
            ("target", self._reading.target_base),
            ("base", self._reading.group_base),
        ):
            frozen = self._lists.get(base)
            if frozen is None:
                continue
            there = rows[rows["group_id"].isin(frozen)]
            kept = there[~there["lifecycle"].isin(self._reading.lost | self._reading.void)]
            sums |= {f"{name}_groups": _count(there), f"{name}_kept": _count(kept)}
            if name == "base":
                top, top_kept = (some[_flag(some["is_double_top100"])] for some in (there, kept))
                sums |= {"top100_groups": _count(top), "top100_kept": _count(top_kept)}
        return sums

    def _contacts(self, day: date) -> ByArea:
        frozen = self._lists.get(self._reading.group_base)
        if frozen is None or "visit" not in self._known.tables:
            return {}
        visits = as_pandas(self._known.rows("visit"), "visit_id")
        on = pd.to_datetime(visits["visit_date"]).dt.date
        recent = (on <= day) & (on > day - timedelta(self._reading.contact_days))
        groups = self.groups()
        base = groups[groups["group_id"].isin(frozen)]
        met = base[base["group_id"].isin(visits.loc[recent, "group_id"])]
        return {"base_groups_now": _count(base), "groups_contacted": _count(met)}

    def _rivals(self, month: str) -> ByArea:
        back = 12 * (self._as_of.year - int(month[:4])) + self._as_of.month - int(month[4:]) + 1
        rows = self._known.rows("rival_number", back).filter(
            nw.col("month") == month, nw.col("alive"), ~nw.col("best_group_id").is_null()
        )
        found = rows.group_by("best_group_id").agg(n=nw.len()).collect("pyarrow").to_native()
        by_area: dict[str, int] = {}
        for row in found.to_pylist():
            if row["best_group_id"] in self._area:
                where = self._area[row["best_group_id"]]
                by_area[where] = by_area.get(where, 0) + int(row["n"])
        return {"rivals": by_area}


def _snapshots(known: Known, months_back: int) -> pd.DataFrame:
    if "group_snapshot" not in known.tables:
        return pd.DataFrame(columns=list(_SEEN))
    rows = known.rows("group_snapshot", months_back).select(*_SEEN)
    frame: pd.DataFrame = rows.sort("group_id", "month").collect("pandas").to_native()
    return frame


def _lists(known: Known, year: int, begins: Iterable[str]) -> dict[str, frozenset[str]]:
    """The year's frozen lists of groups, by how their ids begin; of several the newest."""
    if "snapshot_base" not in known.tables:
        return {}
    rows = known.rows("snapshot_base").filter(nw.col("entity_type") == "group")
    frame = rows.select("base_id", "entity_id", "frozen_at").collect("pandas").to_native()
    frozen = pd.to_datetime(frame["frozen_at"]).dt.date
    frame = frame.assign(frozen=frozen)[frozen <= date(year, 1, 1)]
    lists = {}
    for name in begins:
        some = frame[frame["base_id"].str.startswith(name)]
        if len(some):
            newest = some["frozen"] == some["frozen"].max()
            lists[name] = frozenset(some.loc[newest, "entity_id"])
    return lists


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop_duplicates("group_id", keep="last")


def _flag(column: pd.Series) -> pd.Series:
    return column.astype("boolean").fillna(False).astype(bool)


def _count(rows: pd.DataFrame) -> dict[str, int]:
    counts = rows["area_id"].fillna(NOWHERE).value_counts()
    return {str(area): int(n) for area, n in counts.items()}
