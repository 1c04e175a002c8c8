"""From a scored day to its list: levels, the lot, actions, who gets which row, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from features.known import Known
from features.tables import as_pandas
from models.hazard_features import READABLE
from pipelines.actions import action_inputs, action_terms
from pipelines.drafts import Draft
from pipelines.facts import area_names, known_facts
from pipelines.learned_effect import learned_effect
from pipelines.level_rules import level_rules
from pipelines.scorecard import past_lists
from pipelines.triggers import (
    LargeGroups,
    known_cases,
    known_routes,
    known_triggers,
    large_groups,
)
from serving.actions.choice import chosen
from serving.alerting.holdout import arms
from serving.alerting.level_rules import LevelLimits
from serving.alerting.levels import levels
from serving.csv_files import csv_list
from serving.directory import deliver, named_workbooks, read_directory
from serving.page import page, pages
from serving.risk_list import ListRules, Told, alerts, published_scores, risk_list, to_list
from serving.store import WORKBOOK
from serving.why.changes import Added, changed
from serving.why.peers import with_peers
from serving.workbook import Names, workbook, workbooks

if TYPE_CHECKING:
    from pipelines.workplace import Workplace
    from serving.provenance import Provenance
    from serving.scorecard import Scorecard
    from serving.store import PublishedBatch

NOBODY = LargeGroups(pd.DataFrame(columns=["group_id"]), pd.DataFrame())


@dataclass(frozen=True)
class Listing:
    """A day's list before it is published.

    Attributes:
        told: What is known of its groups.
        rows: The list as the field gets it, as the contract risk_list promises it.
        everybody: The same with the groups that are held out, for the casebook.
        arms: The lot; None where nobody is held out.
    """

    told: Told
    rows: pd.DataFrame
    everybody: pd.DataFrame
    arms: pd.DataFrame | None


def listing(place: Workplace, draft: Draft, as_of: date, made: Provenance) -> Listing:
    """Put together the list of a scored day.

    What happened before is read from the tables as known on the day and from the list that was
    published last before it, so that the same ids give the same list.
    """
    timed = place.warehouse.capabilities["time"]
    large = large_groups(place, as_of) if timed else NOBODY
    features = pd.concat([draft.frames["features"], large.features], ignore_index=True)
    features = features.drop_duplicates("group_id", ignore_index=True)
    facts = known_facts(place, features, as_of, tiers=None)
    last = place.store.before(as_of)
    cases = known_cases(place, as_of)
    own = with_peers(draft.frames["groups"], features, facts, READABLE, place.reason_rule)
    scores = pd.concat([own, large.scores], ignore_index=True)
    placed = levels(
        scores,
        facts,
        known_triggers(place, facts, as_of),
        level_rules(place.settings, by_points=draft.maker.method == "rules"),
        as_of,
        history=_history(last),
        cases=cases,
    )
    lot = arms(placed, _log(place, as_of), as_of, place.settings.holdout.rule()) if timed else None
    held_out = set() if lot is None else set(lot.loc[lot["arm"].eq("holdout"), "group_id"])
    rules = list_rules(place, draft)
    given = to_list(placed, held_out, rules.at_least)
    hidden = placed[placed["group_id"].isin(held_out)]
    told = Told(
        as_of=as_of,
        scores=scores,
        facts=facts,
        levels=placed,
        routes=known_routes(place, given, facts, as_of),
        changes=_changes(scores, draft, last),
        features=features,
        actions=_actions(place, given, scores, features, facts, as_of) if timed else None,
        cases=cases,
    )
    rows = risk_list(given, told, rules, made)
    if hidden.empty:
        return Listing(told, rows, rows, lot)
    unseen = risk_list(hidden, told, rules, made).assign(list_id=rows["list_id"].iloc[0])
    return Listing(told, rows, pd.concat([rows, unseen]), lot)


def frames(
    place: Workplace, draft: Draft, listed: Listing, made: Provenance
) -> dict[str, pd.DataFrame]:
    """The tables of the batch, as their contracts promise them."""
    told, rules = listed.told, list_rules(place, draft)
    scored = set(draft.frames["groups"]["group_id"])
    own = told.scores[told.scores["group_id"].isin(scored)].drop_duplicates("group_id")
    found = {
        "group_score": published_scores(own, told.facts, told.levels, rules, made),
        "risk_list": listed.rows,
        "alert": alerts(told, listed.arms),
    }
    beside = {"group_shap": "shap", "member_score": "members"}
    return {**found, **{t: draft.frames[f] for t, f in beside.items() if f in draft.frames}}


def files(place: Workplace, draft: Draft, listed: Listing, made: Provenance) -> dict[str, bytes]:
    """What people read: the whole list, and what each account manager and each county gets."""
    card, names = _card_and_names(place, listed.told.as_of)
    rows, rules = listed.rows, list_rules(place, draft)
    return {
        WORKBOOK: workbook(rows, card, made, rules, names=names),
        "risk_list.html": page(rows, card, made, rules, names=names),
        "risk_list.csv": csv_list(rows, "zh", "gb18030", area_names=names.areas),
        **workbooks(rows, card, made, rules, names=names),
        **pages(rows, card, made, rules, names=names),
    }


def deliver_named(
    place: Workplace, draft: Draft, listed: Listing, made: Provenance, directory: Path, out: Path
) -> int:
    """Write the workbooks with names into ``out``; how many they are."""
    card, names = _card_and_names(place, listed.told.as_of)
    who, rules = read_directory(directory), list_rules(place, draft)
    return len(deliver(named_workbooks(listed.rows, who, card, made, rules, names=names), out))


def _card_and_names(place: Workplace, as_of: date) -> tuple[Scorecard | None, Names]:
    card = past_lists(place, as_of) if place.warehouse.capabilities["time"] else None
    actions = place.settings.actions.content.table().actions
    codes = {code: action.name for code, action in actions.items()}
    return card, Names(areas=area_names(place, as_of), actions=codes)


def list_rules(place: Workplace, draft: Draft) -> ListRules:
    """How the day's list is put together."""
    settings = place.settings
    by_points = draft.maker.method == "rules"
    limits = settings.rules_levels if by_points else settings.levels
    return ListRules(
        levels=LevelLimits(**limits.model_dump()),
        cases=settings.casebook.rule(),
        months_at_risk=settings.risk_list.months_at_risk,
        revenue_share=settings.risk_list.revenue_share,
        at_least=settings.risk_list.min_length,
    )


def _history(last: PublishedBatch | None) -> pd.DataFrame | None:
    """Who stood on a level on the last list, those held out among them."""
    if last is None or "alert" not in last.tables:
        return None
    return last.frame("alert")


def _log(place: Workplace, as_of: date) -> pd.DataFrame | None:
    if "treatment" not in place.tables:
        return None
    return as_pandas(Known(place.tables, [as_of]).rows("treatment"), "treatment_id")


def _changes(scores: pd.DataFrame, draft: Draft, last: PublishedBatch | None) -> pd.DataFrame:
    before = last.frame("group_score") if last and "group_score" in last.tables else None
    added = None
    if before is not None and last and "group_shap" in last.tables and "shap" in draft.frames:
        added = Added(draft.frames["shap"], last.frame("group_shap"))
    once = scores.drop_duplicates("group_id", keep="last")
    return changed(once, before, READABLE, added)


def _actions(
    place: Workplace,
    given: pd.DataFrame,
    scores: pd.DataFrame,
    features: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: date,
) -> pd.DataFrame:
    inputs = action_inputs(place, features, facts, as_of, set(given["group_id"]))
    once = scores.drop_duplicates("group_id", keep="last")
    terms, effect = action_terms(place, facts, as_of), learned_effect(place, as_of, once)
    return chosen(given, once, inputs, terms, as_of=as_of, effect=effect)
