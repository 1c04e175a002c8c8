"""Where a list comes from: enough to make it again, and to judge how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from features.definition import Text


@dataclass(frozen=True)
class Provenance:
    """What made a batch.

    Attributes:
        model_name: Registered name of the model, or of the rules.
        model_version: Its version.
        run_id: Its training run; None for rules.
        label_version: Version of the definition of a transfer.
        label_meaning: That definition in words, with its numbers; None where it is not known.
        config_hash: Settings it was made with.
        data_version: State of the warehouse it was made from.
        data_cutoff: Last day of the data used.
        freshness: Newest period or day of each source table that was used.
        few_positives: Too few known transfers to trust a model; true for every rules list.
        stale_areas: Areas scored on older data because a source was late.
    """

    model_name: str
    model_version: str
    run_id: str | None
    label_version: str
    config_hash: str
    data_version: str
    data_cutoff: date
    freshness: Mapping[str, str] = field(default_factory=dict)
    few_positives: bool = False
    stale_areas: frozenset[str] = frozenset()
    label_meaning: Text | None = None
