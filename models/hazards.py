"""Member hazards: how likely a member is to leave or to divert, by models that look only back.

A group's model may read what a member model says of the group's members, but only if that model
had seen nothing of the day it speaks of, or of later ones. So the days pass by in their order: at
each origin a model learns from those whose labels were known by then, and it scores the days from
there to the next origin. Of a day that is past only the rows to learn from are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.bundle import Model
from models.calibration import HIGHEST_LOG_ODDS, Calibration
from models.errors import TrainingRefused
from models.frames import golden_rows
from models.training import TrainingConfig, fit

AS_FITTED = Calibration(
    "platt", (-HIGHEST_LOG_ODDS, HIGHEST_LOG_ODDS), (-HIGHEST_LOG_ODDS, HIGHEST_LOG_ODDS)
)
"""The trees' own probability: members are many, and what groups need most is the newest days."""
KEY = ["as_of", "user_id"]
WHOSE = [*KEY, "group_id"]
SAMPLED = "sampled"
"""Column of the rows that are learnt from even if nothing became of the member."""


@dataclass(frozen=True)
class Hazard:
    """Something that may become of a member.

    Attributes:
        name: Short name and name of the label's column, such as divert.
        label: Name and version of the label, such as L_member_divert_60/1.
        matures_after: Days from the scoring day until the label is known.
    """

    name: str
    label: str
    matures_after: int

    def known_until(self, origin: date) -> date:
        """The newest scoring day whose label is known on ``origin``."""
        return origin - timedelta(days=self.matures_after)


@dataclass(frozen=True)
class HazardConfig:
    """How member models are fitted again and again.

    Attributes:
        training: The knobs of the trees.
        refit_days: Days from one origin to the next. Fewer keep the scores closer to those of the
            model in use, in proportion to the time.
        fewest_days: Scoring days with known labels that a first model needs.
        negatives_per_row: Of so many members of whom nothing became, one is learnt from, and counts
            for all of them.
        directions: Feature name → 1 (more is riskier) or -1 (more is safer).
    """

    training: TrainingConfig
    refit_days: int
    fewest_days: int = 1
    negatives_per_row: int = 1
    directions: Mapping[str, int] = field(default_factory=dict)


class Hazards:
    """Member models that follow the days, and the rows that they have learnt from."""

    def __init__(self, hazards: Sequence[Hazard], config: HazardConfig) -> None:
        self._hazards, self._config = tuple(hazards), config
        self._kept: list[pd.DataFrame] = []
        self._models: dict[str, Model] = {}

    def pass_day(self, members: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
        """Score a day by models of its past, then keep its rows for models of its future.

        Args:
            members: ``as_of``, ``user_id``, ``group_id`` and features of one day, which is later
                than any before.
            labels: ``as_of``, ``user_id`` and a column for each hazard: 0, 1 or NaN where a member
                was not at risk, or nothing is known. They are looked at when they have matured.

        Returns:
            ``as_of``, ``user_id``, ``group_id``, each hazard's probability (NaN without a model)
            and ``{name}_origin``, the day on which the model was made; sorted by member.

        Raises:
            TrainingRefused: The day is not the newest.
        """
        rows = members.sort_values("user_id", ignore_index=True)
        day = rows["as_of"].iloc[0]
        if (rows["as_of"] != day).any() or (self._kept and self._kept[-1]["as_of"].iloc[0] >= day):
            raise TrainingRefused(f"members of {day}: days must come one by one, in their order")
        scores = rows[WHOSE].copy()
        for hazard in self._hazards:
            if self._is_due(hazard, day):
                # Too few of whom something became: the model before, or none as yet, goes on.
                with suppress(TrainingRefused):
                    self._models[hazard.name] = self.model(hazard, day)
            made = self._models.get(hazard.name)
            scores[hazard.name] = made.probability(rows) if made else np.nan
            origin = pd.Timestamp(made.metadata["as_of"]) if made else pd.NaT
            scores[f"{hazard.name}_origin"] = pd.Series(origin, rows.index, "datetime64[us]")
        known = rows.merge(labels, how="left", on=KEY, validate="1:1")
        self._kept.append(_to_learn_from(known, self._hazards, self._config.negatives_per_row))
        return scores

    def newest(self, origin: date) -> dict[str, Model]:
        """The models of all hazards as they can be made on ``origin``, to score what comes then.

        Raises:
            TrainingRefused: No label was known by then, or too few positives.
        """
        return {hazard.name: self.model(hazard, origin) for hazard in self._hazards}

    def model(self, hazard: Hazard, origin: date) -> Model:
        """One hazard's model, of the days whose labels were known on ``origin``.

        Raises:
            TrainingRefused: No label was known by then, or too few positives.
        """
        parts = self._learnable(hazard, origin)
        if not parts:
            raise TrainingRefused(
                f"hazard_{hazard.name}: not one label was known by {origin}, it takes "
                f"{hazard.matures_after} days; bring a longer history"
            )
        rows = pd.concat(parts, ignore_index=True)
        own = {*WHOSE, SAMPLED, *(each.name for each in self._hazards)}
        features = rows[[name for name in rows.columns if name not in own]].astype(np.float64)
        directions = {n: sign for n, sign in self._config.directions.items() if n in features}
        target, training = rows[hazard.name].to_numpy(np.float64), self._config.training
        weight = np.where(target == 1, 1.0, float(self._config.negatives_per_row))
        return Model(
            name=f"hazard_{hazard.name}",
            label=hazard.label,
            booster=fit(features, target, training, weight, directions),
            features=tuple(map(str, features.columns)),
            calibration=AS_FITTED,
            golden=golden_rows(features, seed=training.seed),
            metadata={
                "as_of": origin.isoformat(),
                "first_day": min(rows["as_of"]).isoformat(),
                "last_day": max(rows["as_of"]).isoformat(),
                "fit_rows": len(rows),
                "fit_positives": int(target.sum()),
            },
        )

    def _is_due(self, hazard: Hazard, day: date) -> bool:
        if made := self._models.get(hazard.name):
            since = day - date.fromisoformat(made.metadata["as_of"])
            return since.days >= self._config.refit_days
        return len(self._learnable(hazard, day)) >= self._config.fewest_days

    def _learnable(self, hazard: Hazard, origin: date) -> list[pd.DataFrame]:
        """Of each day whose labels were known, the rows to learn from."""
        last, name = hazard.known_until(origin), hazard.name
        past = [rows for rows in self._kept if rows["as_of"].iloc[0] <= last]
        parts = [rows[(rows[name] == 1) | ((rows[name] == 0) & rows[SAMPLED])] for rows in past]
        return [rows for rows in parts if len(rows)]


def rolling_scores(
    days: Iterable[pd.DataFrame],
    labels: pd.DataFrame,
    hazards: Sequence[Hazard],
    config: HazardConfig,
) -> tuple[pd.DataFrame, Hazards]:
    """Score every member on every day by models that know neither that day nor a later one.

    Args:
        days: The members of one day after the other, see ``Hazards.pass_day``; they may be made
            one by one, for no more than one is held.
        labels: Of all days, see ``Hazards.pass_day``.
        hazards: What is to be scored.
        config: How models are fitted.

    Returns:
        The scores of all days, one below the other, and what has learnt from them.

    Raises:
        TrainingRefused: The rows of an origin cannot bear a model, or there is no day.
    """
    following, scores = Hazards(hazards, config), []
    of_day = dict(iter(labels.groupby("as_of")))
    for members in days:
        day = members["as_of"].iloc[0]
        scores.append(following.pass_day(members, of_day.get(day, labels.iloc[:0])))
    if not scores:
        raise TrainingRefused("member hazards: there is no day to score; bring a longer history")
    return pd.concat(scores, ignore_index=True), following


def score_members(models: Mapping[str, Model], members: pd.DataFrame) -> pd.DataFrame:
    """What the newest models say of the members of a day that comes after them.

    Args:
        models: From ``Hazards.newest``.
        members: ``as_of``, ``user_id``, ``group_id`` and features.

    Returns:
        ``as_of``, ``user_id``, ``group_id`` and each hazard's probability.

    Raises:
        FeatureError: The features are not the models'.
    """
    return members[WHOSE].assign(
        **{name: model.probability(members) for name, model in models.items()}
    )


def _to_learn_from(rows: pd.DataFrame, hazards: Sequence[Hazard], every: int) -> pd.DataFrame:
    """All rows with something that became of the member, and every so-many-th of all.

    As rows are sorted by member, and ids say nothing of members, the latter are as good as drawn.
    Which they are must not depend on labels: some mature later than others.
    """
    sampled = np.arange(len(rows)) % every == 0
    became = (rows[[hazard.name for hazard in hazards]] == 1).any(axis=1).to_numpy()
    kept: pd.DataFrame = rows.assign(**{SAMPLED: sampled})[became | sampled]
    return kept
