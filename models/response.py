"""What treating a group is expected to change, where who responds how can only be guessed.

Who is at risk is not who can be kept. A group that an action wins over (persuadable) is one of four
kinds: another has decided already (lost cause), another stays anyway (sure thing), and another is
woken by being contacted (sleeping dog). Lost causes stand at the top of every list of risks, so the
riskiest groups are not those where a visit saves most. Nobody knows a group's kind; how likely each
is hangs on what is known: its risk, whether the rival lures it by price, whether anybody looks
after it and has ever met it, and whether it took what it was offered before. This is a belief held
before results are in; ``models.uplift`` learns from results, once there are enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.frames import Floats

DAYS_A_MONTH = 30.0
LEAST = 1e-6
"""Risks are read as at least this, and at most 1 less it, where log-odds are taken."""
KINDS = ("persuadable", "lost_cause", "sure_thing", "sleeping_dog")
Weights = tuple[float, float, float, float, float]
"""Constant, lured by price, unmanaged, never met, and a standard deviation of risk: log-odds."""


@dataclass(frozen=True)
class ResponseRule:
    """Who responds how, and what an action then does; every value comes from config.

    Attributes:
        persuadable, lost_cause, sure_thing, sleeping_dog: Log-odds of each kind, up to a constant
            that all four share: its weights.
        risk_mean, risk_sd: Log-odds of a C group's risk: its mean and its standard deviation.
        price_share: Chance of being lured by price where nothing is known of it.
        never_met_share: Chance that an unmanaged group has never been met, where that is not known.
        takes: Chance of each kind to take an offer, in the order of ``KINDS``.
        won_over: What a wholly apt action adds to the log-odds of a persuadable group's transfer.
        kept: Share of that which is left after a month.
        woken: What any action adds to those of a sleeping dog.
    """

    persuadable: Weights
    lost_cause: Weights
    sure_thing: Weights
    sleeping_dog: Weights
    risk_mean: float
    risk_sd: float
    price_share: float
    never_met_share: float
    takes: tuple[float, float, float, float]
    won_over: float
    kept: float
    woken: float


@dataclass(frozen=True)
class Offers:
    """Past offers to each group, as far as it is known what became of them.

    Attributes:
        accepted: How many each group took.
        refused: How many it did not.
    """

    accepted: ArrayLike
    refused: ArrayLike


@dataclass(frozen=True)
class GoneRule:
    """By what it shows that a group has gone over already; every value comes from config.

    Attributes:
        constant: Log-odds of having gone where no sign of it shows.
        weights: What each feature adds to them for each unit.
    """

    constant: float
    weights: Mapping[str, float]


NO_OFFERS = Offers(0.0, 0.0)


def kind_chances(
    p: ArrayLike,
    price: ArrayLike,
    unmanaged: ArrayLike,
    never_met: ArrayLike,
    rule: ResponseRule,
    offers: Offers = NO_OFFERS,
) -> Floats:
    """How likely each group is of each kind.

    Args:
        p: Risk of each group if nothing is done, 0 to 1.
        price: Chance that the rival lures it by price; NaN where nothing is known.
        unmanaged: 1 where no account manager looks after it, else 0.
        never_met: Chance that nobody has ever met it; NaN where nothing is known.
        rule: The weights.
        offers: What became of former offers.

    Returns:
        Kinds (in the order of ``KINDS``) × groups; each column sums to 1.
    """
    risk = np.atleast_1d(np.asarray(p, dtype=np.float64))
    given = (np.asarray(one, dtype=np.float64) for one in (price, unmanaged, never_met))
    lured, alone, unmet = (np.broadcast_to(one, risk.shape) for one in given)
    lured = np.where(np.isnan(lured), rule.price_share, lured)
    unmet = np.where(np.isnan(unmet), rule.never_met_share * alone, unmet)
    z = (_log_odds(risk) - rule.risk_mean) / rule.risk_sd
    weights = np.array([getattr(rule, kind) for kind in KINDS], dtype=np.float64)
    likely = np.zeros((len(KINDS), len(risk)))
    for by_price, met_nobody in product((0.0, 1.0), repeat=2):
        share = np.abs(1.0 - by_price - lured) * np.abs(1.0 - met_nobody - unmet)
        facts = np.array(np.broadcast_arrays(1.0, by_price, alone, met_nobody, z))
        likely += share * _softmax(weights @ facts)
    likely *= _told(offers, rule)
    return np.asarray(likely / likely.sum(axis=0))


def expected_effect(
    p: ArrayLike,
    apt: ArrayLike,
    price: ArrayLike,
    unmanaged: ArrayLike,
    never_met: ArrayLike,
    rule: ResponseRule,
    offers: Offers = NO_OFFERS,
) -> Floats:
    """By how much an action is expected to lower each group's risk.

    Args:
        p: Risk of each group if nothing is done, 0 to 1.
        apt: How apt the action is for what drives the group away, 0 (not at all) to about 1; one
            for each group or one for all. Rows of several actions broadcast: actions × groups.
        price, unmanaged, never_met, rule, offers: As for ``kind_chances``.

    Returns:
        p − p after, in the shape of ``apt`` and ``p`` together; below 0 where contacting the group
        does more harm than good.

    Example:
        >>> flat = (0.0, 0.0, 0.0, 0.0, 0.0)
        >>> takes = (0.8, 0.2, 0.8, 0.2)
        >>> rule = ResponseRule(flat, flat, flat, flat, -4.0, 1.0, 0.5, 0.5, takes, -1.2, 0.8, 0.55)
        >>> expected_effect([0.1, 0.1], [1.0, 0.5], np.nan, 1, np.nan, rule).round(4)
        array([ 0.0015, -0.0047])
        >>> expected_effect([0.1], 1.0, np.nan, 1, np.nan, rule, Offers([1], [0])).round(4)
        array([0.0209])

    Source:
        Ascarza (2018), Retention Futility, Journal of Marketing Research 55(1).
    """
    chances = kind_chances(p, price, unmanaged, never_met, rule, offers)
    risk = np.asarray(p, dtype=np.float64)
    odds = _log_odds(risk)
    persuadable, sleeping = KINDS.index("persuadable"), KINDS.index("sleeping_dog")
    fits = np.asarray(apt, dtype=np.float64)
    won = risk - _logistic(odds + rule.won_over * fits)
    woken = risk - _logistic(odds + rule.woken)
    return np.asarray(chances[persuadable] * won + chances[sleeping] * woken, dtype=np.float64)


def gone_chances(features: pd.DataFrame, rule: GoneRule) -> Floats:
    """How likely each group has gone over already, so that a visit comes too late.

    A group that has gone keeps its numbers with us for months and looks like one in great danger,
    but the traffic of its members has already turned one-sided.

    Args:
        features: One row a group; a feature that is missing or unknown shows no sign.
        rule: The signs.

    Example:
        >>> rule = GoneRule(-3.0, {"one_sided_share_dekads": 8.0})
        >>> gone_chances(pd.DataFrame({"one_sided_share_dekads": [0.0, 0.5, None]}), rule).round(3)
        array([0.047, 0.731, 0.047])
    """
    odds = np.full(len(features), rule.constant)
    for name, weight in sorted(rule.weights.items()):
        if name in features:
            odds += weight * features[name].fillna(0).to_numpy(np.float64)
    return _logistic(odds)


def relieved(p: ArrayLike, since_accepted: ArrayLike, rule: ResponseRule) -> Floats:
    """The risk of groups some days after they took an offer, which works on for some months.

    Args:
        p: Risk of each group as a model tells it, which knows of no offer.
        since_accepted: Days since each group's newest offer that it took; NaN without one.
        rule: How much an offer does, and how fast that fades.

    Example:
        >>> flat, takes = (0.0, 0.0, 0.0, 0.0, 0.0), (0.8, 0.2, 0.8, 0.2)
        >>> rule = ResponseRule(flat, flat, flat, flat, -4.0, 1.0, 0.5, 0.5, takes, -1.2, 0.8, 0.55)
        >>> relieved([0.2, 0.2, 0.2], [0, 180, np.nan], rule).round(3)
        array([0.07 , 0.154, 0.2  ])
    """
    risk = np.asarray(p, dtype=np.float64)
    months = np.asarray(since_accepted, dtype=np.float64) / DAYS_A_MONTH
    works = np.where(np.isnan(months), 0.0, rule.won_over * rule.kept ** np.nan_to_num(months))
    return np.where(works == 0.0, risk, _logistic(_log_odds(risk) + works))


def _told(offers: Offers, rule: ResponseRule) -> Floats:
    """How likely each kind is to have answered former offers as each group did."""
    takes = np.array(rule.takes)[:, None]
    took = np.atleast_1d(np.asarray(offers.accepted, dtype=np.float64))
    left = np.atleast_1d(np.asarray(offers.refused, dtype=np.float64))
    return np.asarray(takes**took * (1.0 - takes) ** left)


def _softmax(odds: Floats) -> Floats:
    weights = np.exp(odds - odds.max(axis=0))
    return np.asarray(weights / weights.sum(axis=0))


def _log_odds(risk: Floats) -> Floats:
    inside = np.clip(risk, LEAST, 1 - LEAST)
    return np.asarray(np.log(inside / (1 - inside)))


def _logistic(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))
