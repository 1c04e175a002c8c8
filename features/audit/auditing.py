"""The audit itself: every probe, on a sample of groups, day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.audit.consequences import probes_of_register
from features.audit.finding import Finding
from features.audit.labels import FEWEST_POSITIVES, TOO_GOOD, label_findings
from features.audit.later import probes_of_time
from features.audit.sample import sample_of
from features.audit.trial import Trials
from features.catalog import FEATURES
from features.compute import group_features, member_features
from features.definition import Feature
from features.ranges import lifeless, outside
from features.tables import Tables

Progress = Callable[[int, int], None]

SAMPLED_GROUPS = 50


@dataclass(frozen=True)
class Audited:
    """What an audit found, and how much it looked at.

    Attributes:
        findings: Features that know too much, or leave their range; none is a clean catalogue.
        notes: Features that told nothing here, by name: they could not be judged.
        looked_at: Counts: groups, members, rows of tables, features, days, labelled rows.
    """

    findings: tuple[Finding, ...]
    notes: Mapping[str, str]
    looked_at: Mapping[str, int]


def audit(
    tables: Tables,
    days: Sequence[date],
    features: Sequence[Feature] = tuple(FEATURES.values()),
    *,
    groups: int = SAMPLED_GROUPS,
    labels: Sequence[pd.DataFrame] = (),
    too_good: float = TOO_GOOD,
    fewest: int = FEWEST_POSITIVES,
    progress: Progress | None = None,
) -> Audited:
    """Look for features that know what could not have been known, or may not be used.

    On each day the rows of a sample of groups are changed in ways that cannot matter to an honest
    feature: rows loaded later, files delivered later, cells that tell of the future, and the
    consequences of a loss that ``register`` lists. A feature that changes by one bit is named with
    what changed it. Then single features are held against labels, and values against ranges.

    Args:
        tables: The operator's tables.
        days: Days of knowledge to try. On the newest day there is little that came later: give an
            older one beside it.
        features: Which features.
        groups: About how many groups, of all tiers, chosen by a hash of their ids.
        labels: Frames of ``as_of``, ``group_id`` or ``user_id``, and ``label``.
        too_good: Single-feature AUC that raises the alarm.
        fewest: Positives below which a feature is not held against the label.
        progress: Called with the number of steps done and of all steps.
    """
    sample = sample_of(tables, days, groups)
    steps = _Steps(1 + 2 * len(days) + len(labels), progress)
    steps.done()
    findings: list[Finding] = []
    seen: list[pd.DataFrame] = []
    for day in days:
        trials = Trials(sample.rows, day, features)
        seen += trials.values.values()
        steps.done()
        probes = (*probes_of_time(sample.rows, day), *probes_of_register(day, sample.pools))
        findings += trials.run(probes)
        steps.done()
    labelled = 0
    for frame in labels:
        values = _values(tables, frame, features)
        findings += label_findings(values, frame, features, too_good=too_good, fewest=fewest)
        labelled += len(frame)
        seen.append(values)
        steps.done()
    return Audited(
        _worst([*findings, *_out_of_range(seen, features)]),
        _lifeless(seen, features),
        {
            "groups": sample.groups,
            "members": sample.members,
            "rows of tables": sum(len(table) for table in sample.rows.values()),
            "features": len(features),
            "days": len(days),
            "labelled rows": labelled,
        },
    )


def _values(tables: Tables, labels: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    days = sorted(set(labels["as_of"]))
    if "user_id" in labels:
        return member_features(tables, days, [f for f in features if f.entity == "member"])
    return group_features(tables, days, [f for f in features if f.entity == "group"], tiers=None)


def _out_of_range(frames: Sequence[pd.DataFrame], features: Sequence[Feature]) -> list[Finding]:
    return [
        Finding(
            "ranges",
            f"{one.low:g} to {one.high:g}",
            one.feature,
            "values leave the range that the feature gives",
            one.rows,
        )
        for frame in frames
        for one in outside(frame, features)
    ]


def _worst(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Each finding once, where it was seen in most rows."""
    in_order = sorted(findings)
    last = {(one.probe, one.source, one.feature, one.seen): one for one in in_order}
    return tuple(last.values())


def _lifeless(frames: Sequence[pd.DataFrame], features: Sequence[Feature]) -> dict[str, str]:
    """Features that told nothing in any of the frames that have them."""
    told: dict[str, list[str]] = {feature.name: [] for feature in features}
    for frame in frames:
        notes = lifeless(frame, features)
        for name in told.keys() & set(frame.columns):
            told[name].append(notes.get(name, ""))
    return {
        name: notes[-1] if notes else "not computed: its sources are absent"
        for name, notes in told.items()
        if all(notes)
    }


class _Steps:
    def __init__(self, number: int, progress: Progress | None) -> None:
        self._number, self._progress, self._done = number, progress, 0

    def done(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._number)
