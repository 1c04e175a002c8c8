"""What the gate refuses before it compares: models that cannot be compared, or not believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.definition import Feature
from models.bootstrap import Estimate
from models.bundle import Model
from models.feature_version import feature_version
from models.frames import Floats
from models.metrics import Ranking, auc

ALIKE = 1e-9
"""Risks that lie no farther apart are one and the same."""
NOTHING = 1e-5
"""A risk that calibration could not tell from zero."""
PARTS = ("fit", "calibration")


@dataclass(frozen=True)
class Criterion:
    """One thing that was asked of a model, and the answer.

    Attributes:
        name: What was asked, in a few words.
        passed: Whether the answer is good enough.
        sentence: The answer for people, with the figure.
        figure: The figure with its 95 % interval, where there is one.
        limit: What the figure was held against.
    """

    name: str
    passed: bool
    sentence: str
    figure: Estimate | None = None
    limit: str = ""


@dataclass(frozen=True)
class Candidate:
    """A model as the gate sees it: what it was made of, and what it said on the judged days.

    Attributes:
        title: How to name it, such as version 3.
        rows: Judged rows, one a day and group, see ``models.gate.decide``.
        label_version: The label that it learnt.
        features: The features that it reads.
        metadata: Of the sealed sidecar: ``feature_version``, ``fit_rows``, ``fit_positives``,
            ``calibration_rows``, ``calibration_positives``.
    """

    title: str
    rows: pd.DataFrame
    label_version: str
    features: tuple[str, ...]
    metadata: Mapping[str, Any]

    @staticmethod
    def of(model: Model, rows: pd.DataFrame, title: str) -> Candidate:
        """A model with its judged rows."""
        return Candidate(title, rows, model.label, model.features, model.metadata)

    @property
    def probability(self) -> Floats:
        """The risk of each row."""
        return self.rows["probability"].to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class Known:
    """The label that is judged by, and the features as they are computed today."""

    label_version: str
    catalogue: Mapping[str, Feature]


def outdated(champion: Candidate, known: Known) -> Criterion | None:
    """Why a champion is no rival any more: another label, or no scores; None if it is one."""
    for asked in (_same_label(champion, known), _known_scores(champion)):
        if not asked.passed:
            return no_rival(asked.sentence)
    return None


def no_rival(why: str) -> Criterion:
    """What is said of a champion that cannot be compared with: it must not bar every successor."""
    return Criterion("the champion", True, f"{why} So the rules baseline is the rival instead.")


def refusals(
    challenger: Candidate, known: Known, least_days: int, suspicious_auc: float
) -> Iterator[Criterion]:
    """Each thing that must hold of the challenger before it can be compared."""
    yield _enough_days(challenger.rows, least_days)
    yield _same_label(challenger, known)
    yield _known_scores(challenger)
    yield _known_features(challenger, known)
    yield from _both_classes(challenger)
    if np.isfinite(challenger.probability).all():
        yield _parts_groups(challenger)
        if challenger.rows["label"].nunique() == 2:
            yield _no_leak(challenger, suspicious_auc)


def _enough_days(rows: pd.DataFrame, least: int) -> Criterion:
    days, positives = rows["as_of"].nunique(), int((rows["label"] == 1).sum())
    passed = days >= least and 0 < positives < len(rows)
    said = f"{days} later days with {positives} positive rows of {len(rows)} are there to judge by"
    lacking = f": {least} days with rows of both classes are needed; wait until more have matured."
    return Criterion(
        "later days", passed, said + ("." if passed else lacking), limit=f"at least {least} days"
    )


def _same_label(one: Candidate, known: Known) -> Criterion:
    passed = one.label_version == known.label_version
    ending = "." if passed else f", but {known.label_version} is judged by: train again."
    return Criterion(
        f"label of {one.title}",
        passed,
        f"{one.title} learnt {one.label_version}{ending}",
        limit=known.label_version,
    )


def _known_features(one: Candidate, known: Known) -> Criterion:
    name = f"features of {one.title}"
    if unknown := sorted(set(one.features) - set(known.catalogue)):
        shown = ", ".join(unknown[:5]) + (" and others" if len(unknown) > 5 else "")
        said = f"{one.title} reads features that the catalogue does not know: {shown}; train again."
        return Criterion(name, False, said)
    made_of = one.metadata.get("feature_version")
    now = feature_version(one.features, known.catalogue)
    if made_of != now:
        then = f"as version {made_of[:12]}…" if made_of else "as nobody has recorded"
        said = (
            f"{one.title} learnt its features {then}, today they are computed as {now[:12]}…: "
            "its scores would not mean what they meant; train again."
        )
        return Criterion(name, False, said, limit=now)
    said = f"The {len(one.features)} features of {one.title} are computed as when it learnt them."
    return Criterion(name, True, said, limit=now)


def _both_classes(one: Candidate) -> Iterator[Criterion]:
    for part in PARTS:
        counted = (one.metadata.get(f"{part}_rows"), one.metadata.get(f"{part}_positives"))
        rows, positives = (int(count) if count is not None else 0 for count in counted)
        passed = 0 < positives < rows
        said = f"{one.title} had {positives} positives among {rows} rows of {part}"
        ending = "." if passed else ": of one class alone nothing can be learnt; train again."
        yield Criterion(f"classes of {part}", passed, said + ending, limit="both classes")


def _known_scores(one: Candidate) -> Criterion:
    unknown = int((~np.isfinite(one.probability)).sum())
    said = f"{one.title} gives {len(one.rows) - unknown} of {len(one.rows)} rows a risk"
    ending = f": for {unknown} it is unknown (NaN); find out why." if unknown else "."
    return Criterion(f"scores of {one.title}", not unknown, said + ending, limit="all known")


def _parts_groups(one: Candidate) -> Criterion:
    risk, name = one.probability, f"spread of {one.title}"
    if (risk < 0).any() or (risk > 1).any():
        said = f"{one.title} gives risks from {risk.min():g} to {risk.max():g}: no probabilities."
        return Criterion(name, False, said, limit="0 to 1")
    if np.ptp(risk) > ALIKE:
        said = f"{one.title} gives risks from {risk.min():.2%} to {risk.max():.2%}."
        return Criterion(name, True, said, limit="not constant")
    base, same = float(one.rows["label"].mean()), float(risk.mean())
    if same <= NOTHING:
        what = "the risk zero: it would list nobody"
    elif abs(same - base) <= base / 2:
        what = f"the risk {same:.2%}, about the base rate ({base:.2%}): it puts nobody first"
    else:
        what = f"the same risk {same:.2%}: it puts nobody first"
    said = f"{one.title} gives every group {what}; it is constant and has learnt nothing."
    return Criterion(name, False, said, limit="not constant")


def _no_leak(one: Candidate, suspicious: float) -> Criterion:
    value = auc(Ranking.of(one.rows["label"], one.probability).weighed())
    passed = value <= suspicious
    said = f"The AUC of {one.title} is {value:.3f}"
    ending = (
        "."
        if passed
        else f", above {suspicious:g}: a leak until somebody explains it. Look for a feature that "
        "knows the outcome: `groupchurn features audit`."
    )
    figure = Estimate(value, value, value)
    return Criterion("no leak", passed, said + ending, figure, f"at most {suspicious:g}")
