"""What groups lose in the areas nearby, by how far these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from features.view import view
from features.views.neighbourhood import group_losses

if TYPE_CHECKING:
    from features.known import Known
    from features.tables import Frame

KM_A_DEGREE = 111.2
HALF_AT_KM = 5.0
"""Distance at which a loss counts half as much as one in the own area."""
REACH_KM = 30.0
RADIANS_A_DEGREE = 0.017453292519943295


@view(reads={**group_losses.reads, "dim_area": None})
def nearby(known: Known) -> Frame:
    """A group with the losses of the other groups within 30 km, its own area among them
    (``near_losses`` of ``near_base``): each weighted by 1000 / (1 + (distance / 5 km)²), rounded
    down. Unknown where its area has no coordinates."""
    groups = known.view(group_losses)
    by_area = groups.group_by("as_of", "area_id").agg(
        area_losses=nw.col("losses").sum(), area_base=nw.col("base").sum()
    )
    located = known.hold(
        known.rows("dim_area")
        .filter(~nw.col("lat").is_null(), ~nw.col("lon").is_null())
        .join(by_area, how="inner", on=["as_of", "area_id"])
        .with_columns(nw.col("lat", "lon").cast(nw.Float64))
        .select("as_of", "area_id", "lat", "lon", "area_losses", "area_base")
    )
    around = _around(located)
    own = 1000
    return groups.join(around, how="inner", on=["as_of", "area_id"]).select(
        "as_of",
        "group_id",
        near_losses=nw.col("near_losses") - own * nw.col("losses"),
        near_base=nw.col("near_base") - own * nw.col("base"),
    )


def _around(located: Frame) -> Frame:
    """Weighted sums over the areas around each area, itself among them."""
    there = located.select("as_of", "lat", "lon", "area_losses", "area_base")
    pairs = located.select("as_of", "area_id", "lat", "lon").join(
        there, how="inner", on="as_of", suffix="_there"
    )
    weighted = pairs.with_columns(weight=_weight())
    return weighted.group_by("as_of", "area_id").agg(
        near_losses=(nw.col("weight") * nw.col("area_losses")).sum(),
        near_base=(nw.col("weight") * nw.col("area_base")).sum(),
    )


def _weight() -> nw.Expr:
    north = (nw.col("lat") - nw.col("lat_there")) * KM_A_DEGREE
    east = (nw.col("lon") - nw.col("lon_there")) * KM_A_DEGREE * _cosine(nw.col("lat"))
    square = north * north + east * east
    weight = 1000 / (1 + square / HALF_AT_KM**2)
    return nw.when(square <= REACH_KM**2).then(weight).otherwise(0.0).floor().cast(nw.Int64)


def _cosine(degrees: nw.Expr) -> nw.Expr:
    """Cosine by its series, in plain arithmetic: the same to the last bit on every engine."""
    x = degrees * RADIANS_A_DEGREE
    return 1 - x * x / 2 + x * x * x * x / 24 - x * x * x * x * x * x / 720
