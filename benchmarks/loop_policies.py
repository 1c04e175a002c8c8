"""Who is visited, and what he is offered: by chance, by rules, by risk, by what it saves, by truth.

All but the last know what an operator knows on the day of the list. Risk is the operator's own
model's. What a visit saves is guessed as in ``serving.actions.worth``: by how apt an action is for
what the rival is reported to offer, by how likely the group responds, and by how likely it has not
gone already (``models.response``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.frames import Floats
from models.response import Offers, ResponseRule, expected_effect, relieved
from serving.actions.table import ActionTable
from serving.actions.worth import Drive, aptness, drive

USUAL, MATCHED, BEST = "usual", "matched", "best"
POLICIES: Mapping[str, tuple[str, str]] = {
    "random": ("random", USUAL),
    "rules": ("rules", USUAL),
    "risk": ("risk", USUAL),
    "risk, matched action": ("risk", MATCHED),
    "risk, if not gone": ("risk here", USUAL),
    "ours, usual action": ("ours", USUAL),
    "ours": ("ours", MATCHED),
    "oracle": ("oracle", BEST),
}
"""By what each policy ranks, and how it chooses the action."""


@dataclass(frozen=True)
class Practice:
    """What the operator has to choose from.

    Attributes:
        table: Its actions; only those that the world knows are offered.
        response: How it believes groups to respond.
        mix: How often it takes each action by habit.
    """

    table: ActionTable
    response: ResponseRule
    mix: Mapping[str, float]

    @property
    def codes(self) -> list[str]:
        """The actions that can be offered, in alphabetical order."""
        return sorted(self.mix)


def effects(rows: pd.DataFrame, practice: Practice) -> Floats:
    """What each action is expected to take from each group's risk: actions × groups.

    Args:
        rows: ``risk``, ``gone_chance``, ``managed``, ``accepted``, ``refused``, ``since_accepted``
            and ``reports``.
        practice: The actions.
    """
    found = [_driven(told, practice) for told in rows["reports"]]
    apt = np.array(
        [[aptness(practice.table.actions[code], one) for one in found] for code in practice.codes]
    )
    rule, here = practice.response, 1.0 - rows["gone_chance"].to_numpy(np.float64)
    return here * expected_effect(
        relieved(rows["risk"], rows["since_accepted"], rule),
        apt,
        np.array([one.price for one in found]),
        1.0 - rows["managed"].to_numpy(np.float64),
        np.nan,
        rule,
        Offers(rows["accepted"].to_numpy(), rows["refused"].to_numpy()),
    )


def wishes(rows: pd.DataFrame, practice: Practice, by: str, rng: np.random.Generator) -> Floats:
    """How much each group is wanted on the list; ties are parted by chance.

    Args:
        rows: As for ``effects``, and ``rules``.
        practice: The actions.
        by: random, rules, risk, risk here (not gone already) or ours.
        rng: Parts the ties.
    """
    chance = rng.random(len(rows))
    if by == "random":
        return chance
    if by == "ours":
        score = effects(rows, practice).max(axis=0)
    elif by == "risk here":
        score = (rows["risk"] * (1.0 - rows["gone_chance"])).to_numpy(np.float64)
    else:
        score = rows[by].to_numpy(np.float64)
    order = np.lexsort((chance, score))
    place = np.empty(len(rows))
    place[order] = np.arange(len(rows))
    return place


def offered(
    rows: pd.DataFrame, practice: Practice, how: str, rng: np.random.Generator
) -> list[str]:
    """The action for each group: the usual mix by chance, or the one expected to save most."""
    if how == USUAL:
        share = np.array([practice.mix[code] for code in practice.codes])
        drawn = rng.choice(len(practice.codes), len(rows), p=share / share.sum())
    else:
        drawn = effects(rows, practice).argmax(axis=0)
    return [practice.codes[n] for n in drawn]


def _driven(told: str, practice: Practice) -> Drive:
    """What drives a group away by the reports on it; without one, what rivals usually offer."""
    reports = [(one.split(":")[0], float(one.split(":")[1])) for one in told.split(";") if one]
    if reports:
        return drive([], reports, practice.table)
    return Drive(practice.table.reasons["R06"], (), float("nan"))
