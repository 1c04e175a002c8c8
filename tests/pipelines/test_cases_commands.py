"""`groupchurn cases`: what people do with cases, and the way of the tables back into the home."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from casebooks import NOON, chosen, listed
from typer.testing import CliRunner

from features.known import Known
from features.tables import as_pandas
from pipelines import cases, cli
from pipelines.intake.ingestion import ingest
from pipelines.settings import load
from pipelines.storage import Home
from pipelines.workplace import open_workplace
from serving.alerting.holdout import arms

G1 = "20110103-G1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose first list has a red group, a yellow one, and one that is held out."""
    folder = tmp_path / "var"
    arms_of = chosen(("G2", "holdout"), ("G3", "treat"))
    rows = pd.concat([listed(("G1", "red"), ("G3", "yellow")), listed(("G2", "orange"))])
    open_workplace(folder).casebook.open_cases(rows, arms_of)
    return folder


@pytest.fixture
def run(home: Path):
    """Run `groupchurn cases ...` in the home; its answer as plain values."""

    def invoke(words: str, *more: str, fails: bool = False):
        given = ["cases", *words.split(), *more, "--home", str(home), "--json"]
        result = CliRunner().invoke(cli.application(), given)
        assert (result.exit_code != 0) == fails, result.output
        return result.stderr if fails else json.loads(result.stdout)

    return invoke


def test_the_list_names_open_cases_the_gravest_first_and_none_that_is_held_out(run) -> None:
    rows = run("list --at 2011-01-07")

    assert [(row["group"], row["overdue"]) for row in rows] == [("G1", True), ("G3", False)]
    assert [row["group"] for row in run("list --overdue --at 2011-01-07")] == ["G1"]
    assert [row["group"] for row in run("list --level yellow --at 2011-01-07")] == ["G3"]
    assert run("list --owner nobody --at 2011-01-07") == []
    assert [row["group"] for row in run("list --held-out --at 2011-01-07")] == ["G2"]


def test_a_case_is_taken_contacted_acted_on_and_closed(run) -> None:
    at = ["--by", "S1", "--at"]
    run(f"take {G1}", *at, "2011-01-05T14:00:00")
    run(f"contact {G1} --note 见过", *at, "2011-01-06")
    done = run(f"act {G1} --action KEY_VISIT --cost-fen 9000 --accepted", *at, "2011-01-07")
    assert (done["state"], done["action"]) == ("action", "KEY_VISIT")
    run(f"close {G1} --why done", *at, "2011-01-08")

    told = run(f"show {G1}")
    assert [entry["what"] for entry in told["trail"]] == [
        *("generated", "dispatched", "accepted", "contacted", "action", "closed")
    ]
    assert told["trail"][3]["why"] == "见过"
    assert "state accepted → contacted" in told["trail"][3]["changed"]
    assert "is closed and takes no more entries" in run(
        f"contact {G1}", *at, "2011-01-09", fails=True
    )
    assert [row["group"] for row in run("list --at 2011-01-09")] == ["G3"]
    assert [row["group"] for row in run("list --everything --at 2011-01-09")] == ["G1", "G3"]


def test_a_snoozed_case_is_not_listed_until_it_wakes(run) -> None:
    run("snooze 20110103-G3 --until 2011-01-09 --reason 出差 --by S1 --at 2011-01-06")

    assert [row["group"] for row in run("list --at 2011-01-06")] == ["G1"]
    woken = [row for row in run("tick --at 2011-01-09") if row["what"] == "woken"]
    assert [row["case"] for row in woken] == ["20110103-G3"]
    assert len(run("list --at 2011-01-09")) == 2


def test_a_case_is_passed_up_by_hand_and_by_time(run) -> None:
    up = run("escalate 20110103-G3 --to S9 --why help --by S1 --at 2011-01-06")
    assert (up["state"], up["passed up to"]) == ("escalated", "S9")

    assert [row["group"] for row in run("tick --at 2011-01-07T12:00:00")] == ["G1"]
    assert run("tick --at 2011-01-07T12:00:00") == []


def test_an_old_casebook_is_not_written_with_today_s_date(run) -> None:
    told = run("tick", fails=True)

    assert "last written on 2011-01-05" in told
    assert "--at 2011-01-06" in told


def test_a_casebook_in_use_takes_this_machine_s_time(run, home, monkeypatch) -> None:
    monkeypatch.setattr(cases, "_now", lambda: NOON + timedelta(days=3))

    assert [row["group"] for row in run("tick")] == ["G1"]
    assert isinstance(cases._now(), datetime)


def test_an_unknown_case_is_said_to_be_unknown(run) -> None:
    assert "there is no case 'x'" in run("show x", fails=True)


def test_exported_cases_come_back_into_the_home_and_bind_the_next_list(run, home) -> None:
    told = run("export --out", str(home / "tables"))
    assert told["new rows of treatment"] == 3
    assert run("export --out", str(home / "tables"))["files written"] == 0
    report = ingest(home / "tables", Home(home))
    assert (report.total.quarantined, report.total.rows) == (0, 5 + 1 + 3)

    levels = pd.DataFrame(
        {"group_id": ["G1", "G2", "G3"], "tier": "C", "level": "orange", "method": "model"}
    )
    place, rule = open_workplace(home), load().holdout.rule()

    def drawn(day: date) -> list[tuple[str, str]]:
        log = as_pandas(Known(place.tables, [day]).rows("treatment"), "treatment_id")
        found = arms(levels, log, day, rule)
        return list(zip(found["arm"], found["how"], strict=True))

    assert drawn(date(2011, 1, 13)) == [
        ("treat", "not_drawn"),
        ("holdout", "kept"),
        ("treat", "kept"),
    ]
    # On the day before the list was given out nobody knew of it.
    assert [how for _, how in drawn(date(2011, 1, 4))] == ["drawn", "drawn", "drawn"]


def test_what_was_recorded_is_handed_over_once(home) -> None:
    assert cases.hand_over(open_workplace(home)) is True
    assert cases.hand_over(open_workplace(home)) is False

    place = open_workplace(home)
    known = as_pandas(Known(place.tables, [date(2011, 1, 13)]).rows("alert_case"), "case_id")
    assert known["case_id"].tolist() == [G1, "20110103-G2", "20110103-G3"]
    place.casebook.close_case(G1, "done", by="S1", at=NOON + timedelta(days=4))
    assert cases.hand_over(place) is True
    # What came after the day of a list changes nothing of what it was made from.
    before = place.warehouse.manifest.version(date(2011, 1, 8))
    assert open_workplace(home).warehouse.manifest.version(date(2011, 1, 8)) == before


def test_an_empty_casebook_hands_nothing_over(tmp_path) -> None:
    assert cases.hand_over(open_workplace(tmp_path)) is False


def test_the_home_keeps_its_cases_unless_a_database_is_named(home, tmp_path, monkeypatch) -> None:
    assert (home / "casebook.db").exists()
    elsewhere = tmp_path / "other.db"
    monkeypatch.setenv("GROUPCHURN_CASEBOOK__URL", f"sqlite:///{elsewhere}")

    assert open_workplace(home).casebook.cases().empty
    assert elsewhere.exists()


def test_where_cases_are_kept_is_no_part_of_a_list_s_settings(monkeypatch) -> None:
    before = load().digest
    monkeypatch.setenv("GROUPCHURN_CASEBOOK__URL", "postgresql://me:secret@host/casebook")
    assert load().digest == before

    monkeypatch.setenv("GROUPCHURN_HOLDOUT__SHARE", "0.2")
    assert load().digest != before


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("CASEBOOK__FIRST_CONTACT", '["1 week", "3 d", "3 d", "3 d"]', "is no time span"),
        ("CASEBOOK__FEEDBACK", '["", "3 d", "3 d", "3 d"]', "need a time for every level"),
        ("CASEBOOK__ESCALATE_TO", '["", "", "", ""]', "escalate_to says nothing"),
        ("HOLDOUT__SHARE", "0.9", "less than or equal to 0.5"),
    ],
)
def test_impossible_settings_are_refused(monkeypatch, key, value, told) -> None:
    from pipelines.errors import UsageError

    monkeypatch.setenv(f"GROUPCHURN_{key}", value)
    with pytest.raises(UsageError, match=told):
        load()
