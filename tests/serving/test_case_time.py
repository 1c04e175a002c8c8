"""What time does to a case: it is passed up, expires, and sleeps; whatever happens, once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from casebooks import NOON, book as book, listed, moment, rules, where as where
from hypothesis import given, settings, strategies as st

from serving.casebook.book import Casebook
from serving.casebook.entries import Contact, Feedback
from serving.errors import CasebookError

RED = "20110103-G1"


def hours(count: float) -> datetime:
    """So many hours after the list was given out."""
    return NOON + timedelta(hours=count)


def contact(at, event_id="e1"):
    return Contact(event_id=event_id, case_id=RED, by="S1", at=at)


def feedback(at):
    return Feedback(event_id="f1", case_id=RED, by="S1", at=at, code="contacted_kept")


def test_a_red_case_that_nobody_has_come_to_is_passed_up_after_48_hours_once(book):
    book.open_cases(listed(("G1", "red"), ("G2", "yellow")))

    assert book.tick(hours(47.9)) == ()
    done = book.tick(hours(50))

    assert [(one.case_id, one.what) for one in done] == [(RED, "escalated")]
    case = book.case(RED)
    assert (case["state"], case["escalated_to"], case["escalated_at"]) == (
        *("escalated", "M1"),
        hours(48),
    )
    assert book.tick(hours(50)) == ()
    assert book.tick(hours(51)) == ()


def test_without_a_name_a_case_is_passed_up_to_the_office(book):
    book.open_cases(listed(("G1", "red"), ("G2", "orange"), escalate_to=None))
    book.tick(hours(73))

    assert book.case(RED)["escalated_to"] == "branch_gm"
    assert book.case("20110103-G2")["escalated_to"] == "AM_lead"


def test_a_case_that_was_contacted_in_time_is_passed_up_when_its_feedback_is_late(book):
    book.open_cases(listed(("G1", "red")))
    book.record(contact(hours(10)))

    assert book.tick(hours(71)) == ()
    assert [one.why for one in book.tick(hours(73))] == ["no feedback by 2011-01-08 12:00, to M1"]
    book.record(feedback(hours(74)))
    assert book.case(RED)["state"] == "feedback"
    assert book.tick(hours(200)) == ()


def test_for_late_feedback_a_case_is_passed_up_once_even_if_somebody_calls_again(book):
    book.open_cases(listed(("G1", "red")))
    book.record(contact(hours(10)))
    assert len(book.tick(hours(73))) == 1
    book.record(contact(hours(80), event_id="e2"))

    assert book.case(RED)["state"] == "contacted"
    assert book.tick(hours(90)) == ()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 24 * 50), min_size=1, max_size=6),
    st.sampled_from(["red", "orange", "yellow", "blue"]),
    st.booleans(),
    st.integers(0, 3),
)
def test_however_often_time_is_looked_at_it_does_the_same(tmp_path_factory, at, level, met, snooze):
    def after(moments):
        folder = tmp_path_factory.mktemp("book")
        with Casebook.open(folder / "c.db", rules()) as book:
            book.open_cases(listed(("G1", level)))
            if met:
                book.record(contact(hours(1)))
            if snooze:
                until = (hours(2) + timedelta(days=snooze)).date()
                book.snooze(RED, until, "x", by="S1", at=hours(2))
            done = [one for moment in moments for one in book.tick(hours(moment))]
            return done, book.case(RED)

    often, last = sorted(at), max(at)
    assert after([*often, last, last]) == after([last])


def test_a_case_that_nobody_works_expires_and_a_late_contact_brings_it_back(book):
    book.open_cases(listed(("G1", "red")))
    book.tick(hours(49))

    day = moment("2011-01-08 12:00") + timedelta(days=30)  # feedback due and 30 days
    assert book.tick(day - timedelta(hours=1)) == ()
    assert [one.what for one in book.tick(day)] == ["expired"]
    assert book.tick(day) == ()
    book.record(contact(day + timedelta(days=1)))
    assert book.case(RED)["state"] == "contacted"


def test_a_snoozed_case_sleeps_with_a_reason_wakes_by_itself_and_its_clocks_stood_still(book):
    book.open_cases(listed(("G1", "orange")))
    with pytest.raises(CasebookError, match="only with a reason"):
        book.snooze(RED, date(2011, 1, 10), " ", by="S1", at=hours(24))
    with pytest.raises(CasebookError, match="for at most 10 days, until 2011-01-16"):
        book.snooze(RED, date(2011, 1, 17), "老板出差", by="S1", at=hours(24))
    book.snooze(RED, date(2011, 1, 10), "老板出差", by="S1", at=hours(24))

    assert book.tick(moment("2011-01-09 23:00")) == ()
    assert [one.what for one in book.tick(moment("2011-01-10"))] == ["woken"]
    case = book.case(RED)
    assert (case["state"], case["snoozed_until"]) == ("dispatched", None)
    # Slept from 6 January 12:00 to 10 January 0:00, three days and a half; due was 8 January 12:00.
    assert case["contact_due"] == moment("2011-01-12")
    assert book.tick(moment("2011-01-10")) == ()
