"""What speaks for a second SIM beside the minutes: twins, forwarding, handsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import flag
from features.view import view

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

INDICATED_WITHIN = 3
"""Closed months within which an indication of a second SIM counts."""
FORWARDED_WITHIN = 2
"""Closed months within which a forwarding counts, as in ``forwards_to_rival``."""


@view(reads={"member": None})
def traces(known: Known) -> Frame:
    """One row a member on net: each trace 1 (found), 0 (looked for, not found) or unknown.

    ``twin``: the operator named a rival number that took over his contacts, in the newest three
    months. ``forwards``: his calls were forwarded to a rival number in the newest two, or the
    operator's rule found it in three. ``dual_sim``: his handset takes two SIM cards, by register or
    by the operator's rule. A trace is unknown where its table is absent.
    """
    rows = known.roster().select("as_of", "user_id", "device_dual_sim")
    rows = rows.join(_indicated(known), how="left", on=["as_of", "user_id"])
    rows = rows.join(_forwarded(known), how="left", on=["as_of", "user_id"])
    return rows.select(
        "as_of",
        "user_id",
        twin=nw.max_horizontal("twin_found", nw.lit(_looked_for_twins(known), nw.Int64)),
        forwards=nw.max_horizontal("forward_set", "forward_found"),
        dual_sim=nw.max_horizontal(flag(nw.col("device_dual_sim")), "dual_found"),
    )


def _looked_for_twins(known: Known) -> int | None:
    """0 where the operator's rule runs: whom it does not name, it looked at and did not find.

    A handset that neither the register nor a rule knows stays unknown, as most are.
    """
    return 0 if "second_sim_ind" in known.tables else None


def _indicated(known: Known) -> Frame:
    if "second_sim_ind" not in known.tables:
        return _nobody(known, "twin_found", "forward_found", "dual_found")
    hit = nw.col("rule_hit")
    twin = (hit == "rival_twin_number").fill_null(False) | ~nw.col("twin_peer_key").is_null()
    return (
        known.rows("second_sim_ind", INDICATED_WITHIN)
        .group_by("as_of", "user_id")
        .agg(
            _any(twin).alias("twin_found"),
            _any(hit == "fwd_to_rival").alias("forward_found"),
            _any(hit == "dual_sim_device").alias("dual_found"),
        )
    )


def _forwarded(known: Known) -> Frame:
    if "usage_month" not in known.tables:
        return _nobody(known, "forward_set")
    rows = known.rows("usage_month", FORWARDED_WITHIN)
    forward_set = flag(nw.col("fwd_set_flag")).max().alias("forward_set")
    return rows.group_by("as_of", "user_id").agg(forward_set)


def _nobody(known: Known, *names: str) -> Frame:
    return known.roster().select(
        "as_of", "user_id", *(nw.lit(None, nw.Int64).alias(name) for name in names)
    )


def _any(condition: nw.Expr) -> nw.Expr:
    """1 where a row fulfils the condition, otherwise unknown: the other rules did not look."""
    return nw.when(condition).then(1).max()
