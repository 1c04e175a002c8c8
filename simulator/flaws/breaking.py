"""Cells that break one rule of a contract, and only that one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from data_contracts.contract import LOAD_TIME, Column, Rule, RuleKind, Table
from simulator.delivery import LOADED

Cell = Callable[[str], Any]
"""The value of a row's cell by the name of its column."""

Cells = dict[str, Any]
"""New values of some cells of a row, by column."""

STRANGE = ("未知", "N/A", "9", "-")
UNREADABLE: Mapping[str, Sequence[str]] = {
    "integer": ("{}x", "一百", "#VALUE!", "1 2 3"),
    "decimal": ("{}x", "0,85", "#DIV/0!"),
    "boolean": ("是", "ok", "2"),
    "date": ("2009-02-30", "2009/13/01", "次月"),
    "timestamp": ("2009-02-30 08:00:00", "2009-03-01 25:61:00", "昨天"),
}
LOST_CHARACTER = "\ufffd"
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Damage:
    """A rule and the cells that break it; ``as_text`` cells exist in text files only."""

    rule: str
    cells: Cells
    as_text: bool


class Breaker:
    """Knows how to break the rules of one table that a single row can break.

    A change that could break a second rule is left out, so that each planted flaw has one name.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rules: dict[RuleKind, list[Rule]] = {}
        for rule in table.rules:
            if rule.kind in _WAYS and self._may_break(rule):
                self._rules.setdefault(rule.kind, []).append(rule)

    def damage(self, cell: Cell, kind: int, rule: int, nudge: int, *, text: bool) -> Damage | None:
        """A damage to the row, None where none can be done.

        Args:
            cell: Reads the row.
            kind, rule: Numbers that choose a kind of rule and a rule of it; where the row has
                nothing that can break the one, the next is tried.
            nudge: By how much a limit is missed, from 1.
            text: Whether the row comes in a text file, where cells can be unreadable.
        """
        for kinds in _from(list(self._rules), kind):
            for chosen in _from(self._rules[kinds], rule):
                as_text = chosen.kind == "type" and self._kind(chosen) != "string"
                if as_text and not text:
                    continue
                cells = _WAYS[chosen.kind](self, chosen, cell, nudge)
                if cells is not None:
                    return Damage(chosen.id, cells, as_text)
        return None

    def contradict(self, cell: Cell, choice: int, nudge: int) -> Cells | None:
        """Another value, just as good, of a column that is no part of the key; None if none is."""
        for column in _from([c for c in self._table.columns if self._is_free(c)], choice):
            value = cell(column.name)
            if value is not None:
                other = _other_value(column, value, nudge)
                if other is not None:
                    return {column.name: other}
        return None

    def cut(self, cell: Cell, choice: int, nudge: int) -> Cells | None:
        """A text or id without its end that breaks no rule; None where there is none."""
        for column in _from([c for c in self._table.columns if self._can_be_cut(c)], choice):
            value = cell(column.name)
            if value is not None and len(value) >= 4:
                return {column.name: value[: len(value) - 1 - nudge % (len(value) // 2)]}
        return None

    def _may_break(self, rule: Rule) -> bool:
        name = rule.columns[0]
        if name in LOADED:
            return rule.kind == "order" or (name == "op" and rule.kind == "allowed")
        column = self._table.column(name)
        if rule.kind == "minimum":
            return self._harmless(name, up=False)
        if rule.kind == "maximum":
            return self._harmless(name, up=True)
        if rule.kind == "type" and column.kind == "string":
            return not column.pattern and not column.allowed
        return True

    def _harmless(self, name: str, *, up: bool, but: str = "") -> bool:
        """Whether a higher (or lower) value can break no rule across columns, ``but`` one."""
        for rule in self._table.rules:
            if rule.id != but and name in rule.columns and rule.kind in ("order", "sum_at_most"):
                is_last = name == rule.columns[-1]
                if up != is_last:
                    return False
        return True

    def _is_free(self, column: Column) -> bool:
        across = {name for rule in self._across() for name in rule.columns}
        return column.name not in {*self._table.key, *LOADED, *across}

    def _can_be_cut(self, column: Column) -> bool:
        owners = {n for r in self._across() if r.kind != "present" for n in r.columns}
        is_id = column.pattern is not None and _is_any_id(column.pattern)
        plain = column.kind == "string" and not column.allowed and (is_id or not column.pattern)
        return plain and column.name not in {*owners, *LOADED}

    def _across(self) -> list[Rule]:
        kinds = ("order", "sum_at_most", "present", "no_overlap")
        return [rule for rule in self._table.rules if rule.kind in kinds]

    def _kind(self, rule: Rule) -> str:
        return self._table.column(rule.columns[0]).kind

    def _unreadable(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        name = rule.columns[0]
        value = cell(name)
        if value is None:
            return None
        if self._kind(rule) == "string":
            place = nudge % len(value)
            return {name: value[:place] + LOST_CHARACTER + value[place + 1 :]}
        writings = UNREADABLE[self._kind(rule)]
        return {name: writings[nudge % len(writings)].format(value)}

    def _empty(self, rule: Rule, cell: Cell, nudge: int) -> Cells:
        return dict.fromkeys(rule.columns)

    def _outside(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        name = rule.columns[0]
        if cell(name) is None or not isinstance(rule.limit, (int, float)):
            return None
        step = -nudge if rule.kind == "minimum" else nudge
        if self._kind(rule) == "decimal":
            return {name: (Decimal(str(rule.limit)) + step).quantize(PLACES)}
        return {name: int(rule.limit) + step}

    def _not_allowed(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        name = rule.columns[0]
        if cell(name) is None or not isinstance(rule.limit, tuple):
            return None
        if self._kind(rule) == "integer":
            return {name: max(int(option) for option in rule.limit) + nudge}
        strange = [text for text in STRANGE if text not in rule.limit]
        return {name: strange[nudge % len(strange)]}

    def _badly_written(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        name = rule.columns[0]
        value = cell(name)
        if not value:
            return None
        tried = (value[: len(value) // 2], f"{value[:4]}-{value[4:]}", f"{value}?")
        wrong = [text for text in tried if text and not re.fullmatch(str(rule.limit), text)]
        return {name: wrong[nudge % len(wrong)]} if wrong else None

    def _too_long(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        name = rule.columns[0]
        value = cell(name)
        if not value or not isinstance(rule.limit, int):
            return None
        return {
            name: (value * (rule.limit // len(value) + 1) + value * nudge)[: rule.limit + nudge]
        }

    def _wrong_way_round(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        """The smaller raised above the larger, or the larger lowered below the smaller."""
        low, high = rule.columns
        small, large = cell(low), cell(high)
        if small is None or large is None:
            return None
        step = timedelta(days=nudge) if isinstance(small, date) else nudge
        if high != LOAD_TIME and self._harmless(high, up=False, but=rule.id):
            return self._within(high, small - step)
        if self._harmless(low, up=True, but=rule.id):
            return self._within(low, large + step)
        return None

    def _too_much(self, rule: Rule, cell: Cell, nudge: int) -> Cells | None:
        """One part raised until the parts are more than the whole."""
        *parts, whole = rule.columns
        total, slack = cell(whole), rule.limit
        if total is None or not isinstance(slack, int):
            return None
        for name in parts:
            if cell(name) is not None and self._harmless(name, up=True, but=rule.id):
                return self._within(name, total + slack + nudge)
        return None

    def _within(self, name: str, value: date | datetime | int) -> Cells | None:
        """The value, unless it also breaks the limits of its own column."""
        column = self._table.column(name)
        if isinstance(value, int):
            too_low = column.minimum is not None and value < column.minimum
            too_high = column.maximum is not None and value > column.maximum
            if too_low or too_high:
                return None
        return {name: value}


_WAYS: Mapping[RuleKind, Callable[[Breaker, Rule, Cell, int], Cells | None]] = {
    "type": Breaker._unreadable,
    "required": Breaker._empty,
    "minimum": Breaker._outside,
    "maximum": Breaker._outside,
    "max_length": Breaker._too_long,
    "allowed": Breaker._not_allowed,
    "pattern": Breaker._badly_written,
    "order": Breaker._wrong_way_round,
    "sum_at_most": Breaker._too_much,
    "present": Breaker._empty,
}


def _from(choices: list[Any], first: int) -> list[Any]:
    """All choices, beginning with the one that a number names."""
    start = first % len(choices) if choices else 0
    return choices[start:] + choices[:start]


def _is_any_id(pattern: str) -> bool:
    """Whether a pattern takes ids of any length, so that a shorter one is still an id."""
    return re.fullmatch(pattern, "a") is not None and re.fullmatch(pattern, "a1") is not None


def _other_value(column: Column, value: Any, nudge: int) -> Any:
    if column.allowed:
        others = [text for text in column.allowed if text != str(value)]
        return (int if column.kind == "integer" else str)(others[nudge % len(others)])
    if column.kind == "boolean":
        return not value
    if column.kind == "integer" and column.minimum is not None and column.maximum is not None:
        low, span = int(column.minimum), int(column.maximum) - int(column.minimum)
        return low + (value - low + 1 + nudge % span) % (span + 1)
    if column.pattern is not None and _is_any_id(column.pattern):
        return f"{value[:-1]}{(ord(value[-1]) - ord('0') + 1 + nudge % 9) % 10}"
    return None
