"""Rival numbers around a group, and those that took over the circle of one of our members."""

from __future__ import annotations

import narwhals as nw

from features.known import Known
from features.tables import Frame
from features.view import view
from features.views.circle import DAY_AND_MEMBER, MONTHS, MOST_CONTACTS, PAIRS, called_by, pairs

FEWEST_SHARED = 2
"""Contacts that a rival number and a member must share to be compared at all."""


@view(reads={"rival_number": MONTHS + 1})
def rival_circle(known: Known) -> Frame:
    """A rival number in a closed month, by the group to which most of its contacts belong.

    ``seen_for`` is the number of months since it was first seen, ``new_for`` the same up to the
    newest closed month.
    """
    rows = known.rows("rival_number", MONTHS + 1).filter(~nw.col("best_group_id").is_null())
    seen_for = _months("month") - _months("first_seen_month")
    return rows.select(
        "as_of",
        "age",
        "peer_key",
        "alive",
        "overlap_share",
        group_id="best_group_id",
        new_for=seen_for + nw.col("age"),
    )


def _months(name: str) -> nw.Expr:
    """Months since the year 0 of a month written YYYYMM."""
    month = nw.col(name)
    return month.str.slice(0, 4).cast(nw.Int64) * 12 + month.str.slice(4, 2).cast(nw.Int64)


@view(reads={**PAIRS, "rival_number": MONTHS})
def twins(known: Known) -> Frame:
    """A member and a rival number, first seen in the last three closed months, that talks to the
    same people of ours: ``shared`` contacts out of ``either``, those of the member or the number.

    A member without such a number has one row with nothing shared; who talked to none of ours, one
    in which nothing is compared. Numbers with over two hundred
    contacts are switchboards or hotlines and nobody's twin.
    """
    called = known.view(pairs)
    ours = called.filter(nw.col("ours") == 1).select("as_of", "user_id", "peer_id")
    own = known.hold(ours.group_by(*DAY_AND_MEMBER).agg(own=nw.len()))
    contacts = known.hold(_contacts_of_new_numbers(known, called))
    friends = ours.join(
        own.filter(nw.col("own") <= MOST_CONTACTS).rename({"user_id": "peer_id"}),
        how="semi",
        on=["as_of", "peer_id"],
    ).rename({"peer_id": "contact"})
    shared = (
        friends.join(contacts, how="inner", on=["as_of", "contact"])
        .group_by("as_of", "user_id", "rival_key", "contacts")
        .agg(shared=nw.len())
        .filter(nw.col("shared") >= FEWEST_SHARED)
    )
    compared = own.join(shared, how="left", on=list(DAY_AND_MEMBER))
    common = nw.col("shared").fill_null(0)
    rows = compared.select(
        "as_of",
        "user_id",
        "rival_key",
        shared=common,
        either=nw.col("own") + nw.col("contacts").fill_null(0) - common,
    )
    return called_by(known, rows)


def _contacts_of_new_numbers(known: Known, called: Frame) -> Frame:
    """Members of ours (``contact``) who talk to a rival number first seen of late."""
    numbers = known.rows("rival_number", MONTHS).with_columns(
        new_for=_months("month") - _months("first_seen_month") + nw.col("age")
    )
    new = numbers.filter(nw.col("new_for") < MONTHS).select("as_of", rival_key="peer_key").unique()
    rows = called.filter(nw.col("rival") == 1).join(new, how="semi", on=["as_of", "rival_key"])
    named = rows.select("as_of", "rival_key", contact="user_id", one=nw.lit(1))
    counted = named.with_columns(contacts=nw.col("one").sum().over("as_of", "rival_key"))
    return counted.filter(nw.col("contacts") <= MOST_CONTACTS).drop("one")
