"""What a caller may ask for: which features, whose, on which days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from features.catalog import FEATURES
from features.definition import Entity, Feature
from features.errors import FeatureError, did_you_mean
from features.tables import Tables


def asked_features(asked: Sequence[Feature | str], entity: Entity) -> tuple[Feature, ...]:
    """The features that are meant by themselves or by name.

    Raises:
        FeatureError: A name is unknown, or the feature is not one of ``entity``.
    """
    if isinstance(asked, str | Feature):
        raise FeatureError("features: give a list, even of one")
    found = [_named(one) if isinstance(one, str) else one for one in asked]
    for feature in found:
        if feature.entity != entity:
            raise FeatureError(
                f"{feature.name} is a feature of a {feature.entity}: "
                f"ask {feature.entity}_features for it"
            )
    return tuple(found)


def asked_days(tables: Tables, asked: Sequence[date]) -> list[date]:
    """The days, each once, in order.

    Raises:
        FeatureError: There is none, one is not a day, or nothing was known on one.
    """
    if isinstance(asked, str | date):
        raise FeatureError("days: give a list, even of one day")
    days = sorted({_day(one) for one in asked})
    if not days:
        raise FeatureError("days: give at least one")
    if not tables.known_by(days[0]):
        raise FeatureError(f"nothing had been loaded by {days[0]}: ask for a later day")
    return days


def asked_tiers(tables: Tables, asked: Collection[str] | None) -> tuple[str, ...] | None:
    """The tiers in order; None for all.

    Raises:
        FeatureError: One is not a tier of the contract of group_snapshot.
    """
    if asked is None:
        return None
    there = _tiers(tables)
    if isinstance(asked, str) or not asked or not there.issuperset(asked):
        raise FeatureError(f"tiers: {asked!r}: give some of {', '.join(sorted(there))}, or None")
    return tuple(sorted(asked))


def _tiers(tables: Tables) -> frozenset[str]:
    return frozenset(tables.contract("group_snapshot").column("tier").allowed or ())


def _named(name: str) -> Feature:
    if name in FEATURES:
        return FEATURES[name]
    hint = did_you_mean(name, FEATURES) or ": see `groupchurn features list`"
    raise FeatureError(f"there is no feature {name!r}{hint}")


def _day(one: object) -> date:
    """A date, also where it comes as a moment of that day, as pandas and notebooks have it."""
    if isinstance(one, datetime):
        return one.date()
    if isinstance(one, date):
        return one
    raise FeatureError(f"days: {one!r} is not a date")
