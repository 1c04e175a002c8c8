"""Is the search for knobs repeatable, even if it is killed, and does it find what is there?"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from math import log
from pathlib import Path

import pytest

from models.errors import TrainingRefused
from models.training import TrainingConfig
from models.tuning import Found, Search, search

PRESENT = TrainingConfig(seed=1, rounds=100, learning_rate=0.1, leaves=7, l2=5.0)
HOW = Search(
    seed=3,
    parts=3,
    random_trials=4,
    ranges={"learning_rate": (0.01, 0.3), "leaves": (3, 31), "l2": (0.5, 50)},
)


def hill(knobs: TrainingConfig, part: int) -> float:
    """Highest at learning_rate 0.03 and 15 leaves; each part on another level."""
    return part - log(knobs.learning_rate / 0.03) ** 2 - log(knobs.leaves / 15) ** 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Found:
    """Twelve trials in one go."""
    return search(tmp_path_factory.mktemp("whole") / "s.db", "one", PRESENT, hill, HOW, trials=12)


def test_the_knobs_that_hold_now_are_tried_first(tmp_path):
    found = search(tmp_path / "s.db", "one", PRESENT, hill, HOW, trials=1)

    (trial,) = found.trials
    assert trial.knobs == {"learning_rate": 0.1, "leaves": 7, "l2": 5.0}
    assert trial.figures == tuple(hill(PRESENT, part) for part in range(3))
    assert found.best == trial


def test_a_search_finds_better_knobs(tmp_path):
    found = search(tmp_path / "s.db", "one", PRESENT, hill, HOW, trials=25)

    # at the top the mean over parts 0, 1, 2 is 1; the present knobs lie
    # ln(0.1 / 0.03)^2 + ln(7 / 15)^2 = 1.45 + 0.58 below
    assert found.trials[0].mean == pytest.approx(1 - 1.45 - 0.58, abs=0.01)
    assert found.best is not None
    assert found.best.mean > 0.8


def test_hopeless_trials_end_early_and_say_why(whole):
    ended = [trial for trial in whole.trials if trial.why]
    assert ended
    assert all(len(trial.figures) < 3 for trial in ended)
    assert all(" of 3 parts, others " in trial.why for trial in ended)
    assert not any(trial.why for trial in whole.trials[: HOW.random_trials])


def test_refused_knobs_end_a_trial_and_not_the_search(tmp_path):
    def choosy(knobs, part):
        if knobs.leaves > 10:
            raise TrainingRefused(f"{knobs.leaves} leaves are too many")
        return hill(knobs, part)

    found = search(tmp_path / "s.db", "one", PRESENT, choosy, HOW, trials=9)

    refused = [trial for trial in found.trials if "leaves are too many" in trial.why]
    assert refused
    assert all(trial.figures == () for trial in refused)
    assert found.best is not None
    assert found.best.knobs["leaves"] <= 10


def test_where_nothing_gets_through_there_is_no_best(tmp_path):
    def refuse(knobs, part):
        raise TrainingRefused("too few positives")

    found = search(tmp_path / "s.db", "one", PRESENT, refuse, HOW, trials=6)

    assert found.best is None
    assert [trial.why for trial in found.trials] == ["too few positives"] * 6


def test_knobs_are_tried_as_they_are_written_down(tmp_path):
    seen = []

    def note(knobs, part):
        seen.append(knobs)
        return hill(knobs, part)

    found = search(tmp_path / "s.db", "one", PRESENT, note, HOW, trials=6)

    tried = [replace(PRESENT, **trial.knobs) for trial in found.trials]
    assert all(knobs in seen for knobs in tried)
    assert all(knobs.learning_rate == float(f"{knobs.learning_rate:.3g}") for knobs in tried)


def test_a_range_is_widened_to_hold_the_present_knob(tmp_path):
    outside = replace(PRESENT, leaves=63)

    found = search(tmp_path / "s.db", "one", outside, hill, HOW, trials=2)

    assert found.trials[0].knobs["leaves"] == 63


def test_searching_in_several_calls_is_searching_in_one(tmp_path, whole):
    for trials in (1, 7, 12):
        parted = search(tmp_path / "parted.db", "one", PRESENT, hill, HOW, trials=trials)

    assert parted == whole


def test_another_name_is_another_search_and_another_seed_another_way(tmp_path):
    one = search(tmp_path / "s.db", "one", PRESENT, hill, HOW, trials=3)
    two = search(tmp_path / "s.db", "two", PRESENT, hill, HOW, trials=3)
    other = search(tmp_path / "s.db", "three", PRESENT, hill, replace(HOW, seed=4), trials=3)

    assert two == one
    assert other.trials[0] == one.trials[0]
    assert other.trials[1:] != one.trials[1:]


def test_no_trial_is_begun_after_the_time_is_over(tmp_path):
    found = search(tmp_path / "s.db", "one", PRESENT, hill, HOW, trials=5, seconds=0)

    assert found.trials == ()


def test_a_knob_that_there_is_not_is_refused():
    with pytest.raises(TrainingRefused, match="no such knob"):
        replace(HOW, ranges={"depth": (1, 3)})
    with pytest.raises(TrainingRefused, match="no range above zero"):
        replace(HOW, ranges={"leaves": (31, 3)})


KILLED = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from test_tuning import HOW, PRESENT, hill
from models.tuning import search

def slow(knobs, part):
    print("measuring", flush=True)
    time.sleep(0.05)
    return hill(knobs, part)

search(Path({storage!r}), "one", PRESENT, slow, HOW, trials=12)
"""


@pytest.mark.slow
@pytest.mark.parametrize("measurements", [1, 15])
def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path, whole, measurements):
    storage = tmp_path / "killed.db"
    code = KILLED.format(path=[str(Path(__file__).parent), *sys.path], storage=str(storage))

    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        for _ in range(measurements):
            assert process.stdout.readline() == b"measuring\n"
        time.sleep(0.02)  # in the middle of a measurement
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = search(storage, "one", PRESENT, hill, HOW, trials=0)
    again = search(storage, "one", PRESENT, hill, HOW, trials=12)

    assert len(before.trials) < 12
    assert again == whole
