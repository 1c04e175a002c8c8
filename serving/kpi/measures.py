"""KPIs that we work out from the tables: which sums each is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from serving.kpi.areas import Areas

FEN = 100

Sums = Mapping[str, Mapping[str, int]]
"""Whole numbers by the name of the sum, then by area; a sum that could not be taken is absent."""


@dataclass(frozen=True)
class Measure:
    """A KPI as a quotient of two sums.

    Attributes:
        num: Names of sums; what they add up to is divided.
        den: Names of sums that divide it; none for a count.
        scale: What the quotient is multiplied by: 100 for a rate in percent.
        monthly: Whether it is of a month, rather than as things stand at the end of a day.
        seen: The sums of those whose rows came and of those whose rows should have come; with too
            few of them the sum says nothing.
    """

    num: tuple[str, ...]
    den: tuple[str, ...]
    scale: Fraction
    monthly: bool = False
    seen: tuple[str, str] | None = None


@dataclass(frozen=True)
class Value:
    """A KPI's value with its parts, on the day that it tells of."""

    value: Fraction
    num: Fraction | None
    den: Fraction | None
    on: date


def _rate(num: str, den: str, *, monthly: bool = False) -> Measure:
    return Measure((num,), (den,), Fraction(100), monthly)


def _count(num: str) -> Measure:
    return Measure((num,), (), Fraction(1))


MEASURES: Mapping[str, Measure] = {
    "group_retention": _rate("target_kept", "target_groups", monthly=True),
    "group_retention_all": _rate("base_kept", "base_groups", monthly=True),
    "top100_retention": _rate("top100_kept", "top100_groups", monthly=True),
    "member_retention": _rate("base_on", "base_members"),
    "value_retention": Measure(
        ("valued_kept",), ("valued_members",), Fraction(100), True, ("base_billed", "base_here")
    ),
    "revenue_retention": Measure(
        ("base_bill_fen",), ("base_ref_fen",), Fraction(100), True, ("base_billed", "base_here")
    ),
    "churn_rate": _rate("left_in_month", "members_before", monthly=True),
    "bundling_rate": _rate("base_bundled", "base_members"),
    "bundling_union": _rate("base_tied", "base_members"),
    "key_bundling": _rate("key_bundled", "key_members"),
    "ending_soon": _rate("base_ending", "base_members"),
    "agreement_members": _count("agreement_members"),
    "package_share": _rate("package_users", "vnet_users"),
    "vnet_over": _rate("vnet_over", "vnet_measured", monthly=True),
    "vnet_active": _rate("vnet_active", "vnet_seen", monthly=True),
    "short_effective": _rate("short_effective", "short_seen", monthly=True),
    "mou": Measure(("minutes",), ("members",), Fraction(1), True, ("used_seen", "members")),
    "arpu": Measure(("arpu_fen",), ("members",), Fraction(1, FEN), True, ("bills_seen", "members")),
    "circle_share": Measure(("circle_ours",), ("circle_ours", "rivals"), Fraction(100), True),
    "contact_rate": _rate("groups_contacted", "base_groups_now"),
    "coverage": _rate("groups_ours", "groups_known", monthly=True),
    "quiet_share": _rate("quiet", "quiet_seen", monthly=True),
    "second_sim_share": _rate("second_sim", "second_sim_seen", monthly=True),
    "product_revenue": Measure(("product_fen",), (), Fraction(1, FEN), True),
}


def value_of(
    measure: Measure, sums: Sums, areas: Areas, area_id: str, on: date, least_seen: Fraction
) -> Value | None:
    """The KPI of an area; None where a sum is unknown, nobody is counted or most rows lack.

    Args:
        least_seen: Share of those whose rows should have come that must have come.
    """
    num, den = (_total(names, sums, areas, area_id) for names in (measure.num, measure.den))
    if num is None or den is None or (measure.den and not den):
        return None
    if measure.seen is not None:
        came, due = (_total((name,), sums, areas, area_id) for name in measure.seen)
        if came is None or due is None or came < least_seen * due:
            return None
    value = measure.scale * Fraction(num, den if measure.den else 1)
    return Value(value, Fraction(num), Fraction(den) if measure.den else None, on)


def _total(names: tuple[str, ...], sums: Sums, areas: Areas, area_id: str) -> int | None:
    if any(name not in sums for name in names):
        return None
    return sum(areas.total(sums[name], area_id) for name in names)
