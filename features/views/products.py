"""The products that a group holds, beside what is used of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame


@view(reads=("product_holding", "product_usage_month"))
def product_use(known: Known) -> Frame:
    """A product that a group holds on the day and whose use is measured: its monthly fee
    (``fee_fen``) and the most users it had in one of the last three closed months (``users``)."""
    held = known.rows("product_holding").filter(
        nw.col("days_to_valid_from") <= 0, nw.col("days_to_valid_to") > 0
    )
    fees = held.group_by("as_of", "group_id", "product").agg(
        fee_fen=nw.col("monthly_fee_fen").fill_null(0).sum()
    )
    use = known.rows("product_usage_month", 3)
    users = use.group_by("as_of", "group_id", "product").agg(users=nw.col("active_members").max())
    measured = use.select("as_of", "product").unique()
    rows = fees.join(measured, how="semi", on=["as_of", "product"]).join(
        users, how="left", on=["as_of", "group_id", "product"]
    )
    return rows.with_columns(nw.col("users").fill_null(0))
