from datetime import date, datetime

import pytest
from casebooks import rules
from filled_list import full_list
from returned import ACTIONS, as_workbook, filled, lists

from serving.casebook.book import Casebook
from serving.returned.files import tables
from serving.returned.filled_in import Answers, Report, filled_in
from serving.returned.reporting import answers_of, note_of, rejected_file, take

ONE, TWO = "89100000000002", "89100000000013"
CASE = f"20110103-{ONE}"
AT = datetime.fromisoformat("2011-01-13 23:59")
VISITED = {
    "feedback": "已签约",
    "contact_date": date(2011, 1, 6),
    "notes": "要求降价",
    "intent": "4 可能留",
    "rival": "电信",
    "action_given": "存费送费",
    "cost_yuan": 60,
    "next_step_date": date(2011, 1, 18),
}


@pytest.fixture
def book(tmp_path):
    with Casebook.open(tmp_path / "casebook.db", rules()) as opened:
        opened.open_cases(full_list())
        yield opened


def reports(**answers):
    found = filled_in(tables(as_workbook(filled({ONE: answers}))), lists(), ACTIONS, AT.date())
    assert not found.rejected
    return found.reports


def told(taken):
    return taken.new, taken.known, [bad.why.en for bad in taken.refused]


def test_a_report_becomes_a_contact_an_action_and_a_feedback_of_its_case(book):
    taken = take(reports(**VISITED), book, AT)

    case = book.case(CASE)
    assert told(taken) == (1, 0, [])
    assert case["state"] == "feedback"
    assert case["contacted_at"] == datetime.fromisoformat("2011-01-06 23:59")
    assert (case["action_code"], case["cost_fen"]) == ("DEP_BONUS", 6_000)
    assert (case["feedback"], case["next_step"]) == ("contract_signed", "2011-01-18")
    assert answers_of(case["note"]) == ("要求降价", {"intent": "4", "rival": "CT"})
    assert {event["by_whom"] for event in book.trail(CASE) if event["event_id"]} == {"S0000001"}


def test_the_same_file_twice_changes_nothing_also_on_another_day(book):
    take(reports(**VISITED), book, AT)
    before = book.trail(CASE)

    again = take(reports(**VISITED), book, datetime.fromisoformat("2011-01-20 23:59"))

    assert told(again) == (0, 1, [])
    assert book.trail(CASE) == before


def test_a_changed_cell_is_a_new_report_and_an_old_file_that_comes_late_does_not_undo_it(book):
    take(reports(**VISITED), book, AT)
    taken = take(reports(**{**VISITED, "feedback": "已流失"}), book, AT)
    late = take(reports(**VISITED), book, AT)

    assert told(taken) == (1, 0, [])
    assert told(late) == (0, 1, [])
    assert book.case(CASE)["feedback"] == "lost"


def test_a_cost_is_what_was_spent_so_far(book):
    take(reports(**VISITED), book, AT)
    take(reports(**{**VISITED, "cost_yuan": 85.5}), book, AT)

    assert book.case(CASE)["cost_fen"] == 8_550  # not 6,000 + 8,550

    less = take(reports(**{**VISITED, "cost_yuan": 10}), book, AT)
    assert told(less) == (0, 0, ["a cost of 10 yuan is less than the 85.5 yuan reported before"])


def test_nobody_acts_on_a_list_before_it_is_given_out(book):
    # That of the 3rd is given out two days later, at noon.
    early = take(reports(**{**VISITED, "contact_date": date(2011, 1, 4)}), book, AT)
    same_day = take(reports(**{**VISITED, "contact_date": date(2011, 1, 5)}), book, AT)

    assert told(early)[2] == [
        "contacted on 2011-01-04, before the list was given out on 2011-01-05"
    ]
    assert told(same_day) == (1, 0, [])


def test_a_note_alone_says_nothing(book):
    taken = take(reports(notes="下周去"), book, AT)

    assert "a note alone says nothing" in told(taken)[2][0]
    assert book.case(CASE)["contacted_at"] is None


def test_a_note_beside_an_action_is_not_lost(book):
    take(reports(action_given="存费送费", notes="先送话费"), book, AT)

    assert "先送话费" in [event["why"] for event in book.trail(CASE)]


def test_a_case_that_takes_no_more_sends_its_row_back(book):
    book.close_case(CASE, "done", by="S0000009", at=datetime.fromisoformat("2011-01-10 09:00"))

    taken = take(reports(**VISITED), book, AT)

    assert "takes no more entries" in told(taken)[2][0]
    assert taken.refused[0].place.row == 2


def test_bad_rows_can_be_put_right_in_their_file_and_sent_in(book):
    bad = filled_in(
        tables(as_workbook(filled({ONE: {**VISITED, "feedback": "也许"}, TWO: VISITED}))),
        lists(),
        ACTIONS,
        AT.date(),
    )
    content = rejected_file(bad.rejected)
    assert "不认识“也许”" in content.decode("utf-8-sig")

    mended = content.decode("utf-8-sig").replace('"也许"', '"已签约"').encode("gb18030")
    found = filled_in(tables(mended), lists(), ACTIONS, AT.date())

    assert found.rejected == ()
    assert [report.answers for report in found.reports] == [reports(**VISITED)[0].answers]


@pytest.mark.parametrize(
    "given",
    [
        Answers(notes="a\n[b] c", intent="2", rival="none", rival_offer="vpn"),
        Answers(notes="[see 1]"),
        Answers(contact_role="key_person", next_step_date=date(2011, 1, 18)),
        Answers(),
    ],
)
def test_answers_without_a_column_can_be_read_again_from_the_note(given):
    notes, beside = answers_of(note_of(given))

    assert notes == given.notes
    assert beside == {
        name: str(value)
        for name in ("contact_role", "intent", "rival", "rival_offer", "next_step_date")
        if (value := getattr(given, name)) is not None
    }


def test_a_report_says_where_it_stood():
    (report,) = reports(**VISITED)

    assert isinstance(report, Report)
    assert (report.place.row, report.place.cells["集团名称"]) == (2, "东风汽配商行")
