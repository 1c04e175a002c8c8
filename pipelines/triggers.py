"""What the tables say happened to groups by a day, and what is due; and how large groups stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw
import pandas as pd

from features import group_features
from features.known import Known
from features.tables import as_pandas
from pipelines.facts import known_facts
from pipelines.level_rules import business_rules, routing_rules, trigger_rules
from pipelines.workplace import Workplace
from serving.alerting.business import ALERT_FEATURES, business_alerts
from serving.alerting.finds import GONE
from serving.alerting.routing import routes
from serving.alerting.triggers import Happenings, hard_triggers, in_order
from serving.facts import DERIVED, FEATURES, LARGE_TIERS, is_large
from serving.rules import excluded

if TYPE_CHECKING:
    from serving.alerting.business import BusinessRules
    from serving.alerting.triggers import TriggerRules

KEY_ROLES = ("key_person", "contact", "key_member")
AGREEMENTS = ("points_vnet", "strategic_coop", "dedicated_line_term", "handset_guarantee")


@dataclass(frozen=True)
class LargeGroups:
    """A, B and double-top-100 groups on a day.

    Attributes:
        features: One row a group: ``as_of``, ``group_id``, ``tier``, what the rules, the facts and
            the alerts read.
        scores: Their points and reasons, see ``serving.scoring.rule_scores``.
    """

    features: pd.DataFrame
    scores: pd.DataFrame


def large_groups(place: Workplace, as_of: date) -> LargeGroups:
    """What is known of every large group that is still with us, with its points by the rules.

    The model of C groups is not asked: it has never seen one of them.
    """
    from features.catalog import FEATURES as CATALOGUE
    from serving.scoring import rule_scores

    known = Known(place.tables, [as_of])
    groups = as_pandas(known.groups(), "group_id")
    large = groups.assign(double_top100=groups["is_double_top100"].eq(True).fillna(False))
    large = large[is_large(large)]
    tiers = sorted({*LARGE_TIERS, *large["tier"]})
    read = {*FEATURES, *DERIVED, *ALERT_FEATURES, "key_members_diverting"}
    wanted = sorted(read | {rule.feature for rule in place.rules})
    features = group_features(place.tables, [as_of], wanted, tiers=tiers)
    features = features[features["group_id"].isin(set(large["group_id"]))]
    out = excluded(known_facts(place, features, as_of, tiers))
    features = features[~features["group_id"].isin(out.keys())].reset_index(drop=True)
    if features.empty:
        return LargeGroups(features, pd.DataFrame(columns=["group_id", "method", "points"]))
    return LargeGroups(features, rule_scores(place.rules, features, CATALOGUE))


def known_triggers(place: Workplace, facts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What happened to groups by the day, and what is due at them.

    Args:
        facts: Of ``pipelines.facts.known_facts``, the groups in question.

    Returns:
        As ``serving.alerting.triggers.hard_triggers``, hard triggers and business alerts together.
    """
    known = Known(place.tables, [as_of])
    rules, business = trigger_rules(place.settings), business_rules(place.settings)
    large = is_large(facts).set_axis(facts["group_id"])
    hard = hard_triggers(_happened(known, rules), large, rules, as_of)
    due = business_alerts(_with_dues(place, known, facts, business, as_of), business, as_of)
    return in_order(pd.concat([hard, due]))


def known_cases(place: Workplace, as_of: date) -> pd.DataFrame | None:
    """Table alert_case as known on the day; None where there is none."""
    return _rows(Known(place.tables, [as_of]), "alert_case", "case_id")


def known_routes(
    place: Workplace, listed: pd.DataFrame, facts: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    """Where each listed group goes, by who is there on the day.

    Args:
        listed: Rows of ``serving.alerting.levels`` that are listed.
        facts: Of ``known_facts``, of every tier, so that each manager's load is counted.

    Returns:
        As ``serving.alerting.routing.routes``.
    """
    known = Known(place.tables, [as_of])
    staff, areas = _rows(known, "staff", "staff_id"), _rows(known, "dim_area", "area_id")
    return routes(listed, facts, staff, areas, routing_rules(place.settings), as_of)


def _happened(known: Known, rules: TriggerRules) -> Happenings:
    cases = _rows(known, "alert_case", "case_id")
    return Happenings(
        key_people=_key_people(known, rules),
        vnets=_vnets(known, rules),
        agreements=_agreements(known),
        attacks=_events(known, "rival_event", "event_id", rules),
        visits=_events(known, "visit", "visit_id", rules),
        cases=None if cases is None else cases.dropna(subset="group_id"),
    )


def _key_people(known: Known, rules: TriggerRules) -> pd.DataFrame | None:
    """Key people whose membership runs or ended lately, with the state of their number.

    Who still belongs to a group counts in it: a number moved to another group is not lost.
    """
    if "membership_hist" not in known.tables or "member" not in known.tables:
        return None
    lately = nw.col("days_to_valid_to") > -rules.oldest_days
    begun = nw.col("days_to_valid_from") <= 0
    rows = known.rows("membership_hist").filter(nw.col("member_role").is_in(KEY_ROLES), lately)
    members = known.rows("member").filter(nw.col("status").is_in(GONE))
    columns = ["user_id", "group_id", "member_role", "valid_to", "leave_reason", "load_time"]
    people = as_pandas(
        rows.filter(begun).select("as_of", *columns), "user_id", "group_id", "valid_to"
    )
    states = as_pandas(members.select("as_of", "user_id", "status", "status_time"), "user_id")
    newest = people.drop_duplicates("user_id", keep="last")
    return newest.merge(states.drop(columns="as_of"), how="left", on="user_id", validate="1:1")


def _vnets(known: Known, rules: TriggerRules) -> pd.DataFrame | None:
    if "product_holding" not in known.tables:
        return None
    holdings = known.rows("product_holding").filter(
        nw.col("product").str.starts_with("vnet"),
        nw.col("days_to_valid_from") <= -rules.days,
        nw.col("days_to_valid_to") > -rules.days,
    )
    runs = nw.col("days_to_valid_to") > 0
    ended = nw.when(~runs).then(nw.col("valid_to"))
    groups = holdings.group_by("as_of", "group_id").agg(
        before=nw.col("qty").sum(),
        left=nw.when(runs).then(nw.col("qty")).otherwise(0).sum(),
        last_end=ended.max(),
    )
    return as_pandas(groups, "group_id").astype({"before": "int64", "left": "int64"})


def _agreements(known: Known) -> pd.DataFrame | None:
    if "contract" not in known.tables:
        return None
    broken = known.rows("contract").filter(
        nw.col("status") == "broken",
        nw.col("type").is_in(AGREEMENTS),
        nw.col("user_id").is_null(),
        ~nw.col("group_id").is_null(),
    )
    return as_pandas(broken, "contract_id")


def _events(known: Known, table: str, key: str, rules: TriggerRules) -> pd.DataFrame | None:
    if table not in known.tables:
        return None
    return as_pandas(known.rows(table, rules.oldest_days), key)


def _rows(known: Known, table: str, *key: str) -> pd.DataFrame | None:
    return as_pandas(known.rows(table), *key) if table in known.tables else None


def _with_dues(
    place: Workplace, known: Known, facts: pd.DataFrame, rules: BusinessRules, as_of: date
) -> pd.DataFrame:
    """The facts with the features, arrears and base that alerts read."""
    tiers = sorted(set(facts["tier"]))
    due = group_features(place.tables, [as_of], ALERT_FEATURES, tiers=tiers)
    snapshots = as_pandas(known.groups(), "group_id").reindex(columns=["group_id", "arrears_fen"])
    groups = facts[["group_id", "tier", "double_top100"]]
    for more in (due.drop(columns=["as_of", "tier"]), snapshots, _low_bills(known, rules)):
        groups = groups.merge(more, how="left", on="group_id", validate="1:1")
    return groups


def _low_bills(known: Known, rules: BusinessRules) -> pd.DataFrame:
    """For each group its members of the newest frozen base, and whose bill newly fell low."""
    if not {"snapshot_base", "bill_month"} <= set(known.tables.frames):
        return pd.DataFrame(columns=["group_id", "base_members", "low_bill_members"])
    base = as_pandas(
        known.rows("snapshot_base").filter(
            nw.col("entity_type") == "member", nw.col("ref_revenue_fen") >= rules.low_bill_fen
        ),
        "entity_id",
        "frozen_at",
    )
    newest = base.loc[base["frozen_at"] == base["frozen_at"].max(), "entity_id"]
    billed = _bills(known)
    low = (billed["now"] < rules.low_bill_fen) & (billed["last"] >= rules.low_bill_fen)
    members = as_pandas(known.roster().select("as_of", "user_id", "group_id"), "user_id")
    members = members[members["user_id"].isin(set(newest))]
    counted = members.assign(low=members["user_id"].isin(set(billed.index[low])))
    return counted.groupby("group_id", as_index=False).agg(
        base_members=("low", "size"), low_bill_members=("low", "sum")
    )


def _bills(known: Known) -> pd.DataFrame:
    """Each member's bill of the newest closed month and of the one before, in fen."""
    age, fen = nw.col("age"), nw.col("arpu_fen")
    bills = known.rows("bill_month", 2).group_by("as_of", "user_id")
    frame = bills.agg(now=nw.when(age == 0).then(fen).max(), last=nw.when(age == 1).then(fen).max())
    return as_pandas(frame, "user_id").set_index("user_id")
