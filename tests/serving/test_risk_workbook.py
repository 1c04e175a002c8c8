import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from data_contracts.contract import source_tables
from serving import words
from serving.workbook import risk_workbook

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    ";=1+1",
    "'=1+1",
    '"=1+1"',
    "{=1+1}",
    '=HYPERLINK("http://example.invalid","x")',
    "http://example.invalid",
    "mailto:a@example.invalid",
    "internal:Sheet1!A1",
    "_x003D_1+1",
    "18位编号110101199003070011",
    "䶮𠮷&<>",
]


def sheets(content):
    book = load_workbook(io.BytesIO(content))
    return book.worksheets


def cells(sheet):
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_sheet_shows_the_list_in_chinese(listed, made, list_rules):
    sheet, _ = sheets(risk_workbook(listed, made, list_rules))

    first = cells(sheet)[0]
    row = listed.iloc[0]
    assert sheet.title == "风险清单"
    assert first["预警等级"] == "红"
    assert first["集团编号"] == row["group_id"]
    assert first["转网概率"] == row["probability"]
    assert first["原因一"] == row["reason_1_zh"]
    assert first["月收入(元)"] == row["monthly_revenue_fen"] / 100
    assert first["处理截止日"].date() == date(2011, 1, 6)
    assert first["行业"] == "批发零售"
    assert (first["反馈"], first["备注"]) == (None, None)
    assert len(cells(sheet)) == len(listed)


def test_the_same_in_english(listed, made, list_rules):
    sheet, legend = sheets(risk_workbook(listed, made, list_rules, language="en"))

    first = cells(sheet)[0]
    assert (sheet.title, legend.title) == ("Risk list", "Legend")
    assert first["Level"] == "red"
    assert first["Reason 1"] == listed.iloc[0]["reason_1_en"]


def test_header_is_frozen_filtered_and_choices_are_offered(listed, made, list_rules):
    sheet, _ = sheets(risk_workbook(listed, made, list_rules))

    assert sheet.freeze_panes == "E2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith(str(len(listed) + 1))
    (choices,) = sheet.data_validations.dataValidation
    feedback = next(cell.column_letter for cell in sheet[1] if cell.value == "反馈")
    assert str(choices.sqref) == f"{feedback}2:{feedback}{len(listed) + 1}"
    assert choices.formula1.strip('"').split(",") == [t.zh for t in words.FEEDBACK.values()]
    assert sheet["B2"].fill.fgColor.rgb == "FFF4A29B"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_choice_survives_the_line_that_a_workbook_keeps_them_in(
    listed, made, list_rules, language
):
    sheet, _ = sheets(risk_workbook(listed, made, list_rules, language=language))

    (choices,) = sheet.data_validations.dataValidation
    offered = choices.formula1.strip('"').split(",")
    assert offered == [words.say(text, language) for text in words.FEEDBACK.values()]
    assert len(choices.formula1) <= 255  # the longest line that Excel keeps


def test_on_paper_stands_what_a_visit_needs_and_room_for_its_outcome(listed, made, list_rules):
    sheet, legend = sheets(risk_workbook(listed, made, list_rules))

    last = next(cell.column_letter for cell in sheet[1] if cell.value == "备注")
    assert sheet.print_area == f"'风险清单'!$A$1:${last}${len(listed) + 1}"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    for page in (sheet, legend):
        assert page.sheet_properties.pageSetUpPr.fitToPage  # one page wide ...
    assert sheet.page_setup.fitToHeight == 0  # ... and as many long as it takes
    assert legend.page_setup.fitToHeight is None  # one page, which is what nothing stands for


def test_a_line_is_as_high_as_its_longest_text(listed, made, list_rules):
    short = listed.head(2).assign(reason_2_zh=None, reason_3_zh=None, protective_zh=None)
    rows = short.assign(reason_1_zh=["一" * 22, "一" * 23])

    sheet, _ = sheets(risk_workbook(rows, made, list_rules))

    # The column is 22 wide: eleven Chinese characters to a line of 15 points.
    assert [sheet.row_dimensions[number].height for number in (2, 3)] == [2 * 15, 3 * 15]


def test_a_group_that_nobody_looks_after_says_so(listed, made, list_rules):
    rows = listed.head(2).assign(am_staff_id=[None, "S01"])

    sheet, _ = sheets(risk_workbook(rows, made, list_rules))

    assert [row["客户经理"] for row in cells(sheet)] == ["无人看管", "S01"]


def test_feedback_codes_are_those_of_the_contract():
    allowed = source_tables()["alert_case"].column("feedback").allowed
    assert set(words.FEEDBACK) == set(words.FEEDBACK_MEANS) == set(allowed)
    industries = source_tables()["group_snapshot"].column("industry_l1").allowed
    assert set(words.INDUSTRY) == set(industries)


def test_no_text_becomes_a_formula_a_link_or_a_number(listed, made, list_rules):
    rows = listed.head(len(HOSTILE)).assign(group_name=HOSTILE, reason_1_zh=HOSTILE)

    content = risk_workbook(rows, made, list_rules, area_names={"P1": "=2+2"})

    sheet, legend = sheets(content)
    for cell in (cell for page in (sheet, legend) for row in page.iter_rows() for cell in row):
        assert cell.data_type != "f"
        assert cell.hyperlink is None
    shown = [row["集团名称"] for row in cells(sheet)]
    # Line ends inside XML are the one thing a spreadsheet may normalise.
    assert [text.replace("\r", "\n") for text in HOSTILE] == [
        text.replace("_x000D_", "\n").replace("\r", "\n") for text in shown
    ]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        xml = b"".join(parts.read(name) for name in parts.namelist() if "worksheets" in name)
    assert not re.search(rb"<f[ >]|<hyperlink", xml)


def test_ids_are_text_however_many_digits_they_have(listed, made, list_rules):
    long = listed.head(1).assign(group_id="89100000000123456789")

    sheet, _ = sheets(risk_workbook(long, made, list_rules))

    assert cells(sheet)[0]["集团编号"] == "89100000000123456789"


def test_made_again_it_is_the_same_to_the_byte(listed, made, list_rules):
    one, other = (risk_workbook(listed.copy(), made, list_rules) for _ in range(2))

    assert one == other
    assert load_workbook(io.BytesIO(one)).properties.created.date() == date(2011, 1, 3)


def text_of(sheet):
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def test_the_legend_says_how_to_read_the_list(listed, made, list_rules):
    _, legend = sheets(risk_workbook(listed, made, list_rules))

    text = text_of(legend)
    assert legend.title == "说明"
    assert "模型清单：按校准后的转网概率排序" in text
    assert "转网概率≥20%，3天内联系" in text
    assert "每个区县红色不超过1.5%，红橙合计不超过5.0%" in text
    assert "概率是之后校准得到的" in text
    assert "201012\n用户月使用量" in text
    assert "group_transfer 1" in text
    assert "校准后转网概率" in text


@pytest.mark.parametrize(
    ("language", "label"),
    [("zh", "规则清单：按规则得分排序，不是模型概率"), ("en", "Rule-based list")],
)
def test_a_rules_list_is_labelled_as_one(listed, made, list_rules, language, label):
    by_rules = listed.assign(method="rules", rules_points=5.0, probability=None)

    sheet, legend = sheets(
        risk_workbook(by_rules, replace(made, run_id=None), list_rules, language=language)
    )

    assert label in text_of(legend)
    assert sheet.title in {"风险清单 - 规则清单", "Risk list - rule-based"}
    header = [cell.value for cell in sheet[1]]
    assert ("规则得分" if language == "zh" else "Points") in header
    assert not {"转网概率", "Risk", "风险收入(元)", "Yuan at risk"} & set(header)
