"""The life of a case: opened, worked, passed up, put aside, judged and closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from casebooks import NOON, book as book, chosen, listed, moment, where as where

from serving.casebook.entries import Accepted, Action, Contact, Feedback
from serving.casebook.states import MOVES, STATES, refuse_impossible
from serving.errors import CasebookError

RED = "20110103-G1"


def hours(count: float) -> datetime:
    """So many hours after the first list was given out."""
    return NOON + timedelta(hours=count)


def contact(at, case_id=RED, event_id="e1", **more):
    return Contact(event_id=event_id, case_id=case_id, by="S1", at=at, **more)


def feedback(at, code="contacted_kept", case_id=RED, event_id="f1", **more):
    return Feedback(event_id=event_id, case_id=case_id, by="S1", at=at, code=code, **more)


def kinds(book, case_id=RED):
    return [entry["kind"] for entry in book.trail(case_id)]


def test_every_state_has_its_moves_and_only_closed_has_none():
    assert set(MOVES) == set(STATES)
    assert [state for state in STATES if not MOVES[state]] == ["closed"]


@pytest.mark.parametrize("now", STATES)
def test_a_move_that_is_not_in_the_table_is_refused_with_a_sentence(now):
    for wanted in STATES:
        if wanted in MOVES[now]:
            refuse_impossible("c", now, wanted)
        else:
            with pytest.raises(CasebookError, match=f"case c is {now} and"):
                refuse_impossible("c", now, wanted)


def test_a_listed_group_gets_a_case_that_is_given_out(book):
    opened = book.open_cases(listed(("G1", "red"), ("G2", "blue")))

    assert (opened.opened, opened.hidden, opened.continued) == (2, 0, 0)
    case = book.case(RED)
    assert (case["state"], case["level"], case["dispatched_to"]) == ("dispatched", "red", "S1")
    assert case["dispatched_at"] == NOON
    assert case["contact_due"] == moment("2011-01-06 12:00")  # 24 h
    assert case["escalate_due"] == moment("2011-01-07 12:00")  # 48 h
    assert case["feedback_due"] == moment("2011-01-08 12:00")  # 3 d
    assert case["verify_due"] == moment("2011-03-06 12:00")  # 5 January and 60 days
    blue = book.case("20110103-G2")
    assert blue["contact_due"] == blue["feedback_due"] == moment("2011-02-05 12:00")
    assert blue["escalate_due"] is None
    assert kinds(book) == ["generated", "dispatched"]


@pytest.mark.parametrize(
    ("level", "contact_due", "feedback_due"),
    [
        ("orange", moment("2011-01-08 12:00"), moment("2011-01-12 12:00")),
        ("yellow", moment("2011-01-10 23:59:59"), moment("2011-01-20 23:59:59")),
    ],
)
def test_clocks_go_by_level(book, level, contact_due, feedback_due):
    book.open_cases(listed(("G1", level)))

    assert book.case(RED)["contact_due"] == contact_due
    assert book.case(RED)["feedback_due"] == feedback_due


def test_a_case_goes_from_contact_by_action_and_feedback_to_verification_and_is_closed(book):
    book.open_cases(listed(("G1", "red")))
    book.record(Accepted(event_id="a", case_id=RED, by="S1", at=hours(1)))
    book.record(contact(hours(20)))
    book.record(
        Action(
            event_id="b", case_id=RED, by="S1", at=hours(30), action_code="KEY_VISIT", cost_fen=9000
        )
    )
    book.record(feedback(hours(31), note="老板说考虑", next_step="下周签约"))
    verified = book.close_verified({RED: "kept"}, NOON + timedelta(days=60))

    case = book.case(RED)
    assert (verified.judged, verified.closed) == (1, 1)
    assert kinds(book) == [
        *("generated", "dispatched", "accepted", "contacted", "action", "feedback"),
        *("verified", "closed"),
    ]
    assert (case["contacted_at"], case["action_at"]) == (hours(20), hours(30))
    assert (case["cost_fen"], case["feedback"], case["note"]) == (
        *(9000, "contacted_kept"),
        "老板说考虑",
    )
    assert (case["verify_result"], case["closed_why"]) == ("kept", "verified: kept")
    assert book.close_verified({RED: "kept"}, NOON + timedelta(days=61)).known == 1


def test_data_cannot_judge_a_case_before_the_wait_is_over(book):
    book.open_cases(listed(("G1", "red")))

    assert book.to_verify(NOON + timedelta(days=59)).empty
    with pytest.raises(CasebookError, match="is to be judged from 2011-03-06 on"):
        book.close_verified({RED: "lost"}, NOON + timedelta(days=59))
    assert book.to_verify(NOON + timedelta(days=60))["case_id"].tolist() == [RED]


def test_an_entry_is_taken_once_whatever_is_sent_again(book):
    book.open_cases(listed(("G1", "red")))

    assert book.record(contact(hours(20))) is True
    assert book.record(contact(hours(20))) is False
    assert book.record(contact(hours(99))) is False
    assert kinds(book).count("contacted") == 1


def test_an_id_that_stands_for_another_entry_is_refused(book):
    book.open_cases(listed(("G1", "red")))
    book.record(contact(hours(20)))

    with pytest.raises(CasebookError, match="e1 was recorded before with another content"):
        book.record(contact(hours(21), note="another"))


def test_feedback_that_tells_of_a_meeting_counts_as_the_first_contact(book):
    book.open_cases(listed(("G1", "red"), ("G2", "red")))
    book.record(feedback(hours(5)))
    book.record(feedback(hours(5), "unreachable", "20110103-G2", "f2"))

    assert book.case(RED)["contacted_at"] == hours(5)
    assert book.case("20110103-G2")["contacted_at"] is None


def test_costs_of_several_actions_add_up(book):
    book.open_cases(listed(("G1", "red")))
    for number, cost in enumerate((9000, 500)):
        book.record(
            Action(
                event_id=f"x{number}",
                case_id=RED,
                by="S1",
                at=hours(number + 1),
                action_code="KEY_VISIT",
                cost_fen=cost,
            )
        )

    assert book.case(RED)["cost_fen"] == 9000 + 500


def test_of_several_entries_the_bad_ones_come_back_and_the_good_ones_stay(book):
    book.open_cases(listed(("G1", "red"), ("G2", "red")))
    book.close_case("20110103-G2", "dissolved", by="S1", at=hours(1))

    done = book.record_all(
        [
            contact(hours(2)),
            contact(hours(2), "20110103-G2", "e2"),
            contact(hours(2), "nobody", "e3"),
            contact(hours(2)),
        ]
    )

    assert (done.new, done.known) == (1, 1)
    assert [refused.entry.event_id for refused in done.refused] == ["e2", "e3"]
    assert "is closed and takes no more entries" in done.refused[0].why
    assert "there is no case 'nobody'" in done.refused[1].why


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (contact(hours(2), happened_at=hours(3)), "after it is recorded"),
        (contact(hours(2), happened_at=hours(-1)), "before the case was given out"),
    ],
)
def test_an_entry_at_an_impossible_time_is_refused(book, entry, told):
    book.open_cases(listed(("G1", "red")))

    with pytest.raises(CasebookError, match=told):
        book.record(entry)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"event_id": ""}, "needs an id of its own"),
        ({"event_id": "x" * 121}, "needs an id of its own, of at most 120 signs"),
        ({"by": "王 经理"}, "who says so is no id: '王 经理'"),
        ({"by": ""}, "who says so is no id"),
        ({"action_code": "走访"}, "the action is no id: '走访'"),
        ({"cost_fen": -1}, "cannot cost -1 fen"),
    ],
)
def test_an_entry_that_no_table_could_hold_is_refused(wrong, told):
    right = {"event_id": "e", "case_id": RED, "by": "S1", "at": NOON, "action_code": "KEY_VISIT"}

    with pytest.raises(CasebookError, match=told):
        Action(**{**right, "cost_fen": 0, **wrong})


def test_unknown_feedback_is_refused_and_the_known_ones_are_named():
    with pytest.raises(CasebookError, match="no feedback 'perhaps'; there are contacted_kept"):
        feedback(hours(1), "perhaps")


def test_a_case_is_closed_by_hand_only_with_a_reason(book):
    book.open_cases(listed(("G1", "red")))
    with pytest.raises(CasebookError, match="only with a reason"):
        book.close_case(RED, "", by="S1", at=hours(1))
    book.close_case(RED, "公司注销", by="S1", at=hours(1))

    assert (book.case(RED)["state"], book.case(RED)["closed_why"]) == ("closed", "公司注销")
    with pytest.raises(CasebookError, match="closed and takes no more entries"):
        book.record(contact(hours(2)))


def test_a_closed_case_is_judged_by_the_data_all_the_same(book):
    book.open_cases(listed(("G1", "red")))
    book.close_case(RED, "no time", by="S1", at=hours(1))
    verified = book.close_verified({RED: "lost"}, NOON + timedelta(days=60))

    case = book.case(RED)
    assert (verified.judged, verified.closed) == (1, 0)
    assert (case["state"], case["verify_result"], case["closed_at"]) == ("closed", "lost", hours(1))


def test_nobody_works_a_case_that_is_held_out(book):
    book.open_cases(listed(("G1", "orange")), chosen(("G1", "holdout")))

    case = book.case(RED)
    assert (case["state"], case["hidden"], case["dispatched_at"]) == ("generated", True, None)
    with pytest.raises(CasebookError, match="is generated and cannot become contacted"):
        book.record(contact(hours(1)))
    assert book.tick(NOON + timedelta(days=50)) == ()
    assert book.close_verified({RED: "lost"}, NOON + timedelta(days=60)).closed == 1


def test_a_time_with_a_zone_is_refused(book):
    with pytest.raises(CasebookError, match="names a time zone"):
        book.tick(datetime(2011, 1, 1, tzinfo=UTC))
