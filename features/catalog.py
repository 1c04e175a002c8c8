"""The catalogue: every feature there is, found in the themes, the files of member/ and group/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import features.group
import features.member
from features.checking import check_inputs, check_theme
from features.definition import MEMBERS, Entity, Feature
from features.errors import CatalogError


def _themes(package: ModuleType, entity: Entity) -> list[ModuleType]:
    """The files of a package, by name."""
    names = sorted(module.name for module in iter_modules(package.__path__))
    return [_theme(f"{package.__name__}.{name}", entity) for name in names]


def _theme(name: str, entity: Entity) -> ModuleType:
    try:
        theme = import_module(name)
        check_theme(theme, entity)
    except Exception as error:
        file = name.replace(".", "/") + ".py"
        raise CatalogError(f"{file}: {error}") from error
    return theme


def _defined_in(themes: Iterable[ModuleType], entity: Entity) -> tuple[Feature, ...]:
    """The features that the themes define themselves, in the order of their lines."""
    return tuple(
        value
        for theme in themes
        for value in vars(theme).values()
        if isinstance(value, Feature)
        and value.entity == entity
        and value.formula.__module__ == theme.__name__
    )


def _by_name(features: Iterable[Feature]) -> dict[str, Feature]:
    named: dict[str, Feature] = {}
    for feature in features:
        if feature.name in named:
            files = f"{named[feature.name].formula.__module__} and {feature.formula.__module__}"
            raise CatalogError(f"there are two features {feature.name!r}, in {files}")
        named[feature.name] = feature
    return named


MEMBER_FEATURES = _defined_in(_themes(features.member, "member"), "member")
GROUP_FEATURES = _defined_in(_themes(features.group, "group"), "group")
FEATURES = _by_name((*MEMBER_FEATURES, *GROUP_FEATURES))
check_inputs(FEATURES)


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
            present = set(tables).issuperset(feature.over.reads)
        else:
            present = known.issuperset(feature.inputs)
        if present:
            known.add(feature.name)
            ready.append(feature)
    return tuple(ready)


def with_inputs(wanted: Sequence[Feature], catalogue: Sequence[Feature]) -> list[Feature]:
    """``wanted``, and the features of the ``catalogue`` that they are derived from."""
    by_name = {feature.name: feature for feature in catalogue}
    needed = {feature.name: feature for feature in wanted}
    waiting = list(wanted)
    while waiting:
        feature = waiting.pop()
        for name in () if feature.over else feature.inputs:
            if name in by_name and name not in needed:
                needed[name] = by_name[name]
                waiting.append(by_name[name])
    return list(needed.values())


def derived_together(features: Sequence[Feature]) -> list[list[Feature]]:
    """The derived ones of ``features`` (inputs before what is derived from them), in as few steps
    as there can be, each reading only what the steps before it have made."""
    step: dict[str, int] = {}
    steps: list[list[Feature]] = []
    for feature in features:
        if feature.over is None:
            number = 1 + max((step.get(name, -1) for name in feature.inputs), default=-1)
            step[feature.name] = number
            steps += [[]] * (number == len(steps))
            steps[number] = [*steps[number], feature]
    return steps


def _inputs_first(features: dict[str, Feature]) -> Iterable[Feature]:
    derived_from = {
        name: () if feature.over else [i for i in feature.inputs if i in features]
        for name, feature in features.items()
    }
    try:
        return [features[name] for name in TopologicalSorter(derived_from).static_order()]
    except CycleError as circle:
        raise CatalogError(f"features derived from each other: {circle.args[1]}") from circle
