"""Promote and roll back, on made-up judged days and real registered models."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from planted_versions import (
    DAYS,
    JUDGED,
    NAME,
    NEWEST,
    STRONG,
    WEAK,
    champion,
    fill,
    fitted,
    judge_on,
    start_again,
    tags,
    world,
)

from models.errors import ModelRefused, RegistryError
from models.gate import GateRule
from pipelines import later_days
from pipelines.errors import DONE, GATE_REFUSED, UsageError
from pipelines.promote import promote, rollback
from pipelines.setting_sections import Promotion
from pipelines.training_table import TrainingTable
from pipelines.workplace import open_workplace


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("models") / "home"
    fill(folder)
    return folder


@pytest.fixture(autouse=True)
def champion_one(home, monkeypatch) -> None:
    start_again(home, monkeypatch)


def test_a_version_that_is_surely_better_is_promoted_and_the_reasons_are_kept(home):
    result = promote(2, as_of=NEWEST, home=home)

    assert result.exit_code == DONE, result["outcome"]
    assert champion(home) == 2
    assert result["outcome"] == "version 2 is the champion and scores from now on."
    asked = {one["name"] for one in result["criteria"]}
    assert {"better than the champion", "slice county luoding", "no leak"} <= asked
    assert tags(home, 2)["promoted_because"] == "the gate passed it"
    assert tags(home, 2)["promoted_at"].startswith("20")
    assert tags(home, 2)["promoted_by"]


def test_a_leaky_version_is_refused_with_its_reason_and_exit_code_3(home):
    result = promote(3, as_of=NEWEST, home=home)

    assert result.exit_code == GATE_REFUSED
    assert champion(home) == 1
    assert "a leak until somebody explains it" in result["outcome"]
    assert result["outcome"].endswith("So version 1 stays champion.")


def test_a_worse_version_is_refused(home):
    open_workplace(home).registry.set_alias(NAME, "champion", 2)

    assert "worse, and by more than chance" in promote(1, as_of=NEWEST, home=home)["outcome"]
    assert champion(home) == 2


def test_force_promotes_what_the_gate_refuses_and_says_who_and_why(home):
    result = promote(3, as_of=NEWEST, force="demonstration for the board", home=home)

    assert result.exit_code == DONE
    assert champion(home) == 3
    assert "by force (demonstration for the board), though the gate refuses" in result["outcome"]
    said = tags(home, 3)
    assert said["promoted_because"] == "by force: demonstration for the board"
    assert "a leak until somebody explains it" in said["gate_refused_because"]
    assert said["promoted_by"]


def test_force_needs_a_reason(home):
    with pytest.raises(UsageError, match="needs a reason"):
        promote(3, as_of=NEWEST, force=" ", home=home)
    assert champion(home) == 1


def test_the_champion_cannot_be_promoted_again(home):
    with pytest.raises(UsageError, match="group_transfer 1 is the champion already"):
        promote(1, as_of=NEWEST, home=home)


def test_without_enough_later_days_it_says_from_when_there_will_be(home, monkeypatch):
    judge_on(world(5, JUDGED, seed=3), monkeypatch)

    result = promote(2, as_of=NEWEST, home=home)

    assert result.exit_code == GATE_REFUSED
    # lists from 3 January on: 3, 13, 23 January, 3, 13, 23 February; 170 days later: 12 August
    assert "5 days of list can be judged that no model here has learnt from" in result["outcome"]
    assert "there will be enough on 2010-08-12" in result["outcome"]


def test_days_that_a_model_has_learnt_from_are_no_later_days(home):
    place = open_workplace(home)
    one, late = (
        fitted(WEAK, place.group_label.version, as_of=made, **until)
        for made, until in (("2010-01-03", {}), ("2010-09-01", {"calibration_to": "2009-09-05"}))
    )
    table = TrainingTable(world(DAYS, JUDGED, seed=3), "group_id")

    # 5 September 2009 and 170 days are 22 February 2010
    found = later_days.later_days(place, table, [one, late])

    assert found == [day for day in table.days if day >= date(2010, 2, 22)]
    assert 0 < len(found) < DAYS


def test_a_first_champion_must_beat_the_rules(home):
    registry = open_workplace(home).registry
    registry._client().delete_registered_model_alias(NAME, "champion")

    result = promote(2, as_of=NEWEST, home=home)

    # none of the rules' features is in the table, so there are no rules to beat
    assert result.exit_code == DONE, result["outcome"]
    assert result["former"] is None


def test_a_damaged_version_is_not_promoted_even_by_force(home, tmp_path):
    registry = open_workplace(home).registry
    logged = registry.log(
        fitted(STRONG, "L_transfer_90/2"), experiment=NAME, params={}, metrics={}, tags={}
    )
    folder = registry._folder(registry._found(NAME, str(logged.version)))
    (folder / "model.txt").write_bytes(b"tree")

    with pytest.raises(ModelRefused, match=r"model\.txt"):
        promote(logged.version, as_of=NEWEST, force="in a hurry", home=home)
    assert champion(home) == 1


def test_rollback_gives_the_former_scores_bit_for_bit(home):
    place, rows = open_workplace(home), world(1, JUDGED, seed=9)
    before = place.registry.load(NAME, "champion").probability(rows)
    promote(2, as_of=NEWEST, home=home)
    assert (place.registry.load(NAME, "champion").probability(rows) != before).any()

    started = time.perf_counter()
    result = rollback(home=home)
    took = time.perf_counter() - started

    assert result == {"model": NAME, "champion": 1, "rolled back from": 2}
    after = place.registry.load(NAME, "champion").probability(rows)
    assert after.tobytes() == before.tobytes()
    assert took < 5
    assert tags(home, 2)["rolled_back_to"] == "1"
    assert tags(home, 2)["rolled_back_by"]


def test_rollback_done_twice_goes_on_to_the_champion_before(home):
    for version in (2, 3, 1):
        promote(version, as_of=NEWEST, force="to have a history", home=home)

    assert [rollback(home=home)["champion"] for _ in range(3)] == [3, 2, 1]
    with pytest.raises(RegistryError, match="no other version of group_transfer was champion"):
        rollback(home=home)
    promote(2, as_of=NEWEST, home=home)
    assert rollback(home=home)["champion"] == 1


def test_rollback_to_a_damaged_champion_changes_nothing(home):
    place = open_workplace(home)
    promote(2, as_of=NEWEST, home=home)
    trees = place.registry._folder(place.registry._found(NAME, "1")) / "model.txt"
    content = trees.read_bytes()
    trees.write_bytes(content[:-1])
    try:
        with pytest.raises(ModelRefused, match=r"model\.txt"):
            rollback(home=home)
        assert champion(home) == 2
    finally:
        trees.write_bytes(content)
    assert rollback(home=home)["champion"] == 1


def test_rollback_without_a_model_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="run `groupchurn train` first"):
        rollback(home=tmp_path)
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.slow
def test_rollback_from_the_command_line_takes_less_than_five_seconds(home):
    open_workplace(home).registry.set_alias(NAME, "champion", 2)
    command = [sys.executable, "-m", "pipelines.cli", "models", "rollback", "--json"]

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--home", str(home)], capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert json.loads(done.stdout)["champion"] == 1
    # The time of the processor: that of the clock is longer where others use the machine too.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_the_settings_of_a_promotion_are_the_fields_of_the_gate():
    elsewhere = {"suspicious_auc", "slots", "draws", "seed"}

    assert (
        set(Promotion.model_fields) - {"size_bands"}
        == {field.name for field in fields(GateRule)} - elsewhere
    )
