"""Two models, one day: which groups stand elsewhere on the list, and what moved them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from features.definition import Feature
from features.reasons import Reason
from models.bundle import Model
from models.frames import Floats

How = Literal["entered", "left", "up", "down"]
MOST_SAID = 2


@dataclass(frozen=True)
class Shift:
    """How far one reason's pull on a group differs between two models.

    Attributes:
        code: Code of the reason, R01 to R16.
        before, after: Sum of the contributions of its features in each model, in log-odds.
        feature: The feature whose contribution changed most that way.
        text_en, text_zh: What the feature says of the group.
    """

    code: str
    before: float
    after: float
    feature: str
    text_en: str
    text_zh: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.code} {self.before:+.2f} → {self.after:+.2f}: {self.text_en}"


@dataclass(frozen=True)
class Move:
    """A group that another model ranks otherwise.

    Attributes:
        group_id: The group.
        how: Whether it came into the top of the list, left it, or moved within or without it.
        rank_before, rank_after: Its rank by each model, 1 the riskiest, ties by id.
        risk_before, risk_after: Its calibrated risk by each model.
        why: The reasons that moved it its way, the most changed first.
    """

    group_id: str
    how: How
    rank_before: int
    rank_after: int
    risk_before: float
    risk_after: float
    why: tuple[Shift, ...]


def moves(
    before: Model,
    after: Model,
    features: tuple[pd.DataFrame, pd.DataFrame],
    catalogue: Mapping[str, Feature],
    *,
    top: int,
    most: int,
) -> tuple[Move, ...]:
    """The groups that moved most between the lists of two models.

    A move counts by the ratio of the ranks: from 500 to 50 is as far as from 50 to 5, and shuffling
    at the end of the list, where nobody looks, is no move at all.

    Args:
        before, after: The models.
        features: What each of the two reads of the same groups in the same order, one row a group
            of one day: ``group_id`` and its features.
        catalogue: The features by name, for their reasons and words.
        top: Length of the list that is worked.
        most: How many groups to tell of.

    Raises:
        FeatureError: A feature of a model is missing.
        ExplanationError: Contributions do not add up.
    """
    ids = features[0]["group_id"].to_numpy()
    read = tuple(zip((before, after), features, strict=True))
    margins = [model.margin(frame) for model, frame in read]
    ranks = [_ranks(margin, ids) for margin in margins]
    far = np.abs(np.log(ranks[1]) - np.log(ranks[0]))
    order = np.lexsort((ids, -far))
    chosen = order[far[order] > 0][:most]
    parts = [model.contributions(frame.iloc[chosen]).values for model, frame in read]
    risks = [model.probability(frame.iloc[chosen]) for model, frame in read]
    told = features[1].iloc[chosen]
    told = told.combine_first(features[0].iloc[chosen])
    return tuple(
        Move(
            group_id=str(ids[row]),
            how=_how(int(ranks[0][row]), int(ranks[1][row]), top),
            rank_before=int(ranks[0][row]),
            rank_after=int(ranks[1][row]),
            risk_before=float(risks[0][place]),
            risk_after=float(risks[1][place]),
            why=_why(
                {str(name): float(value) for name, value in parts[0].iloc[place].items()},
                {str(name): float(value) for name, value in parts[1].iloc[place].items()},
                told.iloc[place],
                catalogue,
                upward=bool(ranks[1][row] < ranks[0][row]),
            ),
        )
        for place, row in enumerate(chosen)
    )


def _ranks(margin: Floats, ids: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(margin), dtype=np.int64)
    ranks[np.lexsort((ids, -margin))] = np.arange(1, len(margin) + 1)
    return ranks


def _how(before: int, after: int, top: int) -> How:
    if before > top >= after:
        return "entered"
    if after > top >= before:
        return "left"
    return "up" if after < before else "down"


def _why(
    before: Mapping[str, float],
    after: Mapping[str, float],
    values: pd.Series,
    catalogue: Mapping[str, Feature],
    *,
    upward: bool,
) -> tuple[Shift, ...]:
    """The reasons that moved the group its way; where none did, because others moved, the most."""
    by_reason: dict[Reason, list[str]] = defaultdict(list)
    for name in sorted({*before, *after}):
        by_reason[catalogue[name].reason].append(name)
    shifts = []
    for reason, names in by_reason.items():
        pulls = [sum(model.get(name, 0.0) for name in names) for model in (before, after)]
        change = pulls[1] - pulls[0]
        changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}
        known = [name for name in names if changes[name] * change > 0 and pd.notna(values[name])]
        if known:
            speaks = min(known, key=lambda name: (-abs(changes[name]), name))
            said = catalogue[speaks].sentence(
                float(values[speaks]), after.get(speaks, 0.0) or before.get(speaks, 0.0)
            )
            shifts.append(Shift(reason.code, pulls[0], pulls[1], speaks, said.en, said.zh))
    shifts.sort(key=lambda shift: (-abs(shift.after - shift.before), shift.code))
    its_way = [shift for shift in shifts if (shift.after > shift.before) == upward]
    return tuple((its_way or shifts)[:MOST_SAID])
