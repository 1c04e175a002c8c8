"""The catalogue: every feature there is, theme by theme. A new theme is one more line here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from types import ModuleType

from features.definition import MEMBERS, Entity, Feature
from features.group import (
    attack,
    billing as group_billing,
    cohesion,
    composition,
    lock_in,
    management,
    traffic,
)
from features.member import billing, rival, subsidy, tenure, usage, vpmn

_MEMBER_THEMES = (usage, vpmn, rival, subsidy, billing, tenure)
_GROUP_THEMES = (composition, traffic, cohesion, attack, lock_in, group_billing, management)


class CatalogError(ValueError):
    """A feature that cannot be computed as it is written."""


def _defined_in(themes: Iterable[ModuleType], entity: Entity) -> tuple[Feature, ...]:
    """The features that the theme modules define themselves, in the order of their lines."""
    return tuple(
        value
        for theme in themes
        for value in vars(theme).values()
        if isinstance(value, Feature)
        and value.entity == entity
        and value.formula.__module__ == theme.__name__
    )


MEMBER_FEATURES = _defined_in(_MEMBER_THEMES, "member")
GROUP_FEATURES = _defined_in(_GROUP_THEMES, "group")
FEATURES = {feature.name: feature for feature in (*MEMBER_FEATURES, *GROUP_FEATURES)}


def computable(
    features: Sequence[Feature],
    tables: Collection[str],
    given: Collection[str],
    of_members: Collection[str] = (),
) -> tuple[Feature, ...]:
    """Those of ``features`` whose sources are present, inputs before what is derived from them.

    Args:
        features: Features of one entity.
        tables: Names of the source tables that are present.
        given: Columns that the entity's own rows bring along.
        of_members: Columns of the members' rows that a feature over ``MEMBERS`` may read.

    Raises:
        CatalogError: Features are derived from each other in a circle.
    """
    known = set(given)
    ready = []
    for feature in _inputs_first({feature.name: feature for feature in features}):
        if feature.over == MEMBERS:
            present = set(of_members).issuperset(feature.inputs)
        elif feature.over:
            present = feature.over.table in tables
        else:
            present = known.issuperset(feature.inputs)
        if present:
            known.add(feature.name)
            ready.append(feature)
    return tuple(ready)


def _inputs_first(features: dict[str, Feature]) -> Iterable[Feature]:
    derived_from = {
        name: () if feature.over else [i for i in feature.inputs if i in features]
        for name, feature in features.items()
    }
    try:
        return [features[name] for name in TopologicalSorter(derived_from).static_order()]
    except CycleError as circle:
        raise CatalogError(f"features derived from each other: {circle.args[1]}") from circle
