import re
from datetime import date

import pandas as pd
import pytest
from filled_list import LIST, full_list
from workbooks import book, cells, column_of, list_of, sheets, text_of

from data_contracts.contract import source_tables
from serving import words
from serving.sheets.headings import ENTRIES, HEADINGS, NEEDED
from serving.workbook import Names


def test_the_past_comes_first_then_the_list_a_page_a_red_group_and_the_legend():
    assert [sheet.title for sheet in sheets(book())] == [
        "往期成绩单",
        "风险清单",
        "1. 东风汽配商行 (89100000000002)",
        "说明",
    ]
    assert [sheet.title for sheet in sheets(book(language="en"))][::3] == ["Past lists", "Legend"]


def test_the_sheet_shows_the_list_in_chinese():
    first = cells(list_of(book()))[0]

    assert first["预警等级"] == "红"
    assert first["较上期"] == "升级"
    assert first["集团编号"] == "89100000000002"
    assert first["转网概率"] == 0.24
    assert first["为什么"].splitlines()[1] == "2. 捆绑与到期：6名成员的合约60天内到期"
    assert first["建议动作"] == "关键人拜访\n存费送费，每人赠送不超过60元，在网12个月"
    assert first["月收入(元)"] == 1386  # 138,600 fen
    assert first["处理截止日"].date() == date(2011, 1, 6)
    assert first["行业"] == "批发零售"
    assert first["授权范围"] == "全部业务"
    assert (first["清单编号"], first["工单编号"]) == (LIST, "20110103-89100000000002")
    assert {first[entry.title.zh] for entry in ENTRIES} == {None}


def test_the_same_in_english():
    first = cells(list_of(book(language="en")))[0]

    assert (first["Level"], first["Change"]) == ("red", "raised")
    assert first["Why"].startswith("1. traffic diversion: outgoing minutes fell 52%")
    assert not re.search("[\u4e00-\u9fff]", "".join(first))


def test_a_title_means_one_column_in_either_language():
    for language in ("zh", "en"):
        titles = [words.say(heading.title, language).casefold() for heading in HEADINGS]
        assert len(set(titles)) == len(titles)


def test_what_a_visit_needs_comes_first_then_room_for_its_outcome():
    titles = [cell.value for cell in list_of(book())[1]]
    needed = [h.title.zh for h in NEEDED if h.column != "rules_points"]

    assert titles[: len(needed)] == needed
    assert titles[len(needed) : len(needed) + len(ENTRIES)] == [e.title.zh for e in ENTRIES]


def test_columns_that_a_list_lacks_are_left_out():
    kept = ["list_id", "as_of", "rank", "group_id", "group_name", "level", "method", "probability"]
    kept += ["reason_1_zh", "reason_1_en", "am_staff_id", "area_id", "due_date"]

    (first, *_) = cells(list_of(book(full_list()[kept])))

    assert first["为什么"] == full_list()["reason_1_zh"][0]
    assert not {"较上期", "建议动作", "联系人", "派给", "工单编号"} & set(first)
    assert set(first) >= {entry.title.zh for entry in ENTRIES}


def test_header_is_frozen_filtered_and_levels_have_their_colours():
    sheet = list_of(book())

    assert sheet.freeze_panes == "F2"  # after the name
    assert sheet.auto_filter.ref == f"A1:{column_of(sheet, '工单编号')}5"
    fills = [sheet[f"B{row}"].fill.fgColor.rgb for row in range(2, 6)]
    assert fills == ["FFF4A29B", "FFFBCB8F", "FFFFF3B0", "FFBDD7EE"]


def test_what_can_be_chosen_is_offered_and_the_rest_is_checked():
    sheet = list_of(book())
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}

    def of(title):
        letter = column_of(sheet, title)
        return rules[f"{letter}2:{letter}5"]

    assert of("反馈").formula1.strip('"').split(",") == [t.zh for t in words.FEEDBACK.values()]
    assert of("留网意愿").formula1 == '"1 肯定走,2 可能走,3 说不准,4 可能留,5 肯定留"'
    assert of("实际动作").formula1 == '"关键人拜访,核实资料、指定客户经理"'  # all that it names
    assert (of("联系日期").type, of("费用(元)").type) == ("date", "decimal")


def test_choices_too_long_for_a_cell_stand_beside_the_legend():
    named = {
        f"A{n}": words.Text(f"动作{n}，很长", f"a long action, number {n:03}") for n in range(20)
    }

    content = book(language="en", names=Names(actions=named))

    sheet, legend = list_of(content), sheets(content)[-1]
    letter = column_of(sheet, "What you did")
    (rule,) = (
        rule
        for rule in sheet.data_validations.dataValidation
        if str(rule.sqref) == f"{letter}2:{letter}5"
    )
    where, _, reach = rule.formula1.partition("!")
    assert where == "'Legend'"
    offered = [cell.value for (cell,) in legend[reach.replace("$", "")]]
    assert offered == [text.en for text in named.values()]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_choice_survives_the_line_that_a_workbook_keeps_them_in(language):
    for rule in list_of(book(language=language)).data_validations.dataValidation:
        if rule.type == "list" and rule.formula1.startswith('"'):
            assert len(rule.formula1) <= 257  # 255 between the quotes


def test_on_paper_stands_what_a_visit_needs_and_room_for_its_outcome():
    past, sheet, red, legend = sheets(book())

    assert sheet.print_area == f"'风险清单'!$A$1:${column_of(sheet, '备注')}$5"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    for one in (past, sheet, red, legend):
        assert one.sheet_properties.pageSetUpPr.fitToPage  # one page wide ...
        assert one.page_setup.paperSize == 9  # A4
    assert sheet.page_setup.fitToHeight == 0  # ... and as many long as it takes
    assert red.page_setup.fitToHeight is None  # one page, which is what nothing stands for


def test_a_line_is_as_high_as_its_longest_text():
    short = (
        full_list().head(2).drop(columns=["action_zh", "offer_zh", "talking_zh", "ruled_out_zh"])
    )
    rows = short.assign(reason_1_zh=["一" * 20, "一" * 101], reason_2_zh=None, changed_zh=None)

    sheet = list_of(book(rows))

    # The column is 40 wide, twenty Chinese characters to a line of 15 points: 101 of them need 6.
    assert sheet.row_dimensions[3].height == 6 * 15 > sheet.row_dimensions[2].height


def test_a_group_that_nobody_looks_after_says_so():
    shown = [row["客户经理"] for row in cells(list_of(book()))]

    assert shown == ["S0000001", "S0000001", "无人看管", "S0000002"]


def test_a_red_group_has_its_reasons_changes_lock_in_contact_and_action_on_one_page():
    red = text_of(sheets(book())[2])

    row = full_list().iloc[0]
    for column in (
        "reason_1",
        "reason_2",
        "changed",
        "talking",
        "ruled_out",
        "action_why",
        "offer",
    ):
        assert row[f"{column}_zh"] in red
    for said in ("捆绑率", "授权书到期", row["contact_id"], "U0000000001", "请填在“风险清单”表"):
        assert said in red


def test_codes_are_those_of_the_contracts():
    tables = source_tables()
    allowed = tables["alert_case"].column("feedback").allowed
    assert set(words.FEEDBACK) == set(words.FEEDBACK_MEANS) == set(allowed)
    assert set(words.INDUSTRY) == set(tables["group_snapshot"].column("industry_l1").allowed)
    assert set(words.CONTACT_ROLE) == set(tables["visit"].column("contact_role").allowed)
    assert set(words.RIVAL) - {"none"} == set(tables["rival_event"].column("rival").allowed)
    assert set(words.LETTER_SCOPE) == set(tables["auth_letter"].column("scope").allowed)


def test_the_legend_says_how_to_read_the_list():
    legend = sheets(book())[-1]

    text = text_of(legend)
    assert "模型清单：按校准后的转网概率排序" in text
    assert "转网概率≥20%，1天内联系" in text
    assert "业务提醒：合约或授权书将到期" in text
    assert "每个区县红色不超过1.5%，红橙合计不超过5.0%" in text
    assert "概率是之后校准得到的" in text
    assert "201012\n用户月使用量" in text
    assert "group_transfer 1" in text


@pytest.mark.parametrize(
    ("language", "label"),
    [("zh", "规则清单：按规则得分排序，不是模型概率"), ("en", "Rule-based list")],
)
def test_a_rules_list_is_labelled_as_one(language, label):
    by_rules = full_list().assign(method="rules", rules_points=5.0, probability=None)

    _, sheet, *_, legend = sheets(book(by_rules, language))

    assert label in text_of(legend)
    assert sheet.title in {"风险清单 - 规则清单", "Risk list - rule-based"}
    header = [cell.value for cell in sheet[1]]
    assert ("规则得分" if language == "zh" else "Points") in header
    assert not {"转网概率", "Risk", "风险收入(元)", "Yuan at risk"} & set(header)


def test_a_model_list_with_rows_by_rules_shows_their_points_too():
    mixed = full_list().assign(method=["model", "rules", "trigger", "model"])
    mixed.loc[1, ["probability", "rules_points"]] = [None, 6.0]

    rows = cells(list_of(book(mixed)))

    assert [row["规则得分"] for row in rows] == [None, 6, None, None]
    assert [row["转网概率"] for row in rows] == [0.24, None, 0.07, 0.02]
    assert pd.isna(mixed.loc[1, "probability"])
