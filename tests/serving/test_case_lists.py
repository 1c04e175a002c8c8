"""Lists into cases: one open case a group, whatever is listed again, raised, or held out."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd
import pytest
from casebooks import FIRST, NOON, book as book, chosen, listed, moment, where as where

from serving.casebook.entries import Contact, Feedback
from serving.errors import CasebookError

SECOND, THIRD, FOURTH = date(2011, 1, 13), date(2011, 1, 23), date(2011, 2, 3)
G1 = "20110103-G1"


def met(book, at, case_id=G1):
    book.record(Contact(event_id=f"met {case_id} {at}", case_id=case_id, by="S1", at=at))


def told(book, at, case_id=G1, code="contacted_kept"):
    book.record(Feedback(event_id=f"told {at}", case_id=case_id, by="S1", at=at, code=code))


def open_ids(book):
    cases = book.cases()
    return cases.loc[cases["closed_at"].isna(), "case_id"].tolist()


def test_the_same_list_twice_opens_nothing_more(book):
    rows = listed(("G1", "red"), ("G2", "orange"))
    book.open_cases(rows)
    before = book.cases()

    again = book.open_cases(rows.sample(frac=1, random_state=1))

    assert (again.opened, again.known) == (0, 2)
    pd.testing.assert_frame_equal(book.cases(), before)
    assert len(book.trail(G1)) == 2


def test_the_order_of_rows_does_not_matter(book):
    book.open_cases(listed(("G2", "red"), ("G1", "orange")))

    assert book.cases()["case_id"].tolist() == [G1, "20110103-G2"]
    assert book.trail(G1)[0]["seq"] < book.trail("20110103-G2")[0]["seq"]


def test_a_group_that_is_listed_again_continues_its_case_with_the_same_clocks(book):
    book.open_cases(listed(("G1", "yellow")))
    clocks = book.case(G1)["contact_due"]
    again = book.open_cases(listed(("G1", "yellow"), as_of=SECOND, reason_1_code="R05"))

    case = book.case(G1)
    assert (again.opened, again.continued, again.raised) == (0, 1, 0)
    assert (case["times_listed"], json.loads(case["reasons"])) == (2, ["R01", "R05"])
    assert case["contact_due"] == clocks
    assert book.case_of(f"{SECOND}-list", "G1") == G1
    assert book.case("20110113-G1")["case_id"] == G1  # as the second list may have named it
    assert book.trail("20110113-G1") == book.trail(G1)


def test_a_lower_level_neither_lowers_the_case_nor_moves_its_clocks(book):
    book.open_cases(listed(("G1", "orange")))
    before = book.case(G1)
    book.open_cases(listed(("G1", "blue"), as_of=SECOND))

    case = book.case(G1)
    assert case["level"] == "orange"
    assert [case[n] for n in ("contact_due", "escalate_due", "feedback_due")] == [
        before[n] for n in ("contact_due", "escalate_due", "feedback_due")
    ]


def test_a_risen_level_shortens_the_clocks_and_is_passed_up_by_its_own_rule(book):
    book.open_cases(listed(("G1", "blue")))
    again = book.open_cases(listed(("G1", "red"), as_of=SECOND))

    case = book.case(G1)
    assert (again.continued, again.raised) == (1, 1)
    assert (case["level"], case["state"]) == ("red", "dispatched")
    # Given out on 15 January at noon; blue would have had until 5 February.
    assert case["contact_due"] == moment("2011-01-16 12:00")
    assert case["escalate_due"] == moment("2011-01-17 12:00")
    assert case["dispatched_at"] == NOON


def test_a_risen_level_never_gives_more_time_than_there_was(book):
    book.open_cases(listed(("G1", "yellow")))  # until 10 January
    rules = book.rules
    late = moment("2011-01-09 12:00")
    book.open_cases(listed(("G1", "orange"), as_of=SECOND), at=late)  # 3 d: 12 January

    assert rules.levels["orange"].contact == "3 d"
    assert book.case(G1)["contact_due"] == moment("2011-01-10 23:59:59")


def test_a_case_that_had_its_feedback_is_given_out_again_when_its_level_rises(book):
    book.open_cases(listed(("G1", "yellow")))
    told(book, NOON + timedelta(days=1))
    book.open_cases(listed(("G1", "yellow"), as_of=SECOND))
    assert book.case(G1)["state"] == "feedback"
    book.open_cases(listed(("G1", "red"), as_of=THIRD))

    case = book.case(G1)
    assert (case["state"], case["contact_due"]) == ("dispatched", moment("2011-01-26 12:00"))
    assert [one.what for one in book.tick(moment("2011-01-27 12:00"))] == ["escalated"]


def test_a_risen_level_wakes_a_snoozed_case(book):
    book.open_cases(listed(("G1", "yellow")))
    book.snooze(G1, date(2011, 2, 1), "出差", by="S1", at=NOON + timedelta(days=1))
    book.open_cases(listed(("G1", "yellow"), as_of=SECOND))
    assert book.case(G1)["state"] == "snoozed"
    book.open_cases(listed(("G1", "red"), as_of=THIRD))

    assert (book.case(G1)["state"], book.case(G1)["snoozed_until"]) == ("dispatched", None)


def test_a_case_that_nobody_began_is_closed_when_its_group_is_not_on_two_lists_running(book):
    book.open_cases(listed(("G1", "orange"), ("G2", "orange"), ("G3", "orange")))
    met(book, NOON + timedelta(days=1), "20110103-G2")
    assert book.open_cases(listed(("G3", "orange"), as_of=SECOND)).closed == 0
    third = book.open_cases(listed(("G3", "orange"), as_of=THIRD))

    assert third.closed == 1
    assert open_ids(book) == ["20110103-G2", "20110103-G3"]
    assert book.case(G1)["closed_why"] == "not on 2 lists running, up to that of 2011-01-23"


def test_one_list_without_a_group_is_forgotten_when_it_comes_back(book):
    book.open_cases(listed(("G1", "orange"), ("G2", "red")))
    for day, groups in ((SECOND, ["G2"]), (THIRD, ["G1", "G2"]), (FOURTH, ["G2"])):
        book.open_cases(listed(*((group, "orange") for group in groups), as_of=day))

    assert G1 in open_ids(book)


def test_a_corrected_list_of_the_same_day_counts_no_further_absence(book):
    book.open_cases(listed(("G1", "orange"), ("G2", "orange")))
    book.open_cases(listed(("G2", "orange"), as_of=SECOND))
    book.open_cases(listed(("G2", "orange"), ("G4", "red"), as_of=SECOND, list_id="corrected"))

    assert G1 in open_ids(book)
    assert book.case("20110113-G4")["list_id"] == "corrected"
    assert book.case("20110103-G2")["times_listed"] == 2


def test_a_list_older_than_the_newest_opens_nothing(book):
    book.open_cases(listed(("G1", "orange"), as_of=SECOND))
    old = book.open_cases(listed(("G2", "red")))

    assert (old.passed_over, old.opened) == (1, 0)
    assert open_ids(book) == ["20110113-G1"]


def test_after_its_case_is_closed_a_group_is_left_in_peace_unless_something_is_new(book):
    groups = ("same", "graver", "happened", "later")
    book.open_cases(listed(*((group, "orange") for group in groups)))
    for group in groups:
        book.close_case(f"20110103-{group}", "done", by="S1", at=NOON)
    second = book.open_cases(
        pd.concat(
            [
                listed(("same", "orange"), as_of=SECOND),
                listed(("graver", "red"), as_of=SECOND),
                listed(("happened", "orange"), as_of=SECOND, trigger="key_member_lost"),
            ]
        )
    )

    assert (second.cooling, second.opened) == (1, 2)
    assert open_ids(book) == ["20110113-graver", "20110113-happened"]
    # Thirty days after 5 January at noon is 4 February at noon; this list comes a day later.
    assert book.open_cases(listed(("later", "orange"), as_of=FOURTH)).opened == 1


def test_a_row_without_a_level_is_kept_as_the_lowest(book):
    book.open_cases(listed(("G1", "none")))

    assert book.case(G1)["level"] == "blue"


def test_whoever_is_held_out_gets_a_case_that_nobody_sees(book):
    opened = book.open_cases(
        listed(("G1", "orange"), ("G2", "orange"), ("G3", "red")),
        pd.concat(
            [chosen(("G1", "treat"), ("G2", "holdout")), chosen(("G3", "treat"), how="not_drawn")]
        ),
    )

    assert (opened.opened, opened.hidden) == (2, 1)
    cases = book.cases().set_index("group_id")
    assert cases["hidden"].to_dict() == {"G1": False, "G2": True, "G3": False}
    assert cases["treatment_id"].to_dict() == {
        "G1": "H20110103-G1",
        "G2": "H20110103-G2",
        "G3": "R20110103-G3",
    }


def test_a_held_out_group_that_rises_to_red_stays_hidden_and_the_trail_says_so(book):
    book.open_cases(listed(("G1", "orange")), chosen(("G1", "holdout")))
    book.open_cases(listed(("G1", "red"), as_of=SECOND), chosen(("G1", "holdout"), how="kept"))

    case = book.case(G1)
    assert (case["level"], case["hidden"], case["dispatched_at"]) == ("red", True, None)
    assert book.trail(G1)[-1]["kind"] == "raised"


def test_a_hard_trigger_releases_a_held_out_group(book):
    book.open_cases(listed(("G1", "orange")), chosen(("G1", "holdout")))
    second = book.open_cases(
        listed(("G1", "red"), as_of=SECOND, trigger="vnet_dissolved"),
        chosen(("G1", "treat"), how="released"),
    )

    case = book.case(G1)
    assert second.released == 1
    assert (case["state"], case["hidden"], case["is_holdout"]) == ("dispatched", False, True)
    assert book.trail(G1)[-1]["why"] == "hard trigger vnet_dissolved"
    # It stays given out.
    book.open_cases(listed(("G1", "red"), as_of=THIRD), chosen(("G1", "treat"), how="released"))
    assert book.case(G1)["state"] == "dispatched"


@pytest.mark.parametrize(
    ("first", "then", "what"),
    [
        (
            "holdout",
            "treat",
            "is held out in case 20110103-G1, but this list gives it to the field",
        ),
        ("treat", "holdout", "is being handled in case 20110103-G1, but this list holds it out"),
    ],
)
def test_a_list_whose_arms_were_drawn_without_the_log_is_refused_whole(book, first, then, what):
    book.open_cases(listed(("G1", "orange")), chosen(("G1", first)))
    again = chosen(("G1", then), as_of=SECOND)

    with pytest.raises(CasebookError, match=what):
        book.open_cases(listed(("G0", "red"), ("G1", "orange"), as_of=SECOND), again)
    assert open_ids(book) == [G1]


def test_a_new_lot_after_the_wait_ends_the_old_case(book):
    book.open_cases(listed(("G1", "orange")), chosen(("G1", "holdout")))
    later = FIRST + timedelta(days=100)
    book.open_cases(listed(("G1", "orange"), as_of=later), chosen(("G1", "treat"), as_of=later))

    assert book.case(G1)["closed_why"] == "its time was over, and the group was drawn again"
    assert open_ids(book) == [f"{later:%Y%m%d}-G1"]


def test_a_new_lot_with_the_same_arm_goes_into_the_log(book):
    book.open_cases(listed(("G1", "orange")), chosen(("G1", "treat")))
    later = FIRST + timedelta(days=100)
    book.open_cases(listed(("G1", "orange"), as_of=later), chosen(("G1", "treat"), as_of=later))

    assert book.case(G1)["treatment_id"] == f"H{later:%Y%m%d}-G1"


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (listed(("G1", "red")).drop(columns="list_id"), "no column list_id"),
        (listed(("G1", "purple")), "level 'purple'"),
        (listed(("G1", None)), "a row of the list has no level"),
        (listed(("G1", "red"), ("G1", "red")), "group G1 stands on the list twice"),
        (
            pd.concat([listed(("G1", "red")), listed(("G2", "red"), as_of=SECOND)]),
            "rows of several lists",
        ),
    ],
)
def test_rows_that_are_no_list_are_refused_and_say_why(book, rows, what):
    with pytest.raises(CasebookError, match=what):
        book.open_cases(rows)
    assert book.cases().empty


def test_a_list_with_nobody_on_it_does_nothing(book):
    assert book.open_cases(listed()).opened == 0


def test_a_second_case_of_a_day_gets_a_number(book):
    book.open_cases(listed(("G1", "orange")))
    book.close_case(G1, "mistaken", by="S1", at=NOON)
    book.open_cases(listed(("G1", "red"), list_id="corrected"))

    assert open_ids(book) == ["20110103-G1-2"]
