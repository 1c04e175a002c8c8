"""Publish: from the scores of a day to the list, the workbook and the batch that others read."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.orchestration import step
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    from features.definition import Text
    from pipelines.drafts import Draft
    from pipelines.listing import Listing
    from pipelines.setting_sections import Label
    from serving.provenance import Provenance
    from serving.store import Batch


def publish(
    as_of: date,
    home: Path = Path("var"),
    config: Path | None = None,
    directory: Path | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Make the risk list of a scored day public: Parquet and workbooks, all at once or not at all.

    With a directory, workbooks with names and numbers are written beside, for those who may see
    them; they are never part of what is published, and never kept under HOME.

    Args:
        as_of: Day of knowledge, as it was scored.
        directory: CSV or Parquet with the columns token, name and number.
        out: Folder of the workbooks with names; needed with --directory.

    Example:
        groupchurn publish --as-of 2011-01-03
    """
    from pipelines.drafts import read_draft
    from pipelines.listing import deliver_named, listing
    from serving.store import Batch

    place = open_workplace(home, config)
    _refuse_unsafe(directory, out, home)
    draft = read_draft(place, as_of)
    _refuse_if_changed(place, draft, as_of)
    if "groups" not in draft.frames:
        made = _provenance(place, draft, as_of, frozenset())
        tables = {"member_score": draft.frames["members"]}
        return _published(place, draft, Batch(as_of, tables, _metadata(made, draft)))
    made = _provenance(place, draft, as_of, _stale(place, draft, as_of))
    listed = step("risk list", listing, place, draft, as_of, made)
    batch = step("workbooks", _batch, place, draft, listed, made)
    published = _published(place, draft, batch)
    opened = step("cases", _open_cases, place, listed, published["batch_id"])
    if directory is None or out is None:
        return {**published, "cases": opened}
    delivered = step("named workbooks", deliver_named, place, draft, listed, made, directory, out)
    return {**published, "cases": opened, "named": delivered}


def _refuse_unsafe(directory: Path | None, out: Path | None, home: Path) -> None:
    if (directory is None) != (out is None):
        raise UsageError("--directory and --out belong together: give both, or neither.")
    if out is not None and out.resolve().is_relative_to(home.resolve()):
        raise UsageError(f"--out {out} lies in the home, where no names may be kept.")


def _published(place: Workplace, draft: Draft, batch: Batch) -> dict[str, Any]:
    batch_id = step("publish", place.store.publish, batch)
    published = place.store.current(batch.as_of)
    return {
        "as_of": batch.as_of,
        "batch_id": batch_id,
        "method": draft.maker.method,
        **_counts(batch),
        "folder": published.folder,
        "workbook": published.workbook,
    }


def _open_cases(place: Workplace, listed: Listing, batch_id: str) -> dict[str, object]:
    """A case for each row, hidden ones for the groups that are held out; then time passes.

    They come after the batch: a run that was killed in between opens them when it is run again.
    """
    if listed.arms is None:
        return {}
    from pipelines.verification import verify_cases

    as_of = listed.told.as_of
    verified = verify_cases(place, as_of, datetime.combine(as_of, time.max))
    opened = place.casebook.open_cases(listed.everybody.assign(batch_id=batch_id), listed.arms)
    late = place.casebook.tick(place.settings.casebook.rule().given_out(as_of))
    done = {name: count for name, count in vars(opened).items() if count}
    return {**done, "verified": verified["judged"], "passed_on_or_ended": len(late)}


def _stale(place: Workplace, draft: Draft, as_of: date) -> frozenset[str]:
    """Areas whose groups were scored on older data."""
    from pipelines.facts import known_facts
    from pipelines.freshness import stale_areas

    features = draft.frames["features"]
    areas = known_facts(place, features, as_of).set_index("group_id")["area_id"]
    share = place.settings.intake.stale_missing_share
    return stale_areas(features, features["group_id"].map(areas), share)


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
    levels = batch.frames["risk_list"]["level"].value_counts()
    return {
        "groups": len(batch.frames["group_score"]),
        "listed": len(batch.frames["risk_list"]),
        **{level: int(levels.get(level, 0)) for level in ("red", "orange", "yellow", "blue")},
    }


def _batch(place: Workplace, draft: Draft, listed: Listing, made: Provenance) -> Batch:
    from pipelines.listing import files, frames
    from serving.store import Batch

    last = place.store.before(listed.told.as_of)
    metadata = {**_metadata(made, draft), "last_batch": last.batch_id if last else None}
    tables = frames(place, draft, listed, made)
    return Batch(listed.told.as_of, tables, metadata, files(place, draft, listed, made))


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
