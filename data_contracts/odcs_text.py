"""The text of a contract file: YAML without surprises, and faults that name their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard import model as odcs
from pydantic import BaseModel

from data_contracts.contract import ContractError

UNDERSTOOD: dict[type[BaseModel], frozenset[str]] = {
    odcs.OpenDataContractStandard: frozenset(
        {"apiVersion", "kind", "id", "name", "version", "status", "schema", "slaProperties"}
    ),
    odcs.SchemaObject: frozenset(
        {"name", "description", "customProperties", "properties", "quality"}
    ),
    odcs.SchemaProperty: frozenset(
        {
            "name",
            "logicalType",
            "physicalType",
            "logicalTypeOptions",
            "required",
            "primaryKey",
            "primaryKeyPosition",
            "classification",
            "description",
            "customProperties",
            "quality",
        }
    ),
    odcs.DataQuality: frozenset(
        {
            "name",
            "type",
            "description",
            "metric",
            "arguments",
            "mustBe",
            "engine",
            "implementation",
        }
    ),
    odcs.CustomProperty: frozenset({"property", "value"}),
    odcs.ServiceLevelAgreementProperty: frozenset({"property", "value", "unit"}),
}
# What Python's re and DuckDB's RE2 read alike: no classes by letter, no groups but (?:…).
SAME_EVERYWHERE = re.compile(r"\^(?:[^\\(]|\\[^0-9A-Za-z]|\(\?:)*\$")


class _Loader(yaml.CSafeLoader):
    """YAML in which a key that stands twice is a fault, not a silent replacement."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise ContractError(f"line {line}: field {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Place:
    """Where in which file we are, so that a fault can say so."""

    file: str
    field: str = ""

    def at(self, field: str) -> Place:
        """The place of ``field`` under this one."""
        return Place(self.file, f"{self.field}.{field}" if self.field else field)

    def error(self, fault: str) -> ContractError:
        """An error that names this place."""
        return ContractError(f"{self.file}: {self.field}: {fault}")

    def number(self, options: Mapping[str, Any], field: str) -> int | float | None:
        """The number under ``field``, None where there is none."""
        value = options.get(field)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise self.at(f"logicalTypeOptions.{field}").error("must be a number")
        return value

    def count(self, options: Mapping[str, Any], field: str) -> int | None:
        """The positive whole number under ``field``, None where there is none."""
        value = self.number(options, field)
        if value is not None and (not isinstance(value, int) or value < 1):
            raise self.at(f"logicalTypeOptions.{field}").error("must be a whole number above 0")
        return value

    def pattern(self, options: Mapping[str, Any]) -> str | None:
        """The regular expression, refused where the two engines would read it differently."""
        value = options.get("pattern")
        place = self.at("logicalTypeOptions.pattern")
        if value is None:
            return None
        if not isinstance(value, str) or not SAME_EVERYWHERE.fullmatch(value):
            raise place.error(
                "must be a text from ^ to $ without classes such as \\d, which Python and DuckDB"
                " read differently, and with groups written (?:…)"
            )
        try:
            re.compile(value)
        except re.error as error:
            raise place.error(f"is no regular expression: {error}") from None
        return value


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping that the file holds."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - it is a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ContractError) as error:
        raise ContractError(f"{path.name}: cannot be read: {error}") from None
    if not isinstance(raw, dict):
        raise ContractError(f"{path.name}: must hold a mapping of fields")
    return raw


def only_understood(model: BaseModel, raw: Mapping[str, Any], place: Place) -> None:
    """Refuse every field of ``raw`` that no part of the reader turns into meaning."""
    for field, value in raw.items():
        if field not in UNDERSTOOD.get(type(model), frozenset()):
            raise place.at(str(field)).error("is not understood; remove it or teach the reader")
        child = getattr(model, "schema_" if field == "schema" else field)
        if isinstance(child, BaseModel):
            only_understood(child, value, place.at(field))
        for number, item in enumerate(child if isinstance(child, list) else []):
            if isinstance(item, BaseModel):
                only_understood(item, value[number], place.at(f"{field}[{number}]"))


def custom_properties(
    properties: list[odcs.CustomProperty] | None, known: set[str], place: Place
) -> dict[str, Any]:
    """Custom properties by name; ContractError for one that is unknown or stands twice."""
    found: dict[str, Any] = {}
    for item in properties or []:
        name = item.property or ""
        if name not in known:
            raise place.at(f"customProperties.{name}").error("is not understood")
        if name in found:
            raise place.at(f"customProperties.{name}").error("stands twice")
        found[name] = item.value
    return found
