"""The risk list: one row is one group is one decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

import pandas as pd

from data_contracts.contract import published_tables
from serving.errors import ListError
from serving.provenance import Provenance
from serving.reasons import SpokenReason, from_json, protective, raising
from serving.rules import Level, LevelLimits, levels


@dataclass(frozen=True)
class ListRules:
    """How scores become a list; every number is the operator's own.

    Attributes:
        levels: Limits and caps of the levels, in probability or, for a rules list, in points.
        due_days: Days after ``as_of`` by which a group of each level must be contacted.
        months_at_risk: Months of revenue that count as lost when a group goes.
        revenue_share: Share of a group's revenue that goes with it, where the model knows none.
        capacity: Rows that the field can work through; None for everybody in a level.
        at_least: Rows of a list without capacity, even where fewer stand in a level.
    """

    levels: LevelLimits
    due_days: Mapping[str, int]
    months_at_risk: float
    revenue_share: float
    capacity: int | None = None
    at_least: int = 50

    def __post_init__(self) -> None:
        if missing := sorted(set(get_args(Level)) - set(self.due_days)):
            raise ValueError(
                f"list rules: due_days says nothing of the levels {', '.join(missing)}"
            )


def published_scores(
    scores: pd.DataFrame, facts: pd.DataFrame, rules: ListRules, made: Provenance
) -> pd.DataFrame:
    """Scores as the contract group_score promises them, but for the id of the batch.

    Args:
        scores: Of ``serving.scoring``, groups of one day.
        facts: Of ``serving.facts``, at least for every scored group.
        rules: How levels are drawn.
        made: Where the scores come from.

    Raises:
        ListError: Nothing is known of a scored group.
    """
    known = _facts_of(scores, facts)
    freshness = json.dumps(dict(sorted(made.freshness.items())), ensure_ascii=False)
    return scores.drop(columns="points").assign(
        model_name=made.model_name,
        model_version=made.model_version,
        run_id=made.run_id,
        level=levels(scores, known["county_id"], rules.levels),
        expected_value=_at_risk(scores, known["monthly_revenue_fen"], rules),
        data_freshness=freshness,
        stale=_stale(known, made),
    )


def risk_list(
    scores: pd.DataFrame, facts: pd.DataFrame, rules: ListRules, made: Provenance
) -> pd.DataFrame:
    """The list as the contract risk_list promises it, but for the id of the batch.

    Arguments and errors as for ``published_scores``.

    Returns:
        The first ``rules.capacity`` groups by rank; without a capacity every group in a level
        and at least ``rules.at_least``. ``list_id`` is the day and a checksum of the rows.
    """
    known = _facts_of(scores, facts)
    placed = known.assign(
        as_of=scores["as_of"],
        rank=scores["rank"],
        probability=scores["probability"],
        rules_points=scores["points"],
        method=scores["method"],
        level=levels(scores, known["county_id"], rules.levels),
        revenue_at_risk_fen=_at_risk(scores, known["monthly_revenue_fen"], rules),
        reasons=scores["reasons"],
    ).sort_values("rank", ignore_index=True)
    rows = _cut(placed, rules)
    rows = rows.join(pd.DataFrame([_said(reasons) for reasons in rows["reasons"]], dtype="str"))
    trusted = "few_positives" if made.few_positives else "ok"
    rows = rows.assign(
        revenue_at_risk_fen=rows["revenue_at_risk_fen"].round().astype("Int64"),
        due_date=[_due(*row, rules) for row in zip(rows["as_of"], rows["level"], strict=True)],
        feedback=None,
        model_version=made.model_version,
        label_version=made.label_version,
        config_hash=made.config_hash,
        data_version=made.data_version,
        data_cutoff=made.data_cutoff,
        confidence=_stale(rows, made).map({True: "late_data", False: trusted}),
    )
    promised = [name for name in published_tables()["risk_list"].names if name in rows.columns]
    return rows[promised].assign(list_id=_list_id(rows[promised]))


def _facts_of(scores: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The facts of each scored group, in the order and with the index of the scores."""
    unknown = sorted(set(scores["group_id"]) - set(facts["group_id"]))
    if unknown:
        raise ListError(
            f"{len(unknown)} scored groups have no snapshot, among them {', '.join(unknown[:3])}; "
            "compute scores and facts from the same tables and day"
        )
    known = facts.set_index("group_id").loc[scores["group_id"]].reset_index()
    return known.set_axis(scores.index)


def _at_risk(
    scores: pd.DataFrame, monthly_revenue_fen: pd.Series[int], rules: ListRules
) -> pd.Series[float]:
    """Expected loss in fen: probability x months x monthly revenue x share that goes."""
    months = rules.months_at_risk * scores["share_lost"].fillna(rules.revenue_share)
    revenue = monthly_revenue_fen.astype("Float64").astype("float64")
    return scores["probability"] * months * revenue


def _cut(placed: pd.DataFrame, rules: ListRules) -> pd.DataFrame:
    if rules.capacity is not None:
        return placed.head(rules.capacity)
    wanted = placed["level"].ne("none") | (placed.index < rules.at_least)
    return placed[wanted].reset_index(drop=True)


def _said(reasons: str) -> dict[str, str | None]:
    """The three reasons and the protective one, each in its column."""
    spoken = from_json(reasons)
    up = [*raising(spoken), None, None, None]
    said: dict[str, str | None] = {}
    for number, reason in enumerate(up[:3], start=1):
        said[f"reason_{number}_code"] = reason.code if reason else None
        said.update(_sentence(f"reason_{number}", reason))
    return {**said, **_sentence("protective", protective(spoken))}


def _sentence(column: str, reason: SpokenReason | None) -> dict[str, str | None]:
    if reason is None:
        return {f"{column}_zh": None, f"{column}_en": None}
    return {
        f"{column}_zh": f"{reason.name_zh}：{reason.text_zh}",
        f"{column}_en": f"{reason.name_en}: {reason.text_en}",
    }


def _due(as_of: date, level: str, rules: ListRules) -> date:
    return as_of + timedelta(days=rules.due_days[level])


def _stale(known: pd.DataFrame, made: Provenance) -> pd.Series[bool]:
    """Whether the group's area, or the county it lies in, was scored on older data."""
    return known[["area_id", "county_id"]].isin(list(made.stale_areas)).any(axis=1)


def _list_id(rows: pd.DataFrame) -> str:
    text = rows.to_csv(index=False, lineterminator="\n")
    return f"{rows['as_of'].iloc[0]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
