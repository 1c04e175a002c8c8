"""A feature's value as a figure, as it stands in the feature's own sentences."""

from __future__ import annotations

import re

from features.definition import Feature, Text

_PLACE = re.compile(r"\{(value|size|yuan|hundred|points):([^}]*)\}")
_POINTS = ("share", "ratio")
_UNITS = {
    "days": Text("天", " days"),
    "minutes": Text("分钟", " minutes"),
    "months": Text("个月", " months"),
}
_YUAN = Text("元", " yuan")
_OF_SHARES = Text("个百分点", " points")
_SCALE = {"value": 1.0, "size": 1.0, "yuan": 0.01, "hundred": 100.0, "points": 100.0}


def figure(feature: Feature, value: float) -> Text | None:
    """The number with its unit, signed where it falls below zero.

    Returns:
        None where the feature's sentences give no number: a flag, or a score that nobody reads.

    Example:
        >>> from features.catalog import FEATURES
        >>> figure(FEATURES["lock_share"], 0.38).en
        '38%'
        >>> figure(FEATURES["days_since_visit"], 41).zh
        '41天'
    """
    place = _PLACE.search(feature.raises.zh) or _PLACE.search(feature.lowers.zh)
    if place is None:
        return None
    how, form = place.groups()
    number = format(value * _SCALE[how], form)
    if not re.search(r"[1-9]", number):
        number = number.lstrip("-")
    unit = _unit(feature, how)
    return Text(f"{number}{unit.zh}", f"{number}{unit.en}")


def compared(feature: Feature, value: float, other: float) -> Text | None:
    """``other`` as it is set beside a sentence on ``value``.

    A sentence on a change gives its size alone, such as "fell by 52 %". A change the other way is
    said to be one.

    Returns:
        None where the feature's sentences give no number.
    """
    said = figure(feature, other)
    if said is None or not _changes(feature):
        return said
    pivot, size = feature.pivot or 0.0, figure(feature, abs(other)) or said
    nothing = size == figure(feature, 0.0)
    if nothing or (value > pivot) == (other > pivot):
        return size
    return Text(f"反方向{size.zh}", f"{size.en} the other way")


def _changes(feature: Feature) -> bool:
    """Whether a sentence leaves the sign of its number to its words."""
    texts = (feature.raises.zh, feature.lowers.zh)
    return any(place[1] in ("size", "points") for t in texts for place in _PLACE.finditer(t))


def _unit(feature: Feature, how: str) -> Text:
    if how == "yuan":
        return _YUAN
    if how in ("hundred", "points") and feature.unit in _POINTS:
        return _OF_SHARES
    return _UNITS.get(feature.unit, Text("", ""))
