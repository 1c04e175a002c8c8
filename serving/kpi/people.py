"""Sums over members: of those on the books, and of those on the year's frozen list (拍照)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

import narwhals as nw

from features.tables import Frame
from serving.kpi.formulas import before_month, month_end
from serving.kpi.member_tables import MemberTables
from serving.kpi.terms import Reading

NOWHERE = ""
"""The area of those whose area nobody knows."""

ByArea = dict[str, dict[str, int]]
"""Name of the sum, then area."""
_Sums = dict[str, nw.Expr]


def on_books(tables: MemberTables, reading: Reading, day: date) -> ByArea:
    """Sums over the members of a group at the end of ``day``, by area of the group.

    What is of a month is there where ``day`` ends a month whose rows were due.
    """
    if not tables.has("member", "membership_hist"):
        return {}
    rows, sums = tables.books(day), _Sums(members=_one())
    if tables.has("product_holding"):
        rows = rows.join(tables.holders(day), how="left", on="user_id")
        sums |= {"vnet_users": _is("vnet"), "package_users": _is("package")}
    if tables.has("contract"):
        rows = rows.join(tables.bundled(day), how="left", on="user_id")
        rows = rows.join(tables.agreed(day), how="left", on="group_id")
        key = nw.col("member_role").is_in(sorted(reading.key_roles)) & nw.col("is_double_top100")
        sums |= {"key_members": key, "key_bundled": key & _is("bundled")}
        if tables.has("product_holding"):
            sums["agreement_members"] = _is("vnet") & _is("agreed")
    month = f"{day:%Y%m}"
    if day == month_end(day) and tables.closed("usage_month", month):
        rows = rows.join(tables.used(month), how="left", on="user_id")
        sums |= _of_usage(reading, products=tables.has("product_holding"))
    if day == month_end(day) and tables.closed("bill_month", month):
        bill = tables.bills([month]).select("user_id", "arpu_fen")
        rows = rows.join(bill, how="left", on="user_id")
        sums |= {"bills_seen": ~nw.col("arpu_fen").is_null(), "arpu_fen": nw.col("arpu_fen")}
    return _by_area(rows, "area_id", sums)


def leavers(tables: MemberTables, day: date) -> ByArea:
    """Of those on the books at the end of the month before, who was off by the end of ``day``."""
    if not tables.has("member", "membership_hist"):
        return {}
    gone = tables.gone(day).with_columns(gone=nw.lit(1))
    rows = tables.books(before_month(day)).join(gone, how="left", on="user_id")
    return _by_area(rows, "area_id", {"members_before": _one(), "left_in_month": _is("gone")})


def of_base(tables: MemberTables, reading: Reading, day: date) -> ByArea:
    """Sums over the year's list, by area of the group in which each member was frozen."""
    if tables.base is None:
        return {}
    gone = tables.gone(day).with_columns(gone=nw.lit(1))
    rows, here = tables.base.join(gone, how="left", on="user_id"), ~_is("gone")
    sums = _Sums(base_members=_one(), base_on=here)
    if tables.has("contract"):
        rows = rows.join(tables.bundled(day), how="left", on="user_id")
        rows = rows.join(tables.agreed(day), how="left", on="group_id")
        tied = _is("bundled")
        if tables.has("product_holding"):
            rows = rows.join(tables.holders(day), how="left", on="user_id")
            tied = tied | (_is("vnet") & _is("agreed"))
        soon = nw.col("bound_to") <= nw.lit(day + timedelta(reading.soon_days))
        sums |= {
            "base_bundled": here & _is("bundled"),
            "base_tied": here & tied,
            "base_ending": here & _is("bundled") & soon,
        }
    month = f"{day:%Y%m}"
    if day != month_end(day):
        return _by_area(rows, "base_area", sums)
    if tables.closed("bill_month", month):
        rows = rows.join(_bills_of_year(tables, reading, month), how="left", on="user_id")
        sums |= _of_value(reading)
    if tables.closed("usage_month", month) and tables.reference is not None:
        used = tables.used(month).select("user_id", "out_minutes")
        rows = rows.join(used, how="left", on="user_id")
        rows = rows.join(tables.reference, how="left", on="user_id")
        sums |= _of_quiet(reading)
    if tables.closed("second_sim_ind", month):
        rows = rows.join(tables.second_sims(month), how="left", on="user_id")
        sums |= {"second_sim_seen": here, "second_sim": here & _is("second_sim")}
    return _by_area(rows, "base_area", sums)


def _of_usage(reading: Reading, *, products: bool) -> _Sums:
    seen = ~nw.col("minutes").is_null()
    sums: _Sums = {"used_seen": seen, "minutes": nw.col("minutes")}
    if products:
        vnet, short = _is("vnet") & seen, _is("short") & seen
        among = _is("package") & seen if reading.of_package else vnet
        inside = nw.col("vnet_minutes")
        sums |= {
            "vnet_seen": vnet,
            "vnet_active": vnet & (inside > 0),
            "vnet_measured": among,
            "vnet_over": among & (inside > reading.vnet_minutes),
            "short_seen": short,
            "short_effective": short & (nw.col("short_sms") >= reading.short_messages),
        }
    return sums


def _bills_of_year(tables: MemberTables, reading: Reading, month: str) -> Frame:
    """How often each member's bill was low since January, and the month's bill."""
    passed = [f"{month[:4]}{number:02}" for number in range(1, int(month[4:]) + 1)]
    low = (nw.col("arpu_fen") < reading.value_floor_fen).cast(nw.Int64)
    bill = nw.when(nw.col("month") == month).then(nw.col("arpu_fen"))
    rows = tables.bills(passed).with_columns(low=low, bill_fen=bill)
    # A member has one bill a month, so the highest is the month's; without one it is unknown.
    return rows.group_by("user_id").agg(
        low_months=nw.col("low").sum(), bill_fen=nw.col("bill_fen").max()
    )


def _of_value(reading: Reading) -> _Sums:
    """What the base is still worth; members without a reference are left out of it."""
    here, referred = ~_is("gone"), ~nw.col("ref_fen").is_null()
    valued = nw.col("ref_fen") >= reading.value_floor_fen
    kept = nw.col("low_months").fill_null(0) < reading.value_low_months
    return {
        "valued_members": valued,
        "valued_on": valued & here,
        "valued_kept": valued & here & kept,
        "base_here": here & referred,
        "base_billed": here & referred & ~nw.col("bill_fen").is_null(),
        "base_ref_fen": nw.col("ref_fen"),
        "base_ref_on_fen": nw.when(here).then(nw.col("ref_fen")),
        "base_bill_fen": nw.when(here & referred).then(nw.col("bill_fen")),
    }


def _of_quiet(reading: Reading) -> _Sums:
    """Who is on net but calls little beside the months before the list was frozen."""
    seen = ~_is("gone") & (nw.col("ref_minutes") > 0) & ~nw.col("out_minutes").is_null()
    limit = Fraction(str(reading.quiet_ratio))
    now = nw.col("out_minutes") * nw.col("ref_months") * limit.denominator
    return {
        "quiet_seen": seen,
        "quiet": seen & (now <= nw.col("ref_minutes") * limit.numerator),
    }


def _one() -> nw.Expr:
    return nw.lit(1)


def _is(column: str) -> nw.Expr:
    """Whether a joined flag is set; who was not joined has none."""
    return nw.col(column).fill_null(0) == 1


def _by_area(rows: Frame, area: str, sums: Mapping[str, nw.Expr]) -> ByArea:
    """Each sum by area, in whole numbers; what is unknown of a member adds nothing."""
    whole = {name: expr.cast(nw.Int64).fill_null(0) for name, expr in sums.items()}
    flat = rows.select(nw.col(area).alias("area"), **whole)
    summed = flat.group_by("area").agg(*(nw.col(name).sum() for name in sums))
    found = summed.collect("pyarrow").to_native().to_pylist()
    return {name: {row["area"] or NOWHERE: int(row[name]) for row in found} for name in sums}
