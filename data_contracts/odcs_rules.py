"""Quality entries of a contract: allowed values of a column, rules on whole rows of a table.

A rule on rows is written ``type: custom, engine: groupchurn`` with a ``name`` (part of the
rule's id), a ``description`` (the sentence people see) and one of these implementations::

    {rule: order, columns: [smaller, larger], strict: false}
    {rule: sum_at_most, parts: [a, b], whole: c, tolerance: 0}
    {rule: present, columns: [a, b], count: exactly_one | at_least_one}
    {rule: no_overlap, interval: [valid_from, valid_to], per: [user_id]}

``sum_at_most`` adds up the parts that are known. ``no_overlap`` compares the rows of one
delivery, and leaves a row alone where a column of ``per`` is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from open_data_contract_standard.model import DataQuality

from data_contracts.contract import DELIVERY, LOAD_TIME, Column, Kind, Limit, Rule, RuleKind
from data_contracts.odcs_text import Place

Columns = Mapping[str, Column]
Reader = Callable[["_Fields", Columns], tuple[tuple[str, ...], Limit]]


class _Fields:
    """The fields of an implementation, each of which must be taken exactly once."""

    def __init__(self, fields: Mapping[str, Any], columns: Columns, place: Place) -> None:
        self.left = dict(fields)
        self.columns = columns
        self.place = place

    def take(self, field: str) -> Any:
        if field not in self.left:
            raise self.place.at(field).error("is missing")
        return self.left.pop(field)

    def names(self, field: str, count: int | None = None) -> tuple[str, ...]:
        names = self.take(field)
        if not isinstance(names, list) or not names or (count and len(names) != count):
            fault = f"must be a list of {count or 'one or more'} columns"
            raise self.place.at(field).error(fault)
        for name in names:
            if name not in self.columns:
                raise self.place.at(field).error(f"there is no column {name!r}")
        return tuple(names)

    def choice(self, field: str, options: tuple[Any, ...]) -> Any:
        value = self.take(field)
        if value not in options:
            raise self.place.at(field).error(f"must be one of {options}")
        return value

    def same_kind(self, names: tuple[str, ...], kinds: frozenset[Kind]) -> None:
        found = {self.columns[name].kind for name in names}
        if len(found) != 1 or not found <= kinds:
            fault = f"{', '.join(names)} must all be of one kind out of {sorted(kinds)}"
            raise self.place.error(fault)


EXACT: frozenset[Kind] = frozenset({"integer", "decimal"})
ORDERED: frozenset[Kind] = EXACT | frozenset({"float", "date", "timestamp"})
TIMES: frozenset[Kind] = frozenset({"date", "timestamp"})


def _order(fields: _Fields, columns: Columns) -> tuple[tuple[str, ...], Limit]:
    names = fields.names("columns", 2)
    fields.same_kind(names, ORDERED)
    return names, "<" if fields.choice("strict", (True, False)) else "<="


def _sum_at_most(fields: _Fields, columns: Columns) -> tuple[tuple[str, ...], Limit]:
    parts, whole, tolerance = fields.names("parts"), fields.take("whole"), fields.take("tolerance")
    if whole not in columns:
        raise fields.place.at("whole").error(f"there is no column {whole!r}")
    if isinstance(tolerance, bool) or not isinstance(tolerance, int) or tolerance < 0:
        raise fields.place.at("tolerance").error("must be a whole number, 0 or more")
    fields.same_kind((*parts, whole), EXACT)
    return (*parts, whole), tolerance


def _present(fields: _Fields, columns: Columns) -> tuple[tuple[str, ...], Limit]:
    return fields.names("columns"), fields.choice("count", ("exactly_one", "at_least_one"))


def _no_overlap(fields: _Fields, columns: Columns) -> tuple[tuple[str, ...], Limit]:
    interval = fields.names("interval", 2)
    fields.same_kind(interval, TIMES)
    for needed in (DELIVERY, LOAD_TIME, "op"):
        if needed not in columns:
            raise fields.place.error(f"no_overlap needs a column {needed}, to know the newest row")
    return (*interval, *fields.names("per")), None


READERS: dict[RuleKind, Reader] = {
    "order": _order,
    "sum_at_most": _sum_at_most,
    "present": _present,
    "no_overlap": _no_overlap,
}


def table_rule(table: str, quality: DataQuality, columns: Columns, place: Place) -> Rule:
    """The rule on rows of ``table`` that one quality entry states."""
    implementation = quality.implementation
    if (quality.type, quality.engine) != ("custom", "groupchurn"):
        raise place.error("a rule on rows must be of type custom, engine groupchurn")
    if not isinstance(implementation, dict):
        raise place.at("implementation").error("must be a mapping")
    if not quality.name or not (quality.description or "").endswith("."):
        raise place.error("a rule needs a name, and a description that is a sentence")
    if surplus := {"metric", "arguments", "mustBe"} & quality.model_fields_set:
        raise place.at(sorted(surplus)[0]).error("has no meaning beside an implementation")
    fields = _Fields(implementation, columns, place.at("implementation"))
    kind: RuleKind = fields.choice("rule", tuple(READERS))
    names, limit = READERS[kind](fields, columns)
    if fields.left:
        raise fields.place.at(sorted(fields.left)[0]).error("is not understood")
    text = quality.description or ""
    return Rule(f"{table}.{quality.name}.{kind}", kind, names, limit, text)


def allowed_values(qualities: list[DataQuality], kind: Kind, place: Place) -> tuple[str, ...]:
    """The values a column may hold, as text; empty where the contract does not say."""
    if not qualities:
        return ()
    place = place.at("quality")
    if len(qualities) != 1:
        raise place.error("a column has at most one list of allowed values")
    quality = qualities[0]
    if (quality.type, quality.metric, quality.mustBe) != ("library", "invalidValues", 0):
        raise place.error("must be of type library, metric invalidValues, mustBe 0")
    if surplus := quality.model_fields_set - {"type", "metric", "mustBe", "arguments"}:
        raise place.at(sorted(surplus)[0]).error("has no meaning beside allowed values")
    arguments = quality.arguments or {}
    values = arguments.get("validValues")
    if set(arguments) != {"validValues"} or not isinstance(values, list) or not values:
        raise place.at("arguments").error("must hold validValues, a list, and nothing else")
    wanted = {"string": str, "integer": int}.get(kind)
    for value in values:
        # YAML reads a bare yes, no, on, off as a truth value; quotes keep it a word.
        if wanted is None or type(value) is not wanted:
            raise place.at("arguments.validValues").error(f"{value!r} is not of kind {kind}")
    if len(set(values)) != len(values):
        raise place.at("arguments.validValues").error("a value stands twice")
    return tuple(str(value) for value in values)
