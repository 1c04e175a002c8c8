"""What an action is expected to save in a group, and what it costs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from models.response import LEAST, NO_OFFERS, Offers, kind_chances
from serving.actions.table import Action, ActionTable, Terms
from serving.why.reasons import SpokenReason

OTHER = "other"
"""What drives a group away where neither reasons nor reports tell."""


@dataclass(frozen=True)
class Drive:
    """What drives a group away: drivers by weight (their sum is 1), and what rivals offered.

    Attributes:
        weights: Weight of each driver, the strongest first.
        levers: Levers reported, the strongest first.
        price: Chance that it is the price; NaN where no rival's offer was reported.
    """

    weights: Mapping[str, float]
    levers: tuple[str, ...]
    price: float

    @property
    def main(self) -> str:
        """The strongest driver."""
        return next(iter(self.weights))


@dataclass(frozen=True)
class Worth:
    """What an action is expected to do in a group.

    Attributes:
        effect: Fall of the probability of a transfer; below 0 where it does harm.
        saved_fen: Margin that this saves.
        cost_fen: What it costs.
    """

    effect: float
    saved_fen: int
    cost_fen: int

    @property
    def net_fen(self) -> int:
        """What is left of it."""
        return self.saved_fen - self.cost_fen


@dataclass(frozen=True)
class Stake:
    """What is at stake in a group, and how it may respond.

    Attributes:
        risk: Probability that it transfers if nothing is done.
        value_fen: Margin that goes with it.
        persuadable, sure_thing, sleeping_dog: Chances of each kind of response; lost causes make up
            the rest.
        here: Chance that it has not gone over already, so that a visit does not come too late.
        tau: Fall of the probability by treatment as results have taught it; None where the table
            of actions is believed.
    """

    risk: float
    value_fen: float
    persuadable: float
    sure_thing: float
    sleeping_dog: float
    here: float = 1.0
    tau: float | None = None

    def taught(self, tau: float) -> Stake:
        """The same with what results have taught, where they have (NaN where not)."""
        return self if math.isnan(tau) else replace(self, tau=tau)


def drive(
    reasons: Iterable[SpokenReason], reports: Iterable[tuple[str, float]], table: ActionTable
) -> Drive:
    """What drives a group away: what rivals are known to offer first, then what the score says.

    Args:
        reasons: The reasons of its score; those that lower the risk say nothing here.
        reports: Levers of each report, joined by bars, with the report's age in days. The first
            lever of a report counts full, the others half, and all of them the less the older.
        table: The map to drivers.
    """
    offered: dict[str, float] = defaultdict(float)
    for joined, age in sorted(reports, key=lambda report: (report[1], report[0])):
        fresh = 0.5 ** (age / table.lever_half_life)
        for place, lever in enumerate(joined.split("|")):
            offered[lever] += fresh * (0.5 if place else 1.0)
    pushed = {one.code: one.contribution for one in reasons if one.contribution > 0}
    by_lever = _mapped(offered, table.levers)
    by_reason = _mapped(pushed, table.reasons)
    share = table.lever_share if by_reason else 1.0
    total: dict[str, float] = defaultdict(float)
    for found, part in ((by_lever, share), (by_reason, 1.0 - share if by_lever else 1.0)):
        for driver, weight in found.items():
            total[driver] += weight * part
    ordered = sorted(total.items(), key=lambda item: (-item[1], item[0])) or [(OTHER, 1.0)]
    price = math.fsum(w for d, w in by_lever.items() if table.drivers[d].price)
    named = sorted(offered, key=lambda lever: (-offered[lever], lever))
    return Drive(dict(ordered), tuple(named), price if by_lever else math.nan)


def stake(
    risk: float,
    value_fen: float,
    price: float,
    unmanaged: bool,
    never_met: float,
    terms: Terms,
    *,
    gone: float = 0.0,
    offers: Offers = NO_OFFERS,
) -> Stake:
    """What is at stake; ``price`` and ``never_met`` are NaN where nothing is known of them.

    Args:
        gone: Chance that the group has gone over already.
        offers: How it answered former offers.
    """
    known = ([risk], [price], [float(unmanaged)], [never_met])
    chances = kind_chances(*known, terms.response, offers)
    persuadable, _, sure, dog = (float(one) for one in chances[:, 0])
    return Stake(risk, value_fen, persuadable, sure, dog, here=1.0 - gone)


def aptness(action: Action, found: Drive) -> float:
    """How apt an action is for what drives the group, 0 to 1.2 times its strength."""
    apt = math.fsum(
        weight * action.aptness.get(driver, action.otherwise)
        for driver, weight in found.weights.items()
    )
    return apt * action.strength


def effect(at: Stake, apt: float, locked: float, terms: Terms) -> float:
    """By how much the probability of a transfer is expected to fall.

    Args:
        at: What is at stake.
        apt: Aptness of the action.
        locked: Share of the group that it locks in, beside what it does at once.
        terms: How groups respond; a persuadable group takes the offer and is locked in, so does a
            sure thing; a sleeping dog is woken.
    """
    odds = _log_odds(at.risk)
    held = terms.table.lock_log_odds * locked
    won = at.risk - _logistic(odds + terms.response.won_over * apt + held)
    kept = at.risk - _logistic(odds + held)
    woken = at.risk - _logistic(odds + terms.response.woken)
    return at.here * (at.persuadable * won + at.sure_thing * kept + at.sleeping_dog * woken)


def worth(at: Stake, fall: float, cost_fen: int) -> Worth:
    """An action's worth, given by how much the probability falls."""
    return Worth(fall, round(fall * at.value_fen), cost_fen)


def _mapped(
    weights: Mapping[str, float], drivers: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Weights of codes as shares of drivers; what no driver stands for is left out."""
    found: dict[str, float] = defaultdict(float)
    for code in sorted(weights):
        for driver, part in drivers.get(code, {}).items():
            found[driver] += weights[code] * part
    total = math.fsum(found.values())
    return {driver: weight / total for driver, weight in found.items()} if total else {}


def _log_odds(risk: float) -> float:
    inside = min(max(risk, LEAST), 1 - LEAST)
    return math.log(inside / (1 - inside))


def _logistic(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))
