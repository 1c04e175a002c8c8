"""Several boosters as one: their trees in one LightGBM text, so that the margin is a weighted sum.

What reads a booster (scoring, explanation, the file with its checksum) then needs to know nothing
of ensembles. Trees of a part stand together, so that a part's own margin can still be read off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import TrainingRefused
from models.frames import Floats

if TYPE_CHECKING:
    import lightgbm as lgb

_TREE = re.compile(r"^Tree=\d+\n", re.MULTILINE)
_END = "end of trees"
_SCALED = ("leaf_value", "internal_value")


@dataclass(frozen=True)
class Part:
    """A booster that goes into an ensemble, and what its margin is multiplied by."""

    booster: lgb.Booster
    share: float


def joined(parts: Sequence[Part], features: Sequence[str]) -> lgb.Booster:
    """One booster whose margin is ``sum(share * margin)`` of its parts, up to rounding.

    Args:
        parts: Boosters of one output; each reads some of ``features``, by name.
        features: Names of the whole, in the order in which the whole will be given them.

    Raises:
        TrainingRefused: A part reads a feature that is not among the names.
    """
    import lightgbm as lgb

    trees = [tree for part in parts for tree in _trees_of(part, features)]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    header, footer = _frame(parts[0].booster, features)
    text = f"{header}tree_sizes={sizes}\n\n{''.join(trees)}{_END}\n\n{footer}"
    return lgb.Booster(model_str=text)


def member_margins(
    booster: lgb.Booster, features: pd.DataFrame, *, members: int, first_tree: int = 0
) -> Floats:
    """What each of the equal parts of an ensemble says of each row.

    Args:
        booster: From ``joined``; its trees from ``first_tree`` on are ``members`` bags of as many
            trees each, with share 1 / members.
        features: Its features in its order.
        members: How many bags.
        first_tree: Trees before the bags, which all of them share.

    Returns:
        Margins, rows × members, each with the shared trees; their mean is the ensemble's margin.
    """
    if features.empty:
        return np.empty((0, members))
    each, rest = divmod(booster.num_trees() - first_tree, members)
    if rest:
        raise TrainingRefused(f"ensemble: {booster.num_trees()} trees are not {members} equal bags")
    shared = _margin(booster, features, 0, first_tree) if first_tree else np.zeros(len(features))
    starts = range(first_tree, booster.num_trees(), each)
    return np.column_stack([shared + members * _margin(booster, features, s, each) for s in starts])


def _margin(booster: lgb.Booster, features: pd.DataFrame, start: int, count: int) -> Floats:
    margin = booster.predict(
        features, raw_score=True, start_iteration=start, num_iteration=count, validate_features=True
    )
    return np.asarray(margin, dtype=np.float64)


def _trees_of(part: Part, features: Sequence[str]) -> list[str]:
    names = part.booster.feature_name()
    if unknown := sorted(set(names) - set(features)):
        raise TrainingRefused(f"ensemble: a part reads what the others lack: {', '.join(unknown)}")
    places = [features.index(name) for name in names]
    body = part.booster.model_to_string().partition(f"\n{_END}")[0]
    return [_retold(block, part.share, places) for block in _TREE.split(body)[1:]]


def _retold(block: str, share: float, places: Sequence[int]) -> str:
    lines = [_line(line, share, places) for line in block.rstrip("\n").split("\n")]
    return "Tree=0\n" + "\n".join(lines) + "\n\n\n"


def _line(line: str, share: float, places: Sequence[int]) -> str:
    key, _, values = line.partition("=")
    if key in _SCALED:
        return f"{key}={' '.join(repr(float(value) * share) for value in values.split())}"
    if key == "split_feature":
        return f"{key}={' '.join(str(places[int(value)]) for value in values.split())}"
    return line


def _frame(booster: lgb.Booster, features: Sequence[str]) -> tuple[str, str]:
    """What stands before and after the trees; feature ranges are left open, nothing reads them."""
    text = booster.model_to_string()
    header = text.partition("tree_sizes=")[0]
    for key, value in (
        ("max_feature_idx", str(len(features) - 1)),
        ("feature_names", " ".join(features)),
        ("feature_infos", " ".join("[-inf:inf]" for _ in features)),
    ):
        header = re.sub(rf"^{key}=.*$", f"{key}={value}", header, flags=re.MULTILINE)
    header = re.sub(r"^monotone_constraints=.*\n", "", header, flags=re.MULTILINE)
    parameters = text.partition("\nparameters:")[2]
    return header, f"parameters:{parameters}" if parameters else ""
