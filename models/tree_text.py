"""The trees of a booster, read from the text that LightGBM writes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.frames import Floats

if TYPE_CHECKING:
    import lightgbm as lgb

Integers = NDArray[np.int64]

UNKNOWN_IS_ZERO, UNKNOWN_GOES_LEFT, UNKNOWN_GOES_RIGHT = range(3)

_CATEGORICAL = 1
_DEFAULT_LEFT = 2
_MISSING_TYPE = 2  # bits 2 and 3: none, zero, NaN
_MISSING_IS_ZERO = 1
_MISSING_IS_NAN = 2


class UnreadTree(ValueError):
    """A kind of tree that is not read here; LightGBM itself can explain it."""


@dataclass(frozen=True)
class Tree:
    """A tree whose questions are all "is this feature at most that threshold?".

    A child is the number of the next question, or ``~leaf`` (negative) of a leaf.

    Attributes:
        feature: Position of the feature that each question asks for.
        threshold: At most this goes left.
        unknown: Where a row goes that does not know the feature, one of the three above.
        left: Child of those who go left.
        right: Child of the others.
        rows: Training rows that came to each question.
        leaf_rows: Training rows in each leaf.
        leaf_value: What each leaf adds to the margin.
    """

    feature: Integers
    threshold: Floats
    unknown: Integers
    left: Integers
    right: Integers
    rows: Floats
    leaf_rows: Floats
    leaf_value: Floats

    def rows_at(self, child: int) -> float:
        """Training rows that came to a question or, below zero, to a leaf."""
        return float(self.rows[child] if child >= 0 else self.leaf_rows[~child])


def trees_of(booster: lgb.Booster) -> list[Tree]:
    """The trees of a booster of one margin, in their order.

    Raises:
        UnreadTree: A tree asks for a category, has lines in its leaves or takes zero for
            unknown; or the margin is no plain sum of one tree a round.
    """
    head, *blocks = booster.model_to_string().split("\nTree=")
    if "\nnum_tree_per_iteration=1\n" not in head or "\naverage_output\n" in head:
        raise UnreadTree("the margin is no sum of one tree a round")
    return [_tree(dict(_lines(block))) for block in blocks]


def _lines(block: str) -> Iterator[tuple[str, str]]:
    for line in block.split("\n\n", 1)[0].splitlines():
        name, _, value = line.partition("=")
        yield name, value


def _tree(lines: dict[str, str]) -> Tree:
    if lines["num_cat"] != "0" or lines.get("is_linear", "0") != "0":
        raise UnreadTree("a tree asks for a category, or has a line in its leaves")
    if lines["num_leaves"] == "1":
        return _tree_of_one_leaf(float(lines["leaf_value"]))
    return Tree(
        feature=_integers(lines["split_feature"]),
        threshold=_floats(lines["threshold"]),
        unknown=_unknown(_integers(lines["decision_type"])),
        left=_integers(lines["left_child"]),
        right=_integers(lines["right_child"]),
        rows=_floats(lines["internal_count"]),
        leaf_rows=_floats(lines["leaf_count"]),
        leaf_value=_floats(lines["leaf_value"]),
    )


def _tree_of_one_leaf(value: float) -> Tree:
    nothing, no_number = np.empty(0, np.int64), np.empty(0)
    return Tree(
        nothing, no_number, nothing, nothing, nothing, no_number, np.ones(1), np.array([value])
    )


def _unknown(decision: Integers) -> Integers:
    """Where the unknown goes: a feature that was always known in training takes it for zero."""
    missing = (decision >> _MISSING_TYPE) & 3
    if (decision & _CATEGORICAL).any() or (missing == _MISSING_IS_ZERO).any():
        raise UnreadTree("a tree asks for a category, or takes zero for unknown")
    side = np.where(decision & _DEFAULT_LEFT, UNKNOWN_GOES_LEFT, UNKNOWN_GOES_RIGHT)
    return np.where(missing == _MISSING_IS_NAN, side, UNKNOWN_IS_ZERO)


def _integers(text: str) -> Integers:
    return np.array(text.split(), dtype=np.int64)


def _floats(text: str) -> Floats:
    return np.array(text.split(), dtype=np.float64)
