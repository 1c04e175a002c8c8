"""Account managers: how many groups each looks after; who may sign for a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import flag
from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame


TAKEN_OVER_WITHIN = 90
"""Days within which a new account manager counts as new."""


@view(reads={"group_snapshot": 1})
def managers(known: Known) -> Frame:
    """A group that has an account manager, and how many groups of any tier this one has."""
    managed = known.groups().select("as_of", "group_id", "am_staff_id")
    managed = managed.filter(~nw.col("am_staff_id").is_null())
    loads = managed.group_by("as_of", "am_staff_id").agg(load=nw.col("group_id").count())
    return managed.join(loads, how="inner", on=["as_of", "am_staff_id"])


@view(reads={"group_manager_rela": None})
def latest_managers(known: Known) -> Frame:
    """An account manager who took a group over within 90 days, or the last one before that."""
    began = nw.col("days_to_valid_from")
    terms = known.rows("group_manager_rela").filter(nw.col("role") == "AM", began <= 0)
    last_before = nw.when(began <= -TAKEN_OVER_WITHIN).then(began).max()
    terms = terms.with_columns(last_before=last_before.over("as_of", "group_id"))
    latest = (began > -TAKEN_OVER_WITHIN) | (began == nw.col("last_before"))
    return terms.filter(latest).select("as_of", "group_id", "staff_id")


@view(reads={"auth_letter": None, "member": None, "membership_hist": None})
def letters(known: Known) -> Frame:
    """A letter of authorisation that is valid on the day, and whether its signer is still a
    contact or key person of the group (``signer_stands``; unknown where it names no member)."""
    valid = known.rows("auth_letter").filter(
        nw.col("days_to_issued_date") <= 0,
        nw.col("days_to_valid_from") <= 0,
        nw.col("days_to_valid_to") > 0,
        nw.col("days_to_revoked_date").fill_null(1) > 0,
    )
    people = known.roster().filter(nw.col("member_role").is_in(("contact", "key_person")))
    signers = people.select(
        "as_of", "group_id", contact_user_id=nw.col("user_id"), stands=nw.lit(1)
    )
    on = ["as_of", "group_id", "contact_user_id"]
    marked = valid.join(signers, how="left", on=on)
    stands = flag(nw.col("stands").fill_null(0) == 1)
    named = ~nw.col("contact_user_id").is_null()
    return marked.select("as_of", "group_id", "scope", signer_stands=nw.when(named).then(stands))
