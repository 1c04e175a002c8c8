"""Fingerprints of features: whatever changes a feature's values changes its fingerprint."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import narwhals as nw

import data_contracts
import features
from features.definition import MEMBERS, Feature
from features.view import View


def fingerprints(
    asked: Sequence[Feature], members: Mapping[str, Feature], own: Mapping[str, Feature]
) -> dict[str, str]:
    """SHA-256 of each feature by name: its code, the constants it uses, what it is derived from.

    Words and ranges do not count; the files that all features share do, and the contracts.

    Args:
        asked: Features of one entity.
        members: Member features by name, which a feature over ``MEMBERS`` reads.
        own: Features of the same entity by name, which a derived feature reads.
    """

    def of(feature: Feature) -> str:
        read = members if feature.over == MEMBERS else {} if feature.over else own
        inputs = [of(read[name]) for name in feature.inputs if name in read]
        window = feature.over and (feature.over.name, feature.over.lookback, feature.over.through)
        said = [_shared(), repr(window), repr(feature.empty), *_code(feature.formula), *inputs]
        if feature.over and isinstance(feature.over.table, View):
            said += _code(feature.over.table.rows)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    return {feature.name: of(feature) for feature in asked}


@cache
def _shared() -> str:
    """What every feature depends on: the engine room, the views, the contracts."""
    ours, contracts = Path(features.__path__[0]), Path(data_contracts.__path__[0])
    files = [
        *ours.glob("*.py"),
        *(ours / "views").glob("*.py"),
        *contracts.glob("*.py"),
        *contracts.rglob("source/*.yaml"),
    ]
    digest = hashlib.sha256(nw.__version__.encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _code(function: Callable[..., object]) -> Iterator[str]:
    """The function's source and what it takes by default or from around it, and so on for the
    functions of ours that it names; of everything else that it names, the value."""
    waiting, seen = [function], {function}
    while waiting:
        now = waiting.pop()
        yield _source(now)
        yield repr((now.__defaults__, now.__kwdefaults__))
        for name, value in sorted(_named(now).items()):
            value = value.rows if isinstance(value, View) else value
            if isinstance(value, FunctionType):
                if value not in seen and _is_ours(value, function):
                    seen.add(value)
                    waiting.append(value)
            elif not isinstance(value, ModuleType | type | Feature):
                yield f"{name} = {value!r}"


def _is_ours(helper: FunctionType, function: Callable[..., object]) -> bool:
    """Whether a helper can change with the feature: it is of the features, or of the same file."""
    return helper.__module__.startswith("features.") or helper.__module__ == function.__module__


def _source(function: Callable[..., object]) -> str:
    """The text of the body; of a function without a file, its compiled form."""
    try:
        text = inspect.getsource(function)
    except OSError:
        code = function.__code__
        return repr((code.co_code, code.co_consts, code.co_names))
    return text[max(text.find("def "), 0) :]


def _named(function: Callable[..., object]) -> dict[str, object]:
    """The names of its module, and of the function around it, that the function uses."""
    around = inspect.getclosurevars(function).nonlocals
    known = function.__globals__
    return {**around, **{name: known[name] for name in _names(function.__code__) if name in known}}


def _names(code: CodeType) -> set[str]:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*map(_names, inner))
