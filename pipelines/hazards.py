"""Member hazards of a home: what they say of its groups on each day, and the models that say it.

Members are looked at once a month, on the day when its last dekad is known. Any other day takes
what was said on the newest of these days, in training as in scoring, so that a group's model finds
in use what it has learnt from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from features import member_features
from features.catalog import MEMBER_FEATURES
from features.known import Known
from models.hazard_features import HAZARD_FEATURES, group_hazards
from models.hazard_labels import hazard_labels, member_hazards
from models.hazards import HazardConfig, rolling_scores, score_members
from models.labels import LabelRule, matured
from models.outcomes import member_outcomes
from models.training import TrainingConfig
from pipelines import console
from pipelines.calendar_of_lists import knowledge_days
from pipelines.errors import GateError
from pipelines.workplace import TIERS, Workplace

if TYPE_CHECKING:
    from models.bundle import Model

KEY = ["as_of", "group_id"]
DAYS_AT_ONCE = 6
"""Days of members that are held at once: more take less time and more memory."""


@dataclass(frozen=True)
class LearntHazards:
    """What member models say of groups, and the newest of the models.

    Attributes:
        groups: ``as_of`` (days on which members were looked at), ``group_id`` and
            ``HAZARD_FEATURES``; each day's by models that knew neither it nor a later day.
        models: By hazard, as they can be made on the day of training, to score what comes after.
    """

    groups: pd.DataFrame
    models: Mapping[str, Model]

    def on(self, days: Sequence[date]) -> pd.DataFrame:
        """What is known on each of ``days``: one row a day and group, keys and features."""
        return carried(self.groups, days)


def learn_hazards(place: Workplace, as_of: date) -> LearntHazards:
    """Follow the members through the months, as known by ``as_of``.

    Raises:
        GateError: The history is too short to look at members on a single day.
        TrainingRefused: Too few members left, or diverted, to learn from.
    """
    days = member_days(place, as_of)
    churn, divert = place.member_label, diverting(place)
    established = matured(days, divert, as_of)
    if not established:
        raise GateError(
            f"No month before {as_of} has {place.settings.hazards.history_months} months of usage "
            f"before it and {divert.matures_after} days after it: bring a longer history."
        )
    with console.progress("what became of members") as tell:
        outcomes = member_outcomes(place.tables, established, divert, tiers=TIERS, progress=tell)
    back = place.settings.hazards.back_days
    labels = hazard_labels(outcomes, days, churn, divert, back)
    hazards = member_hazards(churn, divert, back)
    scores, following = rolling_scores(_members(place, days), labels, hazards, config_of(place))
    return LearntHazards(group_hazards(place.tables, scores), following.newest(as_of))


def hazards_on(place: Workplace, models: Mapping[str, Model], as_of: date) -> pd.DataFrame:
    """What the models say of each group on a day: keys and ``HAZARD_FEATURES``.

    Raises:
        GateError: The history is too short to look at members on a single day.
    """
    days = member_days(place, as_of)
    if not days:
        raise GateError(f"No month is known well enough by {as_of}: bring a longer history.")
    members = member_features(place.tables, days[-1:], tiers=TIERS)
    return carried(group_hazards(place.tables, score_members(models, members)), [as_of])


def carried(groups: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    """For each day the rows of the newest day up to it, none where there is none.

    Args:
        groups: ``as_of``, ``group_id`` and ``HAZARD_FEATURES``.
        days: Scoring days.
    """
    looked_at = sorted(groups["as_of"].unique())
    parts = [groups.iloc[:0]]
    for day in sorted(set(days)):
        if before := [earlier for earlier in looked_at if earlier <= day]:
            parts.append(groups[groups["as_of"] == before[-1]].assign(as_of=day))
    found = pd.concat(parts, ignore_index=True)
    return found[[*KEY, *HAZARD_FEATURES]]


def member_days(place: Workplace, as_of: date) -> list[date]:
    """The days up to ``as_of`` on which a month's last dekad became known, with enough history."""
    oldest = Known(place.tables, [as_of]).first_period("usage_month")
    if oldest is None:
        return []
    months, lag = place.settings.hazards.history_months, place.settings.study.as_of_lag_days
    first = (pd.Period(oldest, freq="M") + months).start_time.date()
    closed = timedelta(place.tables.contract("usage_month").deadline_days)
    after = timedelta(1 - lag)
    return [day for day in knowledge_days(first + closed, as_of, lag) if (day + after).day == 1]


def diverting(place: Workplace) -> LabelRule:
    """The rule of ``L_member_divert``."""
    return place.beside_labels.diverting(place.member_label)


def config_of(place: Workplace) -> HazardConfig:
    """How member models are fitted, by the settings and with the threads of this machine."""
    knobs = place.settings.hazards.model_dump(exclude={"history_months", "back_days"})
    rolling = {name: knobs.pop(name) for name in ("refit_days", "fewest_days", "negatives_per_row")}
    directions = {f.name: f.direction for f in MEMBER_FEATURES if f.direction}
    training = TrainingConfig(threads=place.settings.engine.threads, **knobs)
    return HazardConfig(training, directions=directions, **rolling)


def _members(place: Workplace, days: Sequence[date]) -> Iterator[pd.DataFrame]:
    """The members of one day after the other, so that only a few days have to be held."""
    with console.progress("members' hazards") as tell:
        for start in range(0, len(days), DAYS_AT_ONCE):
            chunk = days[start : start + DAYS_AT_ONCE]
            features = member_features(place.tables, chunk, tiers=TIERS)
            yield from (rows for _, rows in features.groupby("as_of"))
            tell(start + len(chunk), len(days))
