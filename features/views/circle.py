"""The call circle of a member: whom he talks to, who of them left, and who took his place."""

from __future__ import annotations

import narwhals as nw

from features.known import ON_NET, Known, a_person
from features.tables import Frame
from features.view import view

MONTHS = 3
"""Closed months of calls that make a circle."""
RIVALS = ("CT", "CU")
HOTLINES = "service"
MOST_CONTACTS = 200
"""A number with more contacts than this is a switchboard or a hotline and nobody's twin."""
UNITS = 1_000_000
"""What a lost member hands on to his circle, in equal parts."""
CORE = 5
"""Members of a group who talk to the most colleagues."""
DAY_AND_MEMBER = ("as_of", "user_id")

PAIRS = {"call_edge_month": MONTHS, "member": None}


@view(reads=PAIRS)
def pairs(known: Known) -> Frame:
    """The rows of ``circle`` that hold a pair, of members on net and of those who left."""
    called = _calls(known)
    peers = _owners(known).select("as_of", "peer_key", "peer_id", "lost", "group_now")
    rows = called.join(peers, how="left", on=["as_of", "peer_key"]).filter(
        nw.col("peer_id").is_null() | (nw.col("peer_id") != nw.col("user_id"))
    )
    ours = nw.when(nw.col("peer_id").is_null()).then(0).otherwise(1).cast(nw.Int8)
    rival = (nw.col("rival") == 1) & nw.col("peer_id").is_null()
    named = rows.with_columns(
        ours=ours,
        lost=nw.col("lost").fill_null(0).cast(nw.Int8),
        rival=nw.when(rival).then(1).otherwise(0).cast(nw.Int8),
        rival_key=nw.when(rival).then(nw.col("peer_key")),
        peer_group=nw.when(nw.col("lost") == 1)
        .then(nw.col("group_then"))
        .otherwise(nw.col("group_now")),
    )
    return known.hold(named.drop("peer_key", "group_now", "group_then"))


@view(reads=PAIRS)
def circle(known: Known) -> Frame:
    """A pair of a member and a number he talked to in the last three closed months, hotlines aside.

    ``calls_k`` and ``sec_out_k`` are calls both ways and outgoing seconds k closed months back (0
    is the newest), ``calls_out``, ``calls_in`` and ``seconds`` those of all three. ``ours`` tells
    whether the number is a member's, ``peer_id`` whose, ``peer_group`` the group he belongs to or
    last belonged to; ``lost``: he is barred for good or gone. ``own_group`` is the group that the
    two shared when they talked, ``calls_before`` their calls of the two older months. ``rival_key``
    is the number itself where it is a rival's.

    Who talked to nobody has one row in which no pair is seen: his counts are 0, not unknown, and
    his shares unknown. Where no call of anybody is known of these months there is no row at all,
    and all is unknown.
    """
    return called_by(known, known.view(pairs))


def called_by(known: Known, rows: Frame) -> Frame:
    """Members on net of the days on which calls of anybody are known, with their ``rows``."""
    members = known.roster().select(*DAY_AND_MEMBER).join(came(known), how="semi", on="as_of")
    return members.join(rows, how="left", on=list(DAY_AND_MEMBER))


def came(known: Known) -> Frame:
    """The days on which calls of the last three closed months are known."""
    return known.view(pairs).select("as_of").unique()


def _calls(known: Known) -> Frame:
    """The calls of each member with each number, months side by side."""
    rows = known.rows("call_edge_month", MONTHS).filter(nw.col("peer_net") != HOTLINES)
    net, age = nw.col("peer_net"), nw.col("age")
    calls = nw.col("n_out") + nw.col("n_in")
    colleague = net == "CM_same_group"
    # One row a month: the largest is the month's own, and costs less memory than a sum.
    by_month = {f"calls_{k}": _in_month(calls, k) for k in range(MONTHS)} | {
        f"sec_out_{k}": _in_month(nw.col("sec_out"), k) for k in range(MONTHS)
    }
    together = {
        "calls_out": nw.col("n_out").sum(),
        "calls_in": nw.col("n_in").sum(),
        "seconds": (nw.col("sec_out") + nw.col("sec_in")).sum(),
        "calls_before": nw.when(colleague & (age > 0)).then(calls).otherwise(0).sum(),
    }
    small = {name: sums.cast(nw.Int32) for name, sums in together.items()}
    return rows.group_by("as_of", "user_id", "peer_key").agg(
        **by_month,
        **small,
        rival=nw.when(net.is_in(RIVALS)).then(1).otherwise(0).max().cast(nw.Int8),
        own_group=nw.when(colleague).then(nw.col("peer_group_id")).max(),
        group_then=nw.col("peer_group_id").max(),
    )


def _in_month(amount: nw.Expr, age: int) -> nw.Expr:
    return nw.when(nw.col("age") == age).then(amount.cast(nw.Int32)).otherwise(0).max()


def _owners(known: Known) -> Frame:
    """Whose each number is on each day: a number given out again is its new owner's."""
    groups = known.roster().select("as_of", "user_id", group_now="group_id")
    people = known.rows("member").filter(
        a_person(),
        ~nw.col("msisdn_hash").is_null(),
    )
    owners = people.select(
        "as_of",
        "user_id",
        peer_key="msisdn_hash",
        lost=nw.when(nw.col("status").is_in(ON_NET)).then(0).otherwise(1),
        opened=nw.col("days_to_open_date").fill_null(-UNITS),
    ).join(groups, how="left", on=list(DAY_AND_MEMBER))
    for preferred in (-nw.col("lost"), nw.col("opened"), nw.col("user_id")):
        best = preferred.max().over("as_of", "peer_key")
        owners = owners.filter(preferred == best)
    return owners.rename({"user_id": "peer_id"})


@view(reads=PAIRS)
def losses_handed_on(known: Known) -> Frame:
    """What of the losses around reaches a member: ``near`` from those he talks to himself, ``far``
    from those whom they talk to.

    Each lost member hands one unit (a million) on to his circle in equal parts, and whoever gets
    something hands it on in the same way: a loss counts for more in a small circle than in a large
    one. Hubs with over two hundred contacts hand nothing on. Who talked to nobody gets nothing.
    """
    called = known.view(pairs).select("as_of", "user_id", "peer_id", "lost", "ours")
    sizes = known.hold(called.group_by(*DAY_AND_MEMBER).agg(size=nw.len()))
    among = called.filter(nw.col("ours") == 1).join(
        sizes.rename({"user_id": "peer_id"}), how="left", on=["as_of", "peer_id"]
    )
    between = known.hold(
        among.with_columns(size=nw.col("size").fill_null(1)).filter(nw.col("size") <= MOST_CONTACTS)
    )
    part = nw.when(nw.col("lost") == 1).then(UNITS // nw.col("size")).otherwise(0)
    near = known.hold(between.group_by(*DAY_AND_MEMBER).agg(near=part.sum()))
    handed = near.rename({"user_id": "peer_id"})
    far = (
        between.join(handed, how="inner", on=["as_of", "peer_id"])
        .group_by(*DAY_AND_MEMBER)
        .agg(far=(nw.col("near") // nw.col("size")).sum())
    )
    rows = called_by(known, near).join(far, how="left", on=list(DAY_AND_MEMBER))
    return rows.with_columns(near=nw.col("near").fill_null(0), far=nw.col("far").fill_null(0))


@view(reads={**PAIRS, "second_sim_ind": MONTHS})
def second_sims_around(known: Known) -> Frame:
    """A pair of a member and a peer of ours who is on net; ``diverted``: a second SIM of the peer
    was indicated in the last three closed months. Who talked to none has one row without a peer."""
    seen = known.rows("second_sim_ind", MONTHS).select("as_of", "user_id").unique()
    flagged = seen.rename({"user_id": "peer_id"}).with_columns(diverted=nw.lit(1))
    on_net = known.view(pairs).filter(nw.col("ours") == 1, nw.col("lost") == 0)
    chosen = on_net.select("as_of", "user_id", "peer_id", *(f"sec_out_{k}" for k in range(MONTHS)))
    rows = chosen.join(flagged, how="left", on=["as_of", "peer_id"])
    return called_by(known, rows.with_columns(diverted=nw.col("diverted").fill_null(0)))


@view(reads={**PAIRS, "membership_hist": None, "group_snapshot": 1})
def core(known: Known) -> Frame:
    """One of the five members of a group who talked to the most colleagues in the two older of
    three closed months; ``gone``: he is no longer one of its members on net.

    A group in which nobody talked to a colleague has one row without a member, so that it lost 0 of
    them, where calls of anybody are known; otherwise it has none and all is unknown.
    """
    before = known.view(pairs).filter(nw.col("calls_before") > 0)
    talkers = before.group_by("as_of", "own_group", "user_id").agg(
        colleagues=nw.len(), calls=nw.col("calls_before").sum()
    )
    ordered = talkers.with_columns(one=nw.lit(1)).with_columns(
        place=nw.col("one")
        .cum_sum()
        .over("as_of", "own_group", order_by=["colleagues", "calls", "user_id"]),
        talking=nw.col("one").sum().over("as_of", "own_group"),
    )
    chosen = ordered.filter(nw.col("place") > nw.col("talking") - CORE)
    now = known.roster().select("as_of", "user_id", group_now="group_id")
    rows = chosen.join(now, how="left", on=list(DAY_AND_MEMBER))
    stays = nw.col("group_now") == nw.col("own_group")
    found = rows.select(
        "as_of",
        "user_id",
        "colleagues",
        group_id="own_group",
        gone=nw.when(stays).then(0).otherwise(1),
    )
    groups = known.groups().select("as_of", "group_id").join(came(known), how="semi", on="as_of")
    return groups.join(found, how="left", on=["as_of", "group_id"])
