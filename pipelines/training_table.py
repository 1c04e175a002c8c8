"""Training tables: what was known on many days, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features import group_features, member_features
from features.catalog import FEATURES, GROUP_FEATURES, MEMBER_FEATURES
from features.definition import Feature
from features.history import full_from
from features.known import Known
from features.tables import as_pandas
from models.bundle import load, save
from models.errors import TrainingRefused
from models.hazard_features import HAZARD_FEATURES
from models.labels import GROUP_DAY, group_labels, matured, member_churn
from models.outcomes import member_outcomes
from models.rows import Rows
from models.training import slice_weights
from models.treated import TreatedRule, treated_rows, treatment_weights
from pipelines import console
from pipelines.calendar_of_lists import knowledge_days
from pipelines.errors import GateError
from pipelines.hazards import learn_hazards
from pipelines.storage import atomic_write, keep_frame
from pipelines.training_days import Plan, plan, unknown_too_often
from pipelines.workplace import TIERS, Workplace
from serving.rules import is_lost, is_test

if TYPE_CHECKING:
    from models.bundle import Model

HAZARDS = "hazards"
MEMBER_EVERY = 6
"""A member table takes every sixth scoring day: members are many, and change little in between."""
LABELS = ("label_30", "label_silent", "share_lost", "churned_30", "diverted_60", "onset")
"""What is told of a group beside its label; see ``models.labels.group_labels``."""
TREATED = ("treated", "holdout", "propensity")
_NO_FEATURES = frozenset({"as_of", "group_id", "user_id", "tier", "label", *LABELS, *TREATED})


@dataclass(frozen=True)
class TrainingTable:
    """Features and labels, one row a day and group (or member), sorted by both."""

    frame: pd.DataFrame
    entity: str
    leave_out: frozenset[str] = frozenset()
    treated: TreatedRule | None = None

    @property
    def days(self) -> list[date]:
        """Scoring days, each once."""
        return sorted(self.frame["as_of"].unique())

    @property
    def features(self) -> list[str]:
        """Columns that a model reads."""
        hidden = _NO_FEATURES | self.leave_out
        return [name for name in self.frame.columns if name not in hidden]

    @property
    def positive_entities(self) -> int:
        """Distinct groups (or members) with at least one positive label."""
        return int(self.frame.loc[self.frame["label"] == 1, self.entity].nunique())

    def rows(self, days: Collection[date], label: str = "label") -> Rows:
        """The rows of some days, weighted so that long-lived groups do not dominate.

        Rows that were treated in their label window are left out, or others stand for them, as
        ``treated`` tells; so are rows of which the ``label`` is not known.
        """
        part = self.frame[self.frame["as_of"].isin(set(days)) & self.frame[label].notna()]
        weight = np.ones(len(part))
        if self.treated is not None and set(TREATED) <= set(part):
            weight = treatment_weights(part, self.treated)
            part, weight = part[weight > 0], weight[weight > 0]
        ids = part[self.entity].to_numpy()
        weights = slice_weights(ids) * weight
        return Rows(part[self.features], part[label].to_numpy(), ids, weights)


def training_tables(place: Workplace, as_of: date) -> tuple[TrainingTable, TrainingTable]:
    """The group's and the members' training table, from all days whose labels matured by ``as_of``.

    They are kept under ``work/training``, named after what they were made from, so that the same
    data, settings and code give the same tables without computing them again.

    Raises:
        GateError: No day has both enough history and a matured label.
    """
    folder = place.home.work / "training" / _made_from(place, as_of)
    if not (folder / "refused.json").exists():
        refused: dict[str, dict[str, float]] = {}
        for name, (frame, left_out) in _computed(place, as_of, folder / HAZARDS).items():
            keep_frame(frame, folder / f"{name}.parquet")
            refused[name] = left_out
        atomic_write(folder / "refused.json", json.dumps(refused).encode())
    refused = json.loads((folder / "refused.json").read_bytes())
    _say_what_is_refused(place, refused)
    hidden = frozenset(place.settings.group_model.leave_out)
    return (
        TrainingTable(_read(folder / "groups.parquet"), "group_id", hidden, place.treated),
        TrainingTable(_read(folder / "members.parquet"), "user_id"),
    )


def hazard_models(place: Workplace, as_of: date) -> dict[str, Model]:
    """The member models whose scores are features of the group's table, by hazard; {} if none."""
    folder = place.home.work / "training" / _made_from(place, as_of) / HAZARDS
    return {file.name: load(file) for file in sorted(folder.glob("*"))}


def _say_what_is_refused(place: Workplace, refused: dict[str, dict[str, float]]) -> None:
    for whose, features in refused.items():
        if features:
            named = ", ".join(f"{name} ({share:.0%})" for name, share in sorted(features.items()))
            console.say(
                f"{whose}: features absent on more than {place.settings.study.absent_days:.0%} of "
                f"the scoring days are left out: {named}"
            )


def scoring_days(place: Workplace, as_of: date) -> list[date]:
    """The knowledge days that have the history that features look back on, up to ``as_of``."""
    study = place.settings.study
    oldest = Known(place.tables, [as_of]).first_period("usage_month")
    if oldest is None:
        return []
    first = (pd.Period(oldest, freq="M") + study.history_months).start_time.date()
    closed = timedelta(place.tables.contract("usage_month").deadline_days)
    days = knowledge_days(first + closed, as_of, study.as_of_lag_days)
    return days[:: -study.slide_dekads][::-1]


def _computed(
    place: Workplace, as_of: date, hazards: Path
) -> dict[str, tuple[pd.DataFrame, dict[str, float]]]:
    """For groups and members: the table, and which features are refused."""
    rule, member_rule = place.group_label, place.member_label
    days = matured(scoring_days(place, as_of), rule, as_of)
    if not days:
        raise GateError(
            f"No day before {as_of} has {place.settings.study.history_months} months of usage "
            f"before it and {rule.matures_after} days after it: bring a longer history."
        )
    of_groups = _plan(place, days, GROUP_FEATURES)
    with console.progress("what became of members") as tell:
        outcomes = member_outcomes(place.tables, of_groups.days, rule, tiers=TIERS, progress=tell)
    with console.progress("group features") as tell:
        groups = group_features(
            place.tables, of_groups.days, of_groups.features, tiers=TIERS, progress=tell
        )
    of_members = _plan(place, of_groups.days[::-MEMBER_EVERY][::-1], MEMBER_FEATURES)
    with console.progress("member features") as tell:
        members = member_features(
            place.tables, of_members.days, of_members.features, tiers=TIERS, progress=tell
        )
    churned = member_churn(outcomes[outcomes["as_of"].isin(set(of_members.days))], member_rule)
    alive = groups.merge(_scorable(place, of_groups.days), on=["as_of", "group_id"], validate="1:1")
    seen = _with_hazards(place, alive, as_of, hazards)
    moved = group_labels(outcomes, rule, place.beside_labels)
    told = moved.merge(treated_rows(place.tables, moved, rule, place.treated), on=GROUP_DAY)
    return {
        "groups": _without_unknown(place, _labelled(seen, told, "group_id"), of_groups),
        "members": _without_unknown(place, _labelled(members, churned, "user_id"), of_members),
    }


def _with_hazards(
    place: Workplace, groups: pd.DataFrame, as_of: date, folder: Path
) -> pd.DataFrame:
    """Groups with what member models said of them, each day by models that had not seen it."""
    if not place.settings.group_model.member_hazards:
        return groups
    try:
        learnt = learn_hazards(place, as_of)
    except (GateError, TrainingRefused) as refused:
        console.say(f"No member hazards among the features of groups: {refused}")
        return groups
    told = learnt.on(sorted(groups["as_of"].unique()))
    seen = groups.merge(told, how="left", on=GROUP_DAY, validate="1:1")
    if seen[list(HAZARD_FEATURES)].isna().all().any():
        console.say("No member hazards among the features of groups: the history is too short.")
        return groups
    for name, model in learnt.models.items():
        save(model, folder / name)
    return seen


def _plan(place: Workplace, days: list[date], features: tuple[Feature, ...]) -> Plan:
    made = plan(
        days,
        features,
        full_from(place.tables, features, FEATURES, days),
        place.settings.study.absent_days,
    )
    if not made.days:
        raise GateError(
            f"On none of the {len(days)} scoring days do all features look back as far as they "
            "should: bring a longer history, or lower study.absent_days."
        )
    return made


def _without_unknown(
    place: Workplace, table: pd.DataFrame, made: Plan
) -> tuple[pd.DataFrame, dict[str, float]]:
    names = [feature.name for feature in made.features if feature.name in table]
    unknown = unknown_too_often(table, names, place.settings.study.absent_days)
    return table.drop(columns=list(unknown)), {**made.refused, **unknown}


def _scorable(place: Workplace, days: list[date]) -> pd.DataFrame:
    """The groups that would not have been excluded from the list of each day."""
    groups = as_pandas(Known(place.tables, days).groups(), "as_of", "group_id")
    return groups.loc[~(is_lost(groups) | is_test(groups)), ["as_of", "group_id"]]


def _labelled(features: pd.DataFrame, labels: pd.DataFrame, entity: str) -> pd.DataFrame:
    key = ["as_of", entity]
    columns = [name for name in ("label", *LABELS, *TREATED) if name in labels]
    joined = features.merge(labels[[*key, *columns]], how="inner", on=key, validate="1:1")
    return joined.sort_values(key, ignore_index=True)


def _made_from(place: Workplace, as_of: date) -> str:
    content = {**place.versions(as_of), "as_of": as_of.isoformat()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _read(file: Path) -> pd.DataFrame:
    frame = pd.read_parquet(file)
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)
