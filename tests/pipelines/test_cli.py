"""The command line, on made-up flows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest
from typer.testing import CliRunner, Result

from models.errors import ModelsError
from pipelines import cli
from pipelines.commands import Command
from pipelines.errors import ContractBrokenError, GateError
from pipelines.settings import DEFAULT_FILE


@dataclass(frozen=True)
class Forecast:
    """What the made-up command returns."""

    town: str
    day: date
    degrees: float
    exit_code: int = 0


def forecast(
    town: str,
    /,
    day: date,
    scale: Literal["celsius", "kelvin"] = "celsius",
    sunny: bool = False,
    until: date | None = None,
    home: Path = Path("var"),
) -> Forecast:
    """Say how warm it will be.

    Args:
        town: Where.
        day: The day, in the
            local calendar.
        scale: Unit of the answer.

    Raises:
        GateError: Nobody knows.

    Example:
        groupchurn forecast xinxing --day 2009-01-10
    """
    print("looking at the sky")
    if town == "nowhere":
        raise GateError("Nobody knows the weather of nowhere. Name a town.")
    if town == "broken":
        raise ContractBrokenError("Table sky, column cloud: 7 rows.")
    if town == "unfit":
        raise ModelsError("There is too little weather to learn from.")
    if town == "fault":
        raise ZeroDivisionError("division by zero")
    return Forecast(town, day, 294.5 if scale == "kelvin" else float("nan"), int(town == "storm"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run a command line whose only command of interest is ``forecast``."""
    module = ModuleType("made_up_flows")
    module.forecast = forecast  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "made_up_flows", module)
    commands = {**cli.COMMANDS, "forecast": Command("made_up_flows:forecast", "How warm it is.")}
    monkeypatch.setattr(cli, "COMMANDS", commands)
    monkeypatch.setenv("GROUPCHURN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(cli.application(), words, prog_name="groupchurn")

    return invoke


def test_help_names_every_command_and_what_it_does(run) -> None:
    told = run("--help").stdout

    for path, command in cli.COMMANDS.items():
        if " " not in path:
            assert path in told
            assert command.summary in told
    for group, summary in cli.GROUPS.items():
        assert group in told
        assert summary in told


def test_the_options_of_a_command_are_the_parameters_of_its_function(run) -> None:
    told = run("forecast", "--help").stdout

    assert "groupchurn forecast [OPTIONS] {town}" in told
    assert "--day YYYY-MM-DD" in told
    assert "The day, in the local calendar." in told
    assert "<celsius|kelvin>" in told
    assert "groupchurn forecast xinxing --day 2009-01-10" in told
    for common in ("--home", "--config", "--json", "--quiet", "--debug"):
        assert common in told
    assert "Nobody knows" not in told  # what it raises is for programmers


def test_a_result_is_a_table_for_people(run) -> None:
    result = run("forecast", "xinxing", "--day", "2009-01-10", "--scale", "kelvin")

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines() if line.strip()] == [
        ["town", "xinxing"],
        ["day", "2009-01-10"],
        ["degrees", "294.5"],
        ["exit_code", "0"],
    ]


def test_json_is_all_that_stands_on_standard_output(run) -> None:
    result = run("forecast", "xinxing", "--day", "2009-01-10", "--json")

    assert json.loads(result.stdout) == {
        "town": "xinxing",
        "day": "2009-01-10",
        "degrees": None,  # unknown, which JSON cannot say as NaN
        "exit_code": 0,
    }
    assert "looking at the sky" in result.stderr


def test_a_result_may_set_the_exit_code(run) -> None:
    assert run("forecast", "storm", "--day", "2009-01-10").exit_code == 1


@pytest.mark.parametrize("day", ["10.01.2009", "2009-02-30", "20090110", "tomorrow"])
def test_what_is_no_day_is_a_usage_error_that_says_how_to_write_one(run, day: str) -> None:
    result = run("forecast", "xinxing", "--day", day)

    assert result.exit_code == 2
    assert "'--day'" in result.stderr
    assert day in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("town", "code", "told"),
    [
        ("nowhere", 3, "Nobody knows the weather of nowhere. Name a town."),
        ("broken", 4, "Table sky, column cloud: 7 rows."),
        ("unfit", 1, "There is too little weather to learn from."),
    ],
)
def test_an_error_for_people_is_told_in_its_own_words(run, town: str, code: int, told: str) -> None:
    result = run("forecast", town, "--day", "2009-01-10", "--quiet")

    assert result.exit_code == code
    assert result.stderr == f"looking at the sky\nError: {told}\n"
    assert result.stdout == ""


def test_an_unexpected_error_is_one_sentence_and_a_file_with_the_trace(run, tmp_path) -> None:
    result = run("forecast", "fault", "--day", "2009-01-10")

    [trace] = (tmp_path / "home" / "log").iterdir()
    assert result.exit_code == 1
    assert "forecast failed unexpectedly: ZeroDivisionError: division by zero" in result.stderr
    assert str(trace) in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in trace.read_text()


def test_debug_shows_the_trace(run) -> None:
    result = run("forecast", "fault", "--day", "2009-01-10", "--debug")

    assert "Traceback" in result.stderr


def test_a_trace_that_cannot_be_written_does_not_hide_the_error(run, tmp_path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")

    result = run("forecast", "fault", "--day", "2009-01-10")

    assert "division by zero" in result.stderr
    assert "could not be written" in result.stderr


def test_an_unknown_command_is_a_usage_error_with_a_suggestion(run) -> None:
    result = run("forcast")

    assert result.exit_code == 2
    assert "forecast" in result.stderr


def test_a_contract_a_feature_and_a_setting_can_be_looked_up(run) -> None:
    assert "usage_month" in run("contracts", "list").stdout
    assert "mou_out_m" in run("contracts", "show", "usage_month").stdout
    assert "group_out_fall" in run("features", "list", "--entity", "group").stdout
    assert "group_out_fall" in run("features", "show", "group_out_fall").stdout
    assert "label.loss_share" in run("config", "show").stdout
    assert run("models", "list").stdout == "Nothing to show.\n"


def test_a_misspelt_name_is_a_usage_error_with_the_nearest_names(run) -> None:
    result = run("contracts", "show", "usage_moth")

    assert result.exit_code == 2
    assert "usage_month" in result.stderr


def test_config_show_says_where_each_setting_was_set(run, tmp_path, monkeypatch) -> None:
    (tmp_path / "own.toml").write_text("[label]\nloss_share = 0.3\n")
    monkeypatch.setenv("GROUPCHURN_LABEL__GAP_DAYS", "20")

    shown = json.loads(run("config", "show", "--config", "own.toml", "--json").stdout)

    rows = {row["setting"]: row for row in shown["settings"]}
    assert (rows["label.loss_share"]["value"], rows["label.loss_share"]["set by"]) == (
        0.3,
        "own.toml",
    )
    assert (rows["label.gap_days"]["value"], rows["label.gap_days"]["set by"]) == (
        20,
        "environment",
    )
    assert rows["label.horizon_days"]["set by"] == "default"
    assert rows["label.horizon_days"]["unit"] == "days"
    assert all(row["source of default"] in DEFAULT_FILE.read_text() for row in shown["settings"])


def test_doctor_says_what_to_do_in_an_empty_home(run) -> None:
    result = run("doctor", "--json")

    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert checks["libgomp"]["state"] == "OK"
    assert checks["data"] == {
        "check": "data",
        "state": "WARN",
        "text": "nothing is stored; run groupchurn ingest DIR",
    }


def test_doctor_fails_where_the_published_pointer_is_damaged(run, tmp_path) -> None:
    (tmp_path / "home" / "published").mkdir(parents=True)
    (tmp_path / "home" / "published" / "CURRENT.json").write_text("{")

    result = run("doctor")

    assert result.exit_code == 1
    assert "damaged" in result.stdout


def test_the_version_is_that_of_the_distribution(run, monkeypatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", {"groupchurn": "1.2.3"}.get)

    assert run("--version").stdout == "groupchurn 1.2.3\n"


def test_asking_for_help_imports_none_of_the_heavy_libraries() -> None:
    heavy = {"pandas", "numpy", "duckdb", "pydantic", "mlflow", "prefect", "lightgbm", "narwhals"}
    script = (
        "import sys\nfrom pipelines import cli\n"
        "try:\n    cli.main()\n"
        f"except SystemExit:\n    sys.exit(','.join({heavy!r} & sys.modules.keys()) or 0)"
    )

    asked = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, check=False
    )

    assert asked.stderr == ""
    assert "demo" in asked.stdout
