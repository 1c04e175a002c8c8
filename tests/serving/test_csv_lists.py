import csv
import io

import pandas as pd
import pytest
from filled_list import full_list
from hypothesis import given, strategies as st

from serving.csv_files import csv_list, csv_table, decoded, defused, undefused
from serving.errors import ListError
from serving.sheets.headings import headings

STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def table(content, encoding):
    return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("gb18030", b"\x84\x31\x95\x33")]
)
def test_the_list_begins_with_the_mark_of_its_encoding_and_has_every_column(encoding, mark):
    content = csv_list(full_list(), "zh", encoding)

    assert content.startswith(mark)
    header, *rows = table(content.removeprefix(mark), encoding)
    assert header == [heading.title.zh for heading in headings(full_list())]
    first = dict(zip(header, rows[0], strict=True))
    assert (first["集团名称"], first["转网概率"], first["处理截止日"]) == (
        "东风汽配商行",
        "0.24",
        "2011-01-06",
    )
    assert first["为什么"].count("\n") == 1  # a line end inside a cell does not split the row
    assert len(rows) == 4


def test_no_cell_can_be_taken_for_a_formula_but_a_negative_number_stays_one():
    bad = [f"{sign}1+1" for sign in STARTS_A_FORMULA[:4]]
    rows = full_list().assign(group_name=bad, expected_saved_fen=-12_345)

    header, *lines = table(csv_list(rows), "utf-8-sig")

    shown = [dict(zip(header, line, strict=True)) for line in lines]
    assert [row["集团名称"] for row in shown] == [f"'{text}" for text in bad]
    assert {row["预计挽回(元)"] for row in shown} == {"-123.45"}


@given(st.text())
def test_what_is_defused_starts_no_formula_and_comes_back_as_it_was(text):
    written = defused(text)

    assert not written.startswith(STARTS_A_FORMULA)
    assert undefused(written) == text


def test_a_table_keeps_its_values():
    frame = pd.DataFrame({"a": [1, None], "b": [0.1, 2.0], "c": ["=x", None], "d": [True, False]})

    assert table(csv_table(frame), "utf-8-sig") == [
        ["a", "b", "c", "d"],
        ["1", "0.1", "'=x", "true"],
        ["", "2", "", "false"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_file_is_read_whatever_it_was_saved_in(encoding):
    assert decoded("集团编号,反馈\r\n".encode(encoding)) == "集团编号,反馈\r\n"


def test_what_is_no_text_is_refused():
    with pytest.raises(ListError, match="save it as CSV"):
        decoded(b"\xff\x00\x01")
