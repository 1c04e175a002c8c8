"""The other groups that a group's members call, and how many of their members they lost."""

from __future__ import annotations

import narwhals as nw

from features.expressions import decayed
from features.known import ON_NET, Known
from features.tables import Frame
from features.view import view
from features.views.circle import DAY_AND_MEMBER, MONTHS, PAIRS, UNITS, pairs

LOST_WITHIN = 90


@view(reads={**PAIRS, "membership_hist": None})
def losing_groups(known: Known) -> Frame:
    """A group and another one that its members on net called in the last three closed months.

    ``talk`` is outgoing seconds, a month's worth half of the next one's; ``lost_part`` is the share
    (in millionths) of the other group's members who left it in 90 days and are barred for good or
    gone.
    """
    calls = known.view(pairs).filter(nw.col("ours") == 1, ~nw.col("peer_group").is_null())
    callers = known.roster().select("as_of", "user_id", "group_id")
    callers = callers.filter(~nw.col("group_id").is_null())
    talk = decayed(*(nw.col(f"sec_out_{age}") for age in range(MONTHS)))
    between = (
        calls.with_columns(talk=talk.cast(nw.Int64))
        .join(callers, how="inner", on=list(DAY_AND_MEMBER))
        .filter(nw.col("peer_group") != nw.col("group_id"))
        .group_by("as_of", "group_id", "peer_group")
        .agg(talk=nw.col("talk").sum())
    )
    return between.join(_losses(known), how="inner", on=["as_of", "peer_group"])


def _losses(known: Known) -> Frame:
    """For each group that has or had members on net, the part of it that left both it and the
    network: all of it where nobody is left."""
    ended = known.rows("membership_hist").filter(
        nw.col("days_to_valid_to") <= 0, nw.col("days_to_valid_to") > -LOST_WITHIN
    )
    on_net = known.rows("member").filter(nw.col("status").is_in(ON_NET)).select(*DAY_AND_MEMBER)
    gone = ended.select("as_of", "user_id", "group_id").unique()
    gone = gone.join(on_net, how="anti", on=list(DAY_AND_MEMBER))
    left = gone.select("as_of", "group_id", lost=nw.lit(1))
    stayed = known.roster().select("as_of", "group_id", lost=nw.lit(0))
    counted = (
        nw.concat([left, stayed])
        .group_by("as_of", "group_id")
        .agg(lost=nw.col("lost").sum(), all=nw.len())
    )
    part = UNITS * nw.col("lost").cast(nw.Int64) // nw.col("all")
    return counted.select("as_of", peer_group="group_id", lost_part=part)
