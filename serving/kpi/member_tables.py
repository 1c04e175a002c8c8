"""The few columns of the member tables that the KPIs are made of, as known on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property

import narwhals as nw
import pandas as pd
import pyarrow as pa

from features.known import Known, a_person, closed_periods
from features.tables import Frame
from serving.kpi.formulas import before_month, month_end
from serving.kpi.terms import Reading

ENDED = ("expired", "broken", "renewed")
"""Values of ``contract.status`` of a contract that is over since ``status_time``."""


class MemberTables:
    """Member tables as known on one day, each read once and cut to what is needed.

    Args:
        known: The tables as known on one day.
        groups: ``group_id, area_id, is_double_top100``, each group once, none for tests.
        year: The year of the report.
        months: Months (YYYYMM) of which usage and bills are asked.
    """

    def __init__(
        self,
        known: Known,
        reading: Reading,
        groups: pd.DataFrame,
        year: int,
        months: Iterable[str],
    ) -> None:
        self._known, self._reading, self._year = known, reading, year
        self._as_of = known.days[-1]
        self._months = sorted(set(months))
        self._gone: dict[date, Frame] = {}
        self.groups = known.tables.bring(pa.Table.from_pandas(groups, preserve_index=False))

    def has(self, *names: str) -> bool:
        """Whether all of these tables are there."""
        return all(name in self._known.tables for name in names)

    def closed(self, table: str, month: str) -> bool:
        """Whether a month's rows were due by the day of knowledge."""
        if not self.has(table):
            return False
        return month <= next(closed_periods(self._known.tables.contract(table), self._as_of))

    def standing(self, day: date) -> Frame:
        """The group of each member at the end of ``day``; of two, the one that began last."""
        at = nw.lit(day)
        rows = self._memberships.filter(nw.col("valid_from") <= at, nw.col("valid_to") > at)
        rows = rows.filter(nw.col("valid_from") == nw.col("valid_from").max().over("user_id"))
        return rows.filter(nw.col("group_id") == nw.col("group_id").min().over("user_id"))

    def books(self, day: date) -> Frame:
        """Members of a group who were not off at the end of ``day``, with the group's area."""
        rows = self.standing(day).join(self.people, how="inner", on="user_id")
        rows = rows.join(self.gone(day), how="anti", on="user_id")
        return rows.join(self.groups, how="inner", on="group_id")

    @cached_property
    def frozen_at(self) -> date | None:
        """The day on which the year's list of members was frozen; None without a list."""
        if not self.has("snapshot_base", "member", "membership_hist"):
            return None
        newest = self._lists.select(nw.col("frozen").max()).collect("pyarrow").item()
        return newest if isinstance(newest, date) else None

    @cached_property
    def base(self) -> Frame | None:
        """The year's list: reference revenue, group and area of each member when it was frozen."""
        frozen = self.frozen_at
        if frozen is None:
            return None
        area = self.standing(frozen).join(self.groups, how="left", on="group_id")
        area = area.select("user_id", "group_id", base_area=nw.col("area_id"))
        base = self._lists.filter(nw.col("frozen") == nw.lit(frozen))
        base = base.select("user_id", "ref_fen").join(area, how="left", on="user_id")
        return self._known.hold(base.join(self.people, how="inner", on="user_id"))

    @cached_property
    def people(self) -> Frame:
        """Everybody who is no machine SIM."""
        rows = self._known.rows("member").filter(a_person())
        return self._known.hold(rows.select("user_id"))

    def gone(self, day: date) -> Frame:
        """Who was off the net by the end of ``day``.

        A member's status has one time, which moves on when a stopped number is deactivated. So it
        is asked twice: as known now, and as known when the day's changes were due.
        """
        if day not in self._gone:
            then = self._known_by(day + timedelta(_deadline(self._known, "member")))
            off = nw.col("status").is_in(sorted(self._reading.off))
            by_then = nw.col("status_time").cast(nw.Date) <= nw.lit(day)
            now, once = (
                known.rows("member").filter(off, by_then).select("user_id")
                for known in (self._known, then)
            )
            self._gone[day] = self._known.hold(nw.concat([now, once]).unique())
        return self._gone[day]

    def _known_by(self, day: date) -> Known:
        """What was known on an earlier day; on a later one, what is known now."""
        return Known(self._known.tables, [day]) if day < self._as_of else self._known

    def holders(self, day: date) -> Frame:
        """Who holds a product of the V-net, its package plan, short-number messages."""
        kinds = {
            "vnet": self._reading.vnet,
            "package": self._reading.package_vnet,
            "short": self._reading.short_sms,
        }
        held = {
            name: nw.col("product").is_in(sorted(products)).cast(nw.Int64)
            for name, products in kinds.items()
        }
        at = nw.lit(day)
        rows = self._holdings.filter(nw.col("valid_from") <= at, nw.col("valid_to") > at)
        return rows.with_columns(**held).group_by("user_id").agg(*(nw.col(n).max() for n in held))

    def bundled(self, day: date) -> Frame:
        """Members under a contract that ends later than ``day``, and to when it binds them.

        At a month's end these are those whose contract reaches into the next month, as the
        operator's rule has it.
        """
        live = self._live(day, self._reading.hard_contracts).filter(~nw.col("user_id").is_null())
        ends = live.group_by("user_id").agg(bound_to=nw.col("end").max())
        return ends.with_columns(bundled=nw.lit(1))

    def agreed(self, day: date) -> Frame:
        """Groups with a live agreement that binds their V-net."""
        live = self._live(day, self._reading.agreements)
        of_groups = live.filter(nw.col("user_id").is_null()).select("group_id").unique()
        return of_groups.with_columns(agreed=nw.lit(1))

    def bills(self, months: Iterable[str]) -> Frame:
        """``user_id, month, arpu_fen`` of some months of the year."""
        return self._bills.filter(nw.col("month").is_in(sorted(months)))

    def used(self, month: str) -> Frame:
        """Minutes and short-number messages of each member in a month."""
        rows = self._usage.filter(nw.col("month") == month)
        return rows.select(
            "user_id",
            out_minutes=nw.col("mou_out_m"),
            minutes=nw.col("mou_out_m") + nw.col("mou_in_m"),
            vnet_minutes=nw.col("vnet_out_m") + nw.col("vnet_in_m"),
            short_sms=nw.col("sms_short_out_n"),
        )

    @cached_property
    def reference(self) -> Frame | None:
        """Outgoing minutes of the last months before the list was frozen; None without any."""
        if self.frozen_at is None or not self.has("usage_month"):
            return None
        end = self.frozen_at
        end = end if end == month_end(end) else before_month(end)
        months: list[str] = []
        while len(months) < self._reading.reference_months:
            months.append(f"{end:%Y%m}")
            end = before_month(end)
        rows = self._monthly("usage_month", months, ("mou_out_m",))
        summed = rows.group_by("user_id").agg(
            ref_minutes=nw.col("mou_out_m").sum(), ref_months=nw.len()
        )
        held = self._known.hold(summed)
        return held if held.select(nw.len()).collect("pyarrow").item() else None

    def second_sims(self, month: str) -> Frame:
        """Members who show a second SIM in a month."""
        rows = self._monthly("second_sim_ind", [month], ("score",))
        shown = rows.filter(nw.col("score") >= self._reading.second_sim_score)
        return shown.select("user_id").unique().with_columns(second_sim=nw.lit(1))

    def _live(self, day: date, types: Iterable[str]) -> Frame:
        at = nw.lit(day)
        over = nw.col("over").is_null() | (nw.col("over") > at)
        return self._contracts.filter(
            nw.col("type").is_in(sorted(types)), nw.col("start") <= at, nw.col("end") > at, over
        )

    @cached_property
    def _lists(self) -> Frame:
        """Members on the frozen lists that may be this year's."""
        rows = self._known.rows("snapshot_base").filter(
            nw.col("entity_type") == "member",
            nw.col("base_id").str.starts_with(self._reading.member_base),
        )
        rows = rows.select(
            user_id=nw.col("entity_id"),
            ref_fen=nw.col("ref_revenue_fen"),
            frozen=nw.col("frozen_at").cast(nw.Date),
        )
        return rows.filter(nw.col("frozen") <= nw.lit(date(self._year, 1, 1)))

    @cached_property
    def _memberships(self) -> Frame:
        return self._known.hold(
            self._known.rows("membership_hist").select(
                "user_id",
                "group_id",
                "member_role",
                valid_from=nw.col("valid_from").cast(nw.Date),
                valid_to=nw.col("valid_to").cast(nw.Date),
            )
        )

    @cached_property
    def _holdings(self) -> Frame:
        wanted = self._reading.vnet | self._reading.package_vnet | self._reading.short_sms
        rows = self._known.rows("product_holding").filter(
            nw.col("product").is_in(sorted(wanted)), ~nw.col("user_id").is_null()
        )
        return self._known.hold(
            rows.select(
                "user_id",
                "product",
                valid_from=nw.col("valid_from").cast(nw.Date),
                valid_to=nw.col("valid_to").cast(nw.Date),
            )
        )

    @cached_property
    def _contracts(self) -> Frame:
        ended = nw.col("status").is_in(ENDED)
        return self._known.hold(
            self._known.rows("contract").select(
                "user_id",
                "group_id",
                "type",
                start=nw.col("start_date").cast(nw.Date),
                end=nw.col("end_date").cast(nw.Date),
                over=nw.when(ended).then(nw.col("status_time").cast(nw.Date)),
            )
        )

    @cached_property
    def _bills(self) -> Frame:
        of_year = {f"{self._year}{month:02}" for month in range(1, 13)}
        wanted = {month for month in of_year if month <= self._months[-1]} | set(self._months)
        return self._monthly("bill_month", wanted, ("arpu_fen",))

    @cached_property
    def _usage(self) -> Frame:
        columns = ("mou_out_m", "mou_in_m", "vnet_out_m", "vnet_in_m", "sms_short_out_n")
        return self._monthly("usage_month", self._months, columns)

    def _monthly(self, table: str, months: Iterable[str], columns: tuple[str, ...]) -> Frame:
        wanted = sorted(months)
        year, month = int(wanted[0][:4]), int(wanted[0][4:])
        back = 12 * (self._as_of.year - year) + self._as_of.month - month + 1
        rows = self._known.rows(table, back).filter(nw.col("month").is_in(wanted))
        return self._known.hold(rows.select("user_id", "month", *columns))


def _deadline(known: Known, table: str) -> int:
    """Days after which a table's changes are due."""
    return known.tables.contract(table).deadline_days
