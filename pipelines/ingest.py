"""Ingest: an operator's extracts, checked by contract, broken rows set aside, good ones stored."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines import console
from pipelines.intake.report import IngestReport
from pipelines.orchestration import step
from pipelines.workplace import Workplace, open_workplace

REQUIRED = ("group_snapshot", "member", "membership_hist", "usage_month")
"""Tables without which nobody can be scored."""


def ingest(
    source: Path,
    /,
    mapping: str | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> IngestReport:
    """Check every table by its contract, quarantine broken rows, store the good ones.

    Prints, for each table, rows in = good + quarantined. Files that are stored already are passed
    over. Stops with exit code 4, and changes nothing, where a table or column is missing, where
    plain phone or ID numbers are found, or where more rows are broken than the settings allow.

    Args:
        source: Folder with the operator's tables, Parquet or CSV (UTF-8 or GB18030).
        mapping: For tables of your own: a mapping file, or the name of one that ships
            (member_panel, b2b_bulgaria, call_network).

    Example:
        groupchurn ingest extracts/landing
    """
    return step("ingest", _ingest, open_workplace(home, config), source, mapping)


def _ingest(place: Workplace, source: Path, mapping: str | None) -> IngestReport:
    from pipelines.intake.commit import Limits
    from pipelines.intake.ingestion import ingest as take_in
    from pipelines.mapping import load_mapping
    from pipelines.tokens import load_key

    with console.progress("ingest") as tell:
        report = take_in(
            source,
            place.home,
            load_mapping(mapping) if mapping else None,
            Limits(place.settings.intake.max_bad_share),
            lambda _, done, total: tell(done, total),
            required=() if mapping else REQUIRED,
            token_key=load_key(place.home.token_key, os.environ) if mapping else None,
            memory_limit=place.settings.engine.memory_limit,
            threads=place.settings.engine.threads,
        )
    for warning in report.warnings:
        console.say(warning)
    return report
