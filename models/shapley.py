"""Exact path-dependent Shapley values of many rows: all that a tree can say, said once.

A tree of four questions has sixteen possible answers. For each of them the contribution of each
feature is worked out once, in a table; a row then costs its answers and a look into the table. A
tree of many questions is cut into parts, each a table of its own: the values of a tree are the
sum over its leaves, so any leaves may be worked out together. A row's values depend on that row
alone, to the last bit, whatever rows stand beside it.

Source:
    Lundberg et al. (2020), From local explanations to global understanding with explainable AI
    for trees, Nature Machine Intelligence 2, for the values; Nadel and Wettenstein (2025),
    From decision trees to Boolean logic, for tables over decision patterns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.frames import Floats
from models.tree_text import UNKNOWN_GOES_LEFT, UNKNOWN_IS_ZERO, Tree, UnreadTree

MOST_BITS = 8
"""Bits of a part's code; with more, its table outgrows the cache and is long in the making."""
LONGEST_PATH = 16
"""Different features on one path that still fit a code of two bytes."""
LARGEST_TABLES = 1 << 25
"""Numbers in all tables (256 MB), beyond which LightGBM's own way is the better one."""
BLOCK = 8_192
"""Rows at a time: so many that calls cost little, so few that a column stays in the cache."""
MOST_NUMBERS = 1 << 20
"""Numbers in work at once while tables are made."""

Bools = NDArray[np.bool_]
Step = tuple[int, bool]


@dataclass
class Part:
    """Leaves of one tree that share a table.

    Each bit of a row's code is a fact: that the row keeps to the part's path in one feature
    (all ``steps`` hold), or that it goes left at one question inside the part (one step).

    Attributes:
        steps: For each bit the questions behind it, each with the answer that sets the bit.
        features: The feature of each column of the table.
        leaves: For each leaf its value and, by feature, the bits that must be set or clear and
            the share of training rows that pass.
        table: One row a feature, one column a code: what is added to the feature's value.
    """

    steps: list[list[Step]]
    features: list[int]
    leaves: list[tuple[float, dict[int, tuple[int, int, float]]]]
    table: Floats = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True)
class Tables:
    """The tables of all trees, ready for any number of rows.

    Attributes:
        base: The margin of the average training row.
    """

    trees: Sequence[Tree]
    parts: Sequence[Sequence[Part]]
    base: float

    def values(self, rows: Floats) -> Floats:
        """The contribution of each feature to each row's margin.

        Args:
            rows: Features of shape ``(rows, features)``, NaN where unknown.
        """
        result = np.empty(rows.shape)
        # One piece of memory for all blocks: fresh memory costs more than what is worked out in it.
        work = np.empty((2, rows.shape[1], min(BLOCK, len(rows))))
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            columns, added = work[:, :, : len(block)]
            columns[:] = block.T
            added[:] = 0.0
            self._add(columns, added)
            result[start : start + BLOCK] = added.T
        return result

    def _add(self, columns: Floats, added: Floats) -> None:
        without_unknown: dict[int, Floats] = {}
        for tree, parts in zip(self.trees, self.parts, strict=True):
            left = [_goes_left(tree, q, columns, without_unknown) for q in range(len(tree.feature))]
            for part in parts:
                code = _code(part.steps, left)
                for feature, table in zip(part.features, part.table, strict=True):
                    added[feature] += table.take(code, mode="clip")


def tables_of(trees: Sequence[Tree]) -> Tables:
    """Work out the tables.

    Raises:
        UnreadTree: The trees are too deep for tables.
    """
    parts = [list(_parts(tree)) for tree in trees]
    if sum(len(p.features) << len(p.steps) for of_tree in parts for p in of_tree) > LARGEST_TABLES:
        raise UnreadTree("the trees are too deep for tables")
    _fill([part for of_tree in parts for part in of_tree])
    base = sum(float(tree.leaf_value @ (tree.leaf_rows / tree.leaf_rows.sum())) for tree in trees)
    return Tables(trees, parts, base)


def _goes_left(tree: Tree, question: int, columns: Floats, known: dict[int, Floats]) -> Bools:
    feature, threshold = int(tree.feature[question]), tree.threshold[question]
    column: Floats = columns[feature]
    if tree.unknown[question] == UNKNOWN_GOES_LEFT:
        return np.asarray(~(column > threshold))
    if tree.unknown[question] == UNKNOWN_IS_ZERO:
        if feature not in known:
            known[feature] = np.nan_to_num(column, nan=0.0)
        column = known[feature]
    return np.asarray(column <= threshold)


def _code(steps: Sequence[Sequence[Step]], left: Sequence[Bools]) -> NDArray[np.intp]:
    code = np.zeros(len(left[0]), dtype=np.uint16)
    for bit, questions in enumerate(steps):
        holds = _answered(questions[0], left)
        for step in questions[1:]:
            holds = holds & _answered(step, left)
        code |= np.left_shift(holds, bit, dtype=np.uint16)
    return code.astype(np.intp)


def _answered(step: Step, left: Sequence[Bools]) -> Bools:
    question, goes_left = step
    return left[question] if goes_left else ~left[question]


def _parts(tree: Tree) -> Iterator[Part]:
    """Cut a tree into the largest subtrees whose facts fit a code."""
    waiting: list[tuple[int, list[Step]]] = [(0, [])] if len(tree.feature) else []
    while waiting:
        node, path = waiting.pop()
        inside = list(_below(tree, node, path))
        questions = sorted({step[0] for _, below in inside for step in below[len(path) :]})
        bits = len({int(tree.feature[question]) for question, _ in path}) + len(questions)
        if bits <= MOST_BITS or not questions:
            if bits > LONGEST_PATH:
                raise UnreadTree(f"a path asks for {bits} different features")
            yield _part(tree, path, questions, inside)
        else:
            waiting.append((int(tree.right[node]), [*path, (node, False)]))
            waiting.append((int(tree.left[node]), [*path, (node, True)]))


def _below(tree: Tree, node: int, path: list[Step]) -> Iterator[tuple[int, list[Step]]]:
    """Each leaf below a node with the steps that lead to it from the root."""
    if node < 0:
        yield ~node, path
        return
    yield from _below(tree, int(tree.left[node]), [*path, (node, True)])
    yield from _below(tree, int(tree.right[node]), [*path, (node, False)])


def _part(
    tree: Tree, path: list[Step], questions: list[int], inside: list[tuple[int, list[Step]]]
) -> Part:
    of_path: dict[int, list[Step]] = {}
    for step in path:
        of_path.setdefault(int(tree.feature[step[0]]), []).append(step)
    steps = [*of_path.values(), *([(question, True)] for question in questions)]
    of_feature = {feature: 1 << bit for bit, feature in enumerate(of_path)}
    of_question = {question: 1 << bit for bit, question in enumerate(questions, len(of_path))}
    leaves = []
    for leaf, way in inside:
        needs = {feature: (bit, bit, 1.0) for feature, bit in of_feature.items()}
        for question, goes_left in way:
            feature = int(tree.feature[question])
            mask, wanted, share = needs.get(feature, (0, 0, 1.0))
            bit = of_question.get(question, 0)
            child = int((tree.left if goes_left else tree.right)[question])
            share *= tree.rows_at(child) / tree.rows_at(question)
            needs[feature] = (mask | bit, wanted | bit * goes_left, share)
        leaves.append((float(tree.leaf_value[leaf]), needs))
    return Part(steps, sorted({feature for _, needs in leaves for feature in needs}), leaves)


def _fill(parts: Sequence[Part]) -> None:
    """Work out the tables of all parts, those of one shape together."""
    alike: dict[tuple[int, int, int], list[Part]] = {}
    for part in parts:
        shape = (len(part.steps), len(part.features), len(part.leaves))
        alike.setdefault(shape, []).append(part)
    for (bits, features, leaves), some in alike.items():
        at_once = max(1, MOST_NUMBERS // (features * leaves << bits))
        for start in range(0, len(some), at_once):
            chunk = some[start : start + at_once]
            for part, table in zip(chunk, _worked_out(chunk, bits), strict=True):
                part.table = table


def _worked_out(parts: Sequence[Part], bits: int) -> Floats:
    """Tables of shape ``(parts, features, codes)``.

    A leaf's game pays its value if every feature passes; a feature that does not take part passes
    for the share of training rows that do. The Shapley value of feature i is then
    value * (passes_i - share_i) * mean over z in [0, 1] of the product over the other features of
    (z * passes + (1 - z) * share): z is the chance to have come before i in a random order. The
    mean of a polynomial is exact by Gauss and Legendre's points.
    """
    nobody = (0, 0, 1.0)  # a feature off the leaf's path always passes, and changes nothing
    needs = np.array(
        [
            [[leaf.get(feature, nobody) for feature in part.features] for _, leaf in part.leaves]
            for part in parts
        ]
    )
    value = np.array([[value for value, _ in part.leaves] for part in parts])
    mask, wanted = (needs[..., i, None].astype(np.int64) for i in range(2))
    share = needs[..., 2, None]
    passes = ((np.arange(1 << bits) & mask) == wanted).astype(np.float64)
    features = share.shape[2]
    points, weights = np.polynomial.legendre.leggauss((features + 1) // 2)
    mean = np.zeros(passes.shape)
    for z, weight in zip((points + 1) / 2, weights / 2, strict=True):
        mean += weight * _product_of_others(z * passes + (1 - z) * share)
    added = (value[..., None, None] * (passes - share) * mean).sum(axis=1)
    return np.asarray(added, dtype=np.float64)


def _product_of_others(factors: Floats) -> Floats:
    """For each feature (third axis) the product of the others, without dividing by it."""
    result = np.ones(factors.shape)
    count = factors.shape[2]
    before = after = np.ones(factors[:, :, 0].shape)
    for i in range(count - 1):
        before = before * factors[:, :, i]
        result[:, :, i + 1] *= before
        after = after * factors[:, :, count - 1 - i]
        result[:, :, count - 2 - i] *= after
    return result
