"""Those who were members when a window began, wherever they are now.

A mean over the members of today forgets those who left. Here they are followed: one who is no
longer on net counts with nothing, one whose rows are merely late is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import ages, total
from features.view import view
from features.views.turnover import people

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

STARTED = 120
"""Days before the day at which membership is looked up: about where the four months begin."""


@view(reads={"membership_hist": None, "member": None, "usage_month": 4})
def starters_usage(known: Known) -> Frame:
    """A member of 120 days ago with the minutes of the newest closed month (``out_now``,
    ``vnet_now``), those of the three before (``out_before``, ``vnet_before``) and their number
    (``months_before``)."""
    usage = known.rows("usage_month", 4).with_columns(
        vnet=nw.col("vnet_out_m") + nw.col("vnet_in_m")
    )
    return _followed(known, usage, {"out": "mou_out_m", "vnet": "vnet"})


@view(reads={"membership_hist": None, "member": None, "bill_month": 4})
def starters_bills(known: Known) -> Frame:
    """A member of 120 days ago with the bill of the newest closed month (``bill_now``), those of
    the three before (``bill_before``) and their number (``months_before``)."""
    return _followed(known, known.rows("bill_month", 4), {"bill": "arpu_fen"})


def _followed(known: Known, rows: Frame, amounts: dict[str, str]) -> Frame:
    age = nw.col("age")
    columns: dict[str, nw.Expr] = {"months_before": nw.when(ages(age, 1, 3)).then(age).count()}
    for name, column in amounts.items():
        columns[f"{name}_now"] = total(nw.col(column), age == 0)
        columns[f"{name}_before"] = nw.when(ages(age, 1, 3)).then(nw.col(column)).sum()
    sums = rows.group_by("as_of", "user_id").agg(**columns)
    starters = known.rows("membership_hist").filter(
        nw.col("days_to_valid_from") <= -STARTED, nw.col("days_to_valid_to") > -STARTED
    )
    followed = (
        starters.select("as_of", "user_id", "group_id")
        .join(known.view(people), how="inner", on=["as_of", "user_id"])
        .join(sums, how="left", on=["as_of", "user_id"])
    )
    gone = nw.col("on_net") == 0
    return followed.with_columns(
        nw.when(gone)
        .then(nw.col(f"{name}_now").fill_null(0))
        .otherwise(nw.col(f"{name}_now"))
        .alias(f"{name}_now")
        for name in amounts
    )
