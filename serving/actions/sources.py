"""What source rows say of a group that conditions of actions ask for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import pandas as pd

OLD_VNET: Final = "vnet_std"
VNET: Final = (OLD_VNET, "vnet_pkgmin", "vnet_points")
INDUSTRY_APPS: Final = ("mas", "police_msg")
"""Applications for an industry, beside those whose name begins with adc_."""
LAID: Final = ("prelaid", "connected")
CONTACTED: Final = ("contacted_kept", "contract_signed", "competitor_confirmed", "no_risk", "lost")
"""What cases report of a group only after somebody has spoken to it."""


def product_facts(
    groups: Sequence[str],
    holdings: pd.DataFrame | None,
    contracts: pd.DataFrame | None,
    roster: pd.DataFrame,
) -> pd.DataFrame:
    """What each group holds today.

    Args:
        groups: Their ids.
        holdings: product_holding as known on the day, with ``days_to_valid_from`` and ``_to``.
        contracts: contract as known on the day, those with a group.
        roster: Members on net: ``group_id``, ``user_id``, ``short_sms_used`` (whether they sent a
            short-number SMS lately; missing where unknown).

    Returns:
        ``group_id`` and the facts about products of ``serving.actions.facts``; missing where there
        is no such table.
    """
    found = pd.DataFrame({"group_id": pd.Series(list(groups), dtype="str")})
    ids = found["group_id"]
    if holdings is not None:
        runs = holdings["days_to_valid_from"].le(0) & holdings["days_to_valid_to"].gt(0)
        held = holdings[runs & holdings["group_id"].isin(ids)]
        users = roster.merge(held[held["product"].isin(VNET)][["user_id", "product"]], on="user_id")
        found["vnet_members"] = _people(ids, users)
        found["vnet_std_members"] = _people(ids, users[users["product"].eq(OLD_VNET)])
        idle = users[users["short_sms_used"].eq(False).fillna(False).astype(bool)]
        found["idle_sms_members"] = _people(ids, idle)
        product = held["product"]
        apps = product.isin(INDUSTRY_APPS) | product.str.startswith("adc_")
        found["power100"] = _any(ids, held[product.str.startswith("power100_")])
        found["school_msg"] = _any(ids, held[product.eq("school_msg")])
        found["industry_app"] = _any(ids, held[apps])
        lines = held[product.eq("dedicated_line")]
        found["line_laid"] = _any(ids, lines[lines["stage"].isin(LAID)])
        found["line_delivered"] = _any(ids, lines[lines["stage"].eq("delivered")])
    if contracts is not None:
        runs = contracts["days_to_start_date"].le(0) & contracts["days_to_end_date"].gt(0)
        points = contracts[runs & contracts["type"].eq("points_vnet")]
        found["points_agreement"] = _any(ids, points)
    return found


def last_contacts(
    groups: Sequence[str],
    visits: pd.DataFrame | None,
    treatments: pd.DataFrame | None,
    cases: pd.DataFrame | None,
    contact_visits: Collection[str],
) -> pd.DataFrame:
    """When each group was last contacted to be kept, and whether anybody ever met it.

    Args:
        groups: Their ids.
        visits: visit as known on the day: ``group_id``, ``visit_date``, ``type``.
        treatments: treatment as known on the day, with the ``action_code`` of its campaign.
        cases: alert_case as known on the day.
        contact_visits: Types of visits that count as commercial contacts.

    Returns:
        ``group_id``, ``last_contact_date``, ``last_contact_zh``, ``last_contact_en`` (missing where
        there was none), and ``never_met``: 1 where no visit, treatment or answered case is on
        record, missing where no record of visits is kept.
    """
    contacts, met = [], set()
    if visits is not None:
        met |= set(visits["group_id"])
        sold = visits[visits["type"].isin(contact_visits)]
        contacts.append(_contact(sold["group_id"], sold["visit_date"], "拜访", "a visit"))
    if treatments is not None:
        given = treatments[treatments["delivered"].fillna(False).astype(bool)]
        met |= set(given["group_id"])
        named = given["action_code"].fillna("")
        contacts.append(_contact(given["group_id"], given["assign_time"], named, named))
    if cases is not None:
        met |= set(cases.loc[cases["feedback"].isin(CONTACTED), "group_id"])
        done = cases[cases["action_time"].notna() & cases["action_code"].notna()]
        contacts.append(
            _contact(
                done["group_id"], done["action_time"], done["action_code"], done["action_code"]
            )
        )
    found = pd.DataFrame({"group_id": pd.Series(list(groups), dtype="str")})
    columns = ["group_id", "last_contact_date", "last_contact_zh", "last_contact_en"]
    every = pd.concat([*contacts, pd.DataFrame(columns=columns)], ignore_index=True)
    newest = every.sort_values(columns).drop_duplicates("group_id", keep="last")
    found = found.merge(newest, how="left", on="group_id", validate="1:1")
    found["never_met"] = None if visits is None else (~found["group_id"].isin(met)).astype("int64")
    return found


def _contact(
    group: pd.Series[str],
    moment: pd.Series[Any],
    zh: pd.Series[str] | str,
    en: pd.Series[str] | str,
) -> pd.DataFrame:
    days = pd.to_datetime(moment).dt.date
    return pd.DataFrame(
        {
            "group_id": group,
            "last_contact_date": days,
            "last_contact_zh": zh,
            "last_contact_en": en,
        }
    )


def _people(groups: pd.Series[str], users: pd.DataFrame) -> pd.Series[int]:
    counted = users.groupby("group_id")["user_id"].nunique()
    return groups.map(counted).fillna(0).astype("int64")


def _any(groups: pd.Series[str], rows: pd.DataFrame) -> pd.Series[int]:
    return groups.isin(rows["group_id"]).astype("int64")
