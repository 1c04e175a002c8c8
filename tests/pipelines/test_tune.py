"""The search for knobs as a command: which days it sees, what it writes, what it says."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from pipelines import training_table, tune as command
from pipelines.errors import GateError, UsageError
from pipelines.settings import load
from pipelines.training_table import TrainingTable
from pipelines.tune import parts, study_name, tune
from pipelines.workplace import open_workplace

AS_OF = date(2011, 1, 3)
GROUPS = 80


def table_of(dekads: int) -> TrainingTable:
    """Groups that leave the sooner, the more their members call rivals; all labels known."""
    rng = np.random.default_rng(0)
    newest = AS_OF - timedelta(170)
    days = [newest - timedelta(10 * back) for back in range(dekads)][::-1]
    frame = pd.DataFrame(
        [(day, f"g{number:02}") for day in days for number in range(GROUPS)],
        columns=["as_of", "group_id"],
    )
    frame["one_sided_share"] = rng.random(len(frame))
    frame["noise"] = rng.normal(size=len(frame))
    chance = 0.02 + 0.3 * frame["one_sided_share"] ** 2
    return TrainingTable(frame.assign(label=(rng.random(len(frame)) < chance) * 1.0), "group_id")


@pytest.fixture
def own(tmp_path):
    """A settings file of one's own: small parts and few trees."""
    file = tmp_path / "own.toml"
    file.write_text(
        "[tuning]\norigins = 2\nmeasured_days = 3\nbags = 1\nrandom_trials = 2\n"
        "rounds = [5, 20]\n[training]\nrounds = 10\nminimum_positives = 20\n"
    )
    return file


@pytest.fixture
def many_days(monkeypatch):
    made = table_of(60)
    monkeypatch.setattr(training_table, "training_tables", lambda place, as_of: (made, None))
    return made


def test_no_part_knows_a_day_of_the_test_or_of_its_embargo(tmp_path, own, many_days):
    place = open_workplace(tmp_path / "home", own)

    found = parts(place, many_days, AS_OF)

    days = many_days.days
    # 12 days for the test, 170 days of embargo before them: 17 dekads less the one that just fits
    development = days[: 60 - 12 - 16]
    measured = [_days(many_days, part.measured) for part in found]
    assert measured == [development[-6:-3], development[-3:]]
    for part, later in zip(found, measured, strict=True):
        assert later[0] - _days(many_days, part.fit)[-1] == timedelta(100)


def _days(table: TrainingTable, rows) -> list[date]:
    return sorted(table.frame.loc[rows.features.index, "as_of"].unique())


def test_too_short_a_history_says_what_to_lower(tmp_path):
    place = open_workplace(tmp_path / "home")

    # before the test lie 20 days: 12 are measured on, and 9 more are too near to those to fit on
    with pytest.raises(GateError, match=r"lower tuning\.origins or tuning\.measured_days"):
        parts(place, table_of(12 + 16 + 20), AS_OF)


def test_what_is_found_is_a_settings_file_that_train_takes(tmp_path, own, many_days):
    home = tmp_path / "home"

    result = tune(AS_OF, home=home, config=own, trials=4)

    best = load(result["settings"]).training
    assert best.rounds == result["rounds"]
    assert best.learning_rate == result["learning_rate"]
    assert best.minimum_positives == load().training.minimum_positives
    assert result["trials"].startswith("4 of 4")


def test_a_second_call_goes_on_and_other_settings_begin_anew(tmp_path, own, many_days, monkeypatch):
    home, calls = tmp_path / "home", []
    measure = command.log_likelihood
    monkeypatch.setattr(
        command, "log_likelihood", lambda *given: calls.append(given) or measure(*given)
    )

    tune(AS_OF, home=home, config=own, trials=2)
    first = len(calls)
    again = tune(AS_OF, home=home, config=own, trials=2)
    assert first == 2 * 2
    assert len(calls) == first

    own.write_text(own.read_text().replace("minimum_positives = 20", "minimum_positives = 21"))
    other = tune(AS_OF, home=home, config=own, trials=1)
    assert other["study"] != again["study"]
    assert len(calls) == first + 2


def test_more_trials_and_more_threads_are_the_same_study(tmp_path, own, many_days):
    from pipelines.recipes import recipe_of

    def name() -> str:
        place = open_workplace(tmp_path / "home", own)
        return study_name(place, AS_OF, recipe_of(place, many_days))

    before = name()
    own.write_text(
        own.read_text().replace("[tuning]", "[engine]\nthreads = 1\n[tuning]\ntrials = 9")
    )

    assert name() == before


def test_labels_that_teach_nothing_end_in_words(tmp_path, own, many_days, monkeypatch):
    blank = TrainingTable(many_days.frame.assign(label=0.0), "group_id")
    monkeypatch.setattr(training_table, "training_tables", lambda place, as_of: (blank, None))

    with pytest.raises(GateError, match=r"None of 2 trials got through: label: all .* rows are 0"):
        tune(AS_OF, home=tmp_path / "home", config=own, trials=2)


def test_two_searches_in_one_home_do_not_run_together(tmp_path, own, many_days):
    home = tmp_path / "home"

    with command._alone(home / "tuning" / "lock"), pytest.raises(UsageError, match="Another tune"):
        tune(AS_OF, home=home, config=own, trials=1)


def test_no_trials_is_no_search(tmp_path, own):
    with pytest.raises(UsageError, match="at least one"):
        tune(AS_OF, home=tmp_path / "home", config=own, trials=0)
