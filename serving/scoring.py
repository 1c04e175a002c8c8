"""Scores: each group's or member's place, how likely it is to go, and why.

What is explained is the raw margin of the trees, in log-odds: ``margin = base_margin + sum of
contributions``. Calibration comes after and turns the margin into a probability; it keeps the
order, so a reason that raises the margin raises the probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from features.definition import Feature
from models.baseline import Rule, rules_hold, rules_points
from models.severity import Severity
from serving.errors import ScoringError
from serving.why.reasons import model_reasons, rule_reasons, to_json
from serving.why.stability import ReasonRule, Stability, stability

if TYPE_CHECKING:
    from models.bundle import Model
    from models.explanation import Contributions
    from models.frames import Floats

GROUP = ["as_of", "group_id", "tier"]
MEMBER = ["as_of", "user_id", "group_id"]
BESIDE = ["probability_low", "probability_high", "share_lost"]
"""What only a model of several forests, or one that knows severity, can tell."""


def group_scores(
    model: Model,
    features: pd.DataFrame,
    catalogue: Mapping[str, Feature],
    rule: ReasonRule | None = None,
) -> pd.DataFrame:
    """Score and explain every group of a feature table of one day.

    Args:
        model: The model of group transfer.
        features: One row a group: ``as_of``, ``group_id``, ``tier`` and the model's features.
        catalogue: The features by name, for their reasons and words.
        rule: What a reason needs to be shown; None shows all.

    Returns:
        One row a group, the riskiest first: ``as_of``, ``group_id``, ``tier``, ``method``
        (model), ``margin`` (log-odds), ``probability`` (calibrated), ``points`` (empty),
        ``probability_low`` and ``probability_high`` (80 % interval; NaN for a single forest),
        ``share_lost`` (of its value, if it transfers; NaN where that is not known),
        ``rank`` (1 the riskiest, ties by id), ``base_margin``, ``additivity_gap`` and
        ``reasons`` (JSON, see ``serving.why.reasons``).

    Raises:
        ScoringError: There is nobody to score, a group stands twice, or the model reads a
            feature that the catalogue does not know.
        ModelsError: The features are not the model's, or do not add up to the margin.
    """
    explained = model.contributions(features)
    probability = model.calibration.probability(explained.margin)
    agreed = stability(model, features, explained, catalogue) if rule else None
    scores = explained_groups(
        features, explained, probability, catalogue, "model", agreed=agreed, rule=rule
    )
    low, high = model.interval(features)
    beside = features[["group_id"]].assign(
        probability_low=low, probability_high=high, share_lost=_share_lost(model, features)
    )
    return scores.drop(columns=BESIDE).merge(beside, on="group_id", validate="1:1")


def explained_groups(
    features: pd.DataFrame,
    explained: Contributions,
    probability: Floats,
    catalogue: Mapping[str, Feature],
    method: Literal["model", "out_of_fold"],
    *,
    agreed: Stability | None = None,
    rule: ReasonRule | None = None,
) -> pd.DataFrame:
    """Groups with scores and contributions that were made elsewhere, ranked and put into words.

    Args:
        features: One row a group: ``as_of``, ``group_id``, ``tier`` and the explained features.
        explained: What moved each group's margin.
        probability: Calibrated probability of each.
        catalogue: The features by name, for their reasons and words.
        method: Who made the scores: a model, or the folds that never saw the group.
        agreed: How far forests agree on the contributions; None where that is not known.
        rule: What a reason needs to be shown, where it is.

    Returns:
        As ``group_scores``.

    Raises:
        ScoringError: As ``group_scores``.
    """
    names = [str(name) for name in explained.values.columns]
    _check(features, "group_id", names, catalogue)
    parts = explained.values.to_numpy()
    values = features[names].to_numpy(dtype=np.float64)
    base = explained.base.to_numpy(dtype=np.float64)
    agreement = [
        agreed.of(row, rule.least_stability) if agreed and rule else None
        for row in range(len(features))
    ]
    least = rule.least_contribution if rule else 0.0
    reasons = [
        to_json(model_reasons(_named(names, part), _named(names, value), catalogue, told, least))
        for part, value, told in zip(parts, values, agreement, strict=True)
    ]
    return _ranked(
        features[GROUP].assign(
            method=method,
            margin=explained.margin,
            probability=probability,
            points=np.nan,
            base_margin=base,
            additivity_gap=np.abs(base + parts.sum(axis=1) - explained.margin),
            reasons=reasons,
            **dict.fromkeys(BESIDE, np.nan),
        ),
        by="margin",
        then="group_id",
    )


def shap_rows(features: pd.DataFrame, explained: Contributions) -> pd.DataFrame:
    """What each feature added to each group's margin, one row a group and feature.

    Args:
        features: One row a group: ``as_of``, ``group_id`` and the explained features.
        explained: What moved each group's margin, in the same order.

    Returns:
        ``as_of``, ``group_id``, ``feature``, ``value`` (NaN where unknown) and ``contribution``
        (log-odds), sorted by group and feature. Features that added nothing are left out, so that a
        group's ``base_margin`` and its contributions add up to its ``margin`` within 1e-6.

    Example:
        shap_rows(features, model.contributions(features))
    """
    names = sorted(str(name) for name in explained.values.columns)
    size = len(names)
    long = pd.DataFrame(
        {
            "as_of": np.repeat(features["as_of"].to_numpy(), size),
            "group_id": np.repeat(features["group_id"].to_numpy(), size),
            "feature": np.tile(np.array(names, dtype=object), len(features)),
            "value": features[names].to_numpy(dtype=np.float64).ravel(),
            "contribution": explained.values[names].to_numpy(dtype=np.float64).ravel(),
        }
    )
    moved = long[long["contribution"] != 0]
    return moved.sort_values(["group_id", "feature"], ignore_index=True)


def rule_scores(
    rules: Sequence[Rule], features: pd.DataFrame, catalogue: Mapping[str, Feature]
) -> pd.DataFrame:
    """Rank groups by the points of the rules, where no model may speak.

    Returns:
        As ``group_scores`` with ``method`` rules, ``points`` filled and margin, probability,
        base and gap empty: points are no probability.

    Raises:
        ScoringError: As ``group_scores``.
        FeatureError: A rule names a feature that the table lacks.
    """
    _check(features, "group_id", [rule.feature for rule in rules], catalogue)
    held = rules_hold(features, rules).to_numpy(dtype=bool)
    names = sorted({rule.feature for rule in rules})
    values = features[names].to_numpy(dtype=np.float64)
    reasons = [
        to_json(
            rule_reasons(
                [rule for rule, holds in zip(rules, row, strict=True) if holds],
                _named(names, value),
                catalogue,
            )
        )
        for row, value in zip(held, values, strict=True)
    ]
    return _ranked(
        features[GROUP].assign(
            method="rules",
            margin=np.nan,
            probability=np.nan,
            points=rules_points(features, rules),
            base_margin=np.nan,
            additivity_gap=np.nan,
            reasons=reasons,
            **dict.fromkeys(BESIDE, np.nan),
        ),
        by="points",
        then="group_id",
    )


def member_scores(model: Model, features: pd.DataFrame) -> pd.DataFrame:
    """Score every member of a feature table of one day.

    Returns:
        As ``ranked_members``, with method model.

    Raises:
        ScoringError: There is nobody to score, or a member stands twice.
        ModelsError: The features are not the model's.
    """
    margin = model.margin(features)
    return ranked_members(features, margin, model.calibration.probability(margin), "model")


def ranked_members(
    members: pd.DataFrame,
    margin: Floats,
    probability: Floats,
    method: Literal["model", "out_of_fold"],
) -> pd.DataFrame:
    """Members with scores that were made elsewhere, such as by the folds that never saw them.

    Args:
        members: One row a member: ``as_of``, ``user_id``, ``group_id``.
        margin: Raw score of each, in log-odds.
        probability: Calibrated probability of each.
        method: Who made the scores.

    Returns:
        One row a member, the riskiest first: ``as_of``, ``user_id``, ``group_id``, ``method``,
        ``margin``, ``probability``, ``rank`` (1 the riskiest, ties by id).

    Raises:
        ScoringError: There is nobody to score, or a member stands twice.
    """
    _check(members, "user_id", (), {})
    scored = members[MEMBER].assign(method=method, margin=margin, probability=probability)
    return _ranked(scored, by="margin", then="user_id")


def _ranked(scores: pd.DataFrame, *, by: str, then: str) -> pd.DataFrame:
    ordered = scores.sort_values([by, then], ascending=[False, True], ignore_index=True)
    return ordered.assign(rank=np.arange(1, len(ordered) + 1, dtype=np.int64))


def _share_lost(model: Model, features: pd.DataFrame) -> Floats:
    table = model.metadata.get("severity")
    if table is None:
        return np.full(len(features), np.nan)
    return Severity.from_json(table).share(features)


def _named(names: Sequence[str], row: Floats) -> dict[str, float]:
    return dict(zip(names, row.tolist(), strict=True))


def _check(
    features: pd.DataFrame, key: str, read: Sequence[str], catalogue: Mapping[str, Feature]
) -> None:
    if features.empty:
        raise ScoringError(
            "nobody to score: the feature table has no rows; look at `groupchurn doctor` for which "
            "tables have data on that day"
        )
    if twice := sorted(set(features.loc[features[key].duplicated(), key]))[:3]:
        raise ScoringError(f"feature table: {key} stands more than once: {', '.join(twice)}")
    if unknown := sorted(set(read) - set(catalogue)):
        raise ScoringError(
            f"features without words in the catalogue: {', '.join(unknown)}; the model or the "
            "rules were made with another version, train again"
        )
