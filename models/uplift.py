"""A treatment effect that is learnt from randomised episodes, and the gate that lets it rank.

Few episodes come from a holdout, and fewer moves. So nothing is learnt from scratch: what treating
is expected to save (``models.response``: how apt the action is × the risk × how the group responds)
goes before, and shy trees correct it as far as the results bear out (the R-learner, whose
propensities are known because chance drew the arms). Every episode is scored by trees that have
never seen its group. The learnt effect may rank only where, on those held-out scores, it is surely
better than what went before; until then that ranks, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.bootstrap import Estimate, estimates
from models.errors import EvaluationError, TrainingRefused
from models.frames import Floats, feature_frame
from models.qini import Qini, coefficient, uplift_at
from models.training import TrainingConfig

if TYPE_CHECKING:
    import lightgbm as lgb

LEARNT, EXPECTED = "learnt", "expected"


@dataclass(frozen=True)
class GateRule:
    """When a learnt effect may rank; every value comes from config.

    Attributes:
        treated, held: Episodes of each arm, with known outcome, that are needed.
        moved: Groups that moved, of both arms, that are needed.
        folds: Parts of the groups, each scored by trees that have learnt from the others.
        top: Share of a ranking that uplift is told of.
        draws: Bootstrap draws of whole groups.
        seed: Of the draws and the folds.
    """

    treated: int
    held: int
    moved: int
    folds: int
    top: float
    draws: int
    seed: int


@dataclass(frozen=True)
class Trial:
    """Episodes that were drawn at random into arms, row by row.

    Attributes:
        features: What was known of each group when it was drawn, as the trees read it.
        expected: What treating was expected to take from its risk then.
        risk: Its risk if nothing is done.
        treated: 1 for the treated arm, 0 for the holdout, whatever came of it.
        propensity: Chance of being treated when it was drawn, above 0 and below 1.
        moved: 1 for who moved within the label window, else 0.
        cluster: Id of each group.
    """

    features: pd.DataFrame
    expected: ArrayLike
    risk: ArrayLike
    treated: ArrayLike
    propensity: ArrayLike
    moved: ArrayLike
    cluster: ArrayLike

    def __post_init__(self) -> None:
        for name in ("expected", "risk", "treated", "propensity", "moved"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            if len(values) != len(self.features) or not np.isfinite(values).all():
                raise EvaluationError(f"uplift: {name} must be known for each episode")
            object.__setattr__(self, name, values)
        chance = np.asarray(self.propensity)
        if not ((chance > 0) & (chance < 1)).all():
            raise EvaluationError("uplift: a propensity must lie between 0 and 1")

    def take(self, chosen: np.ndarray) -> Trial:
        """Some of the episodes, by a mask."""
        columns = ("expected", "risk", "treated", "propensity", "moved", "cluster")
        some = {name: np.asarray(getattr(self, name))[chosen] for name in columns}
        return Trial(self.features[chosen], **some)


@dataclass(frozen=True)
class Uplift:
    """What corrects the expected effect: trees over named features."""

    booster: lgb.Booster
    features: tuple[str, ...]

    def effect(self, features: pd.DataFrame, expected: ArrayLike) -> Floats:
        """What treating takes from each group's risk, as far as results have taught."""
        corrected = self.booster.predict(feature_frame(features, self.features), num_threads=1)
        return np.asarray(expected, dtype=np.float64) + np.asarray(corrected, dtype=np.float64)


@dataclass(frozen=True)
class Gate:
    """Whether the learnt effect may rank, and on what grounds.

    Attributes:
        treated, held, moved: What there is: episodes of each arm, groups that moved.
        missing: What is lacking, by name; empty if enough.
        gain: Qini coefficient of the learnt ranking less that of the expected one.
        learnt_top, expected_top: Share saved in the top of each ranking.
    """

    treated: int
    held: int
    moved: int
    missing: dict[str, int]
    gain: Estimate
    learnt_top: Estimate
    expected_top: Estimate

    @property
    def opens(self) -> bool:
        """Enough, and surely better."""
        return not self.missing and self.gain.low > 0

    @property
    def ranking(self) -> str:
        """What ranks."""
        return LEARNT if self.opens else EXPECTED


UNKNOWN = Estimate(float("nan"), float("nan"), float("nan"))


def learn(trial: Trial, config: TrainingConfig) -> Uplift:
    """Learn what corrects the expected effect.

    With e the chance of treatment, p the risk and τ₀ the expected effect, a group moves with chance
    p − t·τ; trees f make τ = τ₀ + f fit (y − p + e·τ₀ + (t − e)·τ)² best.

    Args:
        trial: Episodes; their order is part of what makes a fit repeatable.
        config: The knobs of the trees; shy ones (few leaves, many rows a leaf).

    Raises:
        TrainingRefused: An arm is empty.

    Source:
        Nie and Wager (2021), Quasi-oracle estimation of heterogeneous treatment effects.
    """
    import lightgbm as lgb

    treated = np.asarray(trial.treated)
    if len(set(treated.tolist())) < 2:
        raise TrainingRefused("uplift: there is nobody in one of the arms to learn from")
    apart = treated - np.asarray(trial.propensity)
    expected = np.asarray(trial.expected)
    usual = np.asarray(trial.risk) - np.asarray(trial.propensity) * expected
    # Moving is the loss, saving the effect: who is treated moves less by as much.
    target = -(np.asarray(trial.moved) - usual) / apart - expected
    names = tuple(map(str, trial.features.columns))
    parameters = {**config.parameters(), "objective": "regression", "boost_from_average": False}
    data = lgb.Dataset(
        feature_frame(trial.features, names), label=target, weight=apart**2, params=parameters
    )
    return Uplift(lgb.train(parameters, data, num_boost_round=config.rounds), names)


def held_out(trial: Trial, config: TrainingConfig, rule: GateRule) -> Floats:
    """The learnt effect of each episode, by trees that have learnt from other groups only."""
    ids, code = np.unique(np.asarray(trial.cluster), return_inverse=True)
    fold = np.random.default_rng(rule.seed).permutation(len(ids))[code] % rule.folds
    found = np.empty(len(code))
    for part in range(rule.folds):
        inside = fold == part
        if not inside.any():
            continue
        seeded = replace(config, seed=config.seed + part)
        learnt = learn(trial.take(~inside), seeded)
        found[inside] = learnt.effect(trial.features[inside], np.asarray(trial.expected)[inside])
    return found


def gate(trial: Trial, config: TrainingConfig, rule: GateRule) -> Gate:
    """Whether the learnt effect may rank, by episodes that it has not learnt from.

    Args:
        trial: Episodes whose outcome is known.
        config: The knobs of the trees.
        rule: What is enough.

    Returns:
        With fewer episodes than the rule asks for nothing is fitted and every figure is unknown.
    """
    treated, moved = np.asarray(trial.treated), np.asarray(trial.moved)
    movers = len(np.unique(np.asarray(trial.cluster)[moved == 1]))
    have = {"treated": int(treated.sum()), "held": int((1 - treated).sum()), "moved": movers}
    missing = {
        name: getattr(rule, name) - count
        for name, count in have.items()
        if count < getattr(rule, name)
    }
    if missing:
        return Gate(have["treated"], have["held"], movers, missing, UNKNOWN, UNKNOWN, UNKNOWN)
    chance = np.asarray(trial.propensity)
    own = 1.0 / np.where(treated == 1, chance, 1.0 - chance)
    learnt = Qini.of(1 - moved, treated, held_out(trial, config, rule))
    before = Qini.of(1 - moved, treated, trial.expected)

    def figures(weight: Floats) -> dict[str, float]:
        both = weight * own
        return {
            "gain": coefficient(learnt, both) - coefficient(before, both),
            "learnt_top": uplift_at(learnt, rule.top, both),
            "expected_top": uplift_at(before, rule.top, both),
        }

    drawn = estimates(figures, trial.cluster, draws=rule.draws, seed=rule.seed)
    return Gate(have["treated"], have["held"], movers, {}, **drawn)
