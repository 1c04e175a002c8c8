"""Search for better knobs of the trees, so that it can be killed and goes on as if it had not been.

Each trial is a set of knobs, measured on one part of the older days after the other. What a trial
proposes depends only on the seed, on how many trials are finished, and on what those measured; a
trial that was cut off is forgotten and proposed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import TrainingRefused
from models.training import TrainingConfig

if TYPE_CHECKING:
    import optuna

Measure = Callable[[TrainingConfig, int], float]

KNOBS = (
    "rounds",
    "prior_rounds",
    "learning_rate",
    "leaves",
    "minimum_rows_per_leaf",
    "l2",
    "feature_fraction",
)
_DIGITS = 3
_KNOBS, _FIGURES, _WHY = "knobs", "figures", "why"


@dataclass(frozen=True)
class Search:
    """How knobs are searched for.

    Attributes:
        seed: Seed of what is proposed.
        parts: Parts of the older days on which a trial is measured, one after the other.
        random_trials: Finished trials before proposals follow from them and hopeless trials end
            early.
        ranges: Knob → lowest and highest value; each is looked at on a scale of factors.
    """

    seed: int
    parts: int
    random_trials: int
    ranges: Mapping[str, tuple[float, float]]

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.ranges) - set(KNOBS)):
            raise TrainingRefused(f"tuning: no such knob {unknown}; there are {', '.join(KNOBS)}")
        for knob, (low, high) in self.ranges.items():
            if not 0 < low <= high:
                raise TrainingRefused(f"tuning: {knob} from {low} to {high} is no range above zero")


@dataclass(frozen=True)
class Trial:
    """A finished trial.

    Attributes:
        knobs: Knob → value.
        figures: What each part measured; fewer than there are parts if it ended early.
        why: Why it ended early; empty if it did not.
    """

    knobs: Mapping[str, float]
    figures: tuple[float, ...]
    why: str = ""

    @property
    def mean(self) -> float:
        """The mean of its figures, by which trials are compared."""
        return float(np.mean(self.figures))


@dataclass(frozen=True)
class Found:
    """All finished trials in order; the first is of the present knobs.

    Attributes:
        best: The first of those with the highest mean over all parts; None if none got through.
    """

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial | None:
        through = [trial for trial in self.trials if not trial.why]
        return max(through, key=lambda trial: trial.mean, default=None)


def search(
    storage: Path,
    name: str,
    present: TrainingConfig,
    measure: Measure,
    how: Search,
    *,
    trials: int,
    seconds: float | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Found:
    """Try knobs until enough trials are finished, counting those of earlier calls.

    Args:
        storage: An SQLite file, which is made if there is none. One process at a time.
        name: The study: what was tried under another name does not count.
        present: The knobs that hold now; they are the first trial, and keep what is not searched.
        measure: Knobs and part → figure, the higher the better, the same whenever it is asked.
            A ``TrainingRefused`` ends the trial, not the search.
        how: Seed, parts and ranges.
        trials: Finished trials in all.
        seconds: No trial is begun after so long; then a later call goes on.
        progress: Told of finished trials and of all.

    Source:
        Bergstra et al. (2011), Algorithms for hyper-parameter optimization, NeurIPS 24.
    """
    study = _opened(storage, name)
    began = monotonic()
    while (done := len(_finished(study))) < trials:
        progress(done, trials)
        if seconds is not None and monotonic() - began >= seconds:
            break
        _one_trial(study, present, measure, how, done)
    progress(done, trials)
    return Found(tuple(_plain(trial) for trial in _finished(study)))


def _opened(storage: Path, name: str) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{storage.absolute()}",
        study_name=name,
        direction="maximize",
        load_if_exists=True,
    )
    for cut_off in study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.RUNNING]):
        study.tell(cut_off.number, state=optuna.trial.TrialState.FAIL)
    return study


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE, TrialState.PRUNED)
    return study.get_trials(deepcopy=False, states=states)


def _one_trial(
    study: optuna.Study, present: TrainingConfig, measure: Measure, how: Search, done: int
) -> None:
    import optuna
    from optuna.trial import TrialState

    # A sampler's random numbers start anew after a kill: so they start anew with every trial.
    seed = int(np.random.SeedSequence([how.seed, done]).generate_state(1)[0])
    study.sampler = optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=how.random_trials, multivariate=True
    )
    ranges = _distributions(present, how)
    if not done and not study.get_trials(deepcopy=False, states=[TrialState.WAITING]):
        study.enqueue_trial({knob: getattr(present, knob) for knob in ranges})
    trial = study.ask(ranges)
    knobs = replace(present, **_as_written(trial.params, present))
    figures: list[float] = []
    why = ""
    while len(figures) < how.parts and not why:
        try:
            figures.append(measure(knobs, len(figures)))
        except TrainingRefused as refused:
            why = str(refused)
        else:
            trial.report(float(np.mean(figures)), len(figures) - 1)
            why = _hopeless(study, figures, how)
    trial.set_user_attr(_KNOBS, {knob: getattr(knobs, knob) for knob in ranges})
    trial.set_user_attr(_FIGURES, figures)
    trial.set_user_attr(_WHY, why)
    if why:
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, float(np.mean(figures)))


def _hopeless(study: optuna.Study, figures: list[float], how: Search) -> str:
    """Why a trial ends here: its parts so far lie below the median of earlier trials on them."""
    last, so_far = len(figures) - 1, float(np.mean(figures))
    finished = [trial.intermediate_values for trial in _finished(study)]
    earlier = [means[last] for means in finished if last in means]
    if len(figures) == how.parts or len(earlier) < how.random_trials or so_far >= median(earlier):
        return ""
    return f"{so_far:.5g} on {len(figures)} of {how.parts} parts, others {median(earlier):.5g}"


def _distributions(
    present: TrainingConfig, how: Search
) -> dict[str, optuna.distributions.BaseDistribution]:
    """The ranges, widened where the present knob lies outside."""
    from optuna.distributions import FloatDistribution, IntDistribution

    made: dict[str, optuna.distributions.BaseDistribution] = {}
    for knob, (low, high) in how.ranges.items():
        now = getattr(present, knob)
        low, high = min(low, now), max(high, now)
        if isinstance(now, int):
            made[knob] = IntDistribution(int(low), int(high), log=True)
        else:
            made[knob] = FloatDistribution(low, high, log=low > 0)
    return made


def _as_written(params: Mapping[str, Any], present: TrainingConfig) -> dict[str, Any]:
    """Knobs as they are tried and written down: as many digits as a person would set."""
    return {
        knob: value
        if isinstance(value, int) or value == getattr(present, knob)
        else float(f"{value:.{_DIGITS}g}")
        for knob, value in params.items()
    }


def _plain(trial: optuna.trial.FrozenTrial) -> Trial:
    attributes = trial.user_attrs
    return Trial(attributes[_KNOBS], tuple(attributes[_FIGURES]), attributes[_WHY])
