"""Everything that a choice of action needs of each group, brought together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from models.response import Offers, relieved
from serving.actions.bundling import by_group
from serving.actions.options import Case, known, quiet_until
from serving.actions.table import ActionInputs, Terms
from serving.actions.worth import drive, stake
from serving.errors import ActionError
from serving.why.reasons import from_json


def cases_of(
    levels: pd.DataFrame,
    scores: pd.DataFrame,
    inputs: ActionInputs,
    terms: Terms,
    as_of: date,
    effect: pd.DataFrame | None,
) -> dict[str, Case]:
    """The groups to be worked, by id; arguments and errors as for ``action_choice.chosen``."""
    groups, scored = _by_group(inputs.groups), _by_group(scores)
    people, members = _by_group(inputs.people), by_group(inputs.members)
    reports, letters = _lists(inputs.levers), None
    if inputs.letters is not None:
        letters = _lists(inputs.letters)
    taus = {} if effect is None else dict(zip(effect["group_id"], effect["tau"], strict=True))
    cases = {}
    for group_id, listed in sorted(_by_group(levels).items()):
        if group_id not in groups:
            raise ActionError(f"actions: nothing is known of group {group_id}; read its inputs too")
        group = {**groups[group_id], "level": listed["level"]}
        score = scored.get(group_id, {})
        told = reports.get(group_id, ())
        found = drive(
            from_json(score["reasons"]) if score else (),
            [
                (str(r["lever"]), float(r["age"]))
                for r in told
                if r["age"] <= terms.table.lever_days
            ],
            terms.table,
        )
        risk, assumed = _risk(listed, score, str(group.get("tier") or "C"), terms)
        lost = known(score.get("share_lost"))
        share = terms.revenue_share if pd.isna(lost) else lost
        revenue = known(group.get("monthly_revenue_fen"))
        value = 0.0 if pd.isna(revenue) else revenue * terms.months * terms.margin * share
        unmanaged = group.get("unmanaged") == 1
        took, left = (_count(group.get(name)) for name in ("accepted", "refused"))
        since = known(group.get("since_accepted"))
        at = stake(
            float(relieved(risk, since, terms.response)),
            value,
            found.price,
            unmanaged,
            known(group.get("never_met")),
            terms,
            gone=_count(group.get("gone_chance")),
            offers=Offers([took], [left]),
        )
        cases[group_id] = Case(
            group=group,
            found=found,
            at=at.taught(known(taus.get(group_id))),
            letters=None if letters is None else letters.get(group_id, ()),
            person=people.get(group_id, {}),
            members=members.get(group_id, ()),
            quiet_until=None
            if listed["level"] == "red" and listed.get("level_before") != "red"
            else quiet_until(group.get("last_contact_date"), as_of, terms.means.quiet_days),
            as_of=as_of,
            assumed=assumed,
        )
    return cases


def _risk(
    listed: Mapping[str, Any], score: Mapping[str, Any], tier: str, terms: Terms
) -> tuple[float, bool]:
    """The risk to reckon with, and whether it is only assumed."""
    assumed = terms.assumed_risk.get(f"{tier[0]}.{listed['level']}", 0.0)
    probability = known(score.get("probability"))
    if pd.isna(probability):
        return assumed, True
    if listed.get("method") == "trigger" and assumed > probability:
        return assumed, True
    return probability, False


def _count(value: object) -> float:
    """A number; 0 where it is unknown."""
    number = known(value)
    return 0.0 if pd.isna(number) else number


def _by_group(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    if twice := sorted(set(rows.loc[rows["group_id"].duplicated(), "group_id"]))[:3]:
        raise ActionError(f"actions: groups given more than once: {', '.join(twice)}")
    return {str(row["group_id"]): row for row in _records(rows)}


def _lists(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _records(rows):
        found[str(row["group_id"])].append(row)
    return found


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
