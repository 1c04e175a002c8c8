"""Audit: whether any feature of the catalogue knows what could not have been known on the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import console
from pipelines.errors import DONE, GATE_REFUSED
from pipelines.workplace import TIERS, Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from features.audit import Audited, Finding

LABEL_DAYS = 3
"""Days whose labels features are held against: the last ones that have matured."""
DAYS_BETWEEN = 9
"""Scoring days from one of them to the next: a label's three months do not overlap much."""
NAMED = 8
"""Features that a line names; the others are counted."""


class Audit(list[dict[str, Any]]):
    """The findings as rows; printed, a line for each cause, and how much was looked at."""

    def __init__(self, audited: Audited) -> None:
        super().__init__({**vars(finding)} for finding in audited.findings)
        self._findings = audited.findings
        self._looked_at = audited.looked_at

    @property
    def exit_code(self) -> int:
        return GATE_REFUSED if self else DONE

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        if not self:
            return Text(f"No leak found. Looked at {_counted(self._looked_at)}.")
        lines = console.table(_by_cause(self._findings))
        astray = {one.feature for one in self._findings if one.probe == "ranges"}
        knowing = {one.feature for one in self._findings if one.probe != "ranges"}
        told = [
            f"{len(names)} {'feature' if len(names) == 1 else 'features'} {what}."
            for names, what in ((knowing, "may know too much"), (astray, "left their range"))
            if names
        ]
        last = " ".join([*told, f"Looked at {_counted(self._looked_at)}."])
        return Group(lines, Text(last))


def audit_features(
    *,
    as_of: date,
    groups: int = 50,
    without_labels: bool = False,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Audit:
    """Perturb what may not matter, and name the features that change all the same.

    On a sample of groups, rows loaded after the day are deleted and rewritten, late files dropped,
    cells that tell of the future blanked, and consequences of a loss taken away and put in. Single
    features are held against the label, and values against the range that each feature gives.
    Ends with 3 where something is found.

    Args:
        as_of: Day of knowledge. What came later is tried on the last day whose label has matured.
        groups: About how many groups to look at, of all tiers, chosen by a hash of their ids.
        without_labels: Do not hold single features against labels, which takes all groups.

    Example:
        groupchurn features audit --as-of 2011-01-03
    """
    from features.audit import audit
    from features.audit.labels import FEWEST_POSITIVES

    place = open_workplace(home, config)
    matured = _matured(place, as_of)
    frames = _labels(place, matured) if matured and not without_labels else []
    if not matured:
        console.say("no label has matured by then: features are not held against labels")
    with console.progress("audit") as tell:
        audited = audit(
            place.tables,
            sorted({as_of, *matured[-1:]}),
            groups=groups,
            labels=frames,
            progress=tell,
        )
    for note in sorted(set(audited.notes.values())):
        named = ", ".join(name for name, said in audited.notes.items() if said == note)
        console.say(f"not judged, {note}: {named}")
    for frame in frames:
        positives = int(frame["label"].sum())
        if positives < FEWEST_POSITIVES:
            console.say(f"not held against a label: it has {positives} positives on these days")
    return Audit(audited)


def _matured(place: Workplace, as_of: date) -> list[date]:
    from models.labels import matured
    from pipelines.training_table import scoring_days

    days = matured(scoring_days(place, as_of), place.group_label, as_of)
    return days[::-DAYS_BETWEEN][:LABEL_DAYS][::-1]


def _labels(place: Workplace, days: Sequence[date]) -> list[pd.DataFrame]:
    """What became of groups on some days, and of members after the last of them."""
    from models.labels import group_transfer, member_churn
    from models.outcomes import member_outcomes

    rule = place.group_label
    with console.progress("what became of members") as tell:
        outcomes = member_outcomes(place.tables, days, rule, tiers=TIERS, progress=tell)
    last = outcomes[outcomes["as_of"] == days[-1]]
    return [group_transfer(outcomes, rule), member_churn(last, place.member_label)]


def _by_cause(findings: Sequence[Finding]) -> list[dict[str, object]]:
    rows = []
    for cause, found in groupby(findings, key=lambda one: (one.probe, one.source, one.seen)):
        named = [finding.feature for finding in found]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        probe, source, seen = cause
        features = ", ".join(named[:NAMED]) + more
        rows.append({"probe": probe, "what did it": source, "features": features, "seen": seen})
    return rows


def _counted(looked_at: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in looked_at.items())
