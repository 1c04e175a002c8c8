"""What a command says, and where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines import console


@pytest.fixture
def talking() -> Iterator[None]:
    with console.talking():
        yield


@dataclass(frozen=True)
class Figure:
    value: float
    low: float


def test_a_library_user_hears_nothing(capsys) -> None:
    with console.stage("features"), console.progress("days") as tell:
        tell(1, 2)
    console.say("hello")

    assert capsys.readouterr() == ("", "")


def test_a_stage_tells_its_beginning_and_its_time_on_standard_error(talking, capsys) -> None:
    with console.stage("features"):
        console.say("half of it")

    out, err = capsys.readouterr()
    began, middle, ended = err.splitlines()
    assert (out, began, middle) == ("", "features ...", "half of it")
    assert ended.startswith("features: 0.")


def test_a_stage_that_fails_does_not_tell_that_it_is_done(talking, capsys) -> None:
    with pytest.raises(ValueError, match="no"), console.stage("features"):
        raise ValueError("no")

    assert capsys.readouterr().err == "features ...\n"


def test_without_a_terminal_progress_is_a_line_now_and_then(talking, capsys, monkeypatch) -> None:
    clock = iter(range(0, 100, 2))  # every look at the clock, two seconds have passed
    monkeypatch.setattr(console.time, "perf_counter", lambda: next(clock))

    with console.progress("days") as tell:
        for day in range(1, 7):
            tell(day, 6)

    assert capsys.readouterr().err.splitlines() == ["days: 3 of 6", "days: 6 of 6"]


def test_square_brackets_are_text(capsys) -> None:
    console.show([{"pattern": "[0-9]{6}"}])
    console.show("[bold]")

    assert "[0-9]{6}" in (told := capsys.readouterr().out)
    assert "[bold]" in told


def test_a_page_has_its_plain_values_first_and_a_table_for_each_list_or_named_rows(capsys) -> None:
    console.show(
        {
            "run": "a1",
            "figures": {"auc": Figure(0.8, 0.75), "lift": Figure(4.0, float("nan"))},
            "parts": [{"part": "test", "rows": 1200}],
        }
    )

    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]
    assert lines == [
        ["run", "a1"],
        ["figures"],
        ["value", "low"],
        ["auc", "0.8", "0.75"],
        ["lift", "4", "-"],
        ["parts"],
        ["part", "rows"],
        ["test", "1,200"],
    ]


def test_json_knows_days_paths_numpy_and_the_unknown(capsys) -> None:
    console.show_json(
        {
            "day": date(2011, 1, 3),
            "file": Path("var"),
            "n": np.int64(3),
            "unknown": np.float64("nan"),
            "figures": (Figure(0.5, 0.4),),
        }
    )

    assert json.loads(capsys.readouterr().out) == {
        "day": "2011-01-03",
        "file": "var",
        "n": 3,
        "unknown": None,
        "figures": [{"value": 0.5, "low": 0.4}],
    }


def test_a_frame_is_no_result() -> None:
    with pytest.raises(TypeError, match="DataFrame has no JSON form"):
        console.plain({"rows": pd.DataFrame({"a": [1]})})
