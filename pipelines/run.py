"""Run: what happens every dekad, from the operator's delivery to the published list."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pipelines.ingest import ingest
from pipelines.publish import publish
from pipelines.score import score


def run(
    as_of: date,
    landing: Path | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> dict[str, Any]:
    """Ingest what has newly arrived, score the day, publish its list.

    Steps that are done are not done again: files already stored are passed over, and publishing the
    same batch changes nothing. If any step stops, the last published list stays.

    Args:
        as_of: Day of knowledge: nothing that was loaded after it counts.
        landing: Folder of the operator's extracts; left out, what is stored already is scored.

    Example:
        groupchurn run --as-of 2011-01-03 --landing extracts/landing
    """
    taken = ingest(landing, home=home, config=config) if landing else None
    scored = score(as_of, home=home, config=config)
    return {"ingested": taken, **scored, **publish(as_of, home=home, config=config)}
