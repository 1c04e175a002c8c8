"""What the model would say if the operator did what is in its hands.

Nothing is guessed of features: the rows that a step would leave in the operator's tables are added
to the group's own, and its features are computed anew from them. The answer is the model's. A
model tells what goes with what; whether a step keeps a group is measured on holdouts, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from features.compute import group_features
from features.definition import Text
from features.tables import Tables
from models.bundle import Model
from models.hazard_features import HAZARD_FEATURES
from serving.errors import ScoringError
from serving.why.one_group import Step, Supposed
from serving.why.rows import Rows, copy_id, rows_of, several
from serving.why.steps import steps

Engine = Callable[[Mapping[str, pa.Table]], Tables]
"""Makes tables of an engine from rows in memory."""

SAME = 5e-4
"""Probabilities that are shown alike."""
EVERYTHING = Text("以上全部", "all of these")
CAVEAT = Text(
    "以上是模型对改变后数据的回答，不是实测效果：模型反映的是关联，不保证因果。",
    "This is the model's answer to changed data, not a measured effect: a model tells what goes "
    "together, not what causes what.",
)
HAZARDS_KEPT = Text(
    "成员级模型的得分按月更新，此处保持不变。",
    "Scores of the member models are made once a month and stay as they are here.",
)
NOTHING = Text(
    "没有可由我方采取且尚未完成的步骤。", "None of the steps in our hands is left to be taken."
)


@dataclass(frozen=True)
class Outcome:
    """A step, and the risk that the model sees before and after it.

    Attributes:
        code: Name of the step: renew, bundle, appoint, visit, letter, vnet, tickets; or all.
        text: What is done, with the number of members.
        members: How many members it concerns; 0 where it concerns the group.
        before: Probability as published.
        after: Probability of the changed features.
        kept: Features that the step changes but that could not be recomputed as published, since
            they depend on other groups; they were kept.
    """

    code: str
    text: Text
    members: int
    before: float
    after: float
    kept: tuple[str, ...]

    @property
    def line(self) -> Text:
        """The outcome in a sentence."""
        risk = f"{self.before:.1%} → {self.after:.1%}"
        if abs(self.after - self.before) < SAME:
            note = Text("（模型看不出变化）", " (the model sees no difference)")
        elif self.after > self.before:
            note = Text("（模型认为风险反而升高）", " (the model sees a higher risk)")
        else:
            note = Text("", "")
        return Text(f"{self.text.zh}：{risk}{note.zh}", f"{self.text.en}: {risk}{note.en}")


def what_if(
    group_id: str,
    as_of: date,
    tables: Tables,
    model: Model,
    read: pd.DataFrame,
    supposed: Supposed,
    engine: Engine,
) -> tuple[Outcome, ...]:
    """Every step that the group needs, by itself, and all of them together.

    Args:
        group_id: The group.
        as_of: Day of knowledge; each step is taken on it.
        tables: The operator's tables.
        model: The model that made the list.
        read: Features of the day as the model read them, at least the group's own row.
        supposed: What a step supposes.
        engine: Makes small tables from rows in memory.

    Returns:
        Nothing where the group needs no step. Steps that raise the risk are among them.

    Raises:
        ScoringError: The group has no features on the day.
    """
    own = read[read["group_id"] == group_id]
    if len(own) != 1:
        raise ScoringError(f"group {group_id} has no features on {as_of}; score that day again")
    rows = rows_of(tables, group_id, as_of)
    needed = steps(engine(rows), rows, group_id, as_of, supposed)
    if not needed:
        return ()
    if len(needed) > 1:
        needed = [*needed, _together(needed)]
    scenarios: list[Rows] = [rows, *(step.taken(rows) for step in needed)]
    made = _features(engine(several(scenarios, group_id)), group_id, as_of, model, len(scenarios))
    moved, kept = _moved(own, made)
    probability = model.probability(moved)
    return tuple(
        Outcome(
            step.code,
            step.text,
            step.members,
            float(probability[0]),
            float(probability[n]),
            kept[n],
        )
        for n, step in enumerate(needed, start=1)
    )


def lines(
    outcomes: Sequence[Outcome], model: Model | None = None, published: float | None = None
) -> Iterator[Text]:
    """The outcomes and what is to be said of them, line by line.

    Args:
        outcomes: Of ``what_if``.
        model: The model that answered.
        published: The risk on the list, to say so where tables or code have changed since.
    """
    if not outcomes:
        yield NOTHING
        return
    before = outcomes[0].before
    if published is not None and abs(before - published) >= SAME:
        yield Text(
            f"数据或程序在发布后有变化：重算为{before:.1%}，清单上为{published:.1%}。",
            f"Data or code have changed since: {before:.1%} now, {published:.1%} on the list.",
        )
    yield from (outcome.line for outcome in outcomes)
    kept = sorted({name for outcome in outcomes for name in outcome.kept})
    if kept:
        yield Text(
            f"未能重算、保持原值的特征：{'、'.join(kept)}。",
            f"Features that could not be recomputed and were kept: {', '.join(kept)}.",
        )
    if model is not None and set(model.features) & set(HAZARD_FEATURES):
        yield HAZARDS_KEPT
    yield CAVEAT


def _together(needed: Sequence[Step]) -> Step:
    def taken(rows: Rows) -> Rows:
        for step in needed:
            rows = step.taken(rows)
        return rows

    return Step("all", EVERYTHING, 0, taken)


def _features(
    small: Tables, group_id: str, as_of: date, model: Model, scenarios: int
) -> pd.DataFrame:
    """What can be recomputed of the model's features, one row a scenario, in their order."""
    from features.catalog import GROUP_FEATURES

    asked = [feature for feature in GROUP_FEATURES if feature.name in model.features]
    made = group_features(small, [as_of], asked, tiers=None).set_index("group_id")
    return made.loc[[copy_id(group_id, number) for number in range(scenarios)]]


def _moved(own: pd.DataFrame, made: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """The group's features in each scenario.

    A feature is moved where the scenario that changes nothing gives what was published; where it
    does not, the feature tells of other groups too, and is kept.
    """
    names = [str(name) for name in made.columns if name in own.columns and name != "tier"]
    names = [name for name in names if pd.api.types.is_numeric_dtype(made[name])]
    published = own[names].to_numpy(dtype=np.float64)[0]
    values = made[names].to_numpy(dtype=np.float64)
    same = np.isclose(values[0], published, rtol=1e-9, atol=1e-12, equal_nan=True)
    changed = ~np.isclose(values, values[0], rtol=0, atol=0, equal_nan=True)
    moved = pd.concat([own] * len(made), ignore_index=True)
    for place, name in enumerate(names):
        if same[place]:
            moved[name] = values[:, place]
    kept = [
        tuple(name for name, c, s in zip(names, row, same, strict=True) if c and not s)
        for row in changed
    ]
    return moved, kept
