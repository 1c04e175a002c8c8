"""Mistakes in a theme that Python lets pass, found when the catalogue is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import ModuleType

from data_contracts.contract import Table, source_tables
from features.definition import MEMBERS, Entity, Feature
from features.errors import CatalogError, did_you_mean
from features.view import View

_OF_A_ROW = {"as_of", "age", "period_days", "days_to_period_end", "user_id", "group_id"}
_ROWS_OF: dict[Entity, tuple[str, ...]] = {
    "member": ("member", "membership_hist"),
    "group": ("group_snapshot",),
}


def check_theme(theme: ModuleType, entity: Entity) -> None:
    """That each name of a file stands for one feature, and for one of this ``entity``.

    Raises:
        CatalogError: It does not.
    """
    text = Path(theme.__file__ or "").read_text(encoding="utf-8")
    defined = Counter(re.findall(r"^def (\w+)\(", text, re.MULTILINE))
    for name, times in defined.items():
        if times > 1:
            raise CatalogError(f"{name} is defined {times} times, and only the last would count")
    for value in vars(theme).values():
        mine = isinstance(value, Feature) and value.formula.__module__ == theme.__name__
        if mine and value.entity != entity:
            raise CatalogError(
                f"{value.name} is a feature of a {value.entity}: write it under "
                f"features/{value.entity}, or use @{entity}_feature"
            )


def check_inputs(catalogue: Mapping[str, Feature]) -> None:
    """That each parameter of a feature is a column that its rows can have.

    The columns of a view are known only when it is computed.

    Raises:
        CatalogError: A table or a column is none.
    """
    for feature in catalogue.values():
        if feature.over and feature.over != MEMBERS:
            _are_there("table", feature, feature.over.reads, source_tables())
            if isinstance(feature.over.table, View):
                continue
            columns = _columns(source_tables()[feature.over.name])
        else:
            entity: Entity = "member" if feature.over == MEMBERS else feature.entity
            own = {name for name, other in catalogue.items() if other.entity == entity}
            columns = own.union(*(_columns(source_tables()[name]) for name in _ROWS_OF[entity]))
        _are_there("column", feature, feature.inputs, columns)


def _columns(table: Table) -> set[str]:
    return {*table.names, *(f"days_to_{name}" for name in table.dates), *_OF_A_ROW}


def _are_there(what: str, feature: Feature, names: Iterable[str], there: Collection[str]) -> None:
    for name in names:
        if name not in there:
            file = feature.formula.__module__.replace(".", "/") + ".py"
            hint = did_you_mean(name, there)
            raise CatalogError(f"{file}: {feature.name} reads no {what} {name!r}{hint}")
