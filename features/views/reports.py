"""Reports of a rival's attacks, and what is reported and campaigned around a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.expressions import count
from features.view import view
from features.views.neighbourhood import with_others

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

RECENT = 90
"""Days within which a report counts as recent."""


@view(reads={"rival_event": None})
def rival_reports(known: Known) -> Frame:
    """An attack reported by the day; reports written because the group is lost are left out."""
    reports = known.rows("rival_event")
    kept = reports.filter(nw.col("outcome_claimed").fill_null("") != "lost")
    return kept.select("as_of", "group_id", "event_id", "lever", "offered_to", "age")


@view(reads={"rival_event": 90, "group_snapshot": 1})
def attacks_around(known: Known) -> Frame:
    """A group of any tier with the attacks reported in 90 days on the other groups of its area
    and of its park, and how many others there are."""
    recent = known.view(rival_reports).filter(nw.col("age") < RECENT)
    reported = recent.group_by("as_of", "group_id").agg(attacks=count(nw.col("age") >= 0))
    groups = known.groups().select("as_of", "group_id", "area_id", "park_id")
    rows = groups.join(reported, how="left", on=["as_of", "group_id"]).with_columns(
        nw.col("attacks").fill_null(0), groups=nw.lit(1)
    )
    for place in ("area", "park"):
        rows = with_others(rows, place, f"{place}_id", ("attacks", "groups"))
    return rows


@view(reads={"rival_campaign": 6, "group_snapshot": 1})
def campaigns_here(known: Known) -> Frame:
    """A month of a rival's campaign in a group's own area or in that above it, as known."""
    groups = known.groups().select("as_of", "group_id", "area_id")
    campaigns = known.rows("rival_campaign", 6).select("as_of", "area_id", "age", "intensity")
    here = groups.join(campaigns, how="inner", on=["as_of", "area_id"])
    columns = ("as_of", "group_id", "age", "intensity")
    if "dim_area" not in known.tables:
        return here.select(*columns)
    above = known.rows("dim_area").select("as_of", "area_id", "parent_area_id")
    parents = groups.join(above, how="inner", on=["as_of", "area_id"]).select(
        "as_of", "group_id", area_id=nw.col("parent_area_id")
    )
    over_it = parents.join(campaigns, how="inner", on=["as_of", "area_id"])
    return nw.concat([here.select(*columns), over_it.select(*columns)], how="vertical")
