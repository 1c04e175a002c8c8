"""The products that a group holds, beside what is used of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame


@view(reads={"product_holding": None, "product_usage_month": 3})
def product_use(known: Known) -> Frame:
    """A product that a group holds on the day and whose use is measured: its monthly fee
    (``fee_fen``) and the most users it had in one of the last three closed months (``users``).

    That there were none is known only where it was held through one of these months and the group's
    row for it has come; otherwise, as of a product taken this week, ``users`` is unknown."""
    held = known.rows("product_holding").filter(
        nw.col("days_to_valid_from") <= 0, nw.col("days_to_valid_to") > 0
    )
    fees = held.group_by("as_of", "group_id", "product").agg(
        fee_fen=nw.col("monthly_fee_fen").fill_null(0).sum(),
        since=nw.col("days_to_valid_from").min(),
    )
    use = known.rows("product_usage_month", 3)
    begun = nw.when(~nw.col("active_members").is_null()).then(
        nw.col("days_to_period_end") - nw.col("period_days") + 1
    )
    users = use.group_by("as_of", "group_id", "product").agg(
        users=nw.col("active_members").max(), newest=begun.max()
    )
    measured = use.select("as_of", "product").unique()
    rows = fees.join(measured, how="semi", on=["as_of", "product"]).join(
        users, how="left", on=["as_of", "group_id", "product"]
    )
    whole_month = nw.col("since") <= nw.col("newest")
    told = nw.when((nw.col("users") > 0) | whole_month).then(nw.col("users"))
    return rows.with_columns(users=told).drop("since", "newest")
