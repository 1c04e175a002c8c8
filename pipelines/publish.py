"""Publish: from the scores of a day to the list, the workbook and the batch that others read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.orchestration import step
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    from features.definition import Text
    from pipelines.drafts import Draft
    from pipelines.setting_sections import Label
    from serving.provenance import Provenance
    from serving.risk_list import ListRules
    from serving.store import Batch


def publish(as_of: date, home: Path = Path("var"), config: Path | None = None) -> dict[str, Any]:
    """Make the risk list of a scored day public: Parquet and a workbook, all at once or not at all.

    Args:
        as_of: Day of knowledge, as it was scored.

    Example:
        groupchurn publish --as-of 2011-01-03
    """
    from pipelines.drafts import read_draft

    place = open_workplace(home, config)
    draft = read_draft(place, as_of)
    _refuse_if_changed(place, draft, as_of)
    batch = step("risk list", _batch, place, draft, as_of)
    batch_id = step("publish", place.store.publish, batch)
    published = place.store.current(as_of)
    return {
        "as_of": as_of,
        "batch_id": batch_id,
        "method": draft.maker.method,
        **_counts(batch),
        "folder": published.folder,
        "workbook": published.workbook,
    }


def _refuse_if_changed(place: Workplace, draft: Draft, as_of: date) -> None:
    """A list carries the ids of the data and settings that all of it was made from."""
    snapshot = draft.maker.method == "out_of_fold"
    now = place.versions(None if snapshot else as_of)
    made_of = (draft.maker.data_version, draft.maker.config_hash)
    if made_of != (now["data_version"], now["config_hash"]):
        raise UsageError(
            f"The data or the settings have changed since {as_of} was scored: run "
            f"`groupchurn score --as-of {as_of}` again."
        )


def _counts(batch: Batch) -> dict[str, int]:
    if "group_score" not in batch.frames:
        return {"members": len(batch.frames["member_score"])}
    levels = batch.frames["group_score"]["level"].value_counts()
    return {
        "groups": len(batch.frames["group_score"]),
        "listed": len(batch.frames["risk_list"]),
        **{level: int(levels.get(level, 0)) for level in ("red", "orange", "yellow")},
    }


def _batch(place: Workplace, draft: Draft, as_of: date) -> Batch:
    from serving.store import Batch

    made = _provenance(place, draft, as_of, frozenset())
    if "groups" not in draft.frames:
        return Batch(as_of, {"member_score": draft.frames["members"]}, _metadata(made, draft))
    return _group_batch(place, draft, as_of)


def _group_batch(place: Workplace, draft: Draft, as_of: date) -> Batch:
    from pipelines.facts import area_names, known_facts
    from pipelines.freshness import stale_areas
    from serving.risk_list import published_scores, risk_list
    from serving.store import Batch
    from serving.workbook import risk_workbook

    scores, features = draft.frames["groups"], draft.frames["features"]
    facts = known_facts(place, features, as_of)
    areas = features["group_id"].map(facts.set_index("group_id")["area_id"])
    stale = stale_areas(features, areas, place.settings.intake.stale_missing_share)
    made, rules = _provenance(place, draft, as_of, stale), _list_rules(place, draft)
    rows = risk_list(scores, facts, rules, made)
    frames = {"group_score": published_scores(scores, facts, rules, made), "risk_list": rows}
    if "members" in draft.frames:
        frames["member_score"] = draft.frames["members"]
    workbook = risk_workbook(rows, made, rules, area_names=area_names(place, as_of))
    return Batch(as_of, frames, _metadata(made, draft), workbook)


def _provenance(place: Workplace, draft: Draft, as_of: date, stale: frozenset[str]) -> Provenance:
    from pipelines.freshness import freshness
    from serving.provenance import Provenance

    maker = draft.maker
    return Provenance(
        model_name=maker.name,
        model_version=maker.version,
        run_id=maker.run_id,
        label_version=maker.label_version,
        config_hash=maker.config_hash,
        data_version=maker.data_version,
        data_cutoff=as_of,
        freshness=freshness(place, as_of),
        few_positives=maker.method == "rules",
        stale_areas=stale,
        label_meaning=label_meaning(place.settings.label)
        if maker.label_version == place.settings.label.version
        else None,
    )


def label_meaning(label: Label) -> Text:
    """The label's rule in a sentence, as lists and model cards say it."""
    from features.definition import Text

    first, last = label.gap_days + 1, label.window_days
    return Text(
        f"清单日之后第{first}天到第{last}天内，至少{label.loss_share:.0%}且不少于"
        f"{label.loss_members}名话务尚未分流的成员离网，或把话务分流到异网。",
        f"that from day {first} to day {last} after the list at least {label.loss_share:.0%}, and "
        f"no fewer than {label.loss_members}, of the members whose traffic is not yet diverted "
        "leave or divert their traffic to a rival.",
    )


def _list_rules(place: Workplace, draft: Draft) -> ListRules:
    from serving.risk_list import ListRules
    from serving.rules import LevelLimits

    settings = place.settings
    levels = settings.rules_levels if draft.maker.method == "rules" else settings.levels
    return ListRules(
        levels=LevelLimits(**levels.model_dump()),
        due_days=settings.due_days.model_dump(),
        months_at_risk=settings.risk_list.months_at_risk,
        revenue_share=settings.risk_list.revenue_share,
        at_least=settings.risk_list.min_length,
    )


def _metadata(made: Provenance, draft: Draft) -> dict[str, Any]:
    return {
        "model_name": made.model_name,
        "model_version": made.model_version,
        "run_id": made.run_id,
        "label_version": made.label_version,
        "config_hash": made.config_hash,
        "data_version": made.data_version,
        "data_cutoff": made.data_cutoff.isoformat(),
        "freshness": dict(made.freshness),
        "stale_areas": sorted(made.stale_areas),
        "not_scored": draft.not_scored,
    }
