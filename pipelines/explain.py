"""Explain: why one group is at risk, in words, with numbers, and what would lower it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pipelines.workplace import open_workplace
from serving.explain import explain_group, peers_average


def explain(
    group_id: str,
    /,
    as_of: date | None = None,
    language: Literal["zh", "en"] = "zh",
    home: Path = Path("var"),
) -> str:
    """Say why a group is at risk, as published for a day.

    Args:
        group_id: The group's id.
        as_of: Day of a published list; left out, the newest.
        language: Language of the answer.

    Example:
        groupchurn explain 89100000000123 --as-of 2011-01-03 --language en
    """
    place = open_workplace(home)
    scores = place.store.current(as_of).frame("group_score")
    peers = peers_average(group_id, scores)
    return explain_group(group_id, scores, language=language, peers_probability=peers)
