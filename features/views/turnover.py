"""Who came to a group and who went, and whether those who went are still on net."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import flag
from features.known import ON_NET, a_person
from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

HALF_YEAR = 180


@view(reads={"member": None})
def people(known: Known) -> Frame:
    """A member who is no machine, in a group or in none: ``on_net`` is 1, or 0 if he is barred for
    good or gone."""
    members = known.rows("member").filter(a_person())
    on_net = flag(nw.col("status").is_in(ON_NET))
    return known.hold(members.select("as_of", "user_id", on_net=on_net))


@view(reads={"membership_hist": None, "member": None})
def turnover(known: Known) -> Frame:
    """A membership that runs on the day or ended within 180 days: days since it began
    (``joined_days``) and ended (``left_days``, unknown while it runs), and whether the member is
    on net today (``on_net``)."""
    memberships = known.rows("membership_hist").filter(
        nw.col("days_to_valid_from") <= 0, nw.col("days_to_valid_to") > -HALF_YEAR
    )
    ended = nw.col("days_to_valid_to") <= 0
    rows = memberships.select(
        "as_of",
        "user_id",
        "group_id",
        joined_days=-nw.col("days_to_valid_from"),
        left_days=nw.when(ended).then(-nw.col("days_to_valid_to")),
    )
    return known.hold(rows.join(known.view(people), how="inner", on=["as_of", "user_id"]))
