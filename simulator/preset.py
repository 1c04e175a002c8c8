"""The parameters of a world: read from a preset file, checked, overridden by dotted name."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from simulator import commerce, observation, parameters as sections, retaining
from simulator.parameters import PerTier

FOLDER = Path(__file__).parent / "presets"
SOURCES = ("document", "public", "assumed")

Tree = dict[str, Any]


class PresetError(ValueError):
    """A preset that cannot be used; the text says which parameter and why."""


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One value with what a reader needs to judge it: unit and source."""

    value: Any
    unit: str
    source: str


@dataclasses.dataclass(frozen=True)
class Preset:
    """Everything that decides a world, apart from the seed.

    ``parameters`` holds every value by dotted name, with its unit and its source: ``document`` (the
    operator's own summaries), ``public`` (published evidence) or ``assumed``.
    """

    name: str
    parameters: Mapping[str, Parameter]
    world: sections.World
    population: sections.Population
    campaign: sections.Campaign
    attack: sections.Attack
    intent: sections.Intent
    transfer: sections.Transfer
    lock: sections.Lock
    member: sections.Member
    usage: observation.Usage
    bill: commerce.Bill
    product: commerce.Product
    subsidy: commerce.Subsidy
    emission: observation.Emission
    fieldwork: commerce.Fieldwork
    standing: commerce.Standing
    kpi: commerce.Kpi
    mnp: commerce.Mnp
    drift: sections.Drift
    circle: sections.Circle
    alert: retaining.Alert
    treatment: retaining.Treatment
    delivery: observation.Delivery
    flaws: observation.Flaws


def available() -> list[str]:
    """Names of the presets that ship with the package."""
    return sorted(p.stem for p in FOLDER.glob("*.yaml"))


def load(name: str, overrides: Mapping[str, object] | None = None) -> Preset:
    """Read a preset.

    Args:
        name: Name of a preset that ships, or path of a YAML file.
        overrides: Values by dotted name, such as ``{"attack.mult": 3, "lock.mean.C": 0.2}``.

    Raises:
        PresetError: Unknown preset or parameter, a value of the wrong type or out of range.
    """
    path = Path(name) if name.endswith(".yaml") else FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise PresetError(f"no preset '{name}'; there are: {', '.join(available())}")
    return _build(path.stem, _read(path), overrides or {})


def override(preset: Preset, values: Mapping[str, object]) -> Preset:
    """The same preset with some values changed, by dotted name."""
    return _build(preset.name, dict(preset.parameters), values)


def from_parameters(name: str, parameters: Mapping[str, Parameter]) -> Preset:
    """A preset made of all its parameters, by dotted name."""
    return _build(name, dict(parameters), {})


def assignment(text: str) -> tuple[str, object]:
    """Read ``attack.mult=3`` as a name and a value.

    Example:
        >>> assignment("attack.mult=3")
        ('attack.mult', 3)
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise PresetError(f"'{text}' is not of the form parameter=value")
    return name.strip(), yaml.safe_load(value)


def _read(path: Path) -> dict[str, Parameter]:
    """A file's parameters on top of those that it extends: another file's, or a whole folder's."""
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    flat: dict[str, Parameter] = {}
    if base := tree.pop("extends", None):
        folder = FOLDER / base
        files = sorted(folder.glob("*.yaml")) if folder.is_dir() else [FOLDER / f"{base}.yaml"]
        for file in files:
            flat.update(_read(file))
    return {**flat, **_flatten(tree, flat, path.name)}


def _flatten(tree: Tree, inherited: Mapping[str, Parameter], file: str) -> dict[str, Parameter]:
    flat: dict[str, Parameter] = {}
    for section, leaves in tree.items():
        for leaf, entry in leaves.items():
            name = f"{section}.{leaf}"
            older = inherited.get(name)
            missing = {"value", "unit", "source"} - entry.keys()
            if missing and not (older and missing <= {"unit", "source"}):
                raise PresetError(f"{file}: {name} lacks {', '.join(sorted(missing))}")
            unit = entry.get("unit", older.unit if older else "")
            source = entry.get("source", older.source if older else "")
            if source not in SOURCES:
                raise PresetError(f"{file}: {name} has source '{source}', not one of {SOURCES}")
            flat[name] = Parameter(_named(entry["value"]), unit, source)
    return flat


def _named(value: object) -> object:
    """A table's rows by name: YAML reads the names of months as numbers."""
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value


def _build(name: str, flat: dict[str, Parameter], values: Mapping[str, object]) -> Preset:
    for target, value in values.items():
        _set(flat, target, _named(value))
    hints = typing.get_type_hints(Preset)
    names = [f.name for f in dataclasses.fields(Preset) if f.name not in ("name", "parameters")]
    built = {section: _section(hints[section], section, flat) for section in names}
    wanted = {f"{s}.{f.name}" for s in names for f in dataclasses.fields(hints[s])}
    for unknown in sorted(flat.keys() - wanted):
        raise _unknown(unknown, wanted)
    return Preset(name=name, parameters=types.MappingProxyType(flat), **built)


def _set(flat: dict[str, Parameter], target: str, value: object) -> None:
    section, _, rest = target.partition(".")
    leaf, _, part = rest.partition(".")
    name = f"{section}.{leaf}"
    if name not in flat:
        raise _unknown(target, flat)
    old = flat[name]
    if part:
        if not isinstance(old.value, dict) or part not in old.value:
            known = old.value if isinstance(old.value, dict) else {}
            raise _unknown(target, {name, *(f"{name}.{key}" for key in known)})
        value = {**old.value, part: value}
    flat[name] = dataclasses.replace(old, value=value)


def _unknown(target: str, known: typing.Iterable[str]) -> PresetError:
    near = difflib.get_close_matches(target, sorted(known), n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return PresetError(f"unknown parameter '{target}'{hint}")


def _section(kind: Any, section: str, flat: Mapping[str, Parameter]) -> Any:
    hints = typing.get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):
        name = f"{section}.{field.name}"
        if name not in flat:
            raise PresetError(f"parameter '{name}' is missing from the preset")
        values[field.name] = _value(hints[field.name], name, flat[name])
    return kind(**values)


def _value(kind: Any, name: str, parameter: Parameter) -> Any:
    value = parameter.value
    if kind is str and isinstance(value, str):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return _bounded(value, name, parameter.unit)
    if kind is float:
        return float(_bounded(_number(value, name), name, parameter.unit))
    if kind is PerTier and isinstance(value, dict) and set(value) == {"A", "B", "C"}:
        return PerTier(
            **{t: _bounded(_number(v, name), name, parameter.unit) for t, v in value.items()}
        )
    if typing.get_origin(kind) is tuple and isinstance(value, (list, tuple)):
        return tuple(_number(v, name) for v in value)
    if typing.get_origin(kind) is Mapping and isinstance(value, dict):
        shares = {
            str(k): _bounded(_number(v, name), name, parameter.unit) for k, v in value.items()
        }
        return types.MappingProxyType(shares)
    raise PresetError(f"parameter '{name}' cannot be {value!r}; it needs {_described(kind)}")


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PresetError(f"parameter '{name}' cannot be {value!r}; it needs a number")
    return float(value)


def _bounded(value: float, name: str, unit: str) -> Any:
    if unit.startswith(("probability", "share")) and not 0.0 <= value <= 1.0:
        raise PresetError(f"parameter '{name}' is {value}, but a {unit} lies between 0 and 1")
    if unit.startswith(("factor", "count", "months", "days", "weight")) and value < 0:
        raise PresetError(f"parameter '{name}' is {value}, but a {unit} cannot be negative")
    return value


def _described(kind: Any) -> str:
    if kind is PerTier:
        return "one number for each of A, B and C"
    if typing.get_origin(kind) is tuple:
        return "a list of numbers"
    if typing.get_origin(kind) is Mapping:
        return "a table of numbers by name"
    return {int: "a whole number", float: "a number", str: "a text"}[kind]
