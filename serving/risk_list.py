"""The risk list: one row is one group is one decision."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from data_contracts.contract import published_tables
from serving.alerting.level_rules import SEVERITY, LevelLimits
from serving.casebook.clocks import clocks
from serving.casebook.ids import case_ids
from serving.casebook.rules import CaseRules
from serving.errors import ListError
from serving.provenance import Provenance
from serving.row_words import change, last_feedback, said

NO_CLOCK = "yellow"
"""A group without an alert, which fills up a short list, has the time of this level."""


@dataclass(frozen=True)
class ListRules:
    """How a list is put together; every number is the operator's own.

    Attributes:
        levels: Limits and caps of the levels of C groups, for the legend.
        cases: Clocks of each level, from the moment that a list is given out.
        months_at_risk: Months of revenue that count as lost when a group goes.
        revenue_share: Share of a group's revenue that goes with it, where the model knows none.
        at_least: Rows of a list even where fewer groups stand on a level.
    """

    levels: LevelLimits
    cases: CaseRules
    months_at_risk: float
    revenue_share: float
    at_least: int = 0

    def due(self, level: str, as_of: date) -> tuple[date, date]:
        """The last day to contact a group of the level, and the last to report."""
        rung = level if level in self.cases.levels else NO_CLOCK
        ends = clocks(rung, self.cases.given_out(as_of), self.cases)
        return ends.contact.date(), ends.feedback.date()

    def due_days(self, level: str, as_of: date) -> int:
        """Days from the day of the list to the last day to contact a group of the level."""
        return (self.due(level, as_of)[0] - as_of).days


@dataclass(frozen=True)
class Told:
    """What is known of the groups of one day, each frame one row a group.

    Attributes:
        as_of: The day.
        scores: Of ``serving.scoring``; C groups by model or rules, large groups by rules.
        facts: Of ``serving.facts``, at least for every group with a level.
        levels: Of ``serving.alerting.levels``.
        routes: Of ``serving.alerting.routing``, for the groups to be listed.
        actions: Of ``serving.actions.choice``, for the groups to be listed; None where no action
            can be chosen.
        cases: Table alert_case as known on the day; None without one.
        changes: Of ``serving.why.changes``.
        features: Of the day, of which ``ending_share`` is read.
    """

    as_of: date
    scores: pd.DataFrame
    facts: pd.DataFrame
    levels: pd.DataFrame
    routes: pd.DataFrame
    changes: pd.DataFrame
    features: pd.DataFrame
    actions: pd.DataFrame | None = None
    cases: pd.DataFrame | None = None


def to_list(levels: pd.DataFrame, held_out: set[str], at_least: int) -> pd.DataFrame:
    """The groups of a list, the most urgent first: all on a level, filled up with the next ones.

    Args:
        levels: Of ``serving.alerting.levels``.
        held_out: Groups that the field does not see.
        at_least: Rows of the list even where fewer groups stand on a level.
    """
    seen = levels[~levels["group_id"].isin(held_out)]
    ordered = seen.sort_values(["priority", "group_id"], ascending=[False, True], ignore_index=True)
    return ordered[ordered["level"].ne("none") | (ordered.index < at_least)]


def published_scores(
    scores: pd.DataFrame,
    facts: pd.DataFrame,
    levels: pd.DataFrame,
    rules: ListRules,
    made: Provenance,
) -> pd.DataFrame:
    """Scores as the contract group_score promises them, but for the id of the batch.

    Args:
        scores: Of ``serving.scoring``, groups of one day.
        facts: Of ``serving.facts``, at least for every scored group.
        levels: Of ``serving.alerting.levels``, of the same groups.
        rules: What a group's loss costs.
        made: Where the scores come from.

    Raises:
        ListError: Nothing is known of a scored group.
    """
    known = _of_groups(facts, scores["group_id"], "facts").set_axis(scores.index)
    level = levels.set_index("group_id")["level"]
    freshness = json.dumps(dict(sorted(made.freshness.items())), ensure_ascii=False)
    return scores.drop(columns="points").assign(
        model_name=made.model_name,
        model_version=made.model_version,
        run_id=made.run_id,
        level=scores["group_id"].map(level).fillna("none"),
        expected_value=_at_risk(scores, known["monthly_revenue_fen"], rules),
        data_freshness=freshness,
        stale=_stale(known, made),
    )


def alerts(told: Told, arms: pd.DataFrame | None) -> pd.DataFrame:
    """Every group on a level as the contract alert promises it, those held out among them.

    Args:
        told: What is known of the groups.
        arms: Of ``serving.alerting.holdout``; None where nobody is held out.
    """
    rows = told.levels[told.levels["level"].ne("none")].rename(
        columns={"new_since": "first_listed"}
    )
    rows = rows.merge(_once(told.scores)[["group_id", "probability", "points"]], "left", "group_id")
    rows = rows.rename(columns={"points": "rules_points"}).assign(as_of=told.as_of)
    if arms is None:
        rows = rows.assign(arm="treat", propensity=1.0, drawn_on=None, how="not_drawn")
    else:
        drawn = arms[["group_id", "arm", "propensity", "drawn_on", "how"]]
        rows = rows.merge(drawn, how="left", on="group_id", validate="1:1")
    return _promised(rows.sort_values("group_id", ignore_index=True), "alert")


def risk_list(listed: pd.DataFrame, told: Told, rules: ListRules, made: Provenance) -> pd.DataFrame:
    """The list as the contract risk_list promises it, but for the id of the batch.

    Args:
        listed: Of ``to_list``; at least one row.
        told: What is known of the groups.
        rules: Clocks, and what a group's loss costs.
        made: Where the list comes from.

    Returns:
        One row a group, the most urgent first. ``list_id`` is the day and a checksum of the rows.

    Raises:
        ListError: Nothing is known of a listed group.
    """
    as_of = told.as_of
    rows = _in_order(listed, told.actions).assign(as_of=as_of, rank=np.arange(1, len(listed) + 1))
    groups = rows["group_id"]
    rows = rows.rename(columns={"new_since": "first_listed"})
    rows["first_listed"] = rows["first_listed"].where(rows["first_listed"].notna(), as_of)
    rows["times_listed"] = rows["times_listed"].clip(lower=1)
    rows["change"] = [
        change(*pair) for pair in zip(rows["level"], rows["level_before"], strict=True)
    ]
    scores = _once(told.scores).set_index("group_id").reindex(groups).reset_index(drop=True)
    for name in ("probability", "probability_low", "probability_high", "share_lost"):
        rows[name] = scores.get(name, np.nan)
    rows["rules_points"] = scores["points"]
    known = _of_groups(told.facts, groups, "facts").drop(columns=["group_id", "tier"])
    rows = rows.join(known.drop(columns=[name for name in known if name in rows]))
    at_risk = _at_risk(rows, known["monthly_revenue_fen"], rules)
    rows["revenue_at_risk_fen"] = at_risk.round().astype("Int64")
    rows = rows.join(pd.DataFrame([said(one) for one in scores["reasons"]], dtype="str"))
    rows = _beside(rows, told.changes.drop(columns="probability_before"))
    rows = _beside(rows, told.routes.rename(columns={"owner_id": "am_staff_id"}))
    rows = _beside(rows, told.features[["group_id", *_ENDING & set(told.features)]])
    rows = rows.rename(columns={"ending_share": "ending_60_share"})
    if told.actions is not None:
        rows = _beside(rows, told.actions)
    due = [rules.due(level, as_of) for level in rows["level"]]
    trusted = "few_positives" if made.few_positives else "ok"
    rows = rows.assign(
        due_date=[contact for contact, _ in due],
        feedback_due=[report for _, report in due],
        last_feedback=rows["group_id"].map(last_feedback(told.cases)),
        case_id=rows["group_id"].map(case_ids(groups, told.cases, as_of)),
        feedback=None,
        model_version=made.model_version,
        label_version=made.label_version,
        config_hash=made.config_hash,
        data_version=made.data_version,
        data_cutoff=made.data_cutoff,
        confidence=_stale(rows, made).map({True: "late_data", False: trusted}),
    )
    promised = _promised(rows, "risk_list")
    return promised.assign(list_id=_list_id(promised))


_ENDING = {"ending_share"}


def _in_order(listed: pd.DataFrame, actions: pd.DataFrame | None) -> pd.DataFrame:
    """The graver level first, and on a level who a visit is expected to save the most of."""
    net = (
        pd.Series(dtype="float64") if actions is None else actions.set_index("group_id")["net_fen"]
    )
    rows = listed.assign(
        severity=listed["level"].map(SEVERITY),
        net=listed["group_id"].map(net).fillna(0.0).astype("float64"),
    )
    ordered = rows.sort_values(
        ["severity", "net", "priority", "group_id"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )
    return ordered.drop(columns=["severity", "net"])


def _once(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with each group once: a large C group's by the rules, which its level goes by."""
    by_rules = scores.assign(model=scores["method"].ne("rules"))
    return by_rules.sort_values("model", kind="stable").drop_duplicates("group_id")


def _beside(rows: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """The rows with more columns, by group; what both have comes from ``more``."""
    bare = rows.drop(columns=[name for name in more if name in rows and name != "group_id"])
    return bare.merge(more, how="left", on="group_id", validate="1:1")


def _of_groups(frame: pd.DataFrame, groups: pd.Series[str], what: str) -> pd.DataFrame:
    """The row of each group, in the order of the groups."""
    if unknown := sorted(set(groups) - set(frame["group_id"])):
        raise ListError(
            f"{len(unknown)} groups are not among the {what}, such as {', '.join(unknown[:3])}; "
            "compute scores and facts from the same tables and day"
        )
    return frame.set_index("group_id").loc[groups.to_list()].reset_index()


def _promised(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns of a published table, in its order; what is not known is empty."""
    ids = {"list_id", "batch_id"}
    names = [name for name in published_tables()[table].names if name not in ids]
    absent = {name: pd.Series(None, rows.index, dtype=object) for name in names if name not in rows}
    return rows.assign(**absent)[names]


def _at_risk(
    scores: pd.DataFrame, monthly_revenue_fen: pd.Series[int], rules: ListRules
) -> pd.Series[float]:
    """Expected loss in fen: probability x months x monthly revenue x share that goes."""
    months = rules.months_at_risk * scores["share_lost"].fillna(rules.revenue_share)
    revenue = monthly_revenue_fen.astype("Float64").astype("float64")
    return scores["probability"] * months * revenue


def _stale(known: pd.DataFrame, made: Provenance) -> pd.Series[bool]:
    """Whether the group's area, or the county it lies in, was scored on older data."""
    return known[["area_id", "county_id"]].isin(list(made.stale_areas)).any(axis=1)


def _list_id(rows: pd.DataFrame) -> str:
    text = rows.to_csv(index=False, lineterminator="\n")
    return f"{rows['as_of'].iloc[0]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
