"""What a feature is: one function, with its meaning, unit, range and the words that explain it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

import narwhals as nw

from features.errors import CatalogError
from features.reasons import Reason
from features.view import View

Entity = Literal["member", "group"]
Family = Literal[
    "tier",
    "subsidy",
    "vpmn",
    "rival",
    "usage",
    "billing",
    "products",
    "service",
    "management",
    "contagion",
    "calendar",
]
Direction = Literal[1, -1]
Formula = Callable[..., nw.Expr]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Text:
    """The same words in Chinese and in English.

    In a template ``{value}`` stands for the feature's value, ``{size}`` for it without its sign,
    ``{yuan}`` for an amount of fen in yuan, ``{hundred}`` for a rate per hundred, ``{points}`` for
    a difference of shares in points, without its sign.
    """

    zh: str
    en: str


@dataclass(frozen=True)
class Window:
    """The rows of one table, or view, that a feature looks at.

    ``lookback`` counts closed periods for a monthly or dekad table and days for a table of events;
    it is None for tables that hold states or intervals, of which every known row is seen.
    ``through="members"`` reaches a group's rows by way of the members it has on the day, where the
    table itself is about members.
    """

    table: str | View
    lookback: int | None = None
    through: Literal["members"] | None = None

    @property
    def name(self) -> str:
        """Name of the table or view."""
        return self.table.name if isinstance(self.table, View) else self.table

    @property
    def reads(self) -> Mapping[str, int | None]:
        """The source tables without which there is nothing to look at, and how far it looks."""
        return self.table.reads if isinstance(self.table, View) else {self.table: self.lookback}


MEMBERS = Window("members")
"""The features of a group's own members: one row a member."""


@dataclass(frozen=True)
class Feature:
    """A column of the feature table, and everything anyone needs to know about it."""

    entity: Entity
    formula: Formula
    over: Window | None
    unit: str
    low: float
    high: float
    family: Family
    reason: Reason
    raises: Text
    lowers: Text
    pivot: float | None
    direction: Direction | None
    empty: float | None

    @property
    def name(self) -> str:
        return self.formula.__name__

    @property
    def meaning(self) -> str:
        return inspect.getdoc(self.formula) or ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns the formula reads; its parameters are named after them."""
        return tuple(inspect.signature(self.formula).parameters)

    def sentence(self, value: float, contribution: float) -> Text:
        """What is to be said of ``value`` when it moved the score by ``contribution``."""
        upward = contribution > 0 if self.pivot is None else value > self.pivot
        text = self.raises if upward else self.lowers
        size, hundred = abs(value), value * 100
        said = {"value": value, "size": size, "yuan": value / 100, "hundred": hundred}
        said["points"] = abs(hundred)
        return Text(text.zh.format(**said), text.en.format(**said))


def feature(
    entity: Entity,
    *,
    unit: str,
    between: tuple[float, float],
    family: Family,
    reason: Reason,
    raises: tuple[str, str],
    lowers: tuple[str, str] | None = None,
    pivot: float | None = None,
    direction: Direction | None = None,
    over: Window | None = None,
    empty: float | None = None,
) -> Callable[[Formula], Feature]:
    """Make the decorated formula a feature of ``entity``, named after the function.

    Args:
        unit: ``count``, ``share``, ``minutes``, ``days``, ``fen``, ``flag`` and so on.
        between: Smallest and largest value that can be true.
        family: The theme under which the dictionary lists it.
        reason: What it speaks for when a score is explained.
        raises: Sentence (Chinese, English) where the value pushes the risk up.
        lowers: The same where it pushes the risk down; the same words where it is left out.
        pivot: For a change, a flag or a count: the sentence is chosen by the value, ``raises``
            above the pivot and ``lowers`` at or below it, so that it is true either way.
        direction: 1 where the domain leaves no doubt that more is riskier, -1 where it is
            safer: no model may learn the opposite from chance.
        over: The rows that are aggregated; None for a feature derived from other features.
        empty: Value where there is no row at all: 0 for a count of nothing; None (unknown) for a
            share of nothing.

    Raises:
        CatalogError: The name is not ``[a-z0-9_]+``, meaning, unit, range or words lack, or cannot
            be as they are.
    """

    def define(formula: Formula) -> Feature:
        made = Feature(
            entity,
            formula,
            over,
            unit,
            *between,
            family,
            reason,
            _text(raises),
            _text(lowers or raises),
            pivot,
            direction,
            empty,
        )
        for wrong in _mistakes(made):
            raise CatalogError(f"feature {made.name!r} {wrong}")
        return made

    return define


def _text(said: object) -> Text:
    """The pair of sentences; of anything else, one that ``_mistakes`` will find empty."""
    pair = isinstance(said, tuple) and len(said) == 2 and all(isinstance(one, str) for one in said)
    return Text(*said) if isinstance(said, tuple) and pair else Text("", "")


def _mistakes(made: Feature) -> Iterator[str]:
    """What is wrong with a feature as it is written, the first of which is told."""
    if not _NAME.fullmatch(made.name):
        yield "is not made of a-z, 0-9 and _"
    if not made.meaning:
        yield "has no docstring to say what it means"
    if not made.unit.strip():
        yield "has no unit"
    if not made.low < made.high:
        yield f"has no range: between {made.low} and {made.high}"
    if made.family not in get_args(Family):
        near = get_close_matches(str(made.family), get_args(Family))
        yield f"is of no family: {made.family!r} is none of {', '.join(near or get_args(Family))}"
    if made.direction not in (None, 1, -1):
        yield f"has no direction: {made.direction!r} is neither 1 nor -1 nor None"
    for text in (made.raises, made.lowers):
        if not (text.zh.strip() and text.en.strip()):
            yield "needs its sentences as a pair, Chinese and English"
    for value in (made.low, made.high):
        for contribution in (1.0, -1.0):
            try:
                made.sentence(value, contribution)
            except (KeyError, IndexError, ValueError) as error:
                yield f"has a sentence that cannot be said ({error}): {{value}}, {{size}}, {{yuan}}"


def member_feature(**knowledge: object) -> Callable[[Formula], Feature]:
    """``feature`` of a member; see there for the arguments."""
    return feature("member", **knowledge)  # type: ignore[arg-type]


def group_feature(**knowledge: object) -> Callable[[Formula], Feature]:
    """``feature`` of a group; see there for the arguments."""
    return feature("group", **knowledge)  # type: ignore[arg-type]
