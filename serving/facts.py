"""What an account manager needs to know of a group on the day, one row a group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from serving.errors import ListError

SNAPSHOT = [
    "group_id",
    "group_name",
    "tier",
    "area_id",
    "industry_l1",
    "lifecycle",
    "is_test",
    "is_double_top100",
    "am_staff_id",
    "chief_am_id",
    "active_members",
    "mobile_revenue_fen",
    "fixed_revenue_fen",
]
FEATURES = ["members", "key_members", "lock_share"]
DERIVED = ["days_to_next_end", "days_since_visit", "group_arpu"]
LARGE_TIERS = ("A1", "A2", "B1", "B2")
"""Tiers whose groups a company leader looks after, and of which the model knows nothing."""


@dataclass(frozen=True)
class Sources:
    """Rows as known on the day (see ``features.known``); None where the operator has no such table.

    Attributes:
        snapshots: group_snapshot, each group's newest closed month.
        features: Group features of the day; those used here may be absent.
        areas: dim_area.
        managers: group_manager_rela.
        letters: auth_letter.
    """

    snapshots: pd.DataFrame
    features: pd.DataFrame
    areas: pd.DataFrame | None = None
    managers: pd.DataFrame | None = None
    letters: pd.DataFrame | None = None


def group_facts(sources: Sources, as_of: date) -> pd.DataFrame:
    """One row for each group of the newest snapshot, sorted by id.

    Returns:
        ``group_id``, ``group_name``, ``tier``, ``area_id``, ``county_id`` (whose capacity the
        group draws on), ``industry_l1``, ``lifecycle``, ``is_test``, ``double_top100``,
        ``am_staff_id``, ``chief_staff_id`` (the company leader paired with it), ``owner_status``
        (owned, missing), ``members`` and ``key_members`` (on net), ``key_members_diverting``,
        ``monthly_revenue_fen``, ``lock_share`` (0 to 1), ``next_expiry_date``,
        ``last_visit_date``, ``contact_can_sign`` (yes, no, unknown); missing where unknown.

    Raises:
        ListError: A group stands twice in the snapshots or in the features.
    """
    facts = (
        _newest(sources.snapshots)
        .reindex(columns=SNAPSHOT)
        .merge(_of_features(sources.features, as_of), how="left", on="group_id", validate="1:1")
    )
    facts["members"] = facts["members"].fillna(facts["active_members"])
    facts["monthly_revenue_fen"] = _monthly_revenue(facts)
    county = counties(sources.areas)
    facts["county_id"] = [county.get(area, area) for area in facts["area_id"]]
    facts = facts.rename(columns={"chief_am_id": "chief_staff_id"})
    if sources.managers is not None:
        for role, column in (("AM", "am_staff_id"), ("chief_AM", "chief_staff_id")):
            appointed = _appointed(sources.managers, role, as_of)
            named = facts["group_id"].map(appointed).astype(object)
            facts[column] = named.where(named.notna(), facts[column])
    facts["double_top100"] = facts.pop("is_double_top100").eq(True).fillna(False).astype(bool)
    facts["owner_status"] = facts["am_staff_id"].notna().map({True: "owned", False: "missing"})
    facts["contact_can_sign"] = _can_sign(facts["group_id"], sources.letters, as_of)
    surplus = ["active_members", "mobile_revenue_fen", "fixed_revenue_fen", "arpu_fen"]
    return facts.drop(columns=surplus).sort_values("group_id", ignore_index=True)


def is_large(facts: pd.DataFrame) -> pd.Series[bool]:
    """The group is of tier A or B, or among the double top 100 of any tier.

    Args:
        facts: ``tier`` and ``double_top100``.
    """
    return facts["tier"].isin(LARGE_TIERS) | facts["double_top100"].astype(bool)


def _newest(snapshots: pd.DataFrame) -> pd.DataFrame:
    _once(snapshots, "snapshots")
    return snapshots


def _of_features(features: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What the features already say, as counts and days."""
    _once(features, "features")
    known = features.reindex(columns=["group_id", *FEATURES, *DERIVED, "key_members_diverting"])
    day = pd.Timestamp(as_of)
    return pd.DataFrame(
        {
            "group_id": known["group_id"],
            "members": known["members"].astype("Float64").astype("Int64"),
            "key_members": known["key_members"].astype("Float64").astype("Int64"),
            "key_members_diverting": known["key_members_diverting"].astype("Float64"),
            "lock_share": known["lock_share"].astype("float64"),
            "next_expiry_date": _days(day + _length(known["days_to_next_end"])),
            "last_visit_date": _days(day - _length(known["days_since_visit"])),
            "arpu_fen": known["group_arpu"].astype("float64"),
        }
    )


def _monthly_revenue(facts: pd.DataFrame) -> pd.Series[int]:
    """What the snapshot says the group brings in a month, else its members' bills together."""
    booked = facts[["mobile_revenue_fen", "fixed_revenue_fen"]].astype("Float64")
    billed = facts["arpu_fen"].astype("Float64") * facts["members"].astype("Float64")
    return booked.sum(axis=1, min_count=1).fillna(billed).round().astype("Int64")


def counties(areas: pd.DataFrame | None) -> dict[str, str]:
    """For each area at or below a county, that county."""
    if areas is None:
        return {}
    kind = dict(zip(areas["area_id"], areas["area_type"], strict=True))
    above = dict(zip(areas["area_id"], areas["parent_area_id"], strict=True))
    found = {}
    for area in kind:
        place, seen = area, {area}
        while kind.get(place) not in ("county", None) and above[place] not in seen:
            place = above[place]
            seen.add(place)
        if kind.get(place) == "county":
            found[area] = place
    return found


def _appointed(managers: pd.DataFrame, role: str, as_of: date) -> dict[str, str]:
    """Who looks after each group on the day, in one role."""
    current = managers[managers["role"].eq(role) & _holds(managers, as_of)]
    ordered = current.sort_values(["group_id", "valid_from", "staff_id"])
    return dict(zip(ordered["group_id"], ordered["staff_id"], strict=True))


def _can_sign(groups: pd.Series[str], letters: pd.DataFrame | None, as_of: date) -> pd.Series[str]:
    """Whether somebody of the group may sign today; unknown without a table of letters."""
    if letters is None:
        return pd.Series("unknown", index=groups.index)
    revoked = _moments(letters["revoked_date"]) <= pd.Timestamp(as_of)
    valid = letters.loc[_holds(letters, as_of) & ~revoked, "group_id"]
    return groups.isin(set(valid)).map({True: "yes", False: "no"})


def _holds(intervals: pd.DataFrame, as_of: date) -> pd.Series[bool]:
    """Whether ``valid_from`` (inclusive) to ``valid_to`` (exclusive) spans the day."""
    day = pd.Timestamp(as_of)
    return (_moments(intervals["valid_from"]) <= day) & (_moments(intervals["valid_to"]) > day)


def _moments(days: pd.Series[Any]) -> pd.Series[pd.Timestamp]:
    # Open intervals end in 9999, which only fits where a moment counts microseconds.
    return pd.to_datetime(days).astype("datetime64[us]")


def _length(days: pd.Series[float]) -> pd.Series[pd.Timedelta]:
    return pd.to_timedelta(days.astype("float64"), unit="D").astype("timedelta64[us]")


def _days(moments: pd.Series[pd.Timestamp]) -> pd.Series[Any]:
    return moments.dt.date.astype(object).where(moments.notna(), None)


def _once(rows: pd.DataFrame, name: str) -> None:
    if twice := sorted(set(rows.loc[rows["group_id"].duplicated(), "group_id"]))[:3]:
        raise ListError(
            f"{name}: group_id stands more than once: {', '.join(twice)}; give the rows of one "
            "day, each group's newest"
        )
