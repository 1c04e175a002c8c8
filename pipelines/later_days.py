"""The gate of a promotion, asked on the days that neither model has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from models.baseline import rules_points
from models.bundle import Model
from models.errors import FeatureError
from models.gate import Decision, GateRule, decide
from models.gate_refusals import Candidate, Criterion, Known, no_rival
from models.hazard_features import READABLE
from pipelines.errors import UsageError
from pipelines.judged_rows import free_from, judged_from, judged_rows, scored
from pipelines.score import as_read_by
from pipelines.training_table import MEMBER_EVERY, TrainingTable, training_tables
from pipelines.workplace import GROUP_MODEL, Workplace


def decision(
    place: Workplace, name: str, version: int, champion: int | None, as_of: date | None
) -> Decision:
    """May a version score from now on? See ``models.gate``.

    Args:
        name: Registered name of the model.
        version: The challenger.
        champion: The version that scores now; None where there is none.
        as_of: Day by which outcomes are known; None for the day of the newest delivery.

    Raises:
        UsageError: The data have no time, or nothing is stored.
        GateError: There is no day at all whose outcome is known.
    """
    models = [place.registry.load(name, one) for one in (version, champion) if one is not None]
    table = table_of(place, name, as_of or newest_delivery(place))
    days = later_days(place, table, models)
    rule = gate_rule(place, name)
    if len(days) < rule.least_days:
        said = too_few(place, models, len(days), rule.least_days)
        return Decision((Criterion("later days", False, said, limit=f"{rule.least_days} days"),))
    titles = [f"version {one}" for one in (version, champion) if one is not None]
    rows = judged_rows(place, table, days)
    try:
        challenger = _candidate(place, models[0], rows, titles[0])
    except FeatureError as error:
        return Decision((Criterion("features", False, f"{titles[0]} cannot be judged. {error}"),))
    known, points = Known(label_version(place, name), READABLE), _points(place, name, rows)
    if champion is None:
        return decide(challenger, None, known, rule, points)
    try:
        rival = _candidate(place, models[1], rows, titles[1])
    except FeatureError as error:
        found = decide(challenger, None, known, rule, points)
        criterion = no_rival(f"{titles[1]} cannot be judged. {error}")
        return Decision((criterion, *found.criteria))
    return decide(challenger, rival, known, rule, points)


def of_a_first_model(
    place: Workplace, name: str, table: TrainingTable, days: Sequence[date], twin: Model
) -> Decision:
    """What the gate finds of a model where there is no champion yet, by its twin on its test days.

    Args:
        name: Registered name of the model.
        table: Its training table.
        days: The test days, which the twin has not seen.
        twin: Fitted on older days only; its metadata must tell ``feature_version``.

    Returns:
        ``may_start`` tells whether the model may be the first champion; ``reasons`` are warnings.
    """
    rows = judged_rows(place, table, days)
    candidate = Candidate.of(twin, scored(rows, twin), "the model")
    known = Known(label_version(place, name), READABLE)
    return decide(candidate, None, known, gate_rule(place, name), _points(place, name, rows))


def _candidate(place: Workplace, model: Model, rows: pd.DataFrame, title: str) -> Candidate:
    """A model on the judged rows as it would have scored them, by member models of its own."""
    return Candidate.of(model, scored(as_read_by(place, model, rows), model), title)


def newest_delivery(place: Workplace) -> date:
    """The day on which the newest stored row was loaded.

    Raises:
        UsageError: Nothing has been ingested yet.
    """
    loaded = place.warehouse.freshness.values()
    if not loaded:
        raise UsageError(f"Nothing is stored in {place.home.warehouse}: run `groupchurn ingest`.")
    return max(loaded).date()


def table_of(place: Workplace, name: str, as_of: date) -> TrainingTable:
    """The training table of a model, from the days whose outcome was known on a day.

    Raises:
        UsageError: The data have no time, so no day is later than another.
        GateError: There is no day at all whose outcome is known.
    """
    if not place.warehouse.capabilities["time"]:
        raise UsageError(
            "These data are one snapshot without time: no day is later than another, so nothing "
            "can be promoted on them."
        )
    groups, members = training_tables(place, as_of)
    return groups if name == GROUP_MODEL else members


def later_days(place: Workplace, table: TrainingTable, models: Sequence[Model]) -> list[date]:
    """The days of a table that none of the models has learnt from, nor from anything so late."""
    first = _first(place, models)
    return [day for day in table.days if day >= first]


def too_few(place: Workplace, models: Sequence[Model], found: int, least: int) -> str:
    """How many later days there are, from when there will be enough, and what to do meanwhile."""
    first, embargo = _first(place, models), _embargo(place)
    when = judged_from(place, first, least, embargo)
    return (
        f"{found} days of list can be judged that no model here has learnt from (from {first} on), "
        f"{least} are needed. Outcomes are known {embargo} days after a list, so there will be "
        f"enough on {when}. Until then the champion stays; a challenger trained as of an earlier "
        "day (`groupchurn train --as-of`) can be judged sooner."
    )


def gate_rule(place: Workplace, name: str) -> GateRule:
    """The limits of the settings; members are not worked one by one, nor cut into slices."""
    limits, drawn = place.settings.promotion, place.settings.evaluation
    rule = GateRule(
        metric=limits.metric,
        least_gain=limits.least_gain,
        slices=limits.slices,
        slice_positives=limits.slice_positives,
        slice_loss=limits.slice_loss,
        top_share=limits.top_share,
        least_expected_over_observed=limits.least_expected_over_observed,
        most_expected_over_observed=limits.most_expected_over_observed,
        least_slope=limits.least_slope,
        most_slope=limits.most_slope,
        least_days=limits.least_days,
        suspicious_auc=drawn.suspicious_auc,
        slots=place.terms.slots,
        draws=drawn.draws,
        seed=drawn.seed,
    )
    if name == GROUP_MODEL:
        return rule
    days = -(-rule.least_days // MEMBER_EVERY)  # their table takes every sixth day
    return replace(rule, metric="average_precision", slices=(), slots=None, least_days=days)


def label_version(place: Workplace, name: str) -> str:
    """The label that a model's rows are judged by."""
    return (place.group_label if name == GROUP_MODEL else place.member_label).version


def _points(place: Workplace, name: str, rows: pd.DataFrame) -> pd.Series | None:
    if name != GROUP_MODEL or not {rule.feature for rule in place.rules} <= set(rows.columns):
        return None
    return rules_points(rows, place.rules)


def _first(place: Workplace, models: Sequence[Model]) -> date:
    return max(free_from(model, _embargo(place)) for model in models)


def _embargo(place: Workplace) -> int:
    """Days until a label is known; of members too, whose days are chosen among the groups'."""
    return place.group_label.matures_after
