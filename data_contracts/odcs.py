"""Read one Open Data Contract Standard 3.1 file as a Table, losing nothing on the way.

Each thing stands where the standard puts it:

* ``logicalType`` is the kind; a ``number`` says by ``physicalType`` whether it is exact
  (``DECIMAL(18,4)``) or ``DOUBLE``; ``logicalTypeOptions`` hold minimum, maximum, pattern,
  maxLength; ``required``, ``primaryKey`` with ``primaryKeyPosition``, ``classification``
  and ``description`` mean what they say;
* a list of allowed values is ``quality`` of type library, metric invalidValues, mustBe 0;
* a rule on whole rows is ``quality`` of the table, see ``odcs_rules``;
* ``slaProperties`` latency is the promised delivery in days after the period's end;
* ``customProperties`` carry what the standard has no place for: the table's code, grain,
  period, day and interval, a column's unit, and the meaning in Chinese.

A field that is unknown to the standard, or that this reader has no use for, is an error:
a rule that someone wrote must never be passed over in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty
from pydantic import ValidationError

from data_contracts.contract import (
    LOAD_TIME,
    Classification,
    Column,
    ContractError,
    Grain,
    Kind,
    Table,
)
from data_contracts.odcs_rules import allowed_values, table_rule
from data_contracts.odcs_text import Place, custom_properties, only_understood, read_yaml
from data_contracts.rules import column_rules, key_rule

KINDS: dict[tuple[str | None, str | None], Kind] = {
    ("string", None): "string",
    ("integer", None): "integer",
    ("number", "DECIMAL(18,4)"): "decimal",
    ("number", "DOUBLE"): "float",
    ("boolean", None): "boolean",
    ("date", None): "date",
    ("timestamp", None): "timestamp",
}
OPTIONS: dict[Kind, frozenset[str]] = {
    "string": frozenset({"pattern", "maxLength"}),
    "integer": frozenset({"minimum", "maximum"}),
    "decimal": frozenset({"minimum", "maximum"}),
    "float": frozenset({"minimum", "maximum"}),
}
NEEDED = {"month": "period", "dekad": "period", "event": "day", "interval": "interval"}


def read_table(path: Path) -> Table:
    """The table that the file at ``path`` describes; ContractError naming file and field."""
    raw = read_yaml(path)
    place = Place(path.name)
    try:
        document = OpenDataContractStandard(**raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ContractError(f"{path.name}: {field}: {first['msg']}") from None
    only_understood(document, raw, place)
    _check_header(document, place)
    schemas = document.schema_ or []
    if len(schemas) != 1:
        raise place.at("schema").error("a contract describes exactly one table")
    schema = schemas[0]
    if path.name != f"{schema.name}.odcs.yaml":
        raise place.at("schema.name").error(f"table {schema.name!r} must stand in its own file")
    return _table(document, schema, place.at("schema"))


def _check_header(document: OpenDataContractStandard, place: Place) -> None:
    expected = {"apiVersion": "v3.1.0", "kind": "DataContract", "status": "active"}
    for field, value in expected.items():
        if getattr(document, field) != value:
            raise place.at(field).error(f"must be {value!r}")
    for field in ("id", "version"):
        if not getattr(document, field):
            raise place.at(field).error("is missing")


def _table(document: OpenDataContractStandard, schema: SchemaObject, place: Place) -> Table:
    known = {"code", "grain", "period", "day", "interval", "meaning_zh"}
    custom = custom_properties(schema.customProperties, known, place)
    properties = schema.properties or []
    columns = tuple(_column(p, place.at(p.name or "?")) for p in properties)
    names = [column.name for column in columns]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise place.at("properties").error(f"column {', '.join(repeated)} stands twice")
    name = schema.name or ""
    key = _key(properties, place)
    business_key = tuple(column for column in key if column != LOAD_TIME)
    rules = [rule for column in columns for rule in column_rules(name, column)]
    rules.append(key_rule(name, key))
    by_name = {column.name: column for column in columns}
    for number, quality in enumerate(schema.quality or []):
        rules.append(table_rule(name, quality, by_name, place.at(f"quality[{number}]")))
    if repeated := sorted({r.id for r in rules if [s.id for s in rules].count(r.id) > 1}):
        raise place.at("quality").error(f"rule {', '.join(repeated)} stands twice")
    table = Table(
        code=_text(custom, "code", place),
        name=name,
        version=document.version or "",
        grain=_grain(custom, place),
        columns=columns,
        key=business_key,
        period=_named(custom, "period", names, place),
        day=_named(custom, "day", names, place),
        interval=_interval(custom, names, place),
        deadline_days=_deadline(document, place),
        rules=tuple(rules),
        meaning=_described(schema.description, place),
        meaning_zh=_text(custom, "meaning_zh", place),
    )
    if table.key and LOAD_TIME in names and key[-1] != LOAD_TIME:
        raise place.at("load_time.primaryKey").error("load_time must be the last part of the key")
    return table


def _column(prop: SchemaProperty, place: Place) -> Column:
    kind = KINDS.get((prop.logicalType, prop.physicalType))
    if kind is None:
        pair = f"{prop.logicalType} with physicalType {prop.physicalType}"
        raise place.at("logicalType").error(f"{pair} is not one of ours")
    options: Mapping[str, Any] = prop.logicalTypeOptions or {}
    if surplus := sorted(set(options) - OPTIONS.get(kind, frozenset())):
        raise place.at(f"logicalTypeOptions.{surplus[0]}").error(f"has no meaning for {kind}")
    custom = custom_properties(prop.customProperties, {"meaning_zh", "unit"}, place)
    classification: Any = prop.classification
    if classification not in get_args(Classification):
        raise place.at("classification").error(f"must be one of {get_args(Classification)}")
    return Column(
        name=prop.name or "",
        kind=kind,
        required=bool(prop.required),
        unit=_text(custom, "unit", place) if "unit" in custom else None,
        minimum=place.number(options, "minimum"),
        maximum=place.number(options, "maximum"),
        allowed=allowed_values(prop.quality or [], kind, place),
        pattern=place.pattern(options),
        max_length=place.count(options, "maxLength"),
        classification=classification,
        meaning=_described(prop.description, place),
        meaning_zh=_text(custom, "meaning_zh", place),
    )


def _key(properties: list[SchemaProperty], place: Place) -> tuple[str, ...]:
    """Names of the key columns, load_time among them, in the order of their positions."""
    parts = [p for p in properties if p.primaryKey]
    for prop in properties:
        if (prop.primaryKeyPosition is not None) != bool(prop.primaryKey):
            fault = "primaryKey: true and primaryKeyPosition go together"
            raise place.at(f"{prop.name}.primaryKeyPosition").error(fault)
        if prop.primaryKey and not prop.required:
            raise place.at(f"{prop.name}.required").error("a key column must be required")
    parts.sort(key=lambda prop: prop.primaryKeyPosition or 0)
    if not parts or [p.primaryKeyPosition for p in parts] != list(range(1, len(parts) + 1)):
        raise place.at("primaryKeyPosition").error("key positions must run 1, 2, 3 … without a gap")
    return tuple(prop.name or "" for prop in parts)


def _grain(custom: Mapping[str, Any], place: Place) -> Grain:
    grain: Any = custom.get("grain")
    if grain not in get_args(Grain):
        raise place.at("customProperties.grain").error(f"must be one of {get_args(Grain)}")
    needed = NEEDED.get(grain)
    if needed and needed not in custom:
        fault = f"is missing: a table of grain {grain} needs it"
        raise place.at(f"customProperties.{needed}").error(fault)
    found: Grain = grain
    return found


def _named(custom: Mapping[str, Any], field: str, names: list[str], place: Place) -> str | None:
    name = custom.get(field)
    if name is not None and name not in names:
        raise place.at(f"customProperties.{field}").error(f"there is no column {name!r}")
    return name


def _interval(custom: Mapping[str, Any], names: list[str], place: Place) -> tuple[str, str] | None:
    pair = custom.get("interval")
    if pair is None:
        return None
    if not isinstance(pair, list) or len(pair) != 2 or not set(pair) <= set(names):
        fault = "must name two columns, [from, to]"
        raise place.at("customProperties.interval").error(fault)
    return (pair[0], pair[1])


def _deadline(document: OpenDataContractStandard, place: Place) -> int:
    promises = document.slaProperties or []
    if len(promises) != 1 or (promises[0].property, promises[0].unit) != ("latency", "d"):
        raise place.at("slaProperties").error("must hold one property: latency, in unit d")
    days = promises[0].value
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        raise place.at("slaProperties.latency").error("must be a whole number of days")
    return days


def _text(custom: Mapping[str, Any], field: str, place: Place) -> str:
    value = custom.get(field)
    if not isinstance(value, str) or not value.strip():
        raise place.at(f"customProperties.{field}").error("must be a text")
    return value


def _described(text: str | None, place: Place) -> str:
    if not text or not text.strip().endswith("."):
        raise place.at("description").error("must be a sentence that ends with a full stop")
    return text.strip()
