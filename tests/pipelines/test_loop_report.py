"""The loop's report: episodes as known on a day, what they have shown, and how it is said."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from drawing import Drawn
from rich.console import Console

from features import Tables
from models.bootstrap import Estimate
from models.effect import Enough, measured
from models.uplift import UNKNOWN, Gate
from pipelines import loop, loop_episodes
from pipelines.console import plain
from pipelines.errors import UsageError
from pipelines.loop import report_loop, saved_words, why_ranked
from pipelines.loop_episodes import cases_known, drawn as drawn_episodes
from pipelines.settings import load
from pipelines.workplace import Workplace

DAY = date(2011, 1, 3)
BOOKS = """
month  | group_id | tier | mobile_revenue_fen | load_time
201003 | g1       | C    | 10000              | 2010-04-02
201003 | g2       | C    | 20000              | 2010-04-02
201003 | g3       | C    |                    | 2010-04-02
201003 | g4       | A    | 90000              | 2010-04-02
201003 | g5       | C    | 10000              | 2010-04-02
"""
OPERATORS = """
case_id | score_batch_id | group_id | level  | is_holdout | due_time   | load_time
c1      | 2010043        | g1       | orange | no         | 2010-05-06 | 2010-05-10
c2      | 2010043        | g2       | yellow | yes        |            | 2010-05-10
c3      | 2010043        | g3       | red    | no         | 2010-05-04 | 2010-05-10
c4      | 2010043        | g4       | yellow | no         | 2010-05-13 | 2010-05-10
c5      | 2010043        | g5       | yellow | no         | 2010-05-13 | 2011-02-01
"""
OURS = """
treatment_id | group_id | arm     | propensity | assigned_by | assign_time | src_system | load_time
H20100503-g1 | g1       | treat   | 0.9        | random      | 2010-05-05  | groupchurn | 2010-05-05
H20100503-g2 | g2       | holdout | 0.9        | random      | 2010-05-05  | groupchurn | 2010-05-05
T20100503-g3 | g3       | treat   | 1.0        | model       | 2010-05-05  | groupchurn | 2010-05-05
x            | g5       | treat   | 0.01       | random      | 2010-05-05  | CRM        | 2010-05-05
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A workplace whose tables are given, and in which g1 has stayed and g2 has moved."""

    def moved(_place: Workplace, days: list[date], _as_of: date) -> pd.DataFrame:
        rows = [(day, group, float(group == "g2")) for day in days for group in ("g1", "g2")]
        return pd.DataFrame(rows, columns=["drawn_on", "group_id", "moved"])

    monkeypatch.setattr(loop_episodes, "_labels", moved)

    def of(tables: Tables) -> Workplace:
        made = Workplace(SimpleNamespace(path=tmp_path), load())  # type: ignore[arg-type]
        made.__dict__["tables"] = tables
        return made

    return of


def _text(told: object) -> str:
    """What a terminal would show, in one line."""
    console = Console(width=200, file=StringIO())
    console.print(told)
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


def test_the_operators_own_holdout_is_of_small_groups_in_orange_and_yellow(drawn: Drawn, place):
    here = place(drawn(alert_case=OPERATORS, group_snapshot=BOOKS))
    found = drawn_episodes(here, cases_known(here, DAY), DAY, date(2010, 1, 1))
    # Not g3 (red), g4 (tier A), nor g5 (loaded later).
    assert found.episodes["group_id"].tolist() == ["g1", "g2"]
    assert found.episodes["arm"].tolist() == ["treat", "holdout"]
    assert found.episodes["drawn_on"].unique().tolist() == [date(2010, 5, 3)]
    assert found.assumed
    # Of 200 yuan a month .70 goes, .45 of that is margin, for twelve months: 756 yuan.
    assert found.episodes["value_fen"].tolist() == pytest.approx([37_800, 75_600])


def test_our_own_draws_come_with_their_chance_and_the_day_of_their_list(drawn: Drawn, place):
    here = place(drawn(alert_case=OPERATORS, group_snapshot=BOOKS, treatment=OURS))
    found = drawn_episodes(here, cases_known(here, DAY), DAY, date(2010, 1, 1))
    assert not found.assumed
    assert found.episodes["group_id"].tolist() == ["g1", "g2"]
    assert found.episodes["drawn_on"].unique().tolist() == [date(2010, 5, 3)]
    assert found.episodes["propensity"].tolist() == [0.9, 0.9]
    assert found.episodes["moved"].tolist() == [0, 1]


def test_who_had_gone_when_he_was_drawn_is_left_out_and_counted(drawn: Drawn, place):
    gone = OURS + "H20100503-g3 | g3 | treat | 0.9 | random | 2010-05-05 | groupchurn | 2010-05-05"
    here = place(drawn(alert_case=OPERATORS, group_snapshot=BOOKS, treatment=gone))
    found = drawn_episodes(here, cases_known(here, DAY), DAY, date(2010, 1, 1))
    assert found.not_at_risk == 1
    assert found.episodes["group_id"].tolist() == ["g1", "g2"]


def test_before_the_label_has_matured_nothing_is_known(drawn: Drawn, place):
    here = place(drawn(alert_case=OPERATORS, group_snapshot=BOOKS, treatment=OURS))
    # Ten days of gap, 90 of horizon, 70 until it is known: 170 days from 3 May are 20 October.
    for day, known in ((date(2010, 10, 19), 0), (date(2010, 10, 20), 2)):
        found = drawn_episodes(here, cases_known(here, day), day, date(2010, 1, 1))
        assert found.episodes["moved"].notna().sum() == known


def test_the_report_adds_up_and_has_a_json_form(
    drawn: Drawn, place, monkeypatch: pytest.MonkeyPatch
):
    contacts = "\n".join(
        f"{row} | {at}"
        for row, at in zip(
            OPERATORS.strip().splitlines(),
            ("first_contact_time", "2010-05-05", "", "2010-05-09", "", ""),
            strict=True,
        )
    )
    here = place(drawn(alert_case=contacts, group_snapshot=BOOKS, treatment=OURS))
    monkeypatch.setattr(loop, "open_workplace", lambda *_: here)
    told = report_loop(as_of=DAY)
    (line,) = plain(told)["dekads"]
    # c1, c3 and c4 were due; c1 was contacted in time, c3 too late, c4 never; c2 is held out.
    assert (line["alerts"], line["due"], line["on_time"], line["held"]) == (3, 3, 1, 1)
    assert plain(told)["total"]["enough"] is False
    assert plain(told)["ranking"]["in_use"] == "expected"
    assert (line["effect"]["missing_held"], line["effect"]["missing_moved"]) == (29, 9)
    assert "not enough yet: 29 more held out and 9 more transferred." in _text(told)
    assert "[holdout]" not in _text(told)  # the log told the chances


def test_without_alerts_there_is_no_loop_to_report_on(
    drawn: Drawn, place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(loop, "open_workplace", lambda *_: place(drawn(group_snapshot=BOOKS)))
    with pytest.raises(UsageError, match="no alert is known"):
        report_loop(as_of=DAY)


def test_what_was_saved_is_told_with_its_interval_once_there_is_enough():
    moved = [1.0] * 40 + [0.0] * 360 + [1.0] * 40 + [0.0] * 60
    episodes = pd.DataFrame(
        {
            "group_id": range(500),
            "drawn_on": DAY,
            "arm": ["treat"] * 400 + ["holdout"] * 100,
            "propensity": 0.8,
            "value_fen": 100,
            "moved": moved,
        }
    )
    # 40 % less 10 % of 400 are 120 groups.
    words = saved_words(measured(episodes, Enough(30, 10)))
    assert words.startswith("120 [")
    assert "30.0% [" in words


def test_it_says_by_what_lists_are_ranked_and_why():
    few = Gate(5, 1, 0, {"treated": 995, "held": 299}, UNKNOWN, UNKNOWN, UNKNOWN)
    assert "aptness × risk" in why_ranked(few)
    assert "995 more treated, 299 more held out" in why_ranked(few)
    unsure = Gate(5000, 500, 200, {}, Estimate(0.01, -0.01, 0.02), UNKNOWN, UNKNOWN)
    assert "not surely better" in why_ranked(unsure)
    sure = Gate(5000, 500, 200, {}, Estimate(0.02, 0.01, 0.03), UNKNOWN, UNKNOWN)
    assert sure.opens
    assert "learnt effect" in why_ranked(sure)
    assert np.isnan(few.gain.value)
