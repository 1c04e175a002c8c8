"""A list goes out, comes back filled in, and the next list knows what was reported."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipelines.errors import UsageError
from pipelines.feedback import feedback
from pipelines.publish import publish
from pipelines.run import run
from pipelines.score import score
from pipelines.triggers import known_cases
from pipelines.workplace import open_workplace
from serving.errors import NoBatch

FIRST, NEXT = date(2010, 7, 3), date(2010, 7, 13)
CONTACTED = date(2010, 7, 6)


@pytest.fixture(scope="module")
def looped(trained_home, tmp_path_factory):
    """A home of its own in which a manager reported on the first list before the next was made."""
    home = tmp_path_factory.mktemp("loop") / "home"
    shutil.copytree(trained_home, home)
    reported = filled_in(home, tmp_path_factory.mktemp("sent") / "back.xlsx")
    taken = feedback(reported, on=date(2010, 7, 8), home=home)
    assert (taken["new"], taken["rejected"]) == (2, 0)
    run(NEXT, home=home)
    return home


def filled_in(home: Path, back: Path) -> Path:
    """The county's workbook with the outcome of the first two groups."""
    sent = sorted(published(home, FIRST).folder.glob("county-*.xlsx"))[0]
    book = openpyxl.load_workbook(sent)
    sheet = next(one for one in book if "反馈" in [cell.value for cell in one[1]])
    titles = [cell.value for cell in sheet[1]]
    for row, outcome in ((2, "已联系并稳住"), (3, "确认竞争对手进攻")):
        sheet.cell(row, titles.index("反馈") + 1).value = outcome
        day = datetime(CONTACTED.year, CONTACTED.month, CONTACTED.day)  # noqa: DTZ001
        sheet.cell(row, titles.index("联系日期") + 1).value = day
    book.save(back)
    return back


def test_the_next_list_knows_what_was_reported(looped):
    first, after = (published(looped, day).frame("risk_list") for day in (FIRST, NEXT))
    cases = known_cases(open_workplace(looped), NEXT)

    sent = first.sort_values("rank")["group_id"].head(2).tolist()
    ours = cases[cases["src_system"].eq("groupchurn") & cases["group_id"].isin(sent)]
    told = ours.set_index("group_id")["feedback"]
    assert told[sent].tolist() == ["contacted_kept", "competitor_confirmed"]
    reported = cases.dropna(subset="feedback").sort_values(["feedback_time", "case_id"])
    newest = reported.groupby("group_id")["feedback"].last()
    shown = after.set_index("group_id")["last_feedback"].dropna()
    assert len(shown)
    assert shown.tolist() == newest[shown.index].tolist()


def test_a_group_that_is_listed_again_goes_on_as_the_same_case(looped):
    first, after = (published(looped, day).frame("risk_list") for day in (FIRST, NEXT))

    both = first.merge(after, on="group_id", suffixes=("", "_now"))
    alerted = both[both["level"].ne("none") & both["level_now"].ne("none")]
    assert len(alerted)
    assert (alerted["case_id"] == alerted["case_id_now"]).all()
    assert (alerted["times_listed_now"] == alerted["times_listed"] + 1).all()
    assert (alerted["level_before_now"] == alerted["level"]).all()


def test_who_is_held_out_stays_so_and_is_on_no_list(looped):
    first, after = (published(looped, day).frame("alert") for day in (FIRST, NEXT))

    held_out = set(first.loc[first["arm"].eq("holdout"), "group_id"])
    assert held_out
    again = after[after["group_id"].isin(held_out)]
    assert again.loc[again["how"].ne("released"), "arm"].eq("holdout").all()
    for day, alerts in ((FIRST, first), (NEXT, after)):
        hidden = set(alerts.loc[alerts["arm"].eq("holdout"), "group_id"])
        assert not hidden & set(published(looped, day).frame("risk_list")["group_id"])


def test_an_old_list_issued_again_is_the_same_to_the_byte(looped):
    before = published(looped, FIRST)
    files = {path.name: path.read_bytes() for path in before.folder.iterdir()}

    score(FIRST, home=looped)
    publish(FIRST, home=looped)

    after = published(looped, FIRST)
    assert after.batch_id == before.batch_id
    assert {path.name: path.read_bytes() for path in after.folder.iterdir()} == files


def test_shap_values_reach_the_published_parquet_and_add_up(looped):
    batch = published(looped, NEXT)
    scores, parts = batch.frame("group_score"), batch.frame("group_shap")

    added = parts.groupby("group_id")["contribution"].sum()
    total = scores.set_index("group_id")["base_margin"].add(added, fill_value=0)
    gap = (total - scores.set_index("group_id")["margin"]).abs()
    assert set(parts["group_id"]) <= set(scores["group_id"])
    assert gap.max() <= 1e-6


def test_names_are_delivered_outside_the_home_and_never_kept_in_it(looped, tmp_path):
    rows = published(looped, NEXT).frame("risk_list")
    tokens = pd.unique(pd.concat([rows["group_id"], rows["contact_id"], rows["route_to"]]).dropna())
    directory = tmp_path / "directory.csv"
    named = pd.DataFrame({"token": tokens, "name": [f"甄姓名{n:04}" for n in range(len(tokens))]})
    named.assign(number="00012345678").to_csv(directory, index=False)

    done = publish(NEXT, home=looped, directory=directory, out=tmp_path / "named")

    book = openpyxl.load_workbook(next((tmp_path / "named").glob("county-*.xlsx")))
    texts = [str(cell) for sheet in book for row in sheet.values for cell in row]
    assert done["named"] == len(list((tmp_path / "named").iterdir()))
    assert any("甄姓名" in text for text in texts)
    kept = [path for path in looped.rglob("*") if path.is_file()]
    assert not [path for path in kept if "甄姓名".encode() in path.read_bytes()]


def test_names_are_refused_a_place_in_the_home(looped, tmp_path):
    with pytest.raises(UsageError, match="belong together"):
        publish(NEXT, home=looped, directory=tmp_path / "d.csv")
    with pytest.raises(UsageError, match="lies in the home"):
        publish(NEXT, home=looped, directory=tmp_path / "d.csv", out=looped / "named")


@pytest.mark.slow
def test_a_killed_flow_shows_no_half_list_and_its_rerun_gives_the_same(looped, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(looped, home)
    shutil.rmtree(home / "published")
    (home / "casebook.db").unlink()
    for file in home.glob("casebook.db-*"):
        file.unlink()

    for step in ("workbooks", "publish", "cases"):
        _killed_in(step, home)
        try:
            batch = published(home, NEXT)
        except NoBatch:
            continue
        assert batch.frame("risk_list")["group_id"].is_unique
    publish(NEXT, home=home)

    batch = published(home, NEXT)
    with open_workplace(home).casebook as book:
        cases = book.cases()
    assert cases["group_id"].is_unique
    assert set(batch.frame("risk_list")["group_id"]) <= set(cases["group_id"])
    again = publish(NEXT, home=home)
    assert again["batch_id"] == batch.batch_id


def _killed_in(step: str, home: Path) -> None:
    """Kill `publish` as soon as it says that a step has begun."""
    command = [sys.executable, "-m", "pipelines.cli", "publish", "--as-of", str(NEXT)]
    publishing = subprocess.Popen(
        [*command, "--home", str(home)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert publishing.stderr is not None
    for line in publishing.stderr:
        if line.startswith(f"{step} ..."):
            break
    os.killpg(publishing.pid, signal.SIGKILL)
    publishing.communicate()


def published(home: Path, day: date):
    return open_workplace(home).store.current(day)
