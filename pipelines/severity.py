"""Severity of a home: the share of its value that goes with a group, as its own losses tell."""

from __future__ import annotations

from typing import Any

from models.errors import FeatureError, TrainingRefused
from models.severity import SeverityConfig, fit_severity
from pipelines import console
from pipelines.training_table import TrainingTable
from pipelines.workplace import Workplace


def severity_of(place: Workplace, table: TrainingTable) -> dict[str, Any] | None:
    """The severity table as JSON, for the sidecar of the group's model, or None.

    Args:
        place: Whose settings say how it is cut.
        table: The group's training table.
    """
    wanted = place.settings.severity
    rows = table.frame[table.frame["share_lost"].notna()]
    config = SeverityConfig(
        limits={wanted.feature: wanted.limits},
        prior_groups=wanted.prior_groups,
        fewest_groups=wanted.fewest_groups,
    )
    try:
        found = fit_severity(
            rows, rows["label"], rows["share_lost"], rows["group_id"].to_numpy(), config
        )
    except (TrainingRefused, FeatureError) as refused:
        console.say(f"{refused}; until then risk_list.revenue_share holds for all")
        return None
    return found.to_json()
