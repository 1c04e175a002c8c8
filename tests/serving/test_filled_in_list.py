from datetime import date
from io import BytesIO

import pytest
from filled_list import LIST, full_list
from openpyxl import load_workbook
from returned import (
    ACTIONS,
    KEY_TITLES,
    VISITED_TITLES,
    as_csv,
    as_workbook,
    filled,
    lists,
    sent,
    without,
)

from serving.errors import FilledInError
from serving.returned.columns import days_named
from serving.returned.files import tables
from serving.returned.filled_in import Answers, filled_in
from serving.returned.issued import IssuedLists

ONE, TWO, THREE, FOUR = (f"891000000000{n}" for n in ("02", "13", "32", "33"))
ON = date(2011, 1, 13)
VISITED = {
    "feedback": "已联系并稳住",
    "contact_date": date(2011, 1, 5),
    "notes": "要求降价，\n下周再谈",
    "contact_role": "关键人",
    "intent": "4 可能留",
    "rival": "电信",
    "rival_offer": "话费补贴",
    "action_given": "存费送费",
    "cost_yuan": 120.5,
    "next_step_date": date(2011, 1, 18),
}
SAID = Answers(
    feedback="contacted_kept",
    contact_date=date(2011, 1, 5),
    notes="要求降价，\n下周再谈",
    contact_role="key_person",
    intent="4",
    rival="CT",
    rival_offer="tariff_subsidy",
    action_given="DEP_BONUS",
    cost_fen=12_050,
    next_step_date=date(2011, 1, 18),
)


def read(content, issued=None):
    return filled_in(tables(content), issued or lists(), ACTIONS, ON)


def told(content, issued=None):
    """Answers by group; nothing may be rejected."""
    found = read(content, issued)
    assert found.rejected == ()
    return {report.about.group_id: report.answers for report in found.reports}


def why(content):
    """The one bad row, and why in both languages."""
    found = read(content)
    (bad,) = found.rejected
    return bad.place.row, bad.why.en, bad.why.zh


def test_an_untouched_list_says_nothing():
    found = read(sent())

    assert (found.reports, found.rejected, found.untouched) == ((), (), 4)


@pytest.mark.parametrize("save", [as_workbook, as_csv])
def test_a_row_that_was_filled_in_comes_back_as_it_was(save):
    found = read(save(filled({ONE: VISITED})))

    (report,) = found.reports
    assert report.answers == SAID
    assert (report.about.list_id, report.about.group_id) == (LIST, ONE)
    assert (report.about.case_id, report.about.owner) == (f"20110103-{ONE}", "S0000001")
    assert (report.place.row, found.rejected, found.untouched) == (2, (), 3)


def test_english_words_and_bare_codes_are_understood_too():
    english = {
        **VISITED,
        "feedback": "Contacted and  staying",
        "contact_role": "decision maker",
        "intent": 4,
        "rival": "CT",
        "rival_offer": "tariff_subsidy",
        "action_given": "DEP_BONUS",
        "cost_yuan": "￥120.50",
    }

    assert told(as_workbook(filled({ONE: english}, "en"))) == {ONE: SAID}


def test_rows_may_be_sorted_filtered_and_moved_under_other_lines_on_a_renamed_sheet():
    header, *rows = filled({ONE: VISITED, FOUR: {"feedback": "联系不上"}})
    moved = [["一月清单"], [], header, *rows[::-1][:1], [None], *rows[:1]]

    found = told(as_workbook(moved, "王经理的表"))

    assert found == {FOUR: Answers(feedback="unreachable"), ONE: SAID}


@pytest.mark.parametrize("gone", [("清单编号",), ("工单编号",), ("集团编号", "清单编号")])
def test_columns_may_be_deleted_as_long_as_a_row_can_be_told(gone):
    cells = filled({ONE: VISITED})
    others = [title for title in cells[0] if title not in {*VISITED_TITLES, *KEY_TITLES}]

    assert told(as_workbook(without(cells, *others, *gone))) == {ONE: SAID}


def test_without_the_columns_that_tell_rows_the_file_is_refused():
    with pytest.raises(FilledInError, match="工单编号"):
        read(as_workbook(without(filled({ONE: VISITED}), "工单编号", "集团编号")))


def test_a_column_that_stands_twice_is_refused():
    cells = [[*row, row[row_place]] for row in filled({}) for row_place in [15]]

    with pytest.raises(FilledInError, match="stands twice"):
        read(as_workbook(cells))


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_is_read_in_whatever_encoding_it_was_saved(encoding, delimiter):
    assert told(as_csv(filled({ONE: VISITED}), encoding, delimiter)) == {ONE: SAID}


def test_a_group_id_that_excel_took_for_a_number_does_not_hide_the_case():
    cells = filled({ONE: VISITED})
    cells[1][cells[0].index("集团编号")] = "8.91E+13"

    assert told(as_csv(cells)) == {ONE: SAID}


def test_a_row_whose_case_and_group_do_not_match_was_sorted_in_part():
    cells = filled({ONE: VISITED})
    cells[1][cells[0].index("集团编号")] = TWO

    row, en, _ = why(as_workbook(cells))
    assert row == 2
    assert "only some of the columns were sorted" in en


def test_a_list_of_another_home_is_refused_row_by_row():
    cells = filled({ONE: VISITED})
    cells[1][cells[0].index("清单编号")] = "2011-01-03-deadbeef"

    assert "was not issued here" in why(as_workbook(cells))[1]


def test_a_list_that_was_issued_again_is_taken_for_the_groups_that_are_still_on_it():
    newer = full_list().iloc[1:].assign(list_id="2011-01-03-00000002")
    issued = IssuedLists([newer], [full_list()])

    found = read(as_workbook(filled({ONE: VISITED, TWO: VISITED})), issued)

    assert [(r.about.group_id, r.about.list_id) for r in found.reports] == [
        (TWO, "2011-01-03-00000002")
    ]
    (bad,) = found.rejected
    assert "issued again without this group" in bad.why.en


@pytest.mark.parametrize(
    ("given", "en", "zh"),
    [
        ({"feedback": "maybe"}, "Feedback: 'maybe' is none of the choices", "反馈：不认识“maybe”"),
        ({"feedback": "已签约", "intent": "6"}, "Will they stay: '6' is none", "留网意愿"),
        ({"contact_date": "soon"}, "Contacted on: 'soon' is no day", "联系日期：“soon”不是日期"),
        ({"contact_date": "2011-02-30"}, "is no day", "不是日期"),
        ({"contact_date": date(2011, 1, 14)}, "after 2011-01-13", "之后"),
        ({"contact_date": date(2011, 1, 2)}, "before the list of 2011-01-03", "之前"),
        ({**VISITED, "next_step_date": date(2011, 1, 4)}, "comes before", "之前"),
        ({**VISITED, "cost_yuan": "a lot"}, "Cost in yuan: 'a lot' is no amount", "不是金额"),
        ({**VISITED, "cost_yuan": -5}, "from 0 to 1000000 yuan", "0到1000000元"),
        ({**VISITED, "cost_yuan": 0.001}, "two decimals at most", "两位小数"),
        ({**VISITED, "action_given": None}, "a cost without what was done", "没有填实际动作"),
    ],
)
def test_a_bad_row_comes_back_with_its_number_and_the_reason_and_stops_no_other(given, en, zh):
    found = read(as_workbook(filled({TWO: given, ONE: VISITED})))

    assert [report.answers for report in found.reports] == [SAID]
    (bad,) = found.rejected
    assert bad.place.row == 3
    assert en in bad.why.en
    assert zh in bad.why.zh
    assert bad.place.cells["集团编号"] == TWO


def test_a_formula_or_an_error_in_a_cell_is_refused():
    cells = as_workbook(filled({ONE: VISITED}))
    book = load_workbook(BytesIO(cells))
    sheet = book.active
    place = [cell.value for cell in sheet[1]].index("备注") + 1
    sheet.cell(2, place).value = "=1+1"
    content = BytesIO()
    book.save(content)

    assert "formula" in why(content.getvalue())[1]


@pytest.mark.parametrize(
    "day", ["2011/1/5", "2011年1月5日", "20110105", "1月5日", "40548", 40548, "２０１１-０１-０５"]
)
def test_a_day_may_be_written_in_many_ways(day):
    # Excel counts days from 1899-12-30: 40,548 of them later it is 2011-01-05.
    assert told(as_workbook(filled({ONE: {**VISITED, "contact_date": day}}))) == {ONE: SAID}


def test_numbers_of_people_are_blotted_out():
    note = "打给王主任13800000002，证件110101199003070011；集团89100000000002"

    (answers,) = told(as_workbook(filled({ONE: {**VISITED, "notes": note}}))).values()

    assert answers.notes == "打给王主任***，证件***；集团89100000000002"


def test_the_same_row_twice_is_one_and_two_that_differ_are_a_question():
    header, *rows = filled({ONE: VISITED})

    assert told(as_workbook([header, *rows, rows[0]])) == {ONE: SAID}

    other = [*rows[0]]
    other[header.index("反馈")] = "已流失"
    row, en, _ = why(as_workbook([header, *rows, other]))
    assert (row, en) == (6, "the same case as row 2 with other answers; keep one of them")


def test_the_days_of_its_lists_are_told_by_its_ids():
    assert days_named(tables(sent())) == {date(2011, 1, 3)}
