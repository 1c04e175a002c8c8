import io
import stat

import pandas as pd
import pytest
from filled_list import full_list, made_by_model, rules_of_list
from openpyxl import load_workbook

from serving.directory import Directory, deliver, named, named_workbooks, read_directory
from serving.errors import DirectoryError
from serving.workbook import workbooks

NAMES = """token,name,number
89100000000002,东风汽配（真名）,
S0000001,王经理,13800000001
89184445968157837,李主任,13800000002
U0000000001,张三,13800000003
"""


@pytest.fixture
def directory(tmp_path):
    file = tmp_path / "directory.csv"
    file.write_text(NAMES, encoding="utf-8")
    return read_directory(file)


def test_names_and_numbers_stand_where_the_directory_has_them(directory):
    first = named(full_list(), directory).iloc[0]

    assert first["group_name"] == "东风汽配（真名）"
    assert first["am_staff_id"] == "王经理 13800000001"
    assert first["contact_id"] == "李主任 13800000002"
    assert first["bundle_members"] == "张三 13800000003\nU0000000002"


def test_a_token_that_is_not_in_it_stays_and_so_do_the_ids(directory):
    told, rows = named(full_list(), directory), full_list()

    assert told["group_name"][1] == rows["group_name"][1]
    assert told["am_staff_id"][3] == "S0000002"
    assert told["am_staff_id"].isna()[2]
    for column in ("group_id", "case_id", "list_id"):
        assert told[column].equals(rows[column])


def test_the_list_itself_is_not_changed(directory):
    rows = full_list()
    named(rows, directory)

    pd.testing.assert_frame_equal(rows, full_list())


@pytest.mark.parametrize("kind", ["gb18030", "parquet"])
def test_a_directory_may_be_in_gb18030_or_parquet(tmp_path, kind):
    file = tmp_path / "directory"
    if kind == "parquet":
        pd.DataFrame({"token": ["S1"], "name": ["王"], "number": [None]}).to_parquet(file)
    else:
        file.write_bytes("token,name,number\nS1,王,\n".encode("gb18030"))

    assert read_directory(file).said("S1") == "王"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("token,number\nS1,13800000001\n", "has no column name"),
        ("token,name\nS1,王\nS1,李\n", "gives 1 tokens more than one name"),
        ('token,name\n"S1,王\n', "is no CSV"),
    ],
)
def test_a_directory_that_cannot_be_used_is_refused_without_a_word_from_it(tmp_path, content, why):
    file = tmp_path / "directory.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(DirectoryError, match=why) as told:
        read_directory(file)

    assert not any(secret in str(told.value) for secret in ("王", "李", "13800000001", "S1"))
    assert told.value.__suppress_context__ or told.value.__context__ is None


def test_a_directory_does_not_show_itself():
    assert "王" not in repr(Directory({"S1": ("王", "13800000001")}))


def test_each_recipient_finds_the_names_of_his_own_groups_in_his_workbook(directory):
    files = named_workbooks(full_list(), directory, None, made_by_model(), rules_of_list())

    assert set(files) == set(workbooks(full_list(), None, made_by_model(), rules_of_list()))
    texts = {name: text_of(content) for name, content in files.items()}
    for secret in ("东风汽配（真名）", "李主任 13800000002", "张三 13800000003"):
        assert secret in texts["manager-S0000001.xlsx"]
    assert "东风汽配（真名）" not in texts["manager-S0000002.xlsx"]


def text_of(content):
    sheets = load_workbook(io.BytesIO(content)).worksheets
    cells = [c for sheet in sheets for row in sheet.iter_rows(values_only=True) for c in row]
    return "\n".join(str(cell) for cell in cells)


def test_only_the_owner_may_read_what_is_delivered(tmp_path):
    out = tmp_path / "out"

    written = deliver({"manager-S1.xlsx": b"names"}, out)
    deliver({"manager-S1.xlsx": b"newer names"}, out)

    assert [path.name for path in written] == ["manager-S1.xlsx"]
    assert stat.S_IMODE((out / "manager-S1.xlsx").stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert (out / "manager-S1.xlsx").read_bytes() == b"newer names"
    assert len(list(out.iterdir())) == 1
