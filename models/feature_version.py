"""What a model's features mean, as one hash: the catalogue's entries for what it reads.

A feature that is computed otherwise under the same name is another feature, and a model that learnt
the old one must not score with the new. The hash covers what decides a value: the formula, what it
looks at, its range, and the same of every feature and helper of the features room that it is made
from. Words, meaning and family may change freely.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from features.definition import Feature, Window
from features.view import View

_ROOM = "features"


def feature_version(names: Iterable[str], catalogue: Mapping[str, Feature]) -> str:
    """SHA-256 of all that decides the values of some features.

    Args:
        names: Features that a model reads; their order does not matter. One that the catalogue
            does not know counts by its name alone.
        catalogue: ``features.catalog.FEATURES``.

    Example:
        >>> from features.catalog import FEATURES
        >>> one = feature_version(["lock_share", "group_out_fall"], FEATURES)
        >>> one == feature_version(["group_out_fall", "lock_share"], FEATURES), len(one)
        (True, 64)
    """
    wanted, entries = sorted(set(names)), {}
    while wanted:
        name = wanted.pop()
        if name not in entries:
            feature = catalogue.get(name)
            entries[name] = _entry(feature) if feature else None
            wanted.extend(one for one in (feature.inputs if feature else ()) if one in catalogue)
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()


def _entry(feature: Feature) -> dict[str, Any]:
    return {
        "entity": feature.entity,
        "between": [feature.low, feature.high],
        "empty": feature.empty,
        "over": _window(feature.over),
        "formula": _sources(feature.formula),
    }


def _window(over: Window | None) -> list[Any] | None:
    if over is None:
        return None
    rows = _sources(over.table.rows) if isinstance(over.table, View) else {}
    return [over.name, over.lookback, over.through, rows]


def _sources(function: Callable[..., Any]) -> dict[str, str]:
    """The code of a function, and of everything of ours that it uses, by name."""
    found: dict[str, str] = {}
    waiting = [function]
    while waiting:
        one = inspect.unwrap(waiting.pop())
        name = f"{one.__module__}.{one.__qualname__}"
        if name not in found:
            found[name] = _source(one)
            for used, value in _used(one):
                if isinstance(value, View):
                    waiting.append(value.rows)
                elif isinstance(value, FunctionType) and value.__module__.startswith(_ROOM):
                    waiting.append(value)
                elif _is_constant(value):
                    found[f"{one.__module__}.{used}"] = _constant(value)
    return found


def _used(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    known = function.__globals__
    for name in _names(function.__code__):
        if name in known:
            yield name, known[name]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _is_constant(value: object) -> bool:
    parts = value if isinstance(value, tuple | frozenset) else (value,)
    return all(isinstance(part, int | float | str) for part in parts)


def _constant(value: object) -> str:
    return repr(sorted(value, key=repr)) if isinstance(value, frozenset) else repr(value)


@cache
def _source(function: Callable[..., Any]) -> str:
    """Code without decorators, docstring, comments and layout."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if isinstance(tree, ast.FunctionDef):
        tree.decorator_list = []
        if ast.get_docstring(tree) is not None:
            tree.body = tree.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
