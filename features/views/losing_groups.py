"""The other groups that a group's members call, and how many of their members they lost."""

from __future__ import annotations

import narwhals as nw

from features.known import ON_NET, Known
from features.tables import Frame
from features.view import view
from features.views.circle import DAY_AND_MEMBER, PAIRS, UNITS, circle

LOST_WITHIN = 90


@view(reads=(*PAIRS, "membership_hist"))
def losing_groups(known: Known) -> Frame:
    """A group and another one that its members on net called in the last three closed months.

    ``talk`` is outgoing seconds, a month's worth half of the next one's; ``lost_part`` is the share
    (in millionths) of the other group's members who left both it and the network in 90 days.
    """
    calls = known.view(circle).filter(nw.col("ours") == 1, ~nw.col("peer_group").is_null())
    callers = known.roster().select("as_of", "user_id", "group_id")
    callers = callers.filter(~nw.col("group_id").is_null())
    talk = 4 * nw.col("sec_out_0") + 2 * nw.col("sec_out_1") + nw.col("sec_out_2")
    between = (
        calls.with_columns(talk=talk.cast(nw.Int64))
        .join(callers, how="inner", on=list(DAY_AND_MEMBER))
        .filter(nw.col("peer_group") != nw.col("group_id"))
        .group_by("as_of", "group_id", "peer_group")
        .agg(talk=nw.col("talk").sum())
    )
    return between.join(_losses(known), how="inner", on=["as_of", "peer_group"])


def _losses(known: Known) -> Frame:
    """For each group with members on net, the part of it that left both it and the network."""
    roster = known.roster().select("as_of", "user_id", "group_id")
    ended = known.rows("membership_hist").filter(
        nw.col("days_to_valid_to") <= 0, nw.col("days_to_valid_to") > -LOST_WITHIN
    )
    on_net = known.rows("member").filter(nw.col("status").is_in(ON_NET)).select(*DAY_AND_MEMBER)
    gone = ended.select("as_of", "user_id", "group_id").unique()
    gone = gone.join(on_net, how="anti", on=list(DAY_AND_MEMBER))
    lost = gone.group_by("as_of", "group_id").agg(lost=nw.len())
    stayed = roster.group_by("as_of", "group_id").agg(stayed=nw.len())
    both = stayed.join(lost, how="left", on=["as_of", "group_id"])
    gone_part = nw.col("lost").fill_null(0)
    return both.select(
        "as_of",
        peer_group="group_id",
        lost_part=UNITS * gone_part // (gone_part + nw.col("stayed")),
    )
