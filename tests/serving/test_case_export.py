"""Cases, campaigns and treatments as source tables: what was known when, exactly once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from casebooks import NOON, book as book, chosen, listed, moment, where as where

from data_contracts.contract import source_tables
from data_contracts.expectations import validate
from pipelines.intake.ingestion import ingest
from pipelines.storage import Home, Warehouse
from serving.casebook.entries import Action, Contact, Feedback
from serving.casebook.export import export, frames
from serving.casebook.ids import case_ids

SECOND = date(2011, 1, 13)
G1, G2 = "20110103-G1", "20110103-G2"
TABLES = ("alert_case", "campaign", "treatment")


def worked(book):
    """Two groups that were drawn, one of them held out, and a red one; the first is worked."""
    arms = pd.concat(
        [chosen(("G1", "treat"), ("G2", "holdout")), chosen(("G3", "treat"), how="not_drawn")]
    )
    book.open_cases(
        pd.concat([listed(("G1", "orange"), ("G2", "orange")), listed(("G3", "red"))]), arms
    )
    day = timedelta(days=1)
    who = {"case_id": G1, "by": "S1"}
    book.record(Contact(event_id="1", at=NOON + 2 * day, happened_at=NOON + day, **who))
    book.record(
        Action(event_id="2", at=NOON + 3 * day, action_code="DEP_BONUS", cost_fen=6000, **who)
    )
    book.record(Feedback(event_id="3", at=NOON + 4 * day, code="contract_signed", **who))
    return book


def rows_of(frame, key, value):
    return frame[frame[key] == value].sort_values("load_time").reset_index(drop=True)


def test_the_frames_keep_their_contracts(book):
    made = frames(worked(book))

    assert sorted(made) == sorted(TABLES)
    for name, frame in made.items():
        verdict = validate(source_tables()[name], frame)
        assert verdict.success, (name, verdict.failed)
        assert list(frame.columns) == list(source_tables()[name].names)


def test_a_broken_frame_would_be_seen(book):
    frame = frames(worked(book))["alert_case"].assign(level="purple")

    assert not validate(source_tables()["alert_case"], frame).success


def test_each_change_is_a_version_with_the_time_it_was_recorded(book):
    rows = rows_of(frames(worked(book))["alert_case"], "case_id", G1)

    assert rows["op"].tolist() == ["I", "U", "U", "U", "U"]
    assert rows["first_contact_time"].isna().tolist() == [True, True, False, False, False]
    contact = rows.loc[2]
    assert contact["first_contact_time"] == NOON + timedelta(days=1)
    assert contact["event_time"] == NOON + timedelta(days=1)
    assert contact["load_time"] == NOON + timedelta(days=2)
    assert rows["feedback"].isna().tolist() == [True, True, True, True, False]
    assert rows.loc[4, "batch_id"] == "2011011"
    assert (rows["load_time"] >= rows["event_time"]).all()
    assert not rows[["case_id", "load_time"]].duplicated().any()


def test_who_is_held_out_is_in_the_tables_and_was_never_given_out(book):
    made = frames(worked(book))
    case = rows_of(made["alert_case"], "case_id", G2).iloc[-1]
    treatment = rows_of(made["treatment"], "group_id", "G2").iloc[-1]

    assert (case["is_holdout"], pd.isna(case["dispatched_time"])) == (True, True)
    assert (treatment["arm"], float(treatment["propensity"])) == ("holdout", 0.9)
    assert (treatment["assigned_by"], treatment["delivered"]) == ("random", False)


def test_the_log_of_treatments_tells_the_draw_first_and_what_came_of_it_later(book):
    made = frames(worked(book))["treatment"]
    rows = rows_of(made, "group_id", "G1")

    assert rows["treatment_id"].unique().tolist() == ["H20110103-G1"]
    assert rows["delivered"].tolist() == [False, True, True]
    assert rows["cost_fen"].tolist() == [pd.NA, 6000, 6000]
    assert rows["accepted"].tolist() == [pd.NA, pd.NA, True]
    assert set(rows["assign_time"]) == {pd.Timestamp(NOON) + pd.Timedelta(microseconds=0)}
    red = rows_of(made, "group_id", "G3").iloc[0]
    assert (red["assigned_by"], float(red["propensity"]), red["arm"]) == ("model", 1.0, "treat")


def test_a_campaign_is_a_quarter_and_an_action(book):
    rows = frames(worked(book))["campaign"]

    assert rows[["campaign_id", "start_date", "end_date"]].values.tolist() == [
        ["GC-2011Q1-KEY_VISIT", date(2011, 1, 1), date(2011, 4, 1)]
    ]


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("lost", "confirmed"),
        ("kept", "confirmed"),
        ("gone_before", "missed"),
        ("false_alarm", "false_alarm"),
        ("unverifiable", None),
    ],
)
def test_what_the_data_say_is_told_in_the_words_of_the_table(book, result, told):
    book.open_cases(listed(("G1", "red")))
    book.close_verified({G1: result}, NOON + timedelta(days=60))
    last = rows_of(frames(book)["alert_case"], "case_id", G1).iloc[-1]

    assert (last["verify_result"] if told else pd.isna(last["verify_result"])) == (told or True)
    assert pd.notna(last["closed_time"])


def test_a_list_without_news_adds_no_version(book):
    book.open_cases(listed(("G1", "red"), ("G2", "red")))
    before = len(frames(book)["alert_case"])
    book.open_cases(listed(("G2", "red"), as_of=SECOND))

    assert len(frames(book)["alert_case"]) == before


def test_reasons_and_trigger_are_the_drivers(book):
    book.open_cases(listed(("G1", "red"), trigger="vnet_dissolved", reason_2_code="R11"))

    drivers = frames(book)["alert_case"].iloc[-1]["top_drivers"]
    assert json.loads(drivers) == ["vnet_dissolved", "R01", "R11"]


def test_the_list_names_the_case_that_its_row_will_belong_to(book):
    worked(book)
    book.close_case("20110103-G3", "done", by="S1", at=NOON + timedelta(days=5))
    known = frames(book)["alert_case"].sort_values("load_time").groupby("case_id").tail(1)

    ids = case_ids(["G1", "G2", "G3", "G4"], known, SECOND)
    assert ids == {"G1": G1, "G2": G2, "G3": "20110113-G3", "G4": "20110113-G4"}
    other = known.assign(src_system="CRM")
    assert case_ids(["G1"], other, SECOND) == {"G1": "20110113-G1"}


def test_an_empty_casebook_has_empty_tables_and_nothing_to_deliver(book, tmp_path):
    assert {name: len(frame) for name, frame in frames(book).items()} == dict.fromkeys(TABLES, 0)
    assert export(book, tmp_path).deliveries == 0


def contents(folder: Path):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")
    }


def test_a_delivery_holds_what_came_since_the_last_and_can_be_written_again(book, tmp_path):
    worked(book)
    first = export(book, tmp_path / "out")
    assert (first.deliveries, first.new_rows["treatment"]) == (1, 3 + 2)
    nothing = export(book, tmp_path / "out")
    assert (nothing.deliveries, nothing.written) == (1, ())
    book.close_case(G1, "done", by="S1", at=NOON + timedelta(days=9))
    second = export(book, tmp_path / "out")

    assert (second.deliveries, second.new_rows) == (
        2,
        {"alert_case": 1, "campaign": 0, "treatment": 0},
    )
    assert [path.name for path in second.written] == ["casebook-000002.parquet"]
    export(book, tmp_path / "elsewhere")
    assert contents(tmp_path / "elsewhere") == contents(tmp_path / "out")
    together = pd.concat(
        pq.read_table(path).to_pandas() for path in (tmp_path / "out/alert_case").iterdir()
    )
    assert len(together) == len(frames(book)["alert_case"])


def test_what_is_recorded_later_is_loaded_later_than_all_that_was_delivered(book, tmp_path):
    worked(book)
    export(book, tmp_path)
    newest = frames(book)["alert_case"]["load_time"].max()
    book.close_case(G1, "done", by="S1", at=NOON)  # said to be the day of the list
    export(book, tmp_path)

    late = pq.read_table(tmp_path / "alert_case/casebook-000002.parquet").to_pandas()
    assert (late["load_time"] > newest).all()


def test_an_ingest_of_the_folder_takes_all_rows_and_of_the_same_folder_none(book, tmp_path):
    worked(book)
    home = Home(tmp_path / "home")
    export(book, tmp_path / "out")
    report = ingest(tmp_path / "out", home)

    assert {table.table: (table.rows, table.quarantined) for table in report.tables} == {
        name: (len(frame), 0) for name, frame in frames(book).items()
    }
    book.close_case(G1, "done", by="S1", at=NOON + timedelta(days=9))
    export(book, tmp_path / "out")
    again = ingest(tmp_path / "out", home)
    assert (again.total.rows, again.total.quarantined) == (1, 0)
    assert Warehouse(home).files("alert_case")
    assert moment("2011-01-14 12:00") in Warehouse(home).freshness.values()
