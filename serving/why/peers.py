"""A group beside its peers: groups of its tier, industry and county, or of a wider circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.definition import Feature, Text
from models.frames import Floats
from serving import words
from serving.why.figures import compared
from serving.why.reasons import SpokenReason, from_json, to_json
from serving.why.stability import ReasonRule

CIRCLES: tuple[tuple[str, ...], ...] = (
    ("tier", "county_id", "industry_l1"),
    ("tier", "county_id"),
    ("tier",),
)
"""What peers have in common, the nearest first; a wider circle takes in the one before."""
FLAG = "flag"


def with_peers(
    scores: pd.DataFrame,
    features: pd.DataFrame,
    facts: pd.DataFrame,
    catalogue: Mapping[str, Feature],
    rule: ReasonRule,
) -> pd.DataFrame:
    """Set each reason's value beside the median of the group's peers.

    Args:
        scores: Of ``serving.scoring``: ``group_id`` and ``reasons``, among others.
        features: One row a group: ``group_id`` and what the reasons name. Peers are taken from it.
        facts: Of ``serving.facts``: ``group_id``, ``tier``, ``county_id`` and ``industry_l1``.
        catalogue: The features by name.
        rule: ``fewest_peers`` that know the feature, else a wider circle is asked; where even all
            groups of the tier are too few, nothing is compared.

    Returns:
        The scores with ``peer_median``, ``peers``, ``peers_zh`` and ``peers_en`` in their reasons.
        A group is not its own peer.
    """
    measure = _Measure(features, facts, rule.fewest_peers)
    compared_reasons = [
        to_json(_beside(reason, group_id, measure, catalogue) for reason in from_json(reasons))
        for group_id, reasons in zip(scores["group_id"], scores["reasons"], strict=True)
    ]
    return scores.assign(reasons=compared_reasons)


def peers_risk(
    scores: pd.DataFrame, facts: pd.DataFrame, rule: ReasonRule, only: str | None = None
) -> pd.DataFrame:
    """The average risk of each group's peers, of the nearest circle that is large enough.

    Args:
        scores: Groups of one day: ``group_id`` and ``probability``.
        facts: As for ``with_peers``.
        rule: As for ``with_peers``.
        only: The one group that is asked for; None for all.

    Returns:
        ``group_id``, ``peers`` (how many), ``peers_probability`` (their mean), ``peers_zh`` and
        ``peers_en`` (who they are); a group without enough peers is left out.
    """
    measure = _Measure(scores[["group_id", "probability"]], facts, rule.fewest_peers)
    rows = []
    for group_id in scores["group_id"] if only is None else [only]:
        found = measure.others(group_id, "probability")
        if found is not None:
            mean = float(found.values.mean())
            rows.append((group_id, len(found.values), mean, found.circle.zh, found.circle.en))
    return pd.DataFrame(
        rows, columns=["group_id", "peers", "peers_probability", "peers_zh", "peers_en"]
    )


@dataclass(frozen=True)
class _Others:
    """What a group's peers know of a feature, in order, and who they are."""

    circle: Text
    values: Floats


class _Measure:
    """Values of features by circle, sorted once and asked often."""

    def __init__(self, rows: pd.DataFrame, facts: pd.DataFrame, fewest: int) -> None:
        kind = facts.set_index("group_id")[list(CIRCLES[0])].reindex(rows["group_id"])
        self._kind = {str(group): row for group, row in kind.to_dict("index").items()}
        self._members = {
            circle: {
                key if isinstance(key, tuple) else (key,): np.asarray(places)
                for key, places in kind.reset_index(drop=True).groupby(list(circle)).indices.items()
            }
            for circle in CIRCLES
        }
        self._columns = {
            str(name): rows[name].to_numpy(dtype=np.float64)
            for name in rows.columns
            if pd.api.types.is_numeric_dtype(rows[name])
        }
        self._place = {group: place for place, group in enumerate(rows["group_id"])}
        self._sorted: dict[tuple[object, ...], Floats] = {}
        self._fewest = fewest

    def others(self, group_id: str, feature: str) -> _Others | None:
        """The nearest circle in which enough others know the feature."""
        if group_id not in self._kind or feature not in self._columns:
            return None
        kind = self._kind[group_id]
        own = self._columns[feature][self._place[group_id]]
        for circle in CIRCLES:
            key = tuple(kind[column] for column in circle)
            places = self._members[circle].get(key)
            if places is None:
                continue
            known = self._known(circle, key, feature, places)
            others = np.delete(known, np.searchsorted(known, own)) if own == own else known
            if len(others) >= self._fewest:
                return _Others(_named(circle, kind), others)
        return None

    def _known(
        self,
        circle: tuple[str, ...],
        key: tuple[object, ...],
        feature: str,
        places: NDArray[np.intp],
    ) -> Floats:
        asked = (circle, key, feature)
        if asked not in self._sorted:
            values = self._columns[feature][places]
            self._sorted[asked] = np.sort(values[~np.isnan(values)])
        return self._sorted[asked]


def _beside(
    reason: SpokenReason, group_id: str, measure: _Measure, catalogue: Mapping[str, Feature]
) -> SpokenReason:
    if reason.feature is None or reason.value is None or reason.feature not in catalogue:
        return reason
    others = measure.others(group_id, reason.feature)
    if others is None:
        return reason
    feature, count = catalogue[reason.feature], len(others.values)
    # The middle of sorted values: numpy's median would sort them once more.
    median = float((others.values[(count - 1) // 2] + others.values[count // 2]) / 2)
    text = _clause(feature, reason.value, median, others)
    return replace(reason, peer_median=median, peers=count, peers_zh=text.zh, peers_en=text.en)


def _clause(feature: Feature, value: float, median: float, others: _Others) -> Text:
    circle, count = others.circle, len(others.values)
    if feature.unit == FLAG:
        alike = float((others.values == value).mean())
        return Text(
            f"{circle.zh}{count}家中{alike:.0%}也是如此",
            f"so do {alike:.0%} of {count} {circle.en}",
        )
    number = compared(feature, value, median)
    if number is None:
        below = float((others.values < value).mean())
        return Text(
            f"高于{circle.zh}{count}家中的{below:.0%}",
            f"higher than {below:.0%} of {count} {circle.en}",
        )
    too = Text("同为", " too") if number == compared(feature, value, value) else Text("：", "")
    return Text(
        f"{circle.zh}{count}家的中位数{too.zh}{number.zh}",
        f"median of {count} {circle.en}: {number.en}{too.en}",
    )


def _named(circle: tuple[str, ...], kind: Mapping[Any, Any]) -> Text:
    return Text("".join(_zh(circle, kind)), " ".join(_en(circle, kind)))


def _zh(circle: tuple[str, ...], kind: Mapping[Any, Any]) -> Iterator[str]:
    if "county_id" in circle:
        yield "同区县"
    if "industry_l1" in circle:
        yield _industry(kind).zh
    yield f"{kind['tier']}类集团"


def _en(circle: tuple[str, ...], kind: Mapping[Any, Any]) -> Iterator[str]:
    yield f"{kind['tier']} groups"
    if "industry_l1" in circle:
        yield f"in {_industry(kind).en}"
    if "county_id" in circle:
        yield "of the county"


def _industry(kind: Mapping[Any, Any]) -> Text:
    code = str(kind["industry_l1"])
    return words.INDUSTRY.get(code, Text(code, code))
