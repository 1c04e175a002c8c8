import csv
import io
from datetime import date

import pytest
from filled_list import DAY, full_list
from returned import ACTIONS, as_csv, as_workbook, filled

from data_contracts.contract import published_tables
from pipelines.errors import UsageError
from pipelines.feedback import feedback, issued
from pipelines.workplace import open_workplace
from serving.errors import FilledInError
from serving.store import Batch

ONE, TWO, FOUR = (f"891000000000{n}" for n in ("02", "13", "33"))
ON = date(2011, 1, 13)
VISITED = {"feedback": "已签约", "contact_date": date(2011, 1, 6), "notes": "要求降价"}


def published(rows):
    names = [name for name in published_tables()["risk_list"].names if name != "batch_id"]
    return Batch(DAY, {"risk_list": rows.reindex(columns=names).infer_objects()}, {})


@pytest.fixture(scope="module")
def issuing(tmp_path_factory):
    """A home from which one list was issued, and issued again without the second group."""
    home = tmp_path_factory.mktemp("issuing")
    place = open_workplace(home)
    older = full_list().drop(columns="batch_id")
    newer = older[older["group_id"] != TWO].assign(list_id="2011-01-03-00000002")
    for rows in (older, newer):
        place.store.publish(published(rows))
    with place.casebook as book:
        book.open_cases(newer.assign(batch_id=place.store.batch_id(DAY)))
    return home


def sent_back(folder, cells, save=as_workbook, name="list.xlsx"):
    file = folder / name
    file.write_bytes(save(cells))
    return file


def test_what_was_issued_is_found_by_the_days_that_a_file_names(issuing):
    place = open_workplace(issuing)
    lists = issued(place, {DAY})

    assert lists.of_group("2011-01-03-0badc0de", ONE).list_id == "2011-01-03-00000002"
    assert lists.of_group("2011-01-03-0badc0de", TWO) is None
    assert lists.knows("2011-01-03-0badc0de")
    assert not issued(place, {date(2011, 1, 13)}).knows("2011-01-03-0badc0de")


def test_good_rows_go_in_and_bad_rows_come_back_beside_the_file(issuing, tmp_path):
    answers = {ONE: VISITED, TWO: VISITED, FOUR: {"feedback": "也许"}}
    file = sent_back(tmp_path, filled(answers))

    result = feedback(file, on=ON, home=issuing)

    counts = ("filled_in", "new", "known", "rejected", "untouched", "exit_code")
    assert [result.get(name, result.exit_code) for name in counts] == [3, 1, 0, 2, 1, 0]
    with open_workplace(issuing).casebook as book:
        assert book.case(f"20110103-{ONE}")["feedback"] == "contract_signed"
    beside = (tmp_path / "list.xlsx.rejected.csv").read_text(encoding="utf-8-sig")
    bad = list(csv.DictReader(io.StringIO(beside)))
    assert [(row["row"], row["集团编号"]) for row in bad] == [("3", TWO), ("5", FOUR)]
    assert "issued again without this group" in bad[0]["reason"]
    assert "不认识“也许”" in bad[1]["原因"]
    assert feedback(file, on=date(2011, 1, 20), home=issuing)["known"] == 1


def test_nothing_good_is_a_broken_file(issuing, tmp_path):
    file = sent_back(tmp_path, filled({FOUR: {"feedback": "也许"}}), as_csv, "list.csv")

    assert feedback(file, on=ON, home=issuing).exit_code == 4


def test_a_file_that_is_none_is_told_in_words(issuing, tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        feedback(tmp_path / "nowhere.xlsx", on=ON, home=issuing)
    (tmp_path / "list.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(FilledInError, match="no readable workbook"):
        feedback(tmp_path / "list.xlsx", on=ON, home=issuing)


def test_the_actions_that_can_be_reported_are_those_of_the_settings(tmp_path):
    named = open_workplace(tmp_path).settings.actions.content.table().actions

    assert {code: named[code].name.zh for code in ("DEP_BONUS", "KEY_VISIT")} == {
        code: ACTIONS[code].zh for code in ("DEP_BONUS", "KEY_VISIT")
    }
