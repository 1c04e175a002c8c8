import io
import re
import zipfile
from datetime import date

import pandas as pd
import pytest
from filled_list import full_list, made_by_model, rules_of_list
from openpyxl import load_workbook
from workbooks import book, cells, list_of, sheets

from serving.recipients import recipients, safe_name
from serving.sheets.cells import LONGEST_TEXT, clean, sheet_name
from serving.workbook import Names, workbooks

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
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
    "<r><t>x</t></r>",
    "<r>&broken</r>",
    "18位编号110101199003070011",
    "䶮𠮷&<>",
    "\u202egnp.exe\u202c",
    "😀" * 20,
    "\x00\x0b\x1f\ufffe\uffff",
    "=" + "长" * 40_000,
]


def hostile_rows():
    """A red row a bad text, in every column but the ids and codes that a list lives by."""
    rows = pd.concat([full_list().head(1)] * len(HOSTILE), ignore_index=True)
    codes = {"list_id", "batch_id", "case_id", "group_id", "level", "method", "change", "tier"}
    texts = [name for name in rows if name not in codes and isinstance(rows[name][0], str)]
    texts += ["routing_why_zh", "routing_why_en", "first_step_zh", "first_step_en"]
    assert len(texts) > 40
    return rows.assign(rank=range(1, len(rows) + 1), **dict.fromkeys(texts, HOSTILE))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_in_any_field_becomes_a_formula_a_link_or_a_broken_file(language):
    content = book(hostile_rows(), language, names=Names(areas={"=1+1": "=2+2"}))

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            assert not re.search(
                rb"<f[ >/]|<hyperlink|TargetMode|externalLink", parts.read(name)
            ), name
    pages = sheets(content)
    assert len(pages) == 3 + len(HOSTILE)
    for cell in (cell for sheet in pages for row in sheet.iter_rows() for cell in row):
        assert cell.data_type != "f"
        assert cell.hyperlink is None


def test_half_a_sign_is_no_text_that_a_file_can_hold():
    assert clean("a\ud800b") == "a\ufffdb"


@pytest.mark.parametrize("bad", HOSTILE)
def test_a_text_is_shown_as_it_is_but_for_what_no_file_can_hold(bad):
    shown = cells(list_of(book(full_list().assign(group_name=bad))))[0]["集团名称"]

    assert shown.replace("_x000D_", "\r") == clean(bad)
    assert len(shown.encode("utf-16-le")) // 2 <= LONGEST_TEXT


def test_ids_are_text_however_many_digits_they_have():
    rows = full_list().assign(group_id="89100000000123456789")

    assert cells(list_of(book(rows)))[0]["集团编号"] == "89100000000123456789"


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("A/B:C*D?E[F]\\G", [], "A B C D E F  G"),
        ("'quoted'", [], "quoted"),
        ("History", [], "History (2)"),
        ("名" * 40, ["名" * 31], "名" * 27 + " (2)"),
        ("Red", ["RED", "red (2)"], "Red (3)"),
        ("", [], "-"),
        ("😀" * 20, [], "😀" * 15),
    ],
)
def test_a_sheet_gets_a_name_that_excel_takes(wanted, taken, name):
    assert sheet_name(wanted, taken) == name


def test_made_again_it_is_the_same_to_the_byte_and_tells_no_time():
    one, other = book(full_list()), book(full_list().copy())

    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = load_workbook(io.BytesIO(one)).properties
    assert (properties.created.date(), properties.modified.date()) == (date(2011, 1, 3),) * 2


def test_everybody_gets_his_own_rows_a_county_all_of_its_and_its_head_the_pool():
    found = {name: rows["rank"].to_list() for name, rows in recipients(full_list()).items()}

    assert found == {
        "manager-S0000001": [1, 2],
        "manager-S0000002": [4],
        "county-R001": [1, 2, 3],
        "county-R002": [4],
        "pool-R001": [3],
    }
    files = workbooks(full_list(), None, made_by_model(), rules_of_list())
    assert set(files) == {f"{name}.xlsx" for name in found}
    assert [row["排名"] for row in cells(list_of(files["pool-R001.xlsx"]))] == [3]


def test_no_two_recipients_share_a_file_and_none_leaves_the_folder():
    wanted = ["../x", "a/b", "a b", "A B", "a", "A", "con", "王", "x" * 300, "x" * 301, "."]

    names = [safe_name(one) for one in wanted]

    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(re.fullmatch(r"[\w-]{1,70}", name) for name in names)
