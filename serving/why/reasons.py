"""Say in sentences why a score is what it is, in the words of the features themselves."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from features.definition import Feature, Text
from features.reasons import Reason
from models.baseline import Rule

MOST_PUBLISHED = 5
MOST_SHOWN = 3
EVERYTHING_ELSE = "R00"
BACKGROUND = {Reason.SIZE.code, Reason.DATA.code}
"""Reasons that describe a group rather than its danger: told where nothing else is to be told."""


@dataclass(frozen=True)
class SpokenReason:
    """One reason: how far it moved the score, and a sentence with the number behind it.

    Attributes:
        code: Code of the reason, R01 to R16; R00 for everything that is not given by itself.
        name_zh: The reason's name in Chinese.
        name_en: The same in English.
        contribution: Sum of the contributions of all the reason's features: log-odds for a
            model, points for a rules list. Above 0 it raises the risk.
        feature: The feature that speaks: the strongest of those that push the reason's way.
        value: That feature's value.
        text_zh: The sentence in Chinese.
        text_en: The same in English.
        stability: Share of the model's forests in which the reason has the same sign; None for a
            single forest, for rules, and for R00.
        peer_median: Median of the feature among the group's peers; None without peers.
        peers: How many peers know it.
        peers_zh: The comparison with them in Chinese, to stand in brackets behind the sentence.
        peers_en: The same in English.
    """

    code: str
    name_zh: str
    name_en: str
    contribution: float
    feature: str | None
    value: float | None
    text_zh: str
    text_en: str
    stability: float | None = None
    peer_median: float | None = None
    peers: int | None = None
    peers_zh: str | None = None
    peers_en: str | None = None

    @property
    def said(self) -> Text:
        """The sentence with the comparison behind it, where there is one."""
        if self.peers_zh is None or self.peers_en is None:
            return Text(self.text_zh, self.text_en)
        return Text(f"{self.text_zh}（{self.peers_zh}）", f"{self.text_en} ({self.peers_en})")


@dataclass(frozen=True)
class Agreement:
    """In which share of a model's forests the contributions to one score have the same sign.

    Attributes:
        reasons: By code.
        features: By name.
        least: A reason of a smaller share is not shown.
    """

    reasons: Mapping[str, float]
    features: Mapping[str, float]
    least: float


@dataclass(frozen=True)
class _Part:
    """What one feature or rule added to a score, and how it would say so."""

    feature: str
    value: float
    contribution: float
    sentence: Callable[[], Text]
    steady: bool = True


def model_reasons(
    contributions: Mapping[str, float],
    values: Mapping[str, float],
    catalogue: Mapping[str, Feature],
    agreement: Agreement | None = None,
    least: float = 0.0,
) -> tuple[SpokenReason, ...]:
    """The reasons behind a model's score.

    Args:
        contributions: What each feature added to the raw margin, by name.
        values: Each feature's value; NaN where unknown.
        catalogue: Every feature that contributes, by name.
        agreement: How far the model's forests agree on this row; None where that is not known,
            and then every reason may be shown.
        least: A reason that moves the margin by less is not shown.

    Returns:
        The reasons that raise the risk, strongest first, at most five; the one that lowers it
        most, if any does (one of the background where there is no other); and the sum of all
        others (R00), so that the contributions add up to margin - base. A reason none of whose
        features is known says nothing, nor does one on whose sign the forests do not agree. Of a
        reason's features one that is agreed on speaks first.
    """
    parts: dict[Reason, list[_Part]] = defaultdict(list)
    for name, contribution in contributions.items():
        feature, value = catalogue[name], float(values[name])

        def sentence(f: Feature = feature, v: float = value, c: float = contribution) -> Text:
            return f.sentence(v, c)

        steady = agreement is None or agreement.features[name] >= agreement.least
        parts[feature.reason].append(_Part(name, value, contribution, sentence, steady))
    return _spoken(parts, agreement, least)


def rule_reasons(
    held: Sequence[Rule], values: Mapping[str, float], catalogue: Mapping[str, Feature]
) -> tuple[SpokenReason, ...]:
    """The reasons behind the points of a rules list.

    Args:
        held: The rules that hold; ``{value}`` and ``{size}`` in their texts are filled in.
        values: Each feature's value.
        catalogue: The features that the rules look at, by name.

    Returns:
        As ``model_reasons``; contributions are points, and no rule speaks for the group.
    """
    parts: dict[Reason, list[_Part]] = defaultdict(list)
    for rule in held:
        value = float(values[rule.feature])

        def sentence(r: Rule = rule, v: float = value) -> Text:
            said = {"value": v, "size": abs(v)}
            return Text(r.text_zh.format(**said), r.text_en.format(**said))

        parts[catalogue[rule.feature].reason].append(
            _Part(rule.feature, value, float(rule.points), sentence)
        )
    return _spoken(parts)


def raising(reasons: Iterable[SpokenReason]) -> tuple[SpokenReason, ...]:
    """The reasons that raise the risk and can be shown, at most three: strongest first, but the
    background last."""
    up = [reason for reason in reasons if reason.contribution > 0 and reason.feature]
    return tuple(sorted(up, key=lambda reason: reason.code in BACKGROUND))[:MOST_SHOWN]


def protective(reasons: Iterable[SpokenReason]) -> SpokenReason | None:
    """The reason that lowers the risk, if one does."""
    return next((reason for reason in reasons if reason.contribution < 0 and reason.feature), None)


def to_json(reasons: Iterable[SpokenReason]) -> str:
    """Reasons as one line of JSON; the numbers survive to the bit."""
    entries = [asdict(reason) for reason in reasons]
    return json.dumps(entries, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(text: str) -> tuple[SpokenReason, ...]:
    """The reasons that ``to_json`` wrote."""
    return tuple(SpokenReason(**entry) for entry in json.loads(text))


def _spoken(
    parts: Mapping[Reason, Sequence[_Part]],
    agreement: Agreement | None = None,
    least: float = 0.0,
) -> tuple[SpokenReason, ...]:
    spoken = (_speak(kind, parts[kind], agreement) for kind in parts)
    found = [reason for reason in spoken if reason and abs(reason.contribution) >= least]
    # Codes decide between equals, so that the order never depends on the order of columns.
    found.sort(key=lambda reason: (-abs(reason.contribution), reason.code))
    up = [reason for reason in found if reason.contribution > 0][:MOST_PUBLISHED]
    lower = [reason for reason in found if reason.contribution < 0]
    down = sorted(lower, key=lambda reason: reason.code in BACKGROUND)[:1]
    listed = {reason.code for reason in (*up, *down)}
    others = [p.contribution for kind in parts if kind.code not in listed for p in parts[kind]]
    if any(others):
        return (*up, *down, _everything_else(math.fsum(others)))
    return (*up, *down)


def _speak(
    reason: Reason, parts: Sequence[_Part], agreement: Agreement | None
) -> SpokenReason | None:
    share = None if agreement is None else agreement.reasons[reason.code]
    if agreement is not None and share is not None and share < agreement.least:
        return None
    total = math.fsum(part.contribution for part in parts)
    agreeing = [p for p in parts if p.contribution * total > 0 and not math.isnan(p.value)]
    if not agreeing:
        return None
    said = min(agreeing, key=lambda p: (not p.steady, -abs(p.contribution), p.feature))
    text = said.sentence()
    return SpokenReason(
        code=reason.code,
        name_zh=reason.zh,
        name_en=reason.en,
        contribution=total,
        feature=said.feature,
        value=said.value,
        text_zh=text.zh,
        text_en=text.en,
        stability=share,
    )


def _everything_else(contribution: float) -> SpokenReason:
    return SpokenReason(
        code=EVERYTHING_ELSE,
        name_zh="其余因素",
        name_en="everything else",
        contribution=contribution,
        feature=None,
        value=None,
        text_zh="其余因素合计",
        text_en="all other reasons together",
    )
