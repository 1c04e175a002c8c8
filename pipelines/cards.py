"""What is written down about a model that is trained: its versions and its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from features.definition import Text
from models.bootstrap import Estimate
from models.bundle import Model
from models.feature_version import feature_version
from models.hazard_features import READABLE
from models.model_card import Card, write_cards
from pipelines.publish import label_meaning
from pipelines.training_table import TrainingTable
from pipelines.workplace import Workplace

MEMBERS = Text(
    "第{first}天到第{last}天内销户或静默的成员。",
    "that from day {first} to day {last} a member is deactivated or falls silent.",
)


def versions_of(
    place: Workplace,
    table: TrainingTable,
    as_of: date,
    days: Mapping[str, Sequence[date]],
    reads: Sequence[str] | None = None,
) -> dict[str, str]:
    """Versions of all that a model is made from, for its sidecar and the tags of its run.

    Args:
        place: Whose data, settings and code.
        table: The training table.
        as_of: Day on which the model is made.
        days: Part (fit, calibration) → its scoring days. The gate of a promotion reads from
            ``calibration_to`` which days are later.
        reads: Features that the model reads; those of the table if not given.
    """
    label = place.group_label if table.entity == "group_id" else place.member_label
    ends = {
        f"{part}_{end}": chosen(of).isoformat()
        for part, of in days.items()
        if of
        for end, chosen in (("from", min), ("to", max))
    }
    return {
        "as_of": as_of.isoformat(),
        "label_version": label.version,
        "feature_version": feature_version(table.features if reads is None else reads, READABLE),
        **ends,
        **place.versions(as_of),
    }


def write_cards_of(
    place: Workplace,
    model: Model,
    days: Mapping[str, Sequence[date]],
    figures: Mapping[str, Estimate],
    folder: Path,
    *,
    of_groups: bool,
    baseline: Mapping[str, Estimate] | None = None,
    slices: pd.DataFrame | None = None,
) -> tuple[Path, ...]:
    """The model card in both languages, and the figures of slices as JSON, to log with the run.

    Args:
        days: Part (fit, calibration, test) → its scoring days; the test is the twin's.
        figures, baseline: Of the twin and of the rules on the test days.
        folder: Where the files go.
        of_groups: Whether the model is about groups, not members.
        slices: As ``models.slices.sliced`` gives them.
    """
    card = Card(
        label_meaning=_meaning(place, of_groups=of_groups),
        days=days,
        figures=figures,
        catalogue=READABLE,
        baseline=baseline or {},
        slices=pd.DataFrame() if slices is None else slices,
    )
    return write_cards(model, card, folder)


def _meaning(place: Workplace, *, of_groups: bool) -> Text:
    if of_groups:
        return label_meaning(place.settings.label)
    label = place.settings.member_label
    said = {"first": label.gap_days + 1, "last": label.window_days}
    return Text(MEMBERS.zh.format(**said), MEMBERS.en.format(**said))
