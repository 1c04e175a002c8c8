"""What the choice of actions needs, as known on the day: from reports to letters and money."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cached_property

import pandas as pd
import pyarrow as pa

from features import member_features
from features.known import Known
from features.tables import as_pandas
from models.response import gone_chances
from models.response_evidence import responses_known
from pipelines.workplace import TIERS, Workplace
from serving.actions.bundling import worth_binding
from serving.actions.contacts import people, valid_letters
from serving.actions.sources import last_contacts, product_facts
from serving.actions.table import ActionInputs, Means, Terms

READ = {
    "arpu": "bill_fen",
    "days_to_contract_end": "days_to_contract_end",
    "tenure_days": "days_in_use",
    "outgoing_low": "outgoing_low",
    "short_sms_months": "short_sms_months",
}
"""Member features that say who is worth binding, and what they are called there."""


def action_inputs(
    place: Workplace,
    features: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: date,
    listed_group_ids: Collection[str],
) -> ActionInputs:
    """What is known of the listed groups on the day.

    Args:
        features: Group features of the day; those that are read may be absent.
        facts: Of ``pipelines.facts.known_facts``, at least for the listed groups.
        listed_group_ids: The groups that are to be worked.
    """
    reader = _Reader(place, as_of, listed_group_ids)
    roster, letters = reader.roster, reader.rows("auth_letter", "letter_id")
    usable = None if letters is None else valid_letters(letters, roster, as_of)
    return ActionInputs(
        groups=_groups(reader, features, facts, usable),
        levers=_levers(reader),
        letters=usable,
        people=people(roster, letters, as_of),
        members=worth_binding(roster, place.settings.actions.content.table().bundle),
    )


def action_terms(place: Workplace, facts: pd.DataFrame, as_of: date) -> Terms:
    """By what actions are chosen on the day.

    Args:
        facts: Of ``pipelines.facts.known_facts``: which county a group lies in.
    """
    settings, content = place.settings, place.settings.actions.content
    return Terms(
        table=content.table(),
        means=_means(place, facts, as_of),
        response=settings.response.rule(),
        margin=settings.profit.margin,
        months=settings.profit.clv_months,
        revenue_share=settings.risk_list.revenue_share,
        assumed_risk=content.assumed_risk,
    )


def _means(place: Workplace, facts: pd.DataFrame, as_of: date) -> Means:
    """The part of the month's budget that has begun, less what was spent of it."""
    given = place.settings.actions.content.means
    begun = min((as_of.day - 1) // 10 + 1, 3)
    spent = _spent(place, facts, as_of)
    monthly = {**dict.fromkeys(spent, given.budget_county_month_fen), **given.budget_fen}
    return Means(
        budget_fen={
            county: max(fen * begun // 3 - spent.get(county, 0), 0)
            for county, fen in sorted(monthly.items())
        },
        budget_elsewhere_fen=given.budget_county_month_fen * begun // 3,
        visits_manager=given.visits_manager,
        visits_desk=given.visits_desk,
        visits_chief=given.visits_chief,
        quiet_days=given.quiet_days,
    )


def _spent(place: Workplace, facts: pd.DataFrame, as_of: date) -> dict[str, int]:
    """What the log of treatments says was spent since the month began, by county."""
    if "treatment" not in place.tables:
        return {}
    rows = Known(place.tables, [as_of]).rows("treatment", lookback=as_of.day)
    paid = as_pandas(rows.select("as_of", "treatment_id", "group_id", "cost_fen"), "treatment_id")
    county = paid["group_id"].map(dict(zip(facts["group_id"], facts["county_id"], strict=True)))
    costs = paid["cost_fen"].astype("Float64").fillna(0).groupby(county.fillna("")).sum()
    return {str(name): int(fen) for name, fen in costs.items()}


def _groups(
    reader: _Reader, features: pd.DataFrame, facts: pd.DataFrame, letters: pd.DataFrame | None
) -> pd.DataFrame:
    """One row a listed group with every fact."""
    wanted = [
        *("group_id", "county_id", "am_staff_id", "tier", "industry_l1", "members"),
        *("key_members", "monthly_revenue_fen", "lock_share"),
    ]
    known = facts[facts["group_id"].isin(reader.listed)].reindex(columns=wanted)
    names = ["group_id", "group_vnet_minutes", "group_arpu", "ending_share"]
    said = features.reindex(columns=names).rename(
        columns={"group_vnet_minutes": "vnet_minutes", "group_arpu": "arpu_fen"}
    )
    rows = known.merge(said, how="left", on="group_id", validate="1:1")
    rows = rows.merge(reader.snapshot(), how="left", on="group_id", validate="1:1")
    holdings = reader.rows("product_holding", "holding_id")
    agreements = reader.rows("contract", "contract_id")
    rows = rows.merge(
        product_facts(list(rows["group_id"]), holdings, agreements, reader.roster),
        how="left",
        on="group_id",
        validate="1:1",
    )
    rows["unmanaged"] = rows["am_staff_id"].isna().astype("int64")
    rows["letter_valid"] = (
        None if letters is None else rows["group_id"].isin(letters["group_id"]).astype("int64")
    )
    met = last_contacts(
        list(rows["group_id"]),
        reader.rows("visit", "visit_id"),
        reader.treatments(),
        reader.rows("alert_case", "case_id"),
        reader.place.settings.actions.content.means.contact_visits,
    )
    rows = rows.merge(met, how="left", on="group_id", validate="1:1")
    return rows.merge(_responses(reader, features), how="left", on="group_id", validate="1:1")


def _responses(reader: _Reader, features: pd.DataFrame) -> pd.DataFrame:
    """How each group answered former offers, and how likely it has gone over already."""
    settings = reader.place.settings
    gone = gone_chances(features, settings.already_gone.rule())
    rows = features[["group_id"]].assign(gone_chance=gone)
    told = responses_known(reader.place.tables, [reader.as_of], settings.loop.offer_days)
    return rows.merge(told.drop(columns="as_of"), how="left", on="group_id", validate="1:1")


def _levers(reader: _Reader) -> pd.DataFrame:
    days = reader.place.settings.actions.content.choice.lever_days
    reports = reader.rows("rival_event", "event_id", lookback=days)
    if reports is None:
        return pd.DataFrame(columns=["group_id", "lever", "age"])
    return reports[["group_id", "lever", "age"]]


class _Reader:
    """The tables as known on the day, for the listed groups only."""

    def __init__(self, place: Workplace, as_of: date, listed: Collection[str]) -> None:
        self.place, self.as_of, self.listed = place, as_of, sorted(set(listed))
        self._present = place.tables.known_by(as_of)
        self.known = Known(place.tables, [as_of])
        self._groups = place.tables.bring(
            pa.table({"group_id": pa.array(self.listed, pa.string())})
        )

    def rows(self, name: str, *key: str, lookback: int | None = None) -> pd.DataFrame | None:
        """Rows of a table about the listed groups; None where there is no such table."""
        if name not in self._present:
            return None
        rows = self.known.rows(name, lookback)
        return as_pandas(rows.join(self._groups, how="semi", on="group_id"), *key)

    def treatments(self) -> pd.DataFrame | None:
        """Treatments of the listed groups with the code of their action."""
        rows = self.rows("treatment", "treatment_id")
        if rows is None or "campaign" not in self._present:
            return None if rows is None else rows.assign(action_code=None)
        campaigns = as_pandas(self.known.rows("campaign"), "campaign_id")
        codes = dict(zip(campaigns["campaign_id"], campaigns["action_code"], strict=True))
        return rows.assign(action_code=rows["campaign_id"].map(codes))

    @cached_property
    def _snapshots(self) -> pd.DataFrame:
        newest = self.known.groups().join(self._groups, how="semi", on="group_id")
        return as_pandas(newest, "group_id")

    def snapshot(self) -> pd.DataFrame:
        """What the newest snapshot alone says of the listed groups."""
        newest = self._snapshots
        rows = newest[["group_id", "arrears_fen", "chief_am_id"]].copy()
        rows["in_park"] = newest["park_id"].notna().astype("int64")
        rows["double_top100"] = newest["is_double_top100"].map({True: 1, False: 0})
        return rows

    @cached_property
    def roster(self) -> pd.DataFrame:
        """Members of the listed groups on net, with what tells whether they are worth binding."""
        names = ["as_of", "user_id", "group_id", "member_role", "realname_flag"]
        listed = self.known.roster().join(self._groups, how="semi", on="group_id")
        there = set(listed.collect_schema().names())
        rows = as_pandas(listed.select(n for n in names if n in there), "user_id")
        rows = rows.reindex(columns=names[1:]).rename(columns={"realname_flag": "named"})
        told = self._told().reindex(columns=["user_id", *READ.values()])
        rows = rows.merge(told, how="left", on="user_id", validate="1:1")
        used = rows["short_sms_months"]
        return rows.assign(
            diverted=rows["outgoing_low"].eq(1), short_sms_used=used.gt(0).where(used.notna())
        )

    def _told(self) -> pd.DataFrame:
        """Member features of the tiers that the listed groups have.

        Those of the scored tiers are asked for as scoring does, which has left them in the cache.
        """
        tiers = set(self._snapshots["tier"])
        parts = [TIERS, tuple(sorted(tiers - set(TIERS)))]
        told = [
            member_features(self.place.tables, [self.as_of], list(READ), tiers=part)
            for part in parts
            if tiers & set(part)
        ]
        return pd.concat(told or [pd.DataFrame(columns=["user_id"], dtype="str")]).rename(
            columns=READ
        )
